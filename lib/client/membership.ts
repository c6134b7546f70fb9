// A membership: one member in one room, over as many connections as it takes. Shows nothing; it tells what happened.
import { decodeServer, encode } from "../protocol/codec.ts";
import { PROTOCOL, SERVER_LINE_BYTES_MAX } from "../protocol/limits.ts";
import type { RoomEvent, RoomRequest, ServerMessage, Welcome } from "../protocol/message.ts";
import { type Connection, type Dial, Untrusted } from "../transport/connection.ts";
import { Bookmark, type Due } from "./bookmark.ts";
import { Ear } from "./ear.ts";
import { type Notice, Refused } from "./notice.ts";
import { type Marked, Pending } from "./pending.ts";
import { Pulse } from "./pulse.ts";
import { Stranger, strangerSentence } from "./stranger.ts";
import { WayBack } from "./way-back.ts";

/** A server that says nothing for this long after it was dialled is not a chatd, or does not live. */
const ARRIVAL_TIMEOUT_MS = 9_000;
/** How long the server may take to say goodbye to who leaves. */
const GOODBYE_MS = 2_000;

export interface MembershipOptions {
  readonly dial: Dial;
  readonly room: string;
  /** From an earlier membership of the same name, if there was one. */
  readonly token?: string | undefined;
  readonly told: (notice: Notice) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

export class Membership {
  readonly pending = new Pending();
  /** As of the last welcome and what happened since. */
  name = "";
  token: string | undefined;
  readonly #options: MembershipOptions;
  readonly #now: () => number;
  readonly #bookmark = new Bookmark();
  readonly #wayBack: WayBack;
  #ear: Ear | undefined;
  #connection: Connection | undefined;
  #joining: PromiseWithResolvers<Welcome> | undefined;
  /** The welcome of this connection, once it has come. */
  #welcome: Welcome | undefined;
  /** The mark of the question whose answer says that a fresh start's history is complete. */
  #arrivalMark = "";
  /** Everything that was said before this connection's welcome was told, so requests may go out. */
  #caughtUp = false;
  #pulse: Pulse | undefined;
  #lostAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #goodbye: ReturnType<typeof setTimeout> | undefined;
  /** There was a welcome since the last join: a connection that breaks is worth coming back for. */
  #inside = false;
  #ended = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.token = options.token;
    this.#now = options.now ?? (() => performance.now());
    this.#wayBack = new WayBack(this.#now, options.random ?? Math.random);
  }

  get live(): boolean {
    return this.#welcome !== undefined;
  }

