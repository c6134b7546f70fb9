// The rules of a room. No clock, no socket, no storage: to test it, write values down.
import { NameList } from "../protocol/codec.ts";
import { DEFAULT_ROOM, LARGE_ROOM_MEMBERS } from "../protocol/limits.ts";
import { type ClientMessage, type Fact, type Join, type Refusal, refuse } from "../protocol/message.ts";
import { foldName } from "../protocol/name.ts";
import { bareName, looksOf } from "./look.ts";

/** Someone who is in the room. The object is the member's identity; its name may change. */
export interface Member {
  name: string;
  /** Of the machine's own console: may use the reserved name and moderate. */
  readonly host: boolean;
}

export const HOST_NAME = "Host";
const RESERVED_LOOKS: ReadonlySet<string> = new Set(
  ["host", "server", "system", "admin", "op", "root", "mod", "all", "here", "everyone", "chatd"].flatMap(looksOf),
);

/** The fold of a room's log: who is inside and what the topic is. */
export class Room {
  readonly name = DEFAULT_ROOM;
  topic: string | undefined;
  readonly #members = new Map<string, Member>();
  /** The same, by who they are: asked for every message, so without folding a name. */
  readonly #present = new Set<Member>();
  /** Made when somebody comes and it is not there. */
  #names: NameList | undefined;
  /** Who has each look; a member has one or two, and no two members share one. */
  readonly #looks = new Map<string, Member>();

  get(name: string): Member | undefined {
    return this.#members.get(foldName(name));
  }

  has(member: Member): boolean {
    return this.#present.has(member);
  }

