// The live end of a log: the newest batches, shared by all who are up to date, and the call to those who wait for more.
import type { Batch, Cursor } from "./log.ts";

/** How much of the newest log stays at hand for readers that are a few turns late. Who is later reads larger batches. */
const TAIL_BYTES_MAX = 1_048_576;
const TAIL_BATCHES_MAX = 64;

/** Reads one batch of older events from the engine: some of what follows `after`, at most up to the head. */
export type ReadOlder = (after: number) => Batch;

export class Tail {
  head: number;
  readonly #readOlder: ReadOlder;
  /** Those who have taken everything. */
  #waiting = new Set<() => void>();
  #batches: Batch[] = [];
  #bytes = 0;

  constructor(head: number, readOlder: ReadOlder) {
    this.head = head;
    this.#readOlder = readOlder;
  }

  push(batch: Batch): void {
    this.head = batch.last;
    this.#batches.push(batch);
    this.#bytes += batch.bytes.length;
    while (this.#batches.length > TAIL_BATCHES_MAX || (this.#bytes > TAIL_BYTES_MAX && this.#batches.length > 1))
      this.#bytes -= this.#batches.shift()!.bytes.length;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const grown of waiting) grown();
  }

  follow(after: number, grown: () => void): Cursor {
    let cursor = after;
    let stopped = false;
    // One object a reader: the same callback may follow the log twice.
    const wake = () => {
      if (!stopped) grown();
    };
    return {
      take: () => {
        if (cursor >= this.head) {
          if (!stopped) this.#waiting.add(wake);
          return undefined;
        }
        const batch = this.#read(cursor);
        cursor = batch.last;
        return batch;
      },
      stop: () => {
        stopped = true;
        this.#waiting.delete(wake);
      },
    };
  }

  /** What follows `after`: a batch that is at hand, or else older events from the engine. */
  #read(after: number): Batch {
    for (let index = this.#batches.length - 1; index >= 0; index--) {
      const batch = this.#batches[index]!;
      if (batch.after === after) return batch;
      if (batch.after < after) break;
    }
    return this.#readOlder(after);
  }
}
