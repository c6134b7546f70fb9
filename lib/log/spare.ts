// The spare: room for the next segment, made of zeros before it is needed. Knows nothing of what comes into it.
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SPARE_FILE } from "./folder.ts";

const PIECE_BYTES = 524_288;

export class Spare {
  readonly #directory: string;
  readonly #path: string;
  readonly #bytes: number;
  /** Under way, made, or not to be had. */
  #state: Promise<void> | "made" | "none" | undefined;

  /** Of `bytes` bytes. What lies there from an earlier time is taken away. */
  constructor(directory: string, bytes: number) {
    this.#directory = directory;
    this.#path = join(directory, SPARE_FILE);
    this.#bytes = bytes;
    this.#drop();
  }

  /** Makes it, while others are at work, unless it is there already or was not to be had. */
  want(): void {
    this.#state ??= this.#make();
  }

  /** Makes it the file `next`. Where there is none, that one grows as it is written; where it is not ready, the one after has it. */
  use(next: string): void {
    const state = this.#state;
    if (state instanceof Promise) return;
    this.#state = undefined;
    try {
      if (state === "made") renameSync(this.#path, next);
    } catch {
      // Somebody took it away, perhaps. A disk that fails says so when the file is made.
    }
  }

  /** Takes it away, once nothing is under way any more. */
  async end(): Promise<void> {
    await this.#state;
    this.#drop();
  }

  async #make(): Promise<void> {
    try {
      // Not before it is needed: a start must cost little.
      const { open, statfs } = await import("node:fs/promises");
      // It leaves room for what is written meanwhile.
      const { bavail, bsize } = await statfs(this.#directory);
      if (bavail * bsize < 2 * this.#bytes) {
        this.#state = "none";
        return;
      }
      const file = await open(this.#path, "w", 0o600);
      try {
        const zeros = new Uint8Array(PIECE_BYTES);
        for (let at = 0; at < this.#bytes; at += zeros.length) await file.write(zeros, 0, zeros.length, at);
        await file.datasync();
      } finally {
        await file.close();
      }
      this.#state = "made";
    } catch {
      // The disk is full, perhaps: the next segment has to grow, and that says so.
      this.#state = "none";
      this.#drop();
    }
  }

  #drop(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // Somebody has put something else there, or the disk can only be read. It is in nobody's way.
    }
  }
}