  /** Everyone inside. */
  get members(): readonly Member[] {
    return [...this.#present];
  }

  get size(): number {
    return this.#present.size;
  }

  /** So many are inside that nobody can follow who comes and goes. */
  get isLarge(): boolean {
    return this.size > LARGE_ROOM_MEMBERS;
  }

  /** What everyone inside is called, as the JSON of a list without its brackets. */
  get names(): Uint8Array {
    if (!this.#names) {
      this.#names = new NameList();
      for (const { name } of this.#present) this.#names.add(name);
    }
    return this.#names.json;
  }

  /** Who but `who` has a name that is taken for `name` at a glance. */
  alike(name: string, who: Asker): Member | undefined {
    for (const look of looksOf(name)) {
      const member = this.#looks.get(look);
      if (member && member !== who) return member;
    }
    return undefined;
  }

  put(member: Member): void {
    this.#members.set(foldName(member.name), member);
    this.#present.add(member);
    this.#names?.add(member.name);
    for (const look of looksOf(member.name)) this.#looks.set(look, member);
  }

  remove(member: Member): void {
    this.#members.delete(foldName(member.name));
    this.#present.delete(member);
    this.#names = undefined;
    for (const look of looksOf(member.name)) this.#looks.delete(look);
  }

  clear(): void {
    this.#members.clear();
    this.#present.clear();
    this.#names = undefined;
    this.#looks.clear();
  }
}

/** Whether it only says that somebody came, or went of their own accord. */
export function isComingOrGoing(fact: Fact): boolean {
  return fact.type === "entered" || (fact.type === "exited" && fact.why !== "kicked");
}

export const NOT_JOINED = 'Join first: {"type":"join","name":"…"}';

/** Who asks: a member of the room, or somebody at its door. */
export type Asker = Member | { readonly name?: undefined; readonly host: boolean };

/** To one member only, and in no log. */
export interface Whispered {
  readonly type: "whispered";
  readonly from: Member;
  readonly to: Member;
  readonly text: string;
  readonly re?: string | undefined;
}

/** What changes a room or passes between two of its members; the rest of the protocol is answered without asking the rules. */
export type Request = Exclude<ClientMessage, { type: "history" | "members" | "ping" | "pong" }>;
export type Decision = Fact | Whispered | Refusal;

/** What `message` from `who` would make true, or why it may not. Changes nothing. */
export function decide(room: Room, who: Asker, message: Request): Decision {
  if (message.type === "join")
    return who.name === undefined
      ? decideJoin(room, who.host, message)
      : refuse("already-joined", "You are in the room already.", message.re);
  if (who.name === undefined || !room.has(who)) return refuse("not-joined", NOT_JOINED, message.re);
  const { re } = message;
  switch (message.type) {
    case "say":
      // Spelled out without `action` where it is not set, because the fact goes to disk and wire as it is.
      return message.action
        ? { type: "said", from: who.name, text: message.text, action: true, re }
        : { type: "said", from: who.name, text: message.text, re };
    case "whisper": {
      const to = room.get(message.to);
      return to ? { type: "whispered", from: who, to, text: message.text, re } : noSuchMember(message.to, re);
    }
    case "rename": {
      const problem = nameProblem(room, message.name, who, re);
      return problem ?? { type: "renamed", name: who.name, to: message.name, re };
    }
    case "topic":
      return { type: "topic", by: who.name, text: message.text, re };
    case "kick": {
      const member = room.get(message.name);
      if (!who.host) return refuse("not-allowed", "Only the host may do that.", re);
      if (!member) return noSuchMember(message.name, re);
      if (member === who) return refuse("not-allowed", "The host cannot be kicked.", re);
      return {
        type: "exited",
        name: member.name,
        why: "kicked",
        by: who.name,
        ...(message.text && { text: message.text }),
        re,
      };
    }
    case "leave":
      return { type: "exited", name: who.name, why: "left", ...(message.text && { text: message.text }), re };
  }
}

function decideJoin(room: Room, host: boolean, message: Join): Fact | Refusal {
  if (message.room !== room.name)
    return refuse("no-such-room", `There is no such room here; join "${room.name}".`, message.re);
  return (
    nameProblem(room, message.name, { host }, message.re) ?? { type: "entered", name: message.name, re: message.re }
  );
}

/** Why `who` may not be called `name`. */
function nameProblem(room: Room, name: string, who: Asker, re: string | undefined): Refusal | undefined {
  const holder = room.get(name);
  if (holder?.name === name && holder === who) return refuse("bad-name", "That is your name already.", re);
  if (holder && holder !== who) return refuse("name-taken", `${name} is taken; try another name.`, re);
  // No mark and no point makes another name of these: whoever speaks as Höst or H.ost is taken for the host.
  if (!who.host && looksOf(bareName(name)).some((look) => RESERVED_LOOKS.has(look)))
    return refuse("name-reserved", `${name} is reserved; try another name.`, re);
  const alike = room.alike(name, who);
  if (alike) return refuse("name-taken", `${name} looks like ${alike.name}; try another name.`, re);
  return undefined;
}

function noSuchMember(name: string, re: string | undefined): Refusal {
  return refuse("no-such-member", `${name} is not here; /names shows who is.`, re);
}

const nothing = () => {};

/**
 * Advances the fold by one fact. Never refuses: what is in the log has happened. In place, because a room of 10,000 is
 * not copied for each who enters; the answer takes it back, for a fact that the log could not keep (last one first).
 */
export function apply(room: Room, fact: Fact, host = false): () => void {
  switch (fact.type) {
    case "said":
      return nothing;
    case "entered": {
      const member: Member = { name: fact.name, host };
      room.put(member);
      return () => room.remove(member);
    }
    case "exited": {
      const member = room.get(fact.name);
      if (!member) return nothing;
      room.remove(member);
      return () => room.put(member);
    }
    case "renamed": {
      const member = room.get(fact.name);
      if (!member) return nothing;
      rename(room, member, fact.to);
      return () => rename(room, member, fact.name);
    }
    case "topic": {
      const before = room.topic;
      room.topic = fact.text;
      return () => void (room.topic = before);
    }
    case "opened":
      // A room is opened once, before anyone can enter, so there is nothing to take back.
      room.clear();
      return nothing;
  }
}

function rename(room: Room, member: Member, to: string): void {
  room.remove(member);
  member.name = to;
  room.put(member);
}
