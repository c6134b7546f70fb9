// A conversation at a keyboard: typed lines become requests, what is told becomes lines to see. Knows no terminal.
import type { RoomEvent, RoomRequest, ServerMessage, Standing, Welcome } from "../protocol/message.ts";
import type { Typist } from "./command.ts";
import { understand } from "./commands.ts";
import { helpLines } from "./help.ts";
import { UNPROVED } from "./knock.ts";
import type { Membership } from "./membership.ts";
import type { Notice } from "./notice.ts";
import { harmless, invitationLines } from "./order-view.ts";
import { Roster } from "./roster.ts";
import { standingSight, StandingNews } from "./standing.ts";
import {
  inOneLine,
  marked,
  notice,
  plain,
  problem,
  seen,
  seenAlone,
  shownName,
  shownText,
  type Sight,
  unsaid,
  usersLine,
} from "./view.ts";
import { dayOf, spanOf, timeOf } from "./when.ts";

/** A connection that is back sooner is worth one line; one that takes longer is worth another. */
const AWAY_SHOWN_AFTER_MS = 10_000;

/** How many names the host sees whenever somebody comes or goes: in a full room, the whole list would drown the talk. */
const USERS_SHOWN = 50;

export interface ConversationOptions {
  readonly host: boolean;
  /** The screen has places for members, days, what is pending and whether the room is there: none of them is told as a line. */
  readonly hasPlaces?: boolean;
  show(sights: readonly Sight[]): void;
  /** Of the window; nothing where that does not matter. */
  columns?(): number | undefined;
  /** The person wants to go. */
  quit(text: string | undefined): void;
  /** How far the wire can be trusted; nothing where that is not for people to know, or told elsewhere. */
  standing?(): Standing | undefined;
  /** At the console of a room that is open to all: how others join, line by line. */
  invite?(): readonly string[];
  /** How others join with an invitation, line by line. They are shown as they are. */
  links(invite: string): readonly string[];
  /** It is over, and not by this person's wish. */
  ended(code: string, text: string): void;
}

