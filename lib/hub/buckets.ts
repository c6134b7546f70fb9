// A token bucket for each address, or each network of IPv6: as long as somebody there has taken something lately.
import { networkOf } from "../transport/turnstile.ts";
import { Bucket, type Rate } from "./bucket.ts";

export class Buckets {
  readonly #rate: Rate;
  readonly #taken = new Map<string, { readonly bucket: Bucket; at: number }>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** In how many milliseconds there will be a token for `address`; 0 where there is one. */
  waitMs(address: string, nowMs: number): number {
    return this.#taken.get(networkOf(address))?.bucket.waitMs(nowMs) ?? 0;
  }

  /** Takes one for `address` and answers 0; where there is none, says in how many milliseconds there will be. */
  take(address: string, nowMs: number): number {
    const network = networkOf(address);
    let taken = this.#taken.get(network);
    if (!taken) this.#taken.set(network, (taken = { bucket: new Bucket(this.#rate, nowMs), at: nowMs }));
    taken.at = nowMs;
    return taken.bucket.take(nowMs);
  }

  /** To be called now and then: a full bucket is one that never was. */
  sweep(nowMs: number): void {
    const fullMs = (this.#rate.burst / this.#rate.perSecond) * 1_000;
    for (const [network, { at }] of this.#taken) if (nowMs - at >= fullMs) this.#taken.delete(network);
  }
}
