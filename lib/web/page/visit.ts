// A visit: one tab in one room, from the form to the goodbye, reloads included. Knows no DOM; what is drawn reads it.
import { Conversation } from "../../client/conversation.ts";
import { Membership } from "../../client/membership.ts";
import { type Heard, type Notice, Refused } from "../../client/notice.ts";
import { problem, seen, shownText, type Sight, unsaid } from "../../client/view.ts";
import { DEFAULT_ROOM, TEXT_BYTES_MAX } from "../../protocol/limits.ts";
import type { RoomRequest, Welcome } from "../../protocol/message.ts";
import type { Dial } from "../../transport/connection.ts";
import type { Goal, Memory, Place, Unsent } from "./memory.ts";
import { opensAfter, pendingRow, type Row, type Talk, Timeline } from "./timeline.ts";

/** How many older messages are fetched at once. */
const OLDER_PAGE = 200;

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

type Say = Extract<RoomRequest, { type: "say" }> & { readonly re: string };

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
  /** Nothing older is in the log. */
  #complete = false;
  #entered = false;
  /** The log's end when the room was entered: what is older was not missed. */
  #enteredAt = 0;
  /** The mark of the question for older messages that is under way. */
  #fetching: string | undefined;
  /** Rows of own words that are pending, by their marks. */
  readonly #pendingRows = new Map<string, Talk>();

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
    const rows: Row[] = [...this.timeline.rows];
    const words = this.#words();
    for (const re of this.#pendingRows.keys()) if (!words.some((say) => say.re === re)) this.#pendingRows.delete(re);
    for (const say of words) rows.push(this.#pendingRow(say, rows.at(-1)));
    return rows;
  }

  /** Goes on where this tab, or another of this browser, was. */
  resume(): void {
    const { memory } = this.#options;
    const { visit, inside } = memory;
    const goal = visit?.goal ?? inside;
    this.draft = visit?.draft ?? "";
    if (goal) void this.join(goal, visit?.unsent);
  }

  /** Joins, or says in the form why not. */
  async join(goal: Goal, unsent: readonly Unsent[] = []): Promise<void> {
    const { memory } = this.#options;
    if (goal.server !== this.goal.server || goal.port !== this.goal.port) this.#forgetRoom();
    this.goal = memory.last = goal;
    this.#stageIs({ at: "joining" });
    const membership = this.#begin();
    membership.token = memory.tokenFor(goal);
    try {
      await membership.join(goal.name);
    } catch (error) {
      const about = error instanceof Refused && error.isAboutName ? "name" : "place";
      return this.#stageIs({ at: "form", problem: error instanceof Error ? error.message : String(error), about });
    }
    for (const { re, text, action } of unsent)
      // Under another name, nobody could tell whether it was said already.
      if (membership.name === goal.name) membership.ask({ type: "say", text, re, ...(action && { action }) });
      else this.#show([problem(`Not said: ${text}`)]);
    this.#options.changed();
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
    this.#membership?.hurry();
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
    const { oldest } = this.timeline;
    if (this.#complete || this.#fetching !== undefined || oldest === undefined || this.stage.at !== "live") return;
    this.#fetching = this.#membership!.ask({ type: "history", before: oldest, limit: OLDER_PAGE });
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
    if (notice.type === "unsure" && notice.request.re === this.#fetching) return void (this.#fetching = undefined);
    // What is older than another log is not in it.
    if (notice.type === "back" && !notice.resumed) this.#complete = true;
    this.#conversation?.told(notice);
    if (notice.type === "away") this.#stageIs({ at: "away", why: notice.why, nextTryAt: Date.now() + notice.retryMs });
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
        if (message.re === undefined || message.re !== this.#fetching) return false;
        this.#fetching = undefined;
        this.#complete = !message.more;
        this.timeline.prepend(
          message.events.flatMap((event) => seen(event, this.name) ?? []),
          this.name,
        );
        this.#options.changed();
        return true;
      case "refused":
        if (request?.re === this.#fetching) this.#fetching = undefined;
        if (request) this.#show([unsaid(request)].filter((sight) => sight !== undefined));
        return false;
      case "said":
      case "entered":
      case "exited":
      case "opened":
      case "whisper":
      case "members":
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
    memory.visit = undefined;
    this.#fetching = undefined;
    // Whoever replaced this tab is inside.
    if (code !== "replaced") memory.inside = undefined;
    if (code === "left") this.#stageIs({ at: "form" });
    else if (code === "name-taken") this.#stageIs({ at: "form", problem: text, about: "name" });
    else this.#stageIs({ at: "over", code, text });
  }

  #show(sights: readonly Sight[]): void {
    const [first] = sights;
    const known = first?.event !== undefined && first.event.seq <= this.#enteredAt;
    const unread = !known && !this.#options.isReading();
    this.timeline.append(sights, this.name, !unread);
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
    this.#complete = false;
    this.#enteredAt = 0;
    this.#fetching = undefined;
    this.topic = "";
    this.timeline.clear();
  }

  #words(): Say[] {
    return (this.#membership?.pending.requests ?? []).filter((request): request is Say => request.type === "say");
  }

  /** One object as long as it is the same row: it is drawn once. */
  #pendingRow(say: Say, last: Row | undefined): Talk {
    const known = this.#pendingRows.get(say.re);
    const sight = known?.sight ?? pendingSight(say, this.name);
    if (known && known.opens === opensAfter(last, sight)) return known;
    const row = pendingRow(say.re, sight, last);
    this.#pendingRows.set(say.re, row);
    return row;
  }
}

function pendingSight({ text, action }: Say, me: string): Sight {
  return action
    ? { tone: "own", who: "", text: `* ${me} ${shownText(text)}` }
    : { tone: "own", who: me, text: shownText(text) };
}
