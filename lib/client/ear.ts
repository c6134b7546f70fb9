// The ear at one wire: what it hears goes to its owner, until the owner has had enough. Knows nothing of messages.
import type { LineFault } from "../protocol/line.ts";
import type { Receiver } from "../transport/connection.ts";

/** One ear a wire, so that a late word of an old wire is not taken for the new one's. */
export class Ear implements Receiver {
  readonly #owner: Receiver;
  /** What came before anyone knew that the wire was open: a refusal at the door, a stranger's greeting, its end. */
  #early: (() => void)[] | undefined = [];
  #stopped = false;

  constructor(owner: Receiver) {
    this.#owner = owner;
  }

  received(line: string): void {
    this.#hear(() => this.#owner.received(line));
  }

  broken(fault: LineFault): void {
    this.#hear(() => this.#owner.broken(fault));
  }

  closed(): void {
    this.#hear(() => this.#owner.closed());
  }

  /** From here on the owner hears what comes, and first what has come already. */
  listen(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const tell of early) this.#hear(tell);
  }

  /** From here on the owner hears nothing. */
  stop(): void {
    this.#stopped = true;
  }

  #hear(tell: () => void): void {
    if (this.#stopped) return;
    if (this.#early) this.#early.push(tell);
    else tell();
  }
}
