// What was sent and not yet taken. Bun's write may take only the front of a chunk and forgets the rest; this remembers it.

/** Bytes that were taken, or a negative number once the wire is gone. */
export type Write = (bytes: Uint8Array) => number;

export class Outbox {
  #queue: Uint8Array[] = [];
  #backlog = 0;
  #taken = 0;
  #waiting: (() => void)[] = [];
  readonly #write: Write;

  constructor(write: Write) {
    this.#write = write;
  }

  get backlog(): number {
    return this.#backlog;
  }

  get taken(): number {
    return this.#taken;
  }

  push(bytes: Uint8Array): void {
    if (this.#backlog > 0) {
      this.#queue.push(bytes);
      this.#backlog += bytes.length;
      return;
    }
    const taken = this.#write(bytes);
    if (taken < 0) return;
    this.#taken += taken;
    if (taken === bytes.length) return;
    this.#queue.push(bytes.subarray(taken));
    this.#backlog = bytes.length - taken;
  }

  /** The network can take more. Answers whether all is gone. */
  drain(): boolean {
    let sent = 0;
    for (const bytes of this.#queue) {
      const taken = this.#write(bytes);
      if (taken < 0) {
        this.clear();
        return false;
      }
      this.#taken += taken;
      this.#backlog -= taken;
      if (taken < bytes.length) {
        this.#queue[sent] = bytes.subarray(taken);
        break;
      }
      sent++;
    }
    this.#queue.splice(0, sent);
    if (this.#backlog > 0) return false;
    this.#wake();
    return true;
  }

  drained(): Promise<void> {
    return this.#backlog === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The wire is gone: nobody waits for it any more. */
  clear(): void {
    this.#queue = [];
    this.#backlog = 0;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
