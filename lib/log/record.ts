// A record: what one append brought, as it stands in a file. Events as lines, the very bytes that go over the wire, after a
// line that tells whether they are whole:
//
//   #<bytes of the lines> <CRC-32 of all but itself> <sequence number of the last event> <term>    each in hex, with leading zeros
//
// What was written before there were terms has none. No line of JSON holds such a line, so where a record is damaged, the
// next one is found.

const COUNT_DIGITS = 8;
const CRC_DIGITS = 8;
/** Enough for every whole number that JavaScript counts with. */
const SEQ_DIGITS = 14;
const TERM_DIGITS = 12;
/** Where in a record its parts begin. */
const COUNT_AT = 1;
const CRC_AT = COUNT_AT + COUNT_DIGITS + 1;
const SEQ_AT = CRC_AT + CRC_DIGITS + 1;
const TERM_AT = SEQ_AT + SEQ_DIGITS + 1;
const HEADER_BYTES = TERM_AT + TERM_DIGITS + 1;
/** No term: of an append from before there were any. */
export const NO_TERM = 0;

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
  /** The term that it was written in. */
  readonly term: number;
  /** Its events, each ended by LF. */
  readonly lines: Uint8Array;
}

/** A term that no log has had. */
export function newTerm(): number {
  return Number.parseInt(crypto.getRandomValues(new Uint8Array(TERM_DIGITS / 2)).toHex(), 16) || newTerm();
}

/** The bytes of the record of `lines`, each of which ends with LF, and the last of which is the event `last`. */
export function encodeRecord(
  lines: string,
  last: number,
  term: number,
): { readonly record: Uint8Array; readonly lines: Uint8Array } {
  const end = hex(last, SEQ_DIGITS) + (term === NO_TERM ? "" : ` ${hex(term, TERM_DIGITS)}`);
  const start = SEQ_AT + end.length + 1;
  // Encoded once: the lines go from here to the file and to everyone. To put them behind a blank header as text would copy all of them.
  const record = new Uint8Array(start + Buffer.byteLength(lines));
  const bytes = record.subarray(start);
  utf8.encodeInto(lines, bytes);
  const count = hex(bytes.length, COUNT_DIGITS);
  const crc = Bun.hash.crc32(bytes, Bun.hash.crc32(count + end));
  utf8.encodeInto(`#${count} ${hex(crc, CRC_DIGITS)} ${end}\n`, record);
  return { record, lines: bytes };
}

/** The record at `offset`; nothing where none is, or not a whole one. */
export function readRecord(bytes: Uint8Array, offset: number): LogRecord | undefined {
  const header = readHeader(bytes, offset);
  if (!header || header.end > bytes.length) return undefined;
  const { start, end, last, term } = header;
  const lines = bytes.subarray(start, end);
  const [crcAt, seqAt] = [offset + CRC_AT, offset + SEQ_AT];
  const count = Bun.hash.crc32(bytes.subarray(offset + COUNT_AT, crcAt - 1));
  const crc = Bun.hash.crc32(lines, Bun.hash.crc32(bytes.subarray(seqAt, start - 1), count));
  return crc === number(bytes, crcAt, CRC_DIGITS) ? { offset, end, last, term, lines } : undefined;
}

interface Header {
  /** Of the lines. */
  readonly start: number;
  readonly end: number;
  readonly last: number;
  readonly term: number;
}

/** What the first line of the record at `offset` says. Nothing where it cannot be one. */
function readHeader(bytes: Uint8Array, offset: number): Header | undefined {
  const [crcAt, seqAt, termAt] = [offset + CRC_AT, offset + SEQ_AT, offset + TERM_AT];
  const hasTerm = bytes[termAt - 1] === SPACE;
  const start = hasTerm ? offset + HEADER_BYTES : termAt;
  if (bytes[offset] !== HASH || bytes[crcAt - 1] !== SPACE || bytes[seqAt - 1] !== SPACE || bytes[start - 1] !== LF)
    return undefined;
  const end = start + number(bytes, offset + COUNT_AT, COUNT_DIGITS);
  const last = number(bytes, seqAt, SEQ_DIGITS);
  const term = hasTerm ? number(bytes, termAt, TERM_DIGITS) : NO_TERM;
  // Where one of them is no number, none of this holds.
  return end >= start && last <= Number.MAX_SAFE_INTEGER && term >= NO_TERM ? { start, end, last, term } : undefined;
}

/**
 * Whether `bytes`, which end with one that is not zero, may be a record that was not all written: over zeros, so where a part
 * of it is missing, there are some. A whole one has none.
 */
export function isTorn(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES || bytes.includes(0)) return true;
  const header = readHeader(bytes, 0);
  return header !== undefined && header.end > bytes.length;
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
