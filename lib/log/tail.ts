// The live end of a log: the newest batches, shared by all who are up to date, and the call to those who wait for more.
import { type Batch, type Cursor, OLDER_BYTES, type Waiting } from "./log.ts";
import { linesAfter } from "./record.ts";

/** How much of the newest log stays at hand for readers that are a few turns late. Who is later reads larger batches. */
const TAIL_BYTES_MAX = 1_048_576;
const TAIL_BATCHES_MAX = 64;
/** Older batches that stay at hand: a thousand who come back after a restart all read the same ones. */
const OLDER_BATCHES_MAX = 4;

/** Reads one batch of older events from the engine: some of what follows `after`, at most up to the head. */
export type ReadOlder = (after: number) => Batch;

export class Tail {
  head: number;
  readonly #readOlder: ReadOlder;
  /** Those who have taken everything. */
  #waiting = new Set<Reader>();
  #batches: Batch[] = [];
  #bytes = 0;
  /** Newer than the last call. */
  #fresh: Batch[] = [];
  readonly #older: Batch[] = [];

  constructor(head: number, readOlder: ReadOlder) {
    this.head = head;
    this.#readOlder = readOlder;
  }

  push(batch: Batch): void {
    this.head = batch.last;
    this.#fresh.push(batch);
    if (this.#fresh.length === TAIL_BATCHES_MAX) this.#fresh = [joined(this.#fresh)];
    if (this.#fresh[0]!.bytes.length > OLDER_BYTES) this.#keep();
  }

  /** Makes one batch of what is new, and calls those who wait for it. */
  notify(): void {
    if (this.#fresh.length > 0) this.#keep();
    const waiting = this.#waiting;
    this.#waiting = new Set();
    // For some nothing is new: they were told before the others.
    for (const reader of waiting) {
      if (reader.after < this.head) reader.wake();
      else this.#waiting.add(reader);
    }
  }

  #keep(): void {
    const batch = joined(this.#fresh);
    this.#fresh = [];
    this.#batches.push(batch);
    this.#bytes += batch.bytes.length;
    while (this.#batches.length > TAIL_BATCHES_MAX || (this.#bytes > TAIL_BYTES_MAX && this.#batches.length > 1))
      this.#bytes -= this.#batches.shift()!.bytes.length;
  }

  follow(after: number, waiting: Waiting): Cursor {
    return new Reader(this, after, waiting);
  }

  wait(reader: Reader): void {
    this.#waiting.add(reader);
  }

  forget(reader: Reader): void {
    this.#waiting.delete(reader);
  }

  /** What follows `after`: a batch that is at hand, or else older events from the engine. */
  read(after: number): Batch {
    for (let index = this.#batches.length - 1; index >= 0; index--) {
      const batch = this.#batches[index]!;
      if (batch.after === after) return batch;
      // Who came in the midst of it, while it waited to be told.
      if (batch.after < after && after < batch.last)
        return { after, last: batch.last, bytes: linesAfter(batch.bytes, batch.last, after) };
      if (batch.after < after) break;
    }
    const known = [...this.#fresh, ...this.#older].find((batch) => batch.after === after);
    if (known) return known;
    const batch = this.#readOlder(after);
    this.#older.unshift(batch);
    if (this.#older.length > OLDER_BATCHES_MAX) this.#older.pop();
    return batch;
  }
}

function joined(batches: readonly Batch[]): Batch {
  const [first] = batches;
  if (batches.length === 1) return first!;
  return { after: first!.after, last: batches.at(-1)!.last, bytes: Buffer.concat(batches.map(({ bytes }) => bytes)) };
}

class Reader implements Cursor {
  after: number;
  readonly #tail: Tail;
  readonly #waiting: Waiting;
  #stopped = false;

  constructor(tail: Tail, after: number, waiting: Waiting) {
    this.#tail = tail;
    this.after = after;
    this.#waiting = waiting;
  }

  take(): Batch | undefined {
    if (this.after >= this.#tail.head) {
      if (!this.#stopped) this.#tail.wait(this);
      return undefined;
    }
    const batch = this.#tail.read(this.after);
    this.after = batch.last;
    if (this.after >= this.#tail.head && !this.#stopped) this.#tail.wait(this);
    return batch;
  }

  stop(): void {
    this.#stopped = true;
    this.#tail.forget(this);
  }

  /** Whoever was stopped by the call to another is not called. */
  wake(): void {
    if (!this.#stopped) this.#waiting.grown();
  }
}
