// Bytes → lines, wherever the bytes were cut. Knows nothing of what a line says.

/** Why a stream of bytes cannot go on: there is no telling where its next line would begin, or what it means. */
export type LineFault = "line-too-long" | "bad-utf8";

const LF = 0x0a;
const CR = 0x0d;

/** Cuts a byte stream into lines at LF and drops a CR before it. Half a line waits for its rest. */
export class LineSplitter {
  /** Bytes a line may have, its line end not counted. May be changed between two lines. */
  limitBytes: number;
  #parts: Uint8Array[] = [];
  #held = 0;
  #broken = false;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** Hands each line that `bytes` completes to `line`. Answers a fault once; after it, everything is ignored. */
  push(bytes: Uint8Array, line: (text: string) => void): LineFault | undefined {
    let start = 0;
    while (!this.#broken) {
      const end = bytes.indexOf(LF, start);
      const piece = bytes.subarray(start, end < 0 ? bytes.length : end);
      // A CR at the limit may still turn out to be half of a line end.
      if (this.#held + piece.length > this.limitBytes + 1) return this.#fault("line-too-long");
      if (end < 0) {
        if (piece.length > 0) this.#hold(piece);
        return undefined;
      }
      start = end + 1;
      let whole = this.#held === 0 ? piece : this.#take(piece);
      if (whole[whole.length - 1] === CR) whole = whole.subarray(0, -1);
      if (whole.length > this.limitBytes) return this.#fault("line-too-long");
      let text: string;
      try {
        text = this.#utf8.decode(whole);
      } catch {
        return this.#fault("bad-utf8");
      }
      line(text);
    }
    return undefined;
  }

  #hold(piece: Uint8Array): void {
    // A peer that sends byte by byte must not cost an object a byte.
    if (this.#parts.length === 64) this.#parts = [this.#joined(piece)];
    else this.#parts.push(piece.slice());
    this.#held += piece.length;
  }

  #take(last: Uint8Array): Uint8Array {
    const whole = this.#joined(last);
    this.#parts = [];
    this.#held = 0;
    return whole;
  }

  #joined(last: Uint8Array): Uint8Array {
    const whole = new Uint8Array(this.#held + last.length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(last, at);
    return whole;
  }

  #fault(fault: LineFault): LineFault {
    this.#broken = true;
    this.#parts = [];
    return fault;
  }
}
