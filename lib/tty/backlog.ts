// Lines that wait to be shown, and how many have been given up. Pure memory; knows nothing of terminals.

/** What is to be shown, oldest first, behind so many `skipped` lines. */
export interface Shown {
  readonly skipped: number;
  readonly text: string;
}

export class Backlog {
  readonly #entries: string[] = [];
  #lines = 0;
  #chars = 0;
  #skipped = 0;

  /** `entry` is whole lines. */
  add(entry: string): void {
    this.#entries.push(entry);
    this.#lines += linesIn(entry);
    this.#chars += entry.length;
  }

  /** Gives up the oldest entries beyond these limits; the newest stays, whatever its size. */
  trim(maxLines: number, maxChars: number): void {
    while (this.#entries.length > 1 && (this.#lines > maxLines || this.#chars > maxChars)) {
      const entry = this.#entries.shift()!;
      const lines = linesIn(entry);
      this.#lines -= lines;
      this.#chars -= entry.length;
      this.#skipped += lines;
    }
  }

  /** Hands out everything, and begins anew. */
  take(): Shown {
    const shown = { skipped: this.#skipped, text: this.#entries.splice(0).join("") };
    this.#lines = this.#chars = this.#skipped = 0;
    return shown;
  }
}

function linesIn(entry: string): number {
  return entry.split("\n").length - 1;
}
