// A token bucket: so many at once, so many a second.

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export class Bucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = nowMs;
  }

  /** Takes one token and answers 0; where there is none, says in how many milliseconds there will be. */
  take(nowMs: number): number {
    const waitMs = this.waitMs(nowMs);
    if (waitMs === 0) this.#tokens--;
    return waitMs;
  }

  /** In how many milliseconds there will be a token; 0 where there is one. */
  waitMs(nowMs: number): number {
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#at) / 1_000) * perSecond);
    this.#at = nowMs;
    return this.#tokens < 1 ? Math.ceil(((1 - this.#tokens) / perSecond) * 1_000) : 0;
  }
}
