// A wire inside the process: what one end sends, the other receives. The host's console joins its own room over it.
import { FIRST_LINE_BYTES_MAX } from "../protocol/limits.ts";
import { LineSplitter } from "../protocol/line.ts";
import type { Accept, Arrival, Connection, Receiver } from "./connection.ts";

/** Dials `accept`, with no network between. What is sent arrives after the sender's own work is done, as over a real wire. */
export function dialPipe(accept: Accept, receiver: Receiver): Connection {
  const near = new PipeEnd();
  const far = new PipeEnd();
  near.other = far;
  far.other = near;
  near.attach(receiver);
  far.attach(accept(far));
  return near;
}

/** Goes the way of the bytes, so that it comes after them. */
const GOODBYE = Symbol("goodbye");

class PipeEnd implements Arrival {
  readonly address = "local";
  readonly binding = "local";
  readonly backlog = 0;
  taken = 0;
  other: PipeEnd | undefined;
  readonly #lines = new LineSplitter(FIRST_LINE_BYTES_MAX);
  #receiver: Receiver | undefined;
  #closed = false;
  /** Its receiver knows that it is over. */
  #told = false;
  #paused: (Uint8Array | typeof GOODBYE)[] | undefined;

  attach(receiver: Receiver): void {
    this.#receiver = receiver;
    if (this.#told) receiver.closed();
  }

  send(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.taken += bytes.length;
    queueMicrotask(() => this.other?.arrive(bytes));
  }

  arrive(what: Uint8Array | typeof GOODBYE): void {
    if (this.#closed) return;
    if (this.#paused) return void this.#paused.push(what);
    if (what === GOODBYE) return this.end();
    const fault = this.#lines.push(what, (line) => {
      if (!this.#closed) this.#receiver?.received(line);
    });
    if (fault && !this.#closed) this.#receiver?.broken(fault);
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  pause(): void {
    this.#paused ??= [];
  }

  resume(): void {
    const waiting = this.#paused ?? [];
    this.#paused = undefined;
    for (const what of waiting) this.arrive(what);
  }

  limitLines(bytes: number): void {
    this.#lines.limitBytes = bytes;
  }

  finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    queueMicrotask(() => {
      this.#tell();
      this.other?.arrive(GOODBYE);
    });
  }

  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#tell();
  }

  abort(): void {
    this.finish();
    queueMicrotask(() => this.other?.end());
  }

  #tell(): void {
    this.#told = true;
    this.#receiver?.closed();
  }
}
