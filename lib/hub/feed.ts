// A session's way through the log: as much of it as the peer takes, in order, without gap or repeat.
import type { Cursor, Log, Waiting } from "../log/log.ts";
import type { Connection } from "../transport/connection.ts";
import type { CatchUp, Follower } from "./catch-up.ts";
import type { Order } from "./order.ts";

/** How much of the log one session may get in one go, before something that must not overtake it. */
const AT_ONCE_BYTES = 1_048_576;

export interface Source {
  readonly log: Log;
  readonly order: Order;
  readonly catchUp: CatchUp;
}

export interface Reader {
  readonly connection: Connection;
  /** The log cannot be read. */
  fault(error: unknown): void;
}

export class Feed implements Follower, Waiting {
  /** The peer was sent the log up to here. */
  told: number;
  readonly #source: Source;
  readonly #reader: Reader;
  readonly #cursor: Cursor;
  #stopped = false;
  /** It waits for its turn to get more, or for the network to take what it was sent. */
  #behind = false;

  /** The first `step` must follow. */
  constructor(source: Source, reader: Reader, after: number) {
    this.#source = source;
    this.#reader = reader;
    this.told = after;
    this.#cursor = source.log.follow(after, this);
  }

  grown(): void {
    // What is under way brings it as well.
    if (!this.#behind) this.step();
  }

  stop(): void {
    this.#stopped = true;
    this.#cursor.stop();
  }

  /** Sends the next batch. What the peer cannot take yet stays in the log, not in memory. */
  step(): number {
    const { connection } = this.#reader;
    this.#behind = false;
    const bytes = connection.backlog > 0 ? 0 : this.#sendBatch();
    if (this.#stopped || this.told >= this.#source.log.head) return bytes;
    this.#behind = true;
    if (connection.backlog === 0) this.#source.catchUp.add(this);
    else void connection.drained().then(() => this.#source.catchUp.add(this));
    return bytes;
  }

  /** Sends what there is and what the peer can take: what comes next must not overtake it. */
  catchUpNow(): void {
    for (let bytes = 0; bytes < AT_ONCE_BYTES && this.#reader.connection.backlog === 0;) {
      const sent = this.#sendBatch();
      if (sent === 0) return;
      bytes += sent;
    }
  }

  /** Answers how many bytes the batch had; 0 where there is none. */
  #sendBatch(): number {
    if (this.#stopped) return 0;
    try {
      const batch = this.#cursor.take();
      if (!batch) return 0;
      this.told = batch.last;
      const bytes = this.#source.order.purges.bytesOf(batch);
      if (bytes.length > 0) this.#reader.connection.send(bytes);
      return batch.bytes.length;
    } catch (error) {
      this.#reader.fault(error);
      return 0;
    }
  }
}
