// A record: what one append brought, as it stands in a file. Events as lines, the very bytes that go over the wire, after a
// line that tells whether they are whole:
//
//   #<bytes of the lines> <CRC-32 of all but itself> <sequence number of the last event>    each in hex, with leading zeros
//
// No line of JSON holds such a line, so where a record is damaged, the next one is found.

const COUNT_DIGITS = 8;
const CRC_DIGITS = 8;
/** Enough for every whole number that JavaScript counts with. */
const SEQ_DIGITS = 14;
export const HEADER_BYTES = 1 + COUNT_DIGITS + 1 + CRC_DIGITS + 1 + SEQ_DIGITS + 1;

const BLANK = " ".repeat(HEADER_BYTES);
const HASH = 0x23;
const SPACE = 0x20;
const LF = 0x0a;
/** How every line of something said begins: the type is written first, and inside a text each quote has a backslash. */
const SAID = '{"type":"said"';

const utf8 = new TextEncoder();
const text = new TextDecoder();

export interface LogRecord {
  /** Where it begins … */
  readonly offset: number;
  /** … and where the next one does. */
  readonly end: number;
  /** Of its last event; its events are numbered without gaps. */
  readonly last: number;
  /** Its events, each ended by LF. */
  readonly lines: Uint8Array;
}

/** The bytes of the record of `lines`, each of which ends with LF, and the last of which is the event `last`. */
export function encodeRecord(lines: string, last: number): { readonly record: Uint8Array; readonly lines: Uint8Array } {
  // Encoded once: the lines go from here to the file and to everyone.
  const record = utf8.encode(BLANK + lines);
  const bytes = record.subarray(HEADER_BYTES);
  const crc = crcOf(bytes.length, last, bytes);
  utf8.encodeInto(`#${hex(bytes.length, COUNT_DIGITS)} ${hex(crc, CRC_DIGITS)} ${hex(last, SEQ_DIGITS)}\n`, record);
  return { record, lines: bytes };
}

/** The record at `offset`; nothing where none is, or not a whole one. */
export function readRecord(bytes: Uint8Array, offset: number): LogRecord | undefined {
  const crcAt = offset + 1 + COUNT_DIGITS + 1;
  const seqAt = crcAt + CRC_DIGITS + 1;
  const start = offset + HEADER_BYTES;
  if (bytes[offset] !== HASH || bytes[crcAt - 1] !== SPACE || bytes[seqAt - 1] !== SPACE || bytes[start - 1] !== LF)
    return undefined;
  const count = number(bytes, offset + 1, COUNT_DIGITS);
  const last = number(bytes, seqAt, SEQ_DIGITS);
  const end = start + count;
  // Where one of them is no number, none of this holds.
  if (!(end <= bytes.length && last <= Number.MAX_SAFE_INTEGER)) return undefined;
  const lines = bytes.subarray(start, end);
  return crcOf(count, last, lines) === number(bytes, crcAt, CRC_DIGITS) ? { offset, end, last, lines } : undefined;
}

/** The first whole record after a damaged one at `offset`. */
export function nextRecord(bytes: Uint8Array, offset: number): LogRecord | undefined {
  for (let at = bytes.indexOf(HASH, offset + 1); at >= 0; at = bytes.indexOf(HASH, at + 1)) {
    const record = readRecord(bytes, at);
    if (record) return record;
  }
  return undefined;
}

/** The events of a record, without LF. */
export function linesOf({ lines }: Pick<LogRecord, "lines">): string[] {
  const split = text.decode(lines).split("\n");
  split.pop();
  return split;
}

/** Of `lines`, whose last event is `last`, those that follow the event `after`. */
export function linesAfter(lines: Uint8Array, last: number, after: number): Uint8Array {
  let at = lines.length - 1;
  // From its end, because only the end is numbered.
  for (let seq = last; seq > after && at >= 0; seq--) at = lines.lastIndexOf(LF, at - 1);
  return lines.subarray(at + 1);
}

export function isSaid(line: string): boolean {
  return line.startsWith(SAID);
}

/** Whether something was said in it. */
export function isTalk({ lines }: Pick<LogRecord, "lines">): boolean {
  return Buffer.from(lines.buffer, lines.byteOffset, lines.length).includes(SAID);
}

function crcOf(count: number, last: number, lines: Uint8Array): number {
  return Bun.hash.crc32(lines, Bun.hash.crc32(hex(count, COUNT_DIGITS) + hex(last, SEQ_DIGITS)));
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

/** What `hex` has written. NaN where it has not. */
function number(bytes: Uint8Array, offset: number, digits: number): number {
  let value = 0;
  for (let at = offset; at < offset + digits; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x30 && byte <= 0x39) value = value * 16 + byte - 0x30;
    else if (byte >= 0x61 && byte <= 0x66) value = value * 16 + byte - 0x61 + 10;
    else return NaN;
  }
  return value;
}
