// A membership: one member in one room, over as many connections as it takes. Shows nothing; it tells what happened.
import { decodeServer, encode } from "../protocol/codec.ts";
import { LINE_BYTES_MAX, NAME_KEPT_MS } from "../protocol/limits.ts";
import type { LineFault } from "../protocol/line.ts";
import { authorOf, type ClientMessage, type RoomEvent, type ServerMessage, type Welcome } from "../protocol/message.ts";
import { foldName } from "../protocol/name.ts";
import { scrub } from "../protocol/text.ts";
import type { Connection, Dial, Receiver } from "../transport/connection.ts";
import { backoffMs } from "./backoff.ts";
import { type Marked, Pending } from "./pending.ts";
import { Stranger, strangerSentence } from "./stranger.ts";

/** A server that says nothing for this long after it was dialled is not a chatd, or does not live. */
const ARRIVAL_TIMEOUT_MS = 9_000;
/** A name may be kept for a connection of our own that broke before its welcome came; it is free again after this long. */
const OWN_NAME_KEPT_MS = NAME_KEPT_MS + 5_000;
/** A server's line may be a whole history page. */
const SERVER_LINE_BYTES_MAX = 16 * LINE_BYTES_MAX;

/** The server said it. `line` is what it said, to the letter. */
export interface Heard<M = ServerMessage> {
  readonly type: "heard";
  readonly message: M;
  readonly line: string;
}

/** What happened, in order, each thing once. */
export type Notice =
  | Heard
  /** The connection is gone; the next try is in `retryMs`. */
  | { readonly type: "away"; readonly why: string; readonly retryMs: number }
  /** It is there again, and what was missed is told next. Where not `resumed`, the server has another log than before. */
  | { readonly type: "back"; readonly awayMs: number; readonly missed: readonly RoomEvent[]; readonly resumed: boolean }
  /** The connection broke before this was answered, and asking again might do it twice. */
  | { readonly type: "unsure"; readonly request: Marked }
  /** It is over, and does not come back. */
  | { readonly type: "ended"; readonly code: string; readonly text: string };

/** The server said no. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;

  constructor(code: string, text: string) {
    // It is shown as it is.
    super(scrub(text));
    this.code = code;
  }

  /** Another name may be let in, over the same connection. */
  get isAboutName(): boolean {
    return this.code === "bad-name" || this.code === "name-taken" || this.code === "name-reserved";
  }
}

