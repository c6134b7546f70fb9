// A visit: one tab in one room, from the form to the goodbye, reloads included. Knows no DOM; what is drawn reads it.
import { Conversation } from "../../client/conversation.ts";
import { Membership } from "../../client/membership.ts";
import { type Heard, type Notice, Refused } from "../../client/notice.ts";
import { problem, shownText, type Sight, unsaid } from "../../client/view.ts";
import { DEFAULT_ROOM, TEXT_BYTES_MAX } from "../../protocol/limits.ts";
import type { Welcome } from "../../protocol/message.ts";
import type { Dial } from "../../transport/connection.ts";
import type { Goal, Memory, Place } from "./memory.ts";
import { OlderPages } from "./older-pages.ts";
import { PendingRows, type Say } from "./pending-rows.ts";
import { type Row, Timeline } from "./timeline.ts";

export type Stage =
  /** Who are you, and where to? */
  | { readonly at: "form"; readonly problem?: string; readonly about?: "name" | "place" }
  | { readonly at: "joining" }
  | { readonly at: "live" }
  /** The connection broke; the next try is at this moment, in milliseconds since 1970. */
  | { readonly at: "away"; readonly why: string; readonly nextTryAt: number }
  /** It is over, and not by the reader's wish. */
  | { readonly at: "over"; readonly code: string; readonly text: string };

export interface VisitOptions {
  readonly dial: (place: Place) => Dial;
  readonly memory: Memory;
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
  topic = "";
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
  /** How often somebody joined, or left before that. */
  #attempts = 0;
  #entered = false;
  /** The log's end when the room was entered: what is older was not missed. */
  #enteredAt = 0;

  constructor(goal: Goal, options: VisitOptions) {
    this.goal = goal;
    this.#options = options;
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
    const membership = this.#begin();
    membership.token = memory.tokenFor(goal);
    try {
      await membership.join(goal.name);
    } catch (error) {
      if (attempt !== this.#attempts) return;
      const about = error instanceof Refused && error.isAboutName ? "name" : "place";
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

  #begin(): Membership {
    if (this.#membership) return this.#membership;
    const conversation = new Conversation({
      host: false,
      hasPlaces: true,
      show: (sights) => this.#show(sights),
      quit: (text) => this.#membership?.leave(text),
      ended: (code, text) => this.#ended(code, text),
    });
    const dial = this.#options.dial(this.goal);
    const membership = new Membership({ dial, room: this.room, told: (notice) => this.#told(notice) });
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
      case "topic":
        this.topic = shownText(message.text);
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
      case "said":
      case "entered":
      case "exited":
      case "opened":
      case "moderated":
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

  #arrived({ seq, topic, resumed, limits }: Welcome): void {
    this.#entered = true;
    if (!resumed) this.#enteredAt = seq;
    this.topic = shownText(topic ?? "");
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
    if (code === "left") this.#stageIs({ at: "form" });
    else if (code === "name-taken") this.#stageIs({ at: "form", problem: shownText(text), about: "name" });
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
    this.topic = "";
    this.timeline.clear();
  }

  #words(): Say[] {
    return (this.#membership?.pending.requests ?? []).filter((request): request is Say => request.type === "say");
  }

  #olderPages(): OlderPages {
    return new OlderPages(this.timeline, (question) => this.#membership!.ask(question));
  }
}

function isSamePlace(one: Place, other: Place): boolean {
  return one.server === other.server && one.port === other.port;
}
