// Joins two wires: what one end says, the other hears. Knows nothing of what the lines say, but for the goodbyes that it has to say itself.
import { encode } from "../protocol/codec.ts";
import { LINE_BYTES_MAX, SERVER_LINE_BYTES_MAX } from "../protocol/limits.ts";
import type { LineFault } from "../protocol/line.ts";
import { type Connection, type Dial, type Receiver, Unreachable, Untrusted } from "./connection.ts";

/** Bytes that one end may leave unread before the other one has to wait. */
const WAITING_BYTES_MAX = 262_144;

const utf8 = new TextEncoder();

/** Joins `near`, which has come to us, to what `dial` reaches. It is the receiver of `near`. */
export class Bridge implements Receiver {
  readonly #near: Connection;
  readonly #toNear: Way;
  readonly #toFar = new Way();
  readonly #over = Promise.withResolvers<void>();
  #far: Connection | undefined;
  /** The near end is told nothing more, or is gone: who is dialled now would come for nobody. */
  #done = false;
  #ends = 0;

  constructor(near: Connection, dial: Dial) {
    this.#near = near;
    this.#toNear = new Way(near);
    this.#toFar.from = near;
    // The server is the judge of lines; here they only pass.
    near.limitLines(LINE_BYTES_MAX);
    void this.#dial(dial);
  }

  /** Resolves once both wires are gone. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  async #dial(dial: Dial): Promise<void> {
    let far: Connection;
    try {
      far = await dial({
        received: (line) => this.#toNear.take(line),
        broken: (fault) =>
          this.#dismiss(fault, "What the server sends is not chat. Is it a chatd, and is the port right?"),
        closed: () => {
          this.#finish();
          this.#ended();
        },
      });
    } catch (error) {
      if (error instanceof Untrusted) this.#dismiss("untrusted", error.message);
      else this.#dismiss("unreachable", error instanceof Unreachable ? error.message : String(error));
      return this.#ended();
    }
    this.#far = far;
    if (this.#done) return far.abort();
    far.limitLines(SERVER_LINE_BYTES_MAX);
    this.#toNear.from = far;
    this.#toFar.open(far);
  }

  received(line: string): void {
    this.#toFar.take(line);
  }

  broken(fault: LineFault): void {
    this.#dismiss(fault, `What was sent here cannot go on to the server: ${fault}.`);
    this.#hangUp();
  }

  closed(): void {
    this.#done = true;
    this.#hangUp();
    this.#ended();
  }

  /** Says `bytes` to the far end as the last words of the near one: what it still says is not heard, but it hears the answer. */
  conclude(bytes: Uint8Array): void {
    if (!this.#far) return this.#finish();
    this.#toFar.flush();
    this.#toFar.shut();
    this.#far.send(bytes);
  }

  /** Cuts both wires now. */
  abort(): void {
    this.#near.abort();
    this.#far?.abort();
  }

  /** Tells the near end why it is over. */
  #dismiss(code: string, text: string): void {
    if (this.#done) return;
    this.#toNear.flush();
    this.#near.send(encode({ type: "bye", code, text }));
    this.#finish();
  }

  #finish(): void {
    this.#done = true;
    this.#toNear.flush();
    this.#near.finish();
  }

  #hangUp(): void {
    this.#toFar.flush();
    this.#far?.finish();
  }

  #ended(): void {
    if (++this.#ends === 2) this.#over.resolve();
  }
}

/** One direction: lines that arrived together are sent together, and wait for a wire that is not there yet. */
class Way {
  /** Whose lines they are: it waits when too many of them do. */
  from: Connection | undefined;
  #to: Connection | undefined;
  #lines: string[] = [];
  #chars = 0;
  #due = false;
  #paused = false;
  #shut = false;

  constructor(to?: Connection) {
    this.#to = to;
  }

  take(line: string): void {
    if (this.#shut) return;
    this.#lines.push(line);
    this.#chars += line.length;
    // Only then: a wire that is paused does not tell that its peer has gone.
    if (!this.#to && this.#chars > WAITING_BYTES_MAX) this.#pause();
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => this.flush());
  }

  open(to: Connection): void {
    this.#to = to;
    this.flush();
    if (this.#paused) void to.drained().then(() => this.#resume());
  }

  /** Takes nothing more. */
  shut(): void {
    this.#shut = true;
  }

  flush(): void {
    this.#due = false;
    if (!this.#to || this.#lines.length === 0) return;
    this.#to.send(utf8.encode(`${this.#lines.join("\n")}\n`));
    this.#lines = [];
    this.#chars = 0;
    if (this.#paused || this.#to.backlog <= WAITING_BYTES_MAX) return;
    this.#pause();
    void this.#to.drained().then(() => this.#resume());
  }

  #pause(): void {
    this.#paused = true;
    this.from?.pause();
  }

  #resume(): void {
    this.#paused = false;
    this.from?.resume();
  }
}
