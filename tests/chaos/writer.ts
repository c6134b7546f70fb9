// A writer with the project's own client core: keeps several texts in flight and notes what it sees and what was acked.
import { Membership } from "../../lib/client/membership.ts";
import type { Notice } from "../../lib/client/notice.ts";
import { DEFAULT_ROOM } from "../../lib/protocol/limits.ts";
import type { Dial } from "../../lib/transport/connection.ts";
import type { Random } from "../support/random.ts";
import type { Evidence, View } from "./evidence.ts";
import { textOf } from "./text.ts";

const WINDOW_MAX = 12;
/** What it goes on saying while there is no connection. */
const OFFLINE_TEXTS = 3;

export interface Client extends Disposable {
  readonly name: string;
  readonly view: View;
  /** Texts that it has sent. */
  readonly sent: number;
  /** Texts that were not acked. */
  readonly pending: number;
  join(): Promise<void>;
  /** Says nothing new any more. */
  hush(): void;
}

export interface ClientOptions {
  readonly name: string;
  readonly dial: Dial;
  readonly random: Random;
  readonly evidence: Evidence;
}

export class Writer implements Client {
  readonly name: string;
  readonly view: View;
  sent = 0;
  readonly #membership: Membership;
  readonly #evidence: Evidence;
  readonly #random: Random;
  #quiet: boolean;

  /** One that is `quiet` only watches. */
  constructor({ name, dial, random, evidence }: ClientOptions, quiet = false) {
    this.name = name;
    this.#quiet = quiet;
    this.#random = random;
    this.#evidence = evidence;
    this.view = evidence.view(name);
    this.#membership = new Membership({
      dial,
      room: DEFAULT_ROOM,
      told: (notice) => this.#told(notice),
      // Back soon, but not all in the same moment.
      random: () => random.below(1_000) / 20_000,
    });
  }

  get pending(): number {
    return this.#membership.pending.size;
  }

  async join(): Promise<void> {
    await this.#membership.join(this.name);
    this.#fill();
  }

  hush(): void {
    this.#quiet = true;
  }

  #fill(): void {
    const window = 1 + this.#random.below(WINDOW_MAX);
    while (!this.#quiet && this.pending < window) this.#say();
  }

  #say(): void {
    this.sent++;
    this.#membership.ask({ type: "say", text: textOf(this.name, this.sent) });
  }

  #told(notice: Notice): void {
    switch (notice.type) {
      case "heard":
        return this.#heard(notice);
      case "away":
        for (let count = 0; !this.#quiet && count < OFFLINE_TEXTS; count++) this.#say();
        return;
      case "back":
        if (!notice.resumed) this.#evidence.problems.push(`${this.name} came back to another log`);
        return;
      case "unproved":
      case "unsure":
      case "ended":
        this.#evidence.problems.push(`${this.name} was told ${JSON.stringify(notice)}`);
        return this.#evidence.changed();
    }
  }

  #heard({ message, line }: Extract<Notice, { type: "heard" }>): void {
    switch (message.type) {
      case "welcome":
        return this.view.welcomed(message);
      case "said":
        this.view.heard(message, line);
        if (message.from !== this.name || message.re === undefined) return;
        this.#evidence.acked({ name: this.name, re: message.re, seq: message.seq });
        return this.#fill();
      case "entered":
      case "exited":
      case "renamed":
      case "topic":
      case "moderated":
      case "opened":
        return this.view.heard(message, line);
      case "refused":
      case "bye":
      case "history":
      case "members":
      case "whisper":
      case "challenge":
      case "bans":
      case "audit":
      case "invitation":
      case "invites":
      case "link":
      case "ping":
      case "pong":
        this.#evidence.problems.push(`${this.name} heard ${line}`);
    }
  }

  [Symbol.dispose](): void {
    this.#membership.close();
  }
}
