// What was entered before, to be walked through. Pure memory; knows nothing of keys and screens.

export const MAX_HISTORY_ENTRIES = 1000;

export class History {
  readonly #entries: string[] = [];
  /** What each visited place holds by now: a half-typed line, or an old entry changed on the way. Gone with the next entry. */
  readonly #drafts = new Map<number, string>();
  #at = 0;

  /** Remembers `entry` and goes back to the newest place. An entry equal to the one before it is remembered once. */
  add(entry: string): void {
    if (entry.trim() && entry !== this.#entries.at(-1)) this.#entries.push(entry);
    if (this.#entries.length > MAX_HISTORY_ENTRIES) this.#entries.shift();
    this.leave();
  }

  /** Forgets half-typed lines and goes back to the newest place. */
  leave(): void {
    this.#drafts.clear();
    this.#at = this.#entries.length;
  }

  /** One entry up (older) or down; `typed` is what the place that is left holds. Answers undefined at either end. */
  move(step: -1 | 1, typed: string): string | undefined {
    const to = this.#at + step;
    if (to < 0 || to > this.#entries.length) return undefined;
    this.#drafts.set(this.#at, typed);
    this.#at = to;
    return this.#drafts.get(to) ?? this.#entries[to] ?? "";
  }
}
