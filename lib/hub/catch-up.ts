// Catching up: whoever is behind with the log gets it a piece at a time, in turn with the others who are, so that a thousand
// who come back hold up neither each other nor those who are not behind.

/** Bytes of the log that go out to those who are behind in one turn of the event loop: about a millisecond of it. */
const BYTES_AT_ONCE = 1_048_576;

/** Sends the next piece, and answers how many bytes it had. */
export type Step = () => number;

export class CatchUp {
  #queue: Step[] = [];
  #due = false;

  /** Gives `step` its turn, once, after those that wait already. */
  add(step: Step): void {
    this.#queue.push(step);
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
    while (done < queue.length && bytes < BYTES_AT_ONCE) bytes += queue[done++]!();
    if (done < queue.length) for (const step of [...queue.slice(done), ...this.#queue.splice(0)]) this.add(step);
  }
}
