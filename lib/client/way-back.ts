// The way back into a room: after which words of a server a member comes back by itself, and when. Knows no wire.
import { NAME_KEPT_MS } from "../protocol/limits.ts";
import { backoffMs } from "./backoff.ts";

/** A name may be kept for a connection of our own that broke before its welcome came; it is free again after this long. */
const OWN_NAME_KEPT_MS = NAME_KEPT_MS + 5_000;
/** A server's own word on the time holds within reason: a longer timer would overflow, and call at once. */
const RETRY_MS_MAX = 600_000;
/** Goodbyes after which coming back by itself would be wrong. */
const FINAL_CODES: ReadonlySet<string> = new Set(["left", "kicked", "banned", "replaced", "untrusted"]);
/** A refusal of these is a passing state of the server. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  "full",
  "too-many-connections",
  "too-many-tries",
  "locked",
  "storage-failed",
  "internal",
  "shutdown",
]);

export class WayBack {
  readonly #now: () => number;
  readonly #random: () => number;
  #tries = 0;
  #retryAtLeastMs = 0;
  /** When the name was first found taken. */
  #takenAt: number | undefined;

  constructor(now: () => number, random: () => number) {
    this.#now = now;
    this.#random = random;
  }

  /** There again: the next way back begins anew. */
  arrived(): void {
    this.#tries = 0;
    this.#takenAt = undefined;
  }

  /** Answers whether to come back after a goodbye, which may say how long to stay away. */
  isOpenAfterBye(code: string, retryMs = 0): boolean {
    this.#retryAtLeastMs = Math.min(retryMs, RETRY_MS_MAX);
    return !FINAL_CODES.has(code);
  }

  /** Answers whether to try again after not being let in. */
  isOpenAfterRefusal(code: string): boolean {
    return PASSING_CODES.has(code) || (code === "name-taken" && this.#mayBeMine());
  }

  /** Milliseconds until the next try. */
  nextMs(): number {
    const waitMs = Math.max(this.#retryAtLeastMs * (1 + this.#random()), backoffMs(this.#tries++, this.#random()));
    this.#retryAtLeastMs = 0;
    return waitMs;
  }

  /** The server may have let us in, and the connection broke before the welcome brought the new token. */
  #mayBeMine(): boolean {
    const now = this.#now();
    this.#takenAt ??= now;
    return now - this.#takenAt <= OWN_NAME_KEPT_MS;
  }
}
