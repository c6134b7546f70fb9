// A visit: one tab in one room, from the form to the goodbye, reloads included. Knows no DOM; what is drawn reads it.
import { Conversation } from "../../client/conversation.ts";
import { Membership } from "../../client/membership.ts";
import type { Signer } from "../../client/signer.ts";
import { type Heard, type Notice, Refused } from "../../client/notice.ts";
import { problem, shownText, type Sight, unsaid } from "../../client/view.ts";
import { DEFAULT_ROOM, TEXT_BYTES_MAX } from "../../protocol/limits.ts";
import type { RoomEvent, Standing, Welcome } from "../../protocol/message.ts";
import type { Dial } from "../../transport/connection.ts";
import type { Goal, Memory, Place } from "./memory.ts";
import { OlderPages } from "./older-pages.ts";
import { PendingRows, type Say } from "./pending-rows.ts";
import { aboutOf, type Stage } from "./stage.ts";
import { type Row, Timeline } from "./timeline.ts";

export interface VisitOptions {
  readonly dial: (place: Place) => Dial;
  readonly memory: Memory;
  /** The reader's own key, where the page is the one to hold it. */
  readonly signer?: (() => Promise<Signer | undefined>) | undefined;
  /** How others join the room at `place` with an invitation, line by line. */
  links(invite: string, place: Place): readonly string[];
  /** Something that is drawn is different now. */
  changed(): void;
  /** Whether the reader looks at the newest. */
  isReading(): boolean;
  /** This came just now. `unread`: the reader does not see it come. */
  came(sights: readonly Sight[], unread: boolean): void;
}

export class Visit {
  readonly timeline = new Timeline();
  stage: Stage = { at: "form" };
  goal: Goal;
  /** How far the wire can be trusted, where the program that serves the page has dialled it. */
  standing: Standing | undefined;
  /** A code that makes the name of another device this browser's too, until it was used. */
  link: string | undefined;
  draft = "";
  textBytesMax = TEXT_BYTES_MAX;
  /** How much was unread when the reader came back to the newest. */
  missed = 0;
  readonly #options: VisitOptions;
  #membership: Membership | undefined;
  #conversation: Conversation | undefined;
  #older = this.#olderPages();
  readonly #pending = new PendingRows();
  /** What an earlier page of this tab had not sent, until somebody is in to say it. */
  #left: Memory["visit"];
  #invite: string | undefined;
  /** How often somebody joined, or left before that. */
  #attempts = 0;
  #entered = false;
  /** The log's end when the room was entered: what is older was not missed. */
  #enteredAt = 0;

  constructor(goal: Goal, options: VisitOptions) {
    this.goal = goal;
    this.#options = options;
  }

  /** The invitation that the reader came with, also where the browser keeps nothing. */
  get invite(): string | undefined {
    return this.#invite ?? this.#options.memory.invite;
  }

  set invite(secret: string | undefined) {
    this.#invite = this.#options.memory.invite = secret;
    this.#options.changed();
  }

  /** What the room is about, as it is shown. */
  get topic(): string {
    return this.#conversation?.topic ?? "";
  }

  /** There is a room to look at, even if nobody is in it any more. */
  get wasIn(): boolean {
    return this.#entered;
  }

  get room(): string {
    return DEFAULT_ROOM;
  }

  get name(): string {
    return this.#membership?.name ?? this.goal.name;
  }

  /** What the reader may do that is not what everybody may. */
  get role(): string | undefined {
    return this.#conversation?.role;
  }

  get verified(): ReadonlySet<string> {
    return this.#conversation?.roster.verified ?? NOBODY;
  }

  get members(): readonly string[] {
    return this.#conversation?.roster.names ?? [];
  }

  /** Who types here, for what a line means; nothing before the first join. */
  get typist(): Conversation | undefined {
    return this.#conversation;
  }

  /** All there is to see: what is in the log, and after it what is pending. */
  get rows(): readonly Row[] {
    return this.#pending.after(this.timeline, this.#words(), this.name);
  }

