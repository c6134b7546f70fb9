// The fold of a room's log: who is inside, what the topic is. No clock, no socket, no storage.
import { NameList } from "../protocol/codec.ts";
import { DEFAULT_ROOM, LARGE_ROOM_MEMBERS } from "../protocol/limits.ts";
import type { Fact } from "../protocol/message.ts";
import { foldName } from "../protocol/name.ts";
import { looksOf } from "./look.ts";
import { type Asker, GUEST, type Member, type Rights } from "./member.ts";

export class Room {
  readonly name = DEFAULT_ROOM;
  topic: string | undefined;
  /** Milliseconds, from any start, as of the turn that is decided. */
  now = 0;
  /** How long members have to wait between two messages; 0 for not at all. */
  slowMs = 0;
  /** Nobody new may enter: nobody but the host, operators, and whose keys were known by then. Of the newest of these the number; nothing where everybody may. */
  lockedAfter: number | undefined;
  readonly #members = new Map<string, Member>();
  /** The same, by who they are: asked for every message, so without folding a name. */
  readonly #present = new Set<Member>();
  /** Made when somebody comes and it is not there. */
  #names: NameList | undefined;
  /** The same of those who have proved a key. */
  #verified: NameList | undefined;
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
    this.#names ??= listOf([...this.#present]);
    return this.#names.json;
  }

  /** The same of those who have proved a key. */
  get verified(): Uint8Array {
    this.#verified ??= listOf(this.members.filter(isVerified));
    return this.#verified.json;
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
    if (isVerified(member)) this.#verified?.add(member.name);
    for (const look of looksOf(member.name)) this.#looks.set(look, member);
  }

  remove(member: Member): void {
    this.#members.delete(foldName(member.name));
    this.#present.delete(member);
    this.#names = undefined;
    if (isVerified(member)) this.#verified = undefined;
    for (const look of looksOf(member.name)) this.#looks.delete(look);
  }

  clear(): void {
    this.#members.clear();
    this.#present.clear();
    this.#names = this.#verified = undefined;
    this.#looks.clear();
  }
}

/** Whether it only says that somebody came, or went of their own accord. */
export function isComingOrGoing(fact: Fact): boolean {
  return fact.type === "entered" || (fact.type === "exited" && fact.why !== "kicked");
}

const nothing = () => {};

/**
 * Advances the fold by one fact. Never refuses: what is in the log has happened. In place, because a room of 10,000 is
 * not copied for each who enters; the answer takes it back, for a fact that the log could not keep (last one first).
 */
export function apply(room: Room, fact: Fact, rights: Rights = GUEST): () => void {
  switch (fact.type) {
    case "said":
    // What it changes is more than the log may tell everybody, and is kept elsewhere.
    case "moderated":
      return nothing;
    case "entered": {
      const member: Member = { ...rights, name: fact.name, saidAt: Number.NEGATIVE_INFINITY };
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

function listOf(members: readonly Member[]): NameList {
  const names = new NameList();
  for (const { name } of members) names.add(name);
  return names;
}

function isVerified({ identity }: Member): boolean {
  return identity !== undefined;
}
