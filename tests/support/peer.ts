// A chat client for tests, over any wire: what it says is a line, what it hears is awaited. Knows nothing of servers.
import type { LineFault } from "../../lib/protocol/line.ts";
import type { Connection, Dial } from "../../lib/transport/connection.ts";

/** Below the limit that bun test sets, so that the conversation is shown and not only a time-out. */
const DEADLINE_MS = 4_000;
const SHOWN = 12;
const utf8 = new TextEncoder();

/** A message as it is on the wire: tests look at the fields that they care for. */
export type Heard = { readonly type: string; readonly [field: string]: unknown };

/** Opens a connection. `name` is for the messages of failing tests. */
export async function peer(dial: Dial, name = "peer"): Promise<Peer> {
  const peer = new Peer(name);
  peer.connection = await dial(peer);
  peer.connection.limitLines(Number.MAX_SAFE_INTEGER);
  return peer;
}

export class Peer implements AsyncDisposable {
  readonly name: string;
  connection!: Connection;
  /** Every line so far, also those that `next` has not got to. */
  readonly lines: string[] = [];
  /** How often it was told that the wire is gone. */
  ends = 0;
  /** Called with each message as it comes. */
  hears: (message: Heard) => void = () => {};
  #read = 0;
  #asked = 0;
  readonly #watchers = new Set<() => void>();

  constructor(name: string) {
    this.name = name;
  }

  /** Every message so far. */
  get heard(): readonly Heard[] {
    return this.lines.map((line) => JSON.parse(line) as Heard);
  }

  /** Sends raw lines, in one piece. */
  say(...lines: string[]): void {
    this.connection.send(utf8.encode(lines.map((line) => `${line}\n`).join("")));
  }

  /** Sends messages, in one piece. */
  send(...messages: Heard[]): void {
    this.say(...messages.map((message) => JSON.stringify(message)));
  }

  /** The next message. */
  async next(): Promise<Heard> {
    await this.#until(() => this.lines.length > this.#read, "the next message");
    return JSON.parse(this.lines[this.#read++]!) as Heard;
  }

  /** The next message of this type; those before it are skipped. */
  async until(type: string): Promise<Heard> {
    for (;;) {
      await this.#until(() => this.lines.length > this.#read, `"${type}"`);
      const message = JSON.parse(this.lines[this.#read++]!) as Heard;
      if (message.type === type) return message;
    }
  }

  /** Joins and answers what it is told on entering. */
  async join(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<Heard> {
    this.send({ type: "join", name, ...more });
    return this.until("welcome");
  }

  /** Everything that comes until the room has answered all that was asked before: what is not in it did not come. */
  async rest(): Promise<readonly Heard[]> {
    const re = `rest-${++this.#asked}`;
    this.send({ type: "members", re });
    const rest: Heard[] = [];
    for (;;) {
      const message = await this.next();
      if (message["re"] === re) return rest;
      rest.push(message);
    }
  }

  /** Resolves once the wire is gone, with all that came until then and was not read. */
  async end(): Promise<readonly Heard[]> {
    await this.#until(() => this.ends > 0, "the end");
    const rest = this.lines.slice(this.#read).map((line) => JSON.parse(line) as Heard);
    this.#read = this.lines.length;
    return rest;
  }

  /** Resolves once `done` is true; looks again whenever something came. */
  async #until(done: () => boolean, what: string): Promise<void> {
    if (done()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (done()) resolve();
      else if (this.ends > 0) reject(new Error(this.#story(what, "the wire is gone")));
    };
    const timer = setTimeout(() => reject(new Error(this.#story(what, "nothing more came"))), DEADLINE_MS);
    this.#watchers.add(look);
    look();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(look);
    }
  }

  #story(what: string, why: string): string {
    const shown = this.lines.slice(-SHOWN).map((line) => `  ${line.slice(0, 200)}`);
    return `${this.name} waited for ${what}, but ${why}. Of ${this.lines.length} lines it read ${this.#read}; the last:\n${shown.join("\n")}`;
  }

  received(line: string): void {
    this.lines.push(line);
    this.hears(JSON.parse(line) as Heard);
    this.#changed();
  }

  broken(fault: LineFault): void {
    throw new Error(`${this.name} cannot read what the server sends: ${fault}`);
  }

  closed(): void {
    this.ends++;
    this.#changed();
  }

  #changed(): void {
    for (const look of this.#watchers) look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.abort();
  }
}
