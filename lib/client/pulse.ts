// The pulse of a server: one that is silent is asked for a sign, and one that gives none is gone. Knows no wire.
import type { Limits } from "../protocol/message.ts";

/** A server's own word on the times holds within reason: a wrong one must not lead to a flood of pings. */
const PING_MS_MIN = 1_000;
const TIMER_MS_MAX = 2 ** 31 - 1;

export interface PulseOptions {
  readonly limits: Pick<Limits, "ping_ms" | "gone_ms">;
  readonly now: () => number;
  /** Asks for a sign. */
  ping(): void;
  /** Nothing came for too long. Called once; the pulse has stopped by then. */
  gone(): void;
}

export class Pulse {
  readonly #options: PulseOptions;
  readonly #pingMs: number;
  readonly #goneMs: number;
  #heardAt: number;
  #asked = false;
  #timer: ReturnType<typeof setTimeout>;

  constructor(options: PulseOptions) {
    const { limits, now } = options;
    this.#options = options;
    this.#pingMs = Math.min(Math.max(limits.ping_ms, PING_MS_MIN), TIMER_MS_MAX / 2);
    this.#goneMs = Math.min(Math.max(limits.gone_ms, 2 * this.#pingMs), TIMER_MS_MAX);
    this.#heardAt = now();
    this.#timer = this.#lookIn(this.#pingMs);
  }

  /** Something came. */
  heard(): void {
    this.#heardAt = this.#options.now();
    this.#asked = false;
  }

  // One timer that looks at the clock, rather than one that is set anew with each line.
  #lookIn(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    const silentMs = this.#options.now() - this.#heardAt;
    if (silentMs >= this.#goneMs) return this.#options.gone();
    const asks = silentMs >= this.#pingMs && !this.#asked;
    this.#asked ||= asks;
    const nextMs = this.#asked ? Math.min(silentMs + this.#pingMs, this.#goneMs) : this.#pingMs;
    this.#timer = this.#lookIn(nextMs - silentMs);
    if (asks) this.#options.ping();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
