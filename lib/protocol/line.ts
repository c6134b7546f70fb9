// Bytes → lines, wherever the bytes were cut. Knows nothing of what a line says.
import { bytesOf } from "./text.ts";

/** Why a stream of bytes cannot go on: there is no telling where its next line would begin, or what it means. */
export type LineFault = "line-too-long" | "bad-utf8";

const LF = 0x0a;
const CR = 0x0d;
/** Bytes of UTF-8 that one UTF-16 unit may become. */
const BYTES_PER_UNIT = 3;

/** One for all: nothing of one call is left for the next. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

type Take = (line: string) => void;

/** Cuts a byte stream into lines at LF and drops a CR before it. Half a line waits for its rest. */
export class LineSplitter {
  /** Bytes a line may have, its line end not counted. May be changed between two lines. */
  limitBytes: number;
  #parts: Uint8Array[] | undefined;
  #held = 0;
  #broken = false;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** Hands each line that `bytes` completes to `take`. Answers a fault once; after it, everything is ignored. */
  push(bytes: Uint8Array, take: Take): LineFault | undefined {
    if (this.#broken) return undefined;
    let start = 0;
    if (this.#held > 0) {
      const end = bytes.indexOf(LF);
      const piece = end < 0 ? bytes : bytes.subarray(0, end);
      if (end < 0 || this.#isTooMuch(piece)) return this.#hold(piece);
      const fault = this.#line(this.#whole(piece), take);
      if (fault) return fault;
      start = end + 1;
    }
    const end = bytes.lastIndexOf(LF);
    if (end >= start) {
      const fault = this.#lines(bytes.subarray(start, end), take);
      if (fault) return fault;
      start = end + 1;
    }
    return start < bytes.length ? this.#hold(bytes.subarray(start)) : undefined;
  }

  /** Whole lines, decoded in one go: that takes a fifth of the time that it takes line by line. */
  #lines(block: Uint8Array, take: Take): LineFault | undefined {
    let text: string;
    try {
      text = utf8.decode(block);
    } catch {
      return this.#eachLine(block, take);
    }
    const bytesPerUnit = text.length === block.length ? 1 : BYTES_PER_UNIT;
    for (let start = 0; start <= text.length;) {
      let end = text.indexOf("\n", start);
      if (end < 0) end = text.length;
      const line = text.slice(start, end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end);
      start = end + 1;
      // Where the units leave it open, the bytes decide.
      if (line.length * bytesPerUnit > this.limitBytes && bytesOf(line) > this.limitBytes)
        return this.#fault("line-too-long");
      take(line);
    }
    return undefined;
  }

  /** Some line is not valid; those before it are handed over all the same. */
  #eachLine(block: Uint8Array, take: Take): LineFault | undefined {
    for (let start = 0; start <= block.length;) {
      const at = block.indexOf(LF, start);
      const end = at < 0 ? block.length : at;
      const fault = this.#line(block.subarray(start, end), take);
      if (fault) return fault;
      start = end + 1;
    }
    return undefined;
  }

  #line(bytes: Uint8Array, take: Take): LineFault | undefined {
    const line = bytes[bytes.length - 1] === CR ? bytes.subarray(0, -1) : bytes;
    if (line.length > this.limitBytes) return this.#fault("line-too-long");
    let text: string;
    try {
      text = utf8.decode(line);
    } catch {
      return this.#fault("bad-utf8");
    }
    take(text);
    return undefined;
  }

  /** A CR at the limit may still turn out to be half of a line end. */
  #isTooMuch(piece: Uint8Array): boolean {
    return this.#held + piece.length > this.limitBytes + 1;
  }

  #hold(piece: Uint8Array): LineFault | undefined {
    if (this.#isTooMuch(piece)) return this.#fault("line-too-long");
    const parts = (this.#parts ??= []);
    // A peer that sends byte by byte must not cost an object a byte.
    if (parts.length === 64) this.#parts = [this.#joined(piece)];
    else parts.push(piece.slice());
    this.#held += piece.length;
    return undefined;
  }

  #whole(last: Uint8Array): Uint8Array {
    const whole = this.#joined(last);
    this.#parts = undefined;
    this.#held = 0;
    return whole;
  }

  #joined(last: Uint8Array): Uint8Array {
    const whole = new Uint8Array(this.#held + last.length);
    let at = 0;
    for (const part of this.#parts ?? []) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(last, at);
    return whole;
  }

  #fault(fault: LineFault): LineFault {
    this.#broken = true;
    this.#parts = undefined;
    return fault;
  }
}
