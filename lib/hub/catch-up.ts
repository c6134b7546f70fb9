// Catching up: whoever is behind with the log gets it a piece at a time, in turn with the others who are, so that a thousand
// who come back hold up neither each other nor those who are not behind.

/** Bytes of the log that go out to those who are behind in one turn of the event loop: about a millisecond of it. */
const BYTES_AT_ONCE = 1_048_576;

/** Whoever may be behind. */
export interface Follower {
  /** Sends the next piece, and answers how many bytes it had. */
  step(): number;
}

export class CatchUp {
  #queue: Follower[] = [];
  #due = false;

  /** Gives `follower` one turn, after those who wait already. */
  add(follower: Follower): void {
    this.#queue.push(follower);
    if (this.#due) return;
    this.#due = true;
    setImmediate(() => this.#go());
  }

  #go(): void {
    this.#due = false;
    const queue = this.#queue;
    this.#queue = [];
    let bytes = 0;
    let done = 0;
    while (done < queue.length && bytes < BYTES_AT_ONCE) bytes += queue[done++]!.step();
    const rest = [...queue.slice(done), ...this.#queue];
    this.#queue = [];
    for (const follower of rest) this.add(follower);
  }
}