  /**
   * Joins as `name`. Throws Unreachable, Untrusted, Stranger or Refused; after a refusal another name may be tried. A membership that
   * has ended may join again, and goes on where it was in the log.
   */
  async join(name: string): Promise<Welcome> {
    this.#ended = false;
    this.#inside = false;
    this.name = name;
    const joining = (this.#joining = Promise.withResolvers<Welcome>());
    const { promise, reject } = joining;
    const timer = setTimeout(() => {
      // Whoever has left meanwhile may be joining anew.
      if (this.#joining === joining)
        this.#fail(new Stranger("It answers nothing. Is it a chatd, and is the port right?"));
      else reject(new Stranger("Nobody waits for its answer any more."));
    }, ARRIVAL_TIMEOUT_MS);
    try {
      if (this.#connection) this.#sendJoin(this.#connection);
      else this.#dial().catch(reject);
      return await promise;
    } finally {
      clearTimeout(timer);
      if (this.#joining === joining) this.#joining = undefined;
    }
  }

  /** Asks the room for something. What cannot be sent now is kept, and sent when the connection is back. Answers the mark. */
  ask(message: RoomRequest): string {
    const request = this.pending.add(message);
    if (this.#caughtUp) this.#send(request);
    return request.re;
  }

  /** While the connection is away: tries again now, not when it is due. Answers whether a try began. */
  hurry(): boolean {
    // A try that is under way is as soon as it gets.
    if (this.#ear || this.#timer === undefined || this.#ended) return false;
    void this.#retry();
    return true;
  }

  #send(request: Marked): void {
    this.pending.sent(request.re);
    this.#connection?.send(encode(request));
    if (request.type === "leave") this.#awaitGoodbye();
  }

  /** Leaves the room, telling it so where that is possible. It has `ended` when the server says goodbye, or a little later. */
  leave(text?: string): void {
    if (!this.live) return this.#end("left", "You left.");
    this.#awaitGoodbye();
    this.ask(text === undefined ? { type: "leave" } : { type: "leave", text });
  }

  #awaitGoodbye(): void {
    this.#goodbye ??= setTimeout(() => this.#end("left", "You left."), GOODBYE_MS);
  }

  /** Stops at once and tells nobody. */
  close(): void {
    this.#ended = true;
    clearTimeout(this.#goodbye);
    this.#goodbye = undefined;
    this.#hangUp();
    this.pending.clear();
  }

  async #dial(): Promise<void> {
    const ear = new Ear({
      received: (line) => this.#received(line),
      broken: () => this.#broken(),
      closed: () => this.#closed(),
    });
    this.#ear = ear;
    const connection = await this.#options.dial(ear);
    // It took too long, or nobody wants it any more.
    if (this.#ear !== ear) return connection.abort();
    connection.limitLines(SERVER_LINE_BYTES_MAX);
    this.#connection = connection;
    ear.listen();
    if (this.#ear === ear) this.#sendJoin(connection);
  }

  #sendJoin(connection: Connection): void {
    const { token, name } = this;
    this.#arrivalMark = this.pending.newMark();
    connection.send(encode({ type: "join", room: this.#options.room, name, token, ...this.#bookmark.cursor }));
    connection.send(encode({ type: "members", re: this.#arrivalMark }));
  }

  #received(line: string): void {
    this.#pulse?.heard();
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
        return this.#connection?.send(encode({ type: "pong" }));
      case "pong":
        return;
      case "refused":
        if (!this.#welcome) return message.re === undefined ? this.#notLetIn(message.code, message.text) : undefined;
        return this.#answered(message, line);
      case "bye":
        return this.#dismissed(message);
      case "members":
        if (message.re === this.#arrivalMark) return this.#welcome && this.#tellDue(this.#bookmark.startComplete());
        return this.#answered(message, line);
      case "history":
      case "whisper":
        return this.#answered(message, line);
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
    // One a connection: another would begin anew what has begun.
    if (this.#welcome) return;
    if (welcome.protocol > PROTOCOL) {
      const text = `This room speaks a newer language than this program: protocol ${welcome.protocol}, not ${PROTOCOL}. Please get the newer program; in a browser, reload the page.`;
      return this.#joining ? this.#fail(new Refused("protocol", text)) : this.#end("protocol", text);
    }
    const due = this.#bookmark.arrived(welcome);
    this.#welcome = welcome;
    this.#inside = true;
    this.name = welcome.name;
    this.token = welcome.token;
    this.pending.calledMe(welcome.name);
    this.#wayBack.arrived();
    clearTimeout(this.#timer);
    this.#pulse?.stop();
    this.#pulse = new Pulse({
      limits: welcome.limits,
      now: this.#now,
      ping: () => this.#connection?.send(encode({ type: "ping" })),
      gone: () => this.#lost("The server does not answer any more."),
    });
    this.#tell(welcome, line);
    // At once: the next line of the same chunk may be a `bye`, which is then about coming back and not about coming in.
    this.#joining?.resolve(welcome);
    this.#joining = undefined;
    this.#tellDue(due);
  }

  #happened(event: RoomEvent, line: string): void {
    if (!this.#welcome) return;
    this.pending.echoed(event);
    const due = this.#bookmark.happened({ type: "heard", message: event, line });
    if (!due) return;
    // A change that is older than the welcome is in the welcome's name already, unless a restart of the server undid it.
    if (event.type === "renamed" && event.name === this.name && event.seq > this.#welcome.seq) this.name = event.to;
    this.#tellDue(due);
  }

  #tellDue({ events, complete }: Due): void {
    if (complete === "back" || complete === "anew")
      this.#options.told({
        type: "back",
        awayMs: this.#now() - this.#lostAt,
        missed: events.map(({ message }) => message),
        resumed: complete === "back",
      });
    for (const heard of events) this.#options.told(heard);
    if (complete === undefined) return;
    // Only now is it known what the server has never heard.
    this.#caughtUp = true;
    for (const request of this.pending.requests) this.#send(request);
  }

  #answered(message: ServerMessage, line: string): void {
    this.#tell(message, line, message.re === undefined ? undefined : this.pending.answered(message.re));
  }

  #tell(message: ServerMessage, line: string, request?: Marked): void {
    this.#options.told({ type: "heard", message, line, ...(request && { request }) });
  }

  /** The server does not let us in. */
  #notLetIn(code: string, text: string): void {
    if (this.#joining) {
      const refused = new Refused(code, text);
      return this.#fail(refused, refused.isAboutName);
    }
    if (this.#wayBack.isOpenAfterRefusal(code)) this.#lost(text);
    else this.#end(code, text);
  }

  #dismissed({ code, text, retry_ms: retryMs }: Extract<ServerMessage, { type: "bye" }>): void {
    const isOpen = this.#wayBack.isOpenAfterBye(code, retryMs);
    if (this.#joining) this.#fail(new Refused(code, text));
    else if (isOpen) this.#lost(text);
    else this.#end(code, text);
  }

  #broken(): void {
    if (this.#joining) this.#fail(new Stranger("What it sends is not chat. Is it a chatd, and is the port right?"));
    else this.#lost("The server sent something that is not chat.");
  }

  #closed(): void {
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
    if (!this.#inside) return this.#hangUp();
    if (this.#goodbye) return this.#end("left", "You left.");
    this.#hangUp();
    for (const request of this.pending.unsure()) this.#options.told({ type: "unsure", request });
    const retryMs = this.#wayBack.nextMs();
    this.#timer = setTimeout(() => void this.#retry(), retryMs);
    this.#options.told({ type: "away", why, retryMs });
  }

  async #retry(): Promise<void> {
    clearTimeout(this.#timer);
    // A server that accepts and then says nothing is as good as gone.
    this.#timer = setTimeout(() => this.#lost("The server does not answer."), ARRIVAL_TIMEOUT_MS);
    const dialled = this.#dial();
    const ear = this.#ear;
    try {
      await dialled;
    } catch (error) {
      if (this.#ear !== ear) return;
      if (error instanceof Untrusted) this.#end("untrusted", error.message);
      else this.#lost(error instanceof Error ? error.message : String(error));
    }
  }

  #end(code: string, text: string): void {
    if (this.#ended) return;
    const { unsent, unanswered } = this.pending;
    this.close();
    for (const request of unanswered) if (request.type !== "leave") this.#options.told({ type: "unsure", request });
    this.#options.told({ type: "ended", code, text, unsent: unsent.filter(({ type }) => type !== "leave") });
  }

  #hangUp(): void {
    if (this.#welcome && !this.#bookmark.behind) this.#lostAt = this.#now();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pulse?.stop();
    this.#pulse = undefined;
    this.#welcome = undefined;
    this.#caughtUp = false;
    this.#ear?.stop();
    this.#ear = undefined;
    this.#connection?.finish();
    this.#connection = undefined;
  }
}