export class Conversation implements Typist {
  readonly host: boolean;
  readonly roster = new Roster();
  lastWhisper: string | undefined;
  /** What this person may do that is not what everybody may, as far as it was told. */
  role: string | undefined;
  /** What the room is about, as it is shown; empty where nobody has said so. */
  topic = "";
  /** Set before anything is typed or told. */
  membership!: Membership;
  readonly #options: ConversationOptions;
  readonly #standings = new StandingNews();
  #welcomed = false;
  /** The log's end at the last welcome: what is older is in it. */
  #seq = 0;
  /** It was told that the key was left out. */
  #isUnproved = false;
  #day = dayOf(new Date().toISOString());
  #awaySince: Date | undefined;
  #awayTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.host = options.host;
  }

  get operator(): boolean {
    return this.role === "operator";
  }

  /** The person entered `line`. */
  typed(line: string): void {
    const intent = understand(line, this);
    switch (intent.type) {
      case "nothing":
        return;
      case "help":
        return this.#show(...helpLines(this, intent.command, this.#options.columns?.()).map(plain));
      case "problem":
        return this.#show(problem(intent.text));
      case "quit":
        return this.#options.quit(intent.text);
      case "topic":
        return this.#askTopic(line);
      case "invite":
        if (!this.#options.invite) return this.#ask({ type: "invite", scope: "join" }, line);
        return this.#show(...this.#options.invite().map(plain));
      case "ask":
        return this.#ask(intent.message, line);
    }
  }

  #ask(message: RoomRequest, line: string): void {
    this.membership.ask(message);
    // What is said has its place already, as pending.
    if (!this.membership.live && !(this.#options.hasPlaces && message.type === "say")) this.#show(kept(line));
  }

  /** The topic is known here, but what was asked before may be another one. */
  #askTopic(line: string): void {
    const { pending } = this.membership;
    if (pending.size === 0) return this.#showTopic();
    if (!this.membership.live) this.#show(kept(line));
    void pending.settled().then(() => this.membership.live && this.#showTopic());
  }

  #showTopic(): void {
    this.#show(notice(this.topic === "" ? "There is no topic yet. /topic TEXT sets one." : topicSentence(this.topic)));
  }

  readonly told = (news: Notice): void => {
    switch (news.type) {
      case "heard":
        return this.#heard(news.message);
      case "unproved":
        if (!this.#isUnproved) this.#show(problem(`${UNPROVED} So you are here without it.`));
        this.#isUnproved = true;
        return;
      case "away":
        return this.#away(news.why);
      case "back":
        return this.#back(news.awayMs, news.missed, news.resumed);
      case "unsure":
        return this.#show(problem(unsureSentence(news.request)));
      case "ended":
        clearTimeout(this.#awayTimer);
        this.#show(...news.unsent.flatMap((request) => unsaid(request) ?? []));
        return this.#options.ended(news.code, news.text);
    }
  };

  #heard(message: ServerMessage): void {
    const isNews = this.roster.heard(message);
    switch (message.type) {
      case "welcome":
        return this.#arrived(message);
      case "topic":
        this.topic = shownText(message.text);
        return this.#event(message);
      case "said":
      case "renamed":
      case "moderated":
      case "opened":
        return this.#event(message);
      case "entered":
      case "exited":
        if (!isNews) return;
        return this.#event(
          message,
          ...(this.host ? [notice(usersLine(marked(this.roster.names, [...this.roster.verified]), USERS_SHOWN))] : []),
        );
      case "history":
        return this.#history(message.events, message.more);
      case "whisper":
        if (message.from !== this.membership.name) this.lastWhisper = message.from;
        break;
      case "invitation": {
        const links = this.#options.links(harmless(message.secret));
        return this.#show(...invitationLines(inOneLine(message), links).map(plain));
      }
      case "members":
      case "bans":
      case "audit":
      case "invites":
      case "link":
      case "challenge":
      case "refused":
      case "bye":
      case "ping":
      case "pong":
        break;
    }
    const sight = seenAlone(message, this.membership.name);
    if (sight) this.#show(sight);
  }

  #arrived({ room, name, members, verified, role, seq, topic }: Welcome): void {
    this.role = role;
    this.topic = shownText(topic ?? "");
    this.#seq = seq;
    const standing = this.#standings.of(this.#options.standing?.());
    const trust = standing === undefined ? [] : [standingSight(standing)];
    if (this.#welcomed) return this.#show(...trust);
    this.#welcomed = true;
    if (this.host) return;
    const { hasPlaces } = this.#options;
    this.#show(
      notice(`You are in ${shownName(room)} as ${shownName(name)}. /help shows what you can type.`),
      ...trust,
      ...(this.topic === "" || hasPlaces ? [] : [notice(topicSentence(this.topic))]),
      ...(role === undefined ? [] : [notice(roleSentence(shownName(role)))]),
      ...(hasPlaces ? [] : [notice(usersLine(marked(members, verified)))]),
    );
  }

  #event(event: RoomEvent, ...more: readonly Sight[]): void {
    if (event.type === "moderated" && event.name === this.membership.name && event.seq > this.#seq) {
      if (event.act === "opped") this.role = "operator";
      if (event.act === "deopped") this.role = undefined;
    }
    const sight = seen(event, this.membership.name);
    if (!sight) return;
    const day = dayOf(event.at);
    const turned = day === this.#day || this.#options.hasPlaces ? [] : [notice(`${day}:`)];
    this.#day = day;
    this.#show(...turned, sight, ...more);
  }

  #history(events: readonly RoomEvent[], more: boolean): void {
    if (events.length === 0) return this.#show(notice("Nothing has been said yet."));
    const sights: Sight[] = [];
    let day = "";
    for (const event of events) {
      if (dayOf(event.at) !== day && !this.#options.hasPlaces) sights.push(notice(`${(day = dayOf(event.at))}:`));
      const sight = seen(event, this.membership.name);
      if (sight) sights.push(sight);
    }
    this.#show(
      ...sights,
      notice(more ? "End of the history; /history COUNT shows more." : "End of the history; this was all of it."),
    );
  }

  #away(why: string): void {
    if (this.#awaySince) return;
    this.#awaySince = new Date();
    this.roster.lost();
    if (this.#options.hasPlaces) return;
    const since = timeOf(this.#awaySince);
    this.#awayTimer = setTimeout(() => {
      this.#show(problem(`The room is away since ${since}. ${why} Trying on; what you type is kept.`));
    }, AWAY_SHOWN_AFTER_MS);
  }

  #back(awayMs: number, missed: readonly RoomEvent[], resumed: boolean): void {
    clearTimeout(this.#awayTimer);
    this.#awaySince = undefined;
    if (!resumed)
      return this.#show(
        problem(`Back after ${spanOf(awayMs)}, in a room that has lost its history, or the end of it.`),
      );
    const words = missed.filter((event) => event.type === "said" && event.from !== this.membership.name).length;
    const reopened = missed.some((event) => event.type === "opened") ? "The room was closed and is open again: b" : "B";
    this.#show(notice(`${reopened}ack after ${spanOf(awayMs)}, ${words === 0 ? "nothing" : words} missed.`));
  }

  #show(...sights: readonly Sight[]): void {
    if (sights.length === 0) return;
    this.#options.show(sights);
  }
}

const kept = (line: string) => notice(`Kept until the room is back: ${line.trim()}`);

const topicSentence = (topic: string) => `The topic is: ${topic}`;

function roleSentence(role: string): string {
  switch (role) {
    case "operator":
      return "You are an operator: /help shows what keeps order.";
    case "reader":
      return "You may read here, and not speak.";
    case "bot":
      return "You need not wait between messages.";
    default:
      return `You are here as ${role}.`;
  }
}

function unsureSentence(request: RoomRequest): string {
  switch (request.type) {
    case "whisper":
      return `The connection broke: your whisper to ${request.to} may not have arrived. Send it again if it matters.`;
    case "say":
      return `Perhaps not said: ${request.text}`;
    case "rename":
    case "topic":
    case "history":
    case "members":
    case "kick":
    case "leave":
    case "ban":
    case "unban":
    case "mute":
    case "unmute":
    case "op":
    case "deop":
    case "slow":
    case "lock":
    case "unlock":
    case "purge":
    case "undo":
    case "bans":
    case "audit":
    case "invite":
    case "invites":
    case "uninvite":
    case "link":
      return "The connection broke before the answer came. Please ask again.";
  }
}
