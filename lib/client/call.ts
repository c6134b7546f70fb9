// A call: one wire to the server, from dialling to hanging up. Sorts what comes by what it means to a member; what becomes of it is the caller's business.
import { decodeServer, encode } from "../protocol/codec.ts";
import { SERVER_LINE_BYTES_MAX } from "../protocol/limits.ts";
import type { ClientMessage, Join, RoomEvent, ServerMessage, Welcome } from "../protocol/message.ts";
import type { Connection, Dial } from "../transport/connection.ts";
import { Ear } from "./ear.ts";
import { Knock } from "./knock.ts";
import { Pulse } from "./pulse.ts";
import type { Signer } from "./signer.ts";
import { strangerSentence } from "./stranger.ts";

/** Who calls, and what it hears. */
export interface Caller {
  readonly signer: Signer | undefined;
  readonly now: () => number;
  /** A mark that was not used before. */
  newMark(): string;
  /** Once: another welcome would begin anew what has begun. `line` is what the server said, to the letter, as below. */
  arrived(welcome: Welcome, line: string): void;
  notLetIn(code: string, text: string): void;
  happened(event: RoomEvent, line: string): void;
  /** All of what a fresh start begins with is here. */
  startComplete(): void;
  /** It is for this member alone. */
  answered(message: ServerMessage, line: string): void;
  dismissed(bye: Extract<ServerMessage, { type: "bye" }>): void;
  /** The server is no chatd; the sentence says what it is. */
  strange(sentence: string): void;
  /** Its bytes make no lines. */
  broken(): void;
  closed(): void;
  /** It has been silent for too long. */
  gone(): void;
}

export class Call {
  /** Once it has come. */
  welcome: Welcome | undefined;
  /** Everything that was said before the welcome was told, so requests may go out. */
  caughtUp = false;
  readonly #caller: Caller;
  readonly #ear: Ear;
  #connection: Connection | undefined;
  #knock: Knock | undefined;
  /** The mark of the question whose answer says that a fresh start's history is complete. */
  #arrivalMark = "";
  #pulse: Pulse | undefined;
  #over = false;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#ear = new Ear({
      received: (line) => this.#received(line),
      broken: () => caller.broken(),
      closed: () => caller.closed(),
    });
  }

  /** The wire is there, and may be used. */
  get open(): boolean {
    return this.#connection !== undefined;
  }

  /** It was let in without its key. */
  get unproved(): boolean {
    return this.#knock?.unproved === true;
  }

  /** Answers whether anybody still wants the wire that it led to. Throws what `dial` throws. */
  async dial(dial: Dial): Promise<boolean> {
    const connection = await dial(this.#ear);
    if (this.#over) {
      connection.abort();
      return false;
    }
    connection.limitLines(SERVER_LINE_BYTES_MAX);
    this.#connection = connection;
    this.#ear.listen();
    return !this.#over;
  }

  /** Asks to be let in, and right behind it for a sign that all of the start is here. */
  join(join: Join): void {
    const { signer } = this.#caller;
    const newMark = () => this.#caller.newMark();
    this.#knock?.stop();
    this.#knock = new Knock({
      join,
      signer,
      binding: this.#connection?.binding ?? "",
      newMark,
      send: (message) => {
        this.send(message);
        if (message.type !== "join") return;
        this.#arrivalMark = newMark();
        this.send({ type: "members", re: this.#arrivalMark });
      },
    });
    this.#knock.begin();
  }

  send(message: ClientMessage): void {
    this.#connection?.send(encode(message));
  }

  hangUp(): void {
    this.#over = true;
    this.#pulse?.stop();
    this.#ear.stop();
    this.#knock?.stop();
    this.#connection?.finish();
    this.#connection = undefined;
  }

  #received(line: string): void {
    this.#pulse?.heard();
    const decoded = decodeServer(line);
    if (!decoded) {
      const sentence = this.welcome ? undefined : strangerSentence(line);
      return sentence === undefined ? undefined : this.#caller.strange(sentence);
    }
    const message = this.#knock && !this.welcome ? this.#knock.heard(decoded) : decoded;
    if (message) this.#heard(message, line);
  }

  #heard(message: ServerMessage, line: string): void {
    switch (message.type) {
      case "welcome":
        return this.#letIn(message, line);
      case "ping":
        return this.send({ type: "pong" });
      case "pong":
      case "challenge":
        return;
      case "refused":
        if (this.welcome) return this.#caller.answered(message, line);
        return message.re === undefined ? this.#caller.notLetIn(message.code, message.text) : undefined;
      case "bye":
        return this.#caller.dismissed(message);
      case "members":
        if (message.re !== this.#arrivalMark) return this.#caller.answered(message, line);
        return this.welcome && this.#caller.startComplete();
      case "history":
      case "whisper":
      case "bans":
      case "audit":
      case "invitation":
      case "invites":
      case "link":
        return this.#caller.answered(message, line);
      case "said":
      case "entered":
      case "exited":
      case "renamed":
      case "topic":
      case "moderated":
      case "opened":
        return this.welcome && this.#caller.happened(message, line);
    }
  }

  #letIn(welcome: Welcome, line: string): void {
    if (this.welcome) return;
    this.welcome = welcome;
    this.#pulse = new Pulse({
      limits: welcome.limits,
      now: this.#caller.now,
      ping: () => this.send({ type: "ping" }),
      gone: () => this.#caller.gone(),
    });
    this.#caller.arrived(welcome, line);
  }
}
