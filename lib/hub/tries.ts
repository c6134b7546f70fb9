// Secrets that were wrong, counted by address: who guesses has to wait.
import { FAILED_SECRETS_PER_MIN } from "../protocol/limits.ts";
import { Bucket } from "./bucket.ts";

const RATE = { perSecond: FAILED_SECRETS_PER_MIN / 60, burst: FAILED_SECRETS_PER_MIN };
/** A full bucket is one that never was: after this long they are all full. */
const FORGOTTEN_MS = 60_000;

export class Tries {
  readonly #failed = new Map<string, { readonly bucket: Bucket; at: number }>();

  /** How many milliseconds nobody at `address` may try again; 0 where they may. */
  waitMs(address: string, nowMs: number): number {
    return this.#failed.get(address)?.bucket.waitMs(nowMs) ?? 0;
  }

  failed(address: string, nowMs: number): void {
    let tries = this.#failed.get(address);
    if (!tries) this.#failed.set(address, (tries = { bucket: new Bucket(RATE, nowMs), at: nowMs }));
    tries.at = nowMs;
    tries.bucket.take(nowMs);
  }

  /** To be called now and then. */
  sweep(nowMs: number): void {
    for (const [address, { at }] of this.#failed) if (nowMs - at >= FORGOTTEN_MS) this.#failed.delete(address);
  }
}
