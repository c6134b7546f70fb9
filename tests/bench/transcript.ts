// What was said in a room, as bytes. The first to hear something extends it; everybody else must hear the very same.
//
// Comparing bytes costs a quarter of looking for line ends, and proves more: nothing is missing, doubled or out of order.
import { LINE_BYTES_MAX } from "../../lib/protocol/limits.ts";

const LF = 0x0a;
/** Lines begin `{"type":"`, and of all that a server sends, only what was said goes on with this letter. */
const TYPE_AT = '{"type":"'.length;
const SAID = "s".charCodeAt(0);
/** What a member should not be told in a benchmark, by its first letter and as it is. */
const TOLD: ReadonlySet<number | undefined> = new Set(["b", "r"].map((letter) => letter.charCodeAt(0)));
const GOODBYE = /^\{"type":"(bye|refused)"/;
const SEQ = Buffer.from(',"seq":');

export class Transcript {
  /** Bytes so far. */
  end = 0;
  /** Lines so far. */
  lines = 0;
  /** The newest line's sequence number; the bare server has none. */
  seq = 0;
  /** What is wrong with it, once something is. */
  fault: string | undefined;
  readonly ears: Ear[] = [];
  /** Is handed each line once, with the place where it ends; the bytes are good until it returns. */
  heard: (line: Buffer, end: number) => void = () => {};
  #bytes = Buffer.allocUnsafe(1 << 20);
  /** Where the bytes at hand begin: what all have heard is forgotten. */
  #start = 0;
  /** Where the first line begins that is not whole yet. */
  #line = 0;

  /** Another listener, from the beginning on. `told` hears of goodbyes and refusals. */
  listen(told: (line: string) => void = () => {}): Ear {
    const ear = new Ear(this, told);
    this.ears.push(ear);
    return ear;
  }

  /** Whether everybody has heard everything, and nobody anything else. */
  get complete(): boolean {
    return this.fault === undefined && this.#line === this.end && this.ears.every((ear) => ear.position === this.end);
  }

  matches(position: number, bytes: Buffer, from: number, to: number): boolean {
    const at = position - this.#start;
    return bytes.compare(this.#bytes, at, at + to - from, from, to) === 0;
  }

  /** Where the line begins that `position` is in, or right behind. */
  lineAt(position: number): number {
    const at = position - this.#start;
    return at === 0 ? position : this.#bytes.lastIndexOf(LF, at - 1) + 1 + this.#start;
  }

  /** The sequence number of the line that ends at `position`. */
  seqBefore(position: number): number | undefined {
    if (position === 0) return undefined;
    return seqOf(this.#bytes.subarray(this.lineAt(position - 1) - this.#start, position - this.#start));
  }

  /** Extends it by a piece of one line, its end included if this is the last piece. */
  append(bytes: Buffer, from: number, to: number): void {
    this.#makeRoom(to - from);
    bytes.copy(this.#bytes, this.end - this.#start, from, to);
    this.end += to - from;
    if (bytes[to - 1] !== LF) return;
    const line = this.#bytes.subarray(this.#line - this.#start, this.end - this.#start - 1);
    this.#line = this.end;
    this.#note(line);
  }

  #note(line: Buffer): void {
    this.lines++;
    const seq = seqOf(line);
    if (seq !== undefined) {
      if (seq <= this.seq) this.fault ??= `event ${seq} came after event ${this.seq}`;
      this.seq = seq;
    }
    this.heard(line, this.#line);
  }

  #makeRoom(more: number): void {
    const { length } = this.#bytes;
    if (this.end - this.#start + more <= length) return;
    const least = Math.min(this.#line, ...this.ears.map(({ position }) => position));
    // Who is interrupted goes back to the beginning of a line, and looks at the line before it.
    const from = Math.max(0, least - 2 * LINE_BYTES_MAX - this.#start);
    const kept = this.end - this.#start - from;
    const target = kept + more > length / 2 ? Buffer.allocUnsafe(2 * (length + more)) : this.#bytes;
    this.#bytes.copy(target, 0, from, from + kept);
    this.#bytes = target;
    this.#start += from;
  }
}

/** One member's place in the transcript. Takes bytes as they come, cut anywhere; what was not said is passed over. */
export class Ear {
  /** It has heard the transcript up to here. */
  position = 0;
  /** Called when the position has moved. */
  moved: () => void = () => {};
  readonly #transcript: Transcript;
  readonly #told: (line: string) => void;
  /** The position is inside a line. */
  #inside = false;
  /** A line that nobody said goes on. */
  #passing = false;
  /** Too little of a line to know what it is. */
  #held: Buffer | undefined;

  constructor(transcript: Transcript, told: (line: string) => void) {
    this.#transcript = transcript;
    this.#told = told;
  }

  hear(chunk: Buffer): void {
    const transcript = this.#transcript;
    if (transcript.fault !== undefined) return;
    const bytes = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    const length = this.#decided(bytes);
    this.#held = length < bytes.length ? Buffer.from(bytes.subarray(length)) : undefined;
    const before = this.position;
    // Mostly somebody else was first.
    if (!this.#passing && length <= transcript.end - before && transcript.matches(before, bytes, 0, length)) {
      if (length === 0) return;
      this.position += length;
      this.#inside = bytes[length - 1] !== LF;
    } else this.#hearLines(bytes, length);
    if (this.position > before) this.moved();
  }

  /** The wire has ended: what there was of an unfinished line will come again. */
  interrupted(): void {
    if (this.#inside) this.position = this.#transcript.lineAt(this.position);
    this.#inside = this.#passing = false;
    this.#held = undefined;
  }

  /** How much of `bytes` is certainly said or certainly not: all but the first letters of a line. */
  #decided(bytes: Buffer): number {
    const { length } = bytes;
    for (let at = length; at >= 0 && at >= length - TYPE_AT; at--) {
      const beginsLine = at > 0 ? bytes[at - 1] === LF : !this.#inside && !this.#passing;
      if (beginsLine) return at;
    }
    return length;
  }

  #hearLines(bytes: Buffer, length: number): void {
    const transcript = this.#transcript;
    for (let at = 0, end = 0; at < length; at = end) {
      const lf = bytes.indexOf(LF, at);
      const whole = lf >= 0 && lf < length;
      end = whole ? lf + 1 : length;
      const begins = !this.#inside && !this.#passing;
      if (this.#passing || (begins && bytes[at + TYPE_AT] !== SAID)) {
        this.#passing = !whole;
        if (begins && TOLD.has(bytes[at + TYPE_AT])) this.#tell(bytes.toString("utf8", at, end).trimEnd());
        continue;
      }
      const known = Math.min(end - at, transcript.end - this.position);
      if (known > 0 && !transcript.matches(this.position, bytes, at, at + known)) {
        transcript.fault = `one member heard "${bytes.toString("utf8", at, Math.min(end, at + 80))}" where others heard something else`;
        return;
      }
      if (at + known < end) transcript.append(bytes, at + known, end);
      this.position += end - at;
      this.#inside = !whole;
    }
  }

  #tell(line: string): void {
    if (GOODBYE.test(line)) this.#told(line);
  }
}

const ZERO = 0x30;

/** The sequence number of an event's line. Quotes in a text are escaped, so nothing that was said looks like it. */
function seqOf(line: Buffer): number | undefined {
  let at = line.lastIndexOf(SEQ);
  if (at < 0) return undefined;
  let seq = 0;
  for (at += SEQ.length; at < line.length; at++) {
    const digit = line[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    seq = seq * 10 + digit;
  }
  return seq;
}
