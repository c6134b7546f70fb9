// Bytes → what a WebSocket's client says (RFC 6455), wherever they were cut. Knows nothing of sockets and lines.

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const CLOSE_BROKEN = 1_002;
const CLOSE_NO_TEXT = 1_003;
const CLOSE_BAD_UTF8 = 1_007;
const CLOSE_TOO_LONG = 1_009;

/** Opcodes from here on are about the wire, and may come in the midst of a message. */
const CONTROL = 8;
const CONTROL_BYTES_MAX = 125;
const MASK_BYTES = 4;

/** Who hears what a client says. */
export interface Spoken {
  text(message: string): void;
  ping(payload: Uint8Array): void;
  /** It says no more; nothing where it gives no code. */
  close(code: number | undefined): void;
}

/** One for all: nothing of one call is left for the next. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class FrameReader {
  /** Frames so far that ended no message: they cost work, and whoever counts messages sees nothing of them. */
  futile = 0;
  readonly #messageBytesMax: number;
  /** The front of a head. */
  #front: Uint8Array | undefined;
  /** Of the payload that is being read, once its head is there. */
  #opcode = 0;
  #isLast = false;
  #left = -1;
  #mask = 0;
  /** The message so far, and the control frame that is being read. */
  #message: Gathered | undefined;
  #control: Gathered | undefined;
  #over = false;

  /** A message of more than `messageBytesMax` breaks the rules. */
  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax;
  }

  /** Answers the code to close with, once, where the rules are broken. After it, and after a close, all is ignored. */
  push(chunk: Uint8Array, spoken: Spoken): number | undefined {
    const bytes = this.#front ? Buffer.concat([this.#front, chunk]) : chunk;
    this.#front = undefined;
    let at = 0;
    while (!this.#over && at < bytes.length) {
      let fault: number | undefined;
      if (this.#left < 0) {
        const head = headIn(bytes, at);
        if (head === undefined) {
          this.#front = bytes.slice(at);
          return undefined;
        }
        at += head.length;
        fault = this.#begin(head);
      }
      if (fault === undefined) {
        const payload = bytes.subarray(at, at + this.#left);
        at += payload.length;
        fault = this.#take(payload, spoken);
      }
      if (fault !== undefined) {
        this.#over = true;
        this.#message = this.#control = undefined;
        return fault;
      }
    }
    return undefined;
  }

  #begin({ first, isMasked, payloadLength, mask }: Head): number | undefined {
    const opcode = first & 0x0f;
    const isLast = first >= 0x80;
    if (!isMasked || (first & 0x70) !== 0) return CLOSE_BROKEN;
    if (opcode >= CONTROL) {
      if (opcode > OPCODE.pong || !isLast || payloadLength > CONTROL_BYTES_MAX) return CLOSE_BROKEN;
      this.#control = new Gathered(payloadLength);
    } else {
      if (opcode === OPCODE.binary) return CLOSE_NO_TEXT;
      if (opcode !== (this.#message ? OPCODE.continuation : OPCODE.text)) return CLOSE_BROKEN;
      if ((this.#message?.length ?? 0) + payloadLength > this.#messageBytesMax) return CLOSE_TOO_LONG;
      this.#message ??= new Gathered(payloadLength);
    }
    this.#opcode = opcode;
    this.#isLast = isLast;
    this.#left = payloadLength;
    this.#mask = mask;
    return undefined;
  }

  #take(payload: Uint8Array, spoken: Spoken): number | undefined {
    const into = this.#opcode >= CONTROL ? this.#control! : this.#message!;
    into.add(payload, this.#mask);
    this.#left -= payload.length;
    // The next piece goes on where the mask has got to.
    this.#mask = rotated(this.#mask, payload.length & 3);
    if (this.#left > 0) return undefined;
    this.#left = -1;
    if (!this.#isLast || this.#opcode >= CONTROL) this.futile++;
    if (!this.#isLast) return undefined;
    if (this.#opcode < CONTROL) this.#message = undefined;
    else this.#control = undefined;
    return this.#whole(into.bytes, spoken);
  }

  #whole(bytes: Uint8Array, spoken: Spoken): number | undefined {
    switch (this.#opcode) {
      case OPCODE.ping:
        spoken.ping(bytes);
        return undefined;
      case OPCODE.pong:
        return undefined;
      case OPCODE.close:
        return this.#closed(bytes, spoken);
    }
    const text = decoded(bytes);
    if (text === undefined) return CLOSE_BAD_UTF8;
    spoken.text(text);
    return undefined;
  }

  #closed(bytes: Uint8Array, spoken: Spoken): number | undefined {
    const code = bytes.length > 1 ? bytes[0]! * 256 + bytes[1]! : undefined;
    if (code === undefined ? bytes.length > 0 : !mayBeSent(code)) return CLOSE_BROKEN;
    if (decoded(bytes.subarray(2)) === undefined) return CLOSE_BAD_UTF8;
    this.#over = true;
    spoken.close(code);
    return undefined;
  }
}

interface Head {
  /** Bytes. */
  readonly length: number;
  readonly first: number;
  readonly isMasked: boolean;
  readonly payloadLength: number;
  /** Its first byte is the lowest. */
  readonly mask: number;
}

/** Nothing where it is not there yet in whole. */
function headIn(bytes: Uint8Array, at: number): Head | undefined {
  const second = bytes[at + 1];
  if (second === undefined) return undefined;
  const short = second & 0x7f;
  const isMasked = second >= 0x80;
  const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
  const maskAt = at + 2 + lengthBytes;
  const end = isMasked ? maskAt + MASK_BYTES : maskAt;
  if (bytes.length < end) return undefined;
  let payloadLength = lengthBytes > 0 ? 0 : short;
  for (let index = at + 2; index < maskAt; index++) payloadLength = payloadLength * 256 + bytes[index]!;
  let mask = 0;
  for (let index = maskAt; index < end; index++) mask |= bytes[index]! << (8 * (index - maskAt));
  return { length: end - at, first: bytes[at]!, isMasked, payloadLength, mask };
}

function rotated(mask: number, bytes: number): number {
  return bytes === 0 ? mask : (mask >>> (8 * bytes)) | (mask << (32 - 8 * bytes));
}

/** What a close may say: codes of the protocol that are not only for one's own use, of libraries, of applications. */
function mayBeSent(code: number): boolean {
  return (code >= 1_000 && code <= 1_003) || (code >= 1_007 && code <= 1_014) || (code >= 3_000 && code < 5_000);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Payloads of one message, unmasked. Grows as they come: what is only announced costs nothing. */
class Gathered {
  length = 0;
  #bytes: Uint8Array;

  constructor(expected: number) {
    this.#bytes = new Uint8Array(Math.min(expected, 4_096));
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  add(payload: Uint8Array, mask: number): void {
    const { length } = this;
    const end = length + payload.length;
    if (end > this.#bytes.length) {
      const longer = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      longer.set(this.bytes);
      this.#bytes = longer;
    }
    const into = this.#bytes;
    for (let index = 0; index < payload.length; index++)
      into[length + index] = payload[index]! ^ (mask >>> (8 * (index & 3)));
    this.length = end;
  }
}
