// A member that keeps to the rules: says a numbered text now and then, and notes what it hears and how long its echo took.
import type { RoomEvent } from "../../lib/protocol/message.ts";
import type { Dial } from "../../lib/transport/connection.ts";
import type { Evidence, View } from "../chaos/evidence.ts";
import { textOf } from "../chaos/text.ts";
import { type Heard, type Peer, peer } from "../support/peer.ts";
import type { OwnTime } from "./own-time.ts";

export class HonestMember {
  readonly name: string;
  readonly view: View;
  /** Texts that it has said. */
  sent = 0;
  /** Its connection is gone, which is nothing that it has asked for. */
  over = false;
  readonly echoMs: number[] = [];
  readonly #ownTime: OwnTime;
  /** Of the log that it has entered: what it needs to ask for all of it. */
  log = "";
  readonly #evidence: Evidence;
  readonly #said = new Map<string, () => number>();
  #peer!: Peer;
  #timer: Timer | undefined;

  /** It is in. */
  static async arrive(name: string, dial: Dial, evidence: Evidence, ownTime: OwnTime): Promise<HonestMember> {
    const member = new HonestMember(name, evidence, ownTime);
    const wire = await peer(
      (receiver) =>
        dial({
          received: (line) => receiver.received(line),
          broken: (fault) => receiver.broken(fault),
          closed: () => {
            receiver.closed();
            member.#lost();
          },
        }),
      name,
    );
    member.#peer = wire;
    wire.hears = (message) => member.#heard(message, wire.lines.at(-1)!);
    await wire.join(name);
    return member;
  }

  private constructor(name: string, evidence: Evidence, ownTime: OwnTime) {
    this.name = name;
    this.#ownTime = ownTime;
    this.view = evidence.view(name);
    this.#evidence = evidence;
  }

  /** Texts that have not come back. */
  get pending(): number {
    return this.#said.size;
  }

  say(): void {
    const re = String(++this.sent);
    this.#said.set(re, this.#ownTime.start());
    this.#peer.send({ type: "say", text: textOf(this.name, this.sent), re });
  }

  /** Says something after `offsetMs` and from then on every `periodMs`. */
  talk(periodMs: number, offsetMs: number): void {
    this.#timer = setTimeout(() => {
      this.say();
      this.talk(periodMs, periodMs);
    }, offsetMs);
  }

  hush(): void {
    clearTimeout(this.#timer);
  }

  /** Notes nothing more of what it hears. */
  leaveOff(): void {
    this.#peer.hears = () => {};
  }

  #heard(message: Heard, line: string): void {
    if (message.type === "welcome") {
      this.log = String(message["log"]);
      return this.view.welcomed(message as unknown as { seq: number; resumed: boolean });
    }
    if (typeof message["seq"] !== "number") return this.#problem(`${this.name} heard ${line}`);
    const event = message as unknown as RoomEvent;
    this.view.heard(event, line);
    if (event.type !== "said" || event.from !== this.name || event.re === undefined) return;
    const elapsed = this.#said.get(event.re);
    if (elapsed === undefined) return this.#problem(`${this.name} heard ${line} again`);
    this.#said.delete(event.re);
    this.echoMs.push(elapsed());
    this.#evidence.acked({ name: this.name, re: event.re, seq: event.seq });
  }

  #lost(): void {
    this.over = true;
    this.hush();
    this.#problem(`the connection of ${this.name} has ended; it heard last ${this.#peer.lines.at(-1)?.slice(0, 200)}`);
  }

  #problem(sentence: string): void {
    this.#evidence.problems.push(sentence);
    this.#evidence.changed();
  }
}
