// What was sent and not yet taken. Bun's write may take only the front of a chunk and forgets the rest; this remembers it.

/** Takes bytes, as many as it can; answers how many, or a negative number once the wire is gone. */
export interface Writer {
  write(bytes: Uint8Array): number;
}

export class Outbox {
  /** Most peers take everything at once, so most have neither. */
  #queue: Uint8Array[] | undefined;
  #waiting: (() => void)[] | undefined;
  #backlog = 0;
  #taken = 0;
  readonly #writer: Writer;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  get backlog(): number {
    return this.#backlog;
  }

  get taken(): number {
    return this.#taken;
  }

  push(bytes: Uint8Array): void {
    if (this.#queue) {
      this.#queue.push(bytes);
      this.#backlog += bytes.length;
      return;
    }
    const taken = this.#writer.write(bytes);
    if (taken < 0) return;
    this.#taken += taken;
    if (taken === bytes.length) return;
    this.#queue = [bytes.subarray(taken)];
    this.#backlog = bytes.length - taken;
  }

  /** The network can take more. Answers whether all is gone. */
  drain(): boolean {
    const queue = this.#queue ?? [];
    let sent = 0;
    for (const bytes of queue) {
      const taken = this.#writer.write(bytes);
      if (taken < 0) {
        this.clear();
        return false;
      }
      this.#taken += taken;
      this.#backlog -= taken;
      if (taken < bytes.length) {
        queue[sent] = bytes.subarray(taken);
        break;
      }
      sent++;
    }
    queue.splice(0, sent);
    if (this.#backlog > 0) return false;
    this.#queue = undefined;
    this.#wake();
    return true;
  }

  drained(): Promise<void> {
    if (this.#backlog === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#waiting ??= []).push(resolve));
  }

  /** The wire is gone: nobody waits for it any more. */
  clear(): void {
    this.#queue = undefined;
    this.#backlog = 0;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const resolve of waiting) resolve();
  }
}