export interface MembershipOptions {
  readonly dial: Dial;
  readonly room: string;
  /** From an earlier membership of the same name, if there was one. */
  readonly token?: string | undefined;
  readonly told: (notice: Notice) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** Codes after which coming back by itself would be wrong. */
const FINAL_CODES: ReadonlySet<string> = new Set(["left", "kicked", "replaced"]);
/** A bye or refusal of these is a passing state of the server. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  "full",
  "too-many-connections",
  "storage-failed",
  "internal",
  "shutdown",
]);

export class Membership {
  readonly pending = new Pending();
  /** As of the last welcome and what happened since. */
  name = "";
  token: string | undefined;
  /** Folds of all names that this member has had: what it asked under an earlier one is still its own. */
  readonly #names = new Set<string>();
  readonly #options: MembershipOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  /** Marks are unique for this name for ever, also across processes. */
  readonly #marks = Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString("base64url");
  readonly #arrivalMarks = `${this.#marks}-in`;
  #count = 0;
  #connection: Connection | undefined;
  #log: string | undefined;
  /** Everything up to here was told, or waits in `#missed`. */
  #after: number | undefined;
  #joining: PromiseWithResolvers<Welcome> | undefined;
  /** The welcome of this connection, once it has come. */
  #welcome: Welcome | undefined;
  /** The mark of the question whose answer says that a fresh start's history is complete. */
  #arrivalMark = "";
  /** Everything that was said before this connection's welcome is here, so requests may go out. */
  #caught = false;
  /** Events that came while this was away, kept until all of them are here, over as many connections as that takes. */
  #missed: Heard<RoomEvent>[] | undefined;
  #lostAt = 0;
  /** When the name was first found taken on the way back. */
  #takenAt: number | undefined;
  #tries = 0;
  #retryAtLeastMs = 0;
  #timer: Timer | undefined;
  #ended = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.token = options.token;
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
  }

  get live(): boolean {
    return this.#welcome !== undefined;
  }

  /** Joins as `name`. Throws Unreachable, Stranger or Refused; after a refusal another name may be tried. */
  async join(name: string): Promise<Welcome> {
    this.name = name;
    this.#joining = Promise.withResolvers<Welcome>();
    const { promise } = this.#joining;
    const timer = setTimeout(
      () => this.#fail(new Stranger("It answers nothing. Is it a chatd, and is the port right?")),
      ARRIVAL_TIMEOUT_MS,
    );
    try {
      if (this.#connection) this.#sendJoin(this.#connection);
      else await this.#dial();
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#joining = undefined;
    }
  }

  /** Asks the room for something. What cannot be sent now is kept, and sent when the connection is back. Answers the mark. */
  ask(message: Exclude<ClientMessage, { type: "join" | "ping" | "pong" }>): string {
    const re = message.re ?? `${this.#marks}-${++this.#count}`;
    const request: Marked = { ...message, re };
    this.pending.add(request);
    if (this.#caught) this.#send(request);
    return re;
  }

  #send(request: Marked): void {
    this.pending.sent(request.re);
    this.#connection?.send(encode(request));
  }

  /** Leaves the room, telling it so where that is possible. */
  leave(text?: string): void {
    if (!this.live) return this.#end("left", "You left.");
    this.ask(text === undefined ? { type: "leave" } : { type: "leave", text });
  }

  /** Stops at once and tells nobody. */
  close(): void {
    this.#ended = true;
    this.#hangUp();
    this.pending.clear();
  }

  async #dial(): Promise<void> {
    const receiver = new Line(this);
    const connection = await this.#options.dial(receiver);
    if (this.#ended) return connection.abort();
    connection.limitLines(SERVER_LINE_BYTES_MAX);
    this.#connection = connection;
    receiver.connection = connection;
    for (const line of receiver.early) this.received(connection, line);
    if (receiver.gone) this.closed(connection);
    else if (this.#connection === connection) this.#sendJoin(connection);
  }

  #sendJoin(connection: Connection): void {
    const { token, name } = this;
    const cursor = this.#after === undefined ? {} : { after: this.#after, log: this.#log };
    this.#arrivalMark = `${this.#arrivalMarks}${++this.#count}`;
    connection.send(encode({ type: "join", room: this.#options.room, name, token, ...cursor }));
    connection.send(encode({ type: "members", re: this.#arrivalMark }));
  }

  received(connection: Connection, line: string): void {
    if (connection !== this.#connection) return;
    const message = decodeServer(line);
    if (!message) {
      const sentence = this.#welcome ? undefined : strangerSentence(line);
      if (sentence === undefined) return;
      return this.#joining ? this.#fail(new Stranger(sentence)) : this.#lost(sentence);
    }
    switch (message.type) {
      case "welcome":
        return this.#arrived(message, line);
      case "ping":
        return connection.send(encode({ type: "pong" }));
      case "pong":
        return;
      case "refused":
        if (!this.#welcome)
          return message.re?.startsWith(this.#arrivalMarks) ? undefined : this.#notLetIn(message.code, message.text);
        if (message.re !== undefined) this.pending.answered(message.re);
        return this.#tell(message, line);
      case "bye":
        return this.#dismissed(message);
      case "members":
        if (message.re === this.#arrivalMark) return this.#caughtUp();
        if (message.re !== undefined) this.pending.answered(message.re);
        return this.#tell(message, line);
      case "history":
      case "whisper":
        if (message.re !== undefined) this.pending.answered(message.re);
        return this.#tell(message, line);
      case "said":
      case "entered":
      case "exited":
      case "renamed":
      case "topic":
      case "opened":
        return this.#happened(message, line);
    }
  }

  #arrived(welcome: Welcome, line: string): void {
    const first = this.#log === undefined;
    // Until all that was missed is here, what is told would be out of order.
    if (!first) this.#missed ??= [];
    this.#welcome = welcome;
    this.name = welcome.name;
    this.#names.add(foldName(welcome.name));
    this.#takenAt = undefined;
    this.token = welcome.token;
    this.#log = welcome.log;
    if (!welcome.resumed) {
      this.#after = undefined;
      if (!first) this.#missed = [];
    }
    this.#tries = 0;
    clearTimeout(this.#timer);
    this.#tell(welcome, line);
    // At once: the next line of the same chunk may be a `bye`, which is then about coming back and not about coming in.
    this.#joining?.resolve(welcome);
    this.#joining = undefined;
    if (!first && welcome.resumed && (this.#after ?? 0) >= welcome.seq) this.#back();
  }

  #happened(event: RoomEvent, line: string): void {
    const request = event.re !== undefined && this.#isMine(event) ? this.pending.answered(event.re) : undefined;
    if (event.type === "renamed" && request) this.#names.add(foldName(event.to));
    // Known already: the server's answer to something that was sent again.
    if (this.#after !== undefined && event.seq <= this.#after) return;
    this.#after = event.seq;
    // A change that is older than the welcome is in the welcome's name already, unless a restart of the server undid it.
    if (event.type === "renamed" && event.name === this.name && event.seq > (this.#welcome?.seq ?? 0))
      this.name = event.to;
    if (this.#missed) this.#missed.push({ type: "heard", message: event, line });
    else this.#tell(event, line);
    if (this.#missed && this.#welcome?.resumed && event.seq >= this.#welcome.seq) this.#back();
  }

  /** Others may use the same mark as I do. */
  #isMine(event: RoomEvent): boolean {
    const author = authorOf(event);
    return author !== undefined && this.#names.has(foldName(author));
  }

  /** What a fresh start begins with is complete: from here on, nothing before the welcome is of interest. */
  #caughtUp(): void {
    const { seq = 0, resumed = false } = this.#welcome ?? {};
    if (resumed) return;
    this.#after = Math.max(this.#after ?? 0, seq);
    if (this.#missed) this.#back();
    else this.#sendPending();
  }

  #back(): void {
    const missed = this.#missed ?? [];
    this.#missed = undefined;
    this.#options.told({
      type: "back",
      awayMs: this.#now() - this.#lostAt,
      missed: missed.map(({ message }) => message),
      resumed: this.#welcome?.resumed ?? false,
    });
    for (const heard of missed) this.#options.told(heard);
    this.#sendPending();
  }

  /** Only now is it known what the server has never heard. */
  #sendPending(): void {
    this.#caught = true;
    for (const request of this.pending.requests) this.#send(request);
  }

  #tell(message: ServerMessage, line: string): void {
    this.#options.told({ type: "heard", message, line });
  }

  /** The server does not let us in. */
  #notLetIn(code: string, text: string): void {
    if (this.#joining) {
      const refused = new Refused(code, text);
      return this.#fail(refused, refused.isAboutName);
    }
    if (PASSING_CODES.has(code) || (code === "name-taken" && this.#mayBeMine())) return this.#lost(text);
    this.#end(code, text);
  }

  /** The server may have let us in, and the connection broke before the welcome brought the new token. */
  #mayBeMine(): boolean {
    const now = this.#now();
    this.#takenAt ??= now;
    return now - this.#takenAt <= OWN_NAME_KEPT_MS;
  }

  #dismissed({ code, text, retry_ms: retryMs = 0 }: Extract<ServerMessage, { type: "bye" }>): void {
    this.#retryAtLeastMs = retryMs;
    if (this.#joining) return this.#fail(new Refused(code, text));
    if (FINAL_CODES.has(code)) return this.#end(code, text);
    this.#lost(text);
  }

  broken(connection: Connection, _fault: LineFault): void {
    if (connection !== this.#connection) return;
    if (this.#joining) this.#fail(new Stranger("What it sends is not chat. Is it a chatd, and is the port right?"));
    else this.#lost("The server sent something that is not chat.");
  }

  closed(connection: Connection): void {
    if (connection !== this.#connection) return;
    if (this.#joining)
      this.#fail(new Stranger("It closed the connection without a word. Is it a chatd, and is the port right?"));
    else this.#lost("The connection broke.");
  }

  /** The first arrival did not work out. Where `again`, the connection stays open for another name. */
  #fail(error: Error, again = false): void {
    if (!again) this.#hangUp();
    this.#joining?.reject(error);
  }

  #lost(why: string): void {
    if (this.#ended) return;
    // Not let in yet, and nobody waits: whoever tries the next name dials again.
    if (this.#log === undefined) return this.#hangUp();
    if (this.#welcome && !this.#missed) this.#lostAt = this.#now();
    this.#hangUp();
    for (const request of this.pending.unsure()) this.#options.told({ type: "unsure", request });
    const retryMs = Math.max(this.#retryAtLeastMs * (1 + this.#random()), backoffMs(this.#tries++, this.#random()));
    this.#retryAtLeastMs = 0;
    this.#options.told({ type: "away", why, retryMs });
    this.#timer = setTimeout(() => void this.#retry(), retryMs);
  }

  async #retry(): Promise<void> {
    // A server that accepts and then says nothing is as good as gone.
    this.#timer = setTimeout(() => this.#lost("The server does not answer."), ARRIVAL_TIMEOUT_MS);
    try {
      await this.#dial();
    } catch (error) {
      clearTimeout(this.#timer);
      this.#lost(error instanceof Error ? error.message : String(error));
    }
  }

  #end(code: string, text: string): void {
    if (this.#ended) return;
    this.close();
    this.#options.told({ type: "ended", code, text });
  }

  #hangUp(): void {
    clearTimeout(this.#timer);
    this.#welcome = undefined;
    this.#caught = false;
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.finish();
  }
}

/** Knows which connection a line came over, so that a late word of an old one is not taken for the new one's. */
class Line implements Receiver {
  readonly #membership: Membership;
  connection: Connection | undefined;
  /** What came before anyone knew that it was open: a refusal at the door, or a stranger's greeting. */
  readonly early: string[] = [];
  /** Closed before anyone knew that it was open. */
  gone = false;

  constructor(membership: Membership) {
    this.#membership = membership;
  }

  received(line: string): void {
    if (this.connection) this.#membership.received(this.connection, line);
    else this.early.push(line);
  }

  broken(fault: LineFault): void {
    if (this.connection) this.#membership.broken(this.connection, fault);
  }

  closed(): void {
    this.gone = true;
    if (this.connection) this.#membership.closed(this.connection);
  }
}
