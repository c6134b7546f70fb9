// A member that says each of its texts until it is kept, one after another, and notes what it hears and how often it was refused.
import { authorOf, type RoomEvent } from "../../lib/protocol/message.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import type { Evidence, View } from "../chaos/evidence.ts";
import { textOf } from "../chaos/text.ts";
import { type Heard, type Peer, peer } from "../support/peer.ts";

const PAUSE_MS = 30;

export class InsistentMember implements AsyncDisposable {
  readonly name: string;
  readonly view: View;
  /** Texts that are kept. */
  sent = 0;
  /** What it was refused with, each time. */
  readonly refusals: string[] = [];
  wire!: Peer;
  /** Of the last welcome. */
  welcome!: Heard;
  readonly #evidence: Evidence;
  #asked = 0;
  #answers = new Map<string, (message: Heard) => void>();
  #talk: Promise<void> | undefined;
  #hushed = false;

  static async arrive(name: string, port: number, evidence: Evidence): Promise<InsistentMember> {
    const member = new InsistentMember(name, evidence);
    await member.#come(port, {});
    return member;
  }

  private constructor(name: string, evidence: Evidence) {
    this.name = name;
    this.view = evidence.view(name);
    this.#evidence = evidence;
  }

  async #come(port: number, more: Readonly<Record<string, unknown>>): Promise<void> {
    this.wire = await peer((receiver) => dialTcp({ hostname: "127.0.0.1", port }, receiver), this.name);
    this.wire.hears = (message) => this.#heard(message, this.wire.lines.at(-1)!);
    this.welcome = await this.wire.join(this.name, more);
  }

  /** Leaves its wire and comes over another one, with what it knows. */
  async comeBack(port: number): Promise<Heard> {
    this.wire.hears = () => {};
    this.wire.connection.abort();
    const { token, log } = this.welcome;
    await this.#come(port, { token, log, after: this.view.last });
    return this.welcome;
  }

  /** Sends a request, and resolves with what it has caused. */
  ask(message: Heard): Promise<Heard> {
    const re = typeof message["re"] === "string" ? message["re"] : `ask-${++this.#asked}`;
    const { promise, resolve } = Promise.withResolvers<Heard>();
    this.#answers.set(re, resolve);
    this.wire.send({ ...message, re });
    return promise;
  }

  /** How long an answer to `message` takes. */
  async timed(message: Heard): Promise<number> {
    const start = performance.now();
    await this.ask(message);
    return performance.now() - start;
  }

  /** Says its next text once. Answers whether it is kept. */
  async say(): Promise<boolean> {
    const text = textOf(this.name, this.sent + 1);
    const answer = await this.ask({ type: "say", text, re: `${this.sent + 1}` });
    if (answer.type !== "said") this.refusals.push(String(answer["code"]));
    else this.sent++;
    this.#evidence.changed();
    return answer.type === "said";
  }

  /** Talks on, until it is hushed. */
  talk(): void {
    this.#hushed = false;
    this.#talk = (async () => {
      while (!this.#hushed) {
        await this.say();
        await Bun.sleep(PAUSE_MS);
      }
    })();
  }

  /** It says nothing new. Resolves once nothing of it is under way. */
  async hush(): Promise<void> {
    this.#hushed = true;
    await this.#talk;
  }

  #heard(message: Heard, line: string): void {
    if (message.type === "welcome") this.view.welcomed(message as unknown as { seq: number; resumed: boolean });
    const re = String(message["re"]);
    if (typeof message["seq"] === "number" && message.type !== "welcome") {
      const event = message as unknown as RoomEvent;
      this.view.heard(event, line);
      // Marks of others may be like its own.
      if (authorOf(event) !== this.name) return;
      if (event.type === "said" && event.re !== undefined)
        this.#evidence.acked({ name: this.name, re, seq: event.seq });
    }
    this.#answers.get(re)?.(message);
    this.#answers.delete(re);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hushed = true;
    this.wire.hears = () => {};
    this.wire.connection.abort();
  }
}
