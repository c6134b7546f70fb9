// A membership: one member in one room, over as many connections as it takes. Shows nothing; it tells what happened.
import { PROTOCOL } from "../protocol/limits.ts";
import type { RoomRequest, ServerMessage, Welcome } from "../protocol/message.ts";
import { type Dial, Untrusted } from "../transport/connection.ts";
import { Call } from "./call.ts";
import { type Notice, Refused } from "./notice.ts";
import { type Marked, Pending } from "./pending.ts";
import type { Signer } from "./signer.ts";
import { Stranger } from "./stranger.ts";
import { Teller } from "./teller.ts";
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
  /** The person's own key, by which the server knows whose name it is. */
  readonly signer?: Signer | undefined;
  /** Lets its bearer in. */
  readonly invite?: string | undefined;
  /** Adds the signer's key to those of another device. */
  readonly link?: string | undefined;
  readonly told: (notice: Notice) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

export class Membership {
  readonly pending = new Pending();
  token: string | undefined;
  /** Goes with each join. */
  invite: string | undefined;
  /** Goes with each join until it was used. */
  link: string | undefined;
  readonly #options: MembershipOptions;
  readonly #now: () => number;
  readonly #teller: Teller;
  readonly #wayBack: WayBack;
  /** The present one. */
  #call: Call | undefined;
  #joining: PromiseWithResolvers<Welcome> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #goodbye: ReturnType<typeof setTimeout> | undefined;
  /** There was a welcome since the last join: a connection that breaks is worth coming back for. */
  #inside = false;
  #ended = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.token = options.token;
    this.invite = options.invite;
    this.link = options.link;
    this.#now = options.now ?? (() => performance.now());
    this.#teller = new Teller({ pending: this.pending, now: this.#now, told: options.told });
    this.#wayBack = new WayBack(this.#now, options.random ?? Math.random);
  }

  /** As of the last welcome and what happened since. */
  get name(): string {
    return this.#teller.name;
  }

  get live(): boolean {
    return this.#call?.welcome !== undefined;
  }

  /**
   * Joins as `name`. Throws Unreachable, Untrusted, Stranger or Refused; after a refusal another name may be tried. A membership that
   * has ended may join again, and goes on where it was in the log.
   */
  async join(name: string): Promise<Welcome> {
    this.#ended = false;
    this.#inside = false;
    this.#teller.name = name;
    const joining = (this.#joining = Promise.withResolvers<Welcome>());
    const { promise, reject } = joining;
    const timer = setTimeout(() => {
      // Whoever has left meanwhile may be joining anew.
      if (this.#joining === joining)
        this.#fail(new Stranger("It answers nothing. Is it a chatd, and is the port right?"));
      else reject(new Stranger("Nobody waits for its answer any more."));
    }, ARRIVAL_TIMEOUT_MS);
    try {
      if (this.#call?.open) this.#knock(this.#call);
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
    if (this.#call?.caughtUp) this.#send(request);
    return request.re;
  }

  /** While the connection is away: tries again now, not when it is due. Answers whether a try began. */
  hurry(): boolean {
    // A try that is under way is as soon as it gets.
    if (this.#call || this.#timer === undefined || this.#ended) return false;
    void this.#retry();
    return true;
  }

  #send(request: Marked): void {
    this.pending.sent(request.re);
    this.#call?.send(request);
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
    this.#call?.hangUp();
    const call: Call = new Call({
      signer: this.#options.signer,
      now: this.#now,
      newMark: () => this.pending.newMark(),
      arrived: (welcome, line) => this.#arrived(call, welcome, line),
      notLetIn: (code, text) => this.#notLetIn(code, text),
      happened: (event, line) => this.#teller.happened(event, line) && this.#caughtUp(call),
      startComplete: () => this.#teller.startComplete() && this.#caughtUp(call),
      answered: (message, line) => this.#teller.answered(message, line),
      dismissed: (bye) => this.#dismissed(bye),
      strange: (sentence) => (this.#joining ? this.#fail(new Stranger(sentence)) : this.#lost(sentence)),
      broken: () => this.#broken(),
      closed: () => this.#closed(),
      gone: () => this.#lost("The server does not answer any more."),
    });
    this.#call = call;
    if (await call.dial(this.#options.dial)) this.#knock(call);
  }

  #knock(call: Call): void {
    const { name, token, invite, link } = this;
    const { room } = this.#options;
    call.join({ type: "join", room, name, token, invite, link, ...this.#teller.cursor });
  }

  #arrived(call: Call, welcome: Welcome, line: string): void {
    if (welcome.protocol > PROTOCOL) {
      const text = `This room speaks a newer language than this program: protocol ${welcome.protocol}, not ${PROTOCOL}. Please get the newer program; in a browser, reload the page.`;
      return this.#joining ? this.#fail(new Refused("protocol", text)) : this.#end("protocol", text);
    }
    this.#inside = true;
    this.token = welcome.token;
    this.link = undefined;
    this.#wayBack.arrived();
    clearTimeout(this.#timer);
    const due = this.#teller.arrived(welcome, line, call.unproved);
    // At once: the next line of the same chunk may be a `bye`, which is then about coming back and not about coming in.
    this.#joining?.resolve(welcome);
    this.#joining = undefined;
    if (this.#teller.tellDue(due)) this.#caughtUp(call);
  }

  /** Only now is it known what the server has never heard. */
  #caughtUp(call: Call): void {
    call.caughtUp = true;
    for (const request of this.pending.requests) this.#send(request);
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
    const call = this.#call;
    try {
      await dialled;
    } catch (error) {
      if (this.#call !== call) return;
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
    if (this.live) this.#teller.lost();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#call?.hangUp();
    this.#call = undefined;
  }
}
