// Who has the most of something, kept up in the same short time however many there are. Knows nothing of what it is.

export class Ranking<Each> {
  /** Those that have as many as the place in the list says; of equals, the first that came to have so many first. */
  readonly #levels: Set<Each>[] = [];
  readonly #counts = new Map<Each, number>();

  /** How many the first has. */
  get most(): number {
    return this.#levels.length - 1;
  }

  /** One of those that have the most; nothing where nobody has any. */
  get first(): Each | undefined {
    const [first] = this.#levels.at(-1) ?? [];
    return first;
  }

  /** From now on `each` has so many; who has none is not kept. */
  rank(each: Each, count: number): void {
    const before = this.#counts.get(each) ?? 0;
    if (before === count) return;
    this.#levels[before]?.delete(each);
    if (count === 0) this.#counts.delete(each);
    else {
      this.#counts.set(each, count);
      while (this.#levels.length <= count) this.#levels.push(new Set());
      this.#levels[count]!.add(each);
    }
    while (this.#levels.at(-1)?.size === 0) this.#levels.pop();
  }
}
