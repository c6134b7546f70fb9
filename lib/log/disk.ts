// The disk: syncs a file where that is quickest. Knows nothing of what is in it.
import { fdatasync, fdatasyncSync, fsync, fsyncSync, type NoParamCallback } from "node:fs";

/** Of the time that syncs take lately, the newest counts so much. */
const NEWEST_PART = 1 / 8;
/**
 * A sync that takes less is waited for on this thread. To have another thread do it costs two switches, and on a machine
 * whose cores are all busy it waits for its turn: up to 8 ms were seen, for a sync of 0.3 ms.
 */
const QUICK_MS = 1.5;
/** A sync, on this thread or on another one. */
interface Sync {
  here(file: number): void;
  elsewhere(file: number, back: NoParamCallback): void;
}

export class Disk {
  /** A disk that was not used yet counts as quick: the first sync is that of the opening, when nobody else waits. */
  #lately = 0;

  /** Resolves once all that was written to `file` would survive a loss of power. While the disk is quick, that is before this returns. */
  sync(file: number): Promise<void> {
    return this.#timed(file, { here: fdatasyncSync, elsewhere: fdatasync });
  }

  /** The same of the names in a folder. */
  syncFolder(folder: number): Promise<void> {
    return this.#timed(folder, { here: fsyncSync, elsewhere: fsync });
  }

  async #timed(file: number, { here, elsewhere }: Sync): Promise<void> {
    const start = performance.now();
    try {
      if (this.#lately < QUICK_MS) here(file);
      else await calledBack((back) => elsewhere(file, back));
    } finally {
      this.#lately += (performance.now() - start - this.#lately) * NEWEST_PART;
    }
  }
}

/** What promises the same in Bun, node:util and node:fs/promises, takes a tenth of a start. */
function calledBack(call: (back: NoParamCallback) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  call((error) => (error ? reject(error) : resolve()));
  return promise;
}