  /** Goes on where this tab, or another of this browser, was. */
  resume(): void {
    const { memory } = this.#options;
    const { visit, inside } = memory;
    const goal = visit?.goal ?? inside;
    this.draft = visit?.draft ?? "";
    this.#left = visit;
    if (goal) void this.join(goal);
  }

  /** Joins, or says in the form why not. */
  async join(goal: Goal): Promise<void> {
    const { memory } = this.#options;
    const attempt = ++this.#attempts;
    if (!isSamePlace(goal, this.goal)) this.#forgetRoom();
    this.goal = memory.last = goal;
    this.#stageIs({ at: "joining" });
    const signer = this.#options.signer && (await this.#options.signer());
    if (attempt !== this.#attempts) return;
    const membership = this.#begin(signer);
    const { invite, link } = this;
    Object.assign(membership, { token: memory.tokenFor(goal), invite, link });
    try {
      await membership.join(goal.name);
    } catch (error) {
      if (attempt !== this.#attempts) return;
      this.link = undefined;
      const about = error instanceof Refused ? aboutOf(error.code, link !== undefined) : "place";
      return this.#stageIs({ at: "form", problem: error instanceof Error ? error.message : String(error), about });
    }
    if (attempt === this.#attempts) this.#sayAgain(membership, goal);
  }

  /** What an earlier page of this tab had not sent, now that it joined as `now` says. */
  #sayAgain(membership: Membership, now: Goal): void {
    const { goal, unsent } = this.#left ?? { unsent: [] };
    this.#left = undefined;
    for (const { re, text, action } of unsent)
      // Elsewhere, or for another name's member, nobody could tell whether it was said already.
      if (isSamePlace(goal!, now) && goal!.name === now.name)
        membership.ask({ type: "say", text, re, ...(action && { action }) });
      else this.#show([problem(`Not said: ${text}`)]);
    this.save();
    this.#options.changed();
    // An echo of what is here already is told to nobody, but what it was the echo of waits no more.
    void membership.pending.settled().then(() => this.#options.changed());
  }

  /** The reader typed `text`. */
  submit(text: string): void {
    this.#conversation?.typed(text);
    this.save();
    this.#options.changed();
  }

  leave(): void {
    this.#membership?.leave();
  }

  /** The reader does not want to wait for the next try. */
  hurry(): void {
    if (this.stage.at === "away" && this.#membership?.hurry()) this.#stageIs({ ...this.stage, nextTryAt: Date.now() });
  }

  /** The reader sees the newest. */
  read(): void {
    const { unread } = this.timeline;
    if (unread === 0) return;
    this.missed = unread;
    this.timeline.read();
    this.#options.changed();
  }

  /** The reader is in another time zone. */
  moved(): void {
    this.timeline.rebuild();
    this.#options.changed();
  }

  /** Fetches what is older than what is here. */
  fetchOlder(): void {
    this.#older.want(this.stage.at === "live");
  }

  /** So that a reload loses nothing. */
  save(): void {
    if (this.stage.at !== "live" && this.stage.at !== "away") return;
    const unsent = this.#words().map(({ re, text, action }) => ({ re, text, ...(action && { action }) }));
    this.#options.memory.visit = { goal: this.goal, unsent, draft: this.draft };
  }

  #begin(signer: Signer | undefined): Membership {
    if (this.#membership) return this.#membership;
    const conversation = new Conversation({
      host: false,
      hasPlaces: true,
      show: (sights) => this.#show(sights),
      links: (invite) => this.#options.links(invite, this.goal),
      quit: (text) => this.#membership?.leave(text),
      ended: (code, text) => this.#ended(code, text),
    });
    // A newer link to the same place has another pin.
    const dial: Dial = (receiver) => this.#options.dial(this.goal)(receiver);
    const membership = new Membership({ dial, room: this.room, signer, told: (notice) => this.#told(notice) });
    conversation.membership = this.#membership = membership;
    this.#conversation = conversation;
    return membership;
  }

  #told(notice: Notice): void {
    if (notice.type === "heard" && this.#heard(notice)) return;
    if (notice.type === "unsure" && this.#older.isAsked(notice.request.re)) return this.#older.giveUp();
    if (notice.type === "back" && !notice.resumed) this.#older.anew();
    this.#conversation?.told(notice);
    if (notice.type === "away")
      this.#stageIs({ at: "away", why: shownText(notice.why), nextTryAt: Date.now() + notice.retryMs });
    else this.#options.changed();
  }

  /** Answers whether nobody else need hear it. */
  #heard({ message, request }: Heard): boolean {
    switch (message.type) {
      case "welcome":
        this.#arrived(message);
        return false;
      case "renamed":
        if (this.name !== this.goal.name) this.#called();
        return false;
      case "history":
        // Nobody types `before`.
        if (request?.type !== "history" || request.before === undefined) return false;
        if (this.#older.isAsked(request.re)) this.#older.came(message.events, message.more, request.before, this.name);
        this.#options.changed();
        return true;
      case "refused":
        if (this.#older.isAsked(request?.re)) this.#older.giveUp();
        if (request) this.#show([unsaid(request)].filter((sight) => sight !== undefined));
        return false;
      case "moderated":
        this.#withdraw(message);
        return false;
      case "said":
      case "topic":
      case "entered":
      case "exited":
      case "opened":
      case "whisper":
      case "members":
      case "challenge":
      case "bans":
      case "audit":
      case "invitation":
      case "invites":
      case "link":
      case "bye":
      case "ping":
      case "pong":
        return false;
    }
  }

  /** What was withdrawn from the history is no longer on the page. */
  #withdraw({ act, names, since, seq }: Extract<RoomEvent, { type: "moderated" }>): void {
    if (act !== "purged" || names === undefined || since === undefined) return;
    this.timeline.withdraw({ names: new Set(names), since, before: seq });
  }

  #arrived({ seq, resumed, limits, standing }: Welcome): void {
    this.#entered = true;
    this.link = undefined;
    this.standing = standing;
    if (!resumed) this.#enteredAt = seq;
    this.textBytesMax = limits.text_bytes;
    this.#called();
    this.#stageIs({ at: "live" });
  }

  /** The member has this name now, and may come back under it. */
  #called(): void {
    const { memory } = this.#options;
    this.goal = { ...this.goal, name: this.name };
    memory.inside = memory.last = this.goal;
    memory.keepToken(this.goal, this.#membership?.token);
    this.save();
  }

  #ended(code: string, text: string): void {
    const { memory } = this.#options;
    this.#attempts++;
    memory.visit = undefined;
    this.#older.giveUp();
    // Whoever replaced this tab is inside.
    if (code !== "replaced") memory.inside = undefined;
    const about = aboutOf(code, false);
    if (code === "left") this.#stageIs({ at: "form" });
    else if (about !== "place") this.#stageIs({ at: "form", problem: shownText(text), about });
    else this.#stageIs({ at: "over", code, text: shownText(text) });
  }

  #show(sights: readonly Sight[]): void {
    const [first] = sights;
    const known = first?.event !== undefined && first.event.seq <= this.#enteredAt;
    const unread = !known && !this.#options.isReading();
    this.timeline.append(sights, this.name, !unread);
    this.#older.wantAgain(this.stage.at === "live");
    if (!known) this.#options.came(sights, unread);
    this.#options.changed();
  }

  #stageIs(stage: Stage): void {
    this.stage = stage;
    this.#options.changed();
  }

  /** Another server is another room. */
  #forgetRoom(): void {
    this.#membership?.close();
    this.#membership = undefined;
    this.#conversation = undefined;
    this.#older = this.#olderPages();
    this.#entered = false;
    this.#enteredAt = 0;
    this.missed = 0;
    this.timeline.clear();
  }

  #words(): Say[] {
    return (this.#membership?.pending.requests ?? []).filter((request): request is Say => request.type === "say");
  }

  #olderPages(): OlderPages {
    return new OlderPages(this.timeline, (question) => this.#membership!.ask(question));
  }
}

const NOBODY: ReadonlySet<string> = new Set();

function isSamePlace(one: Place, other: Place): boolean {
  return one.server === other.server && one.port === other.port;
}
