// The rules of a room. No clock, no socket, no storage: to test it, write values down.
import { type ClientMessage, type Fact, type Join, type Refusal, refuse } from "../protocol/message.ts";
import { bareName, looksOf } from "./look.ts";
import { type Asker, isOperator, type Member, type Rights } from "./member.ts";
import { decideModeration, type Query } from "./moderation.ts";
import type { Room } from "./room.ts";

export const HOST_NAME = "Host";
const RESERVED = ["host", "server", "system", "admin", "op", "root", "mod", "all", "here", "everyone", "chatd"];
/** Known once somebody wants a name. */
let reservedLooks: ReadonlySet<string> | undefined;

export const NOT_JOINED = 'Join first: {"type":"join","name":"…"}';

/** To one member only, and in no log. */
export interface Whispered {
  readonly type: "whispered";
  readonly from: Member;
  readonly to: Member;
  readonly text: string;
  readonly re?: string | undefined;
}

/** What changes a room or passes between two of its members; the rest of the protocol is answered without asking the rules. */
export type Request = Exclude<
  ClientMessage,
  { type: "challenge" | "history" | "members" | "ping" | "pong" | Query["type"] }
>;
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
    case "say": {
      const silence = silenced(room, who, re) ?? hasty(room, who, re);
      if (silence) return silence;
      // Spelled out without `action` where it is not set, because the fact goes to disk and wire as it is.
      return message.action
        ? { type: "said", from: who.name, text: message.text, action: true, re }
        : { type: "said", from: who.name, text: message.text, re };
    }
    case "whisper": {
      const silence = silenced(room, who, re);
      if (silence) return silence;
      const to = room.get(message.to);
      return to ? { type: "whispered", from: who, to, text: message.text, re } : noSuchMember(message.to, re);
    }
    case "rename": {
      // A name is something to read as well.
      const problem = silenced(room, who, re) ?? hasty(room, who, re) ?? nameProblem(room, message.name, who, re);
      return problem ?? { type: "renamed", name: who.name, to: message.name, re };
    }
    case "topic":
      return silenced(room, who, re) ?? hasty(room, who, re) ?? { type: "topic", by: who.name, text: message.text, re };
    case "leave": {
      const text = silenced(room, who, re) ? undefined : message.text;
      return { type: "exited", name: who.name, why: "left", ...(text && { text }), re };
    }
    case "kick":
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
      return decideModeration(room, who, message);
  }
}

function decideJoin(room: Room, host: boolean, message: Join): Fact | Refusal {
  if (message.room !== room.name)
    return refuse("no-such-room", `There is no such room here; join "${room.name}".`, message.re);
  return (
    nameProblem(room, message.name, { host }, message.re) ?? { type: "entered", name: message.name, re: message.re }
  );
}

/** Why somebody new may not come in at the moment, whatever the name. */
export function lockedOut(room: Room, rights: Rights, re: string | undefined): Refusal | undefined {
  const { lockedAfter } = room;
  if (lockedAfter === undefined || isOperator(rights)) return undefined;
  // Whoever was here before is not new, also after a restart.
  if (rights.identity !== undefined && rights.identity <= lockedAfter) return undefined;
  return refuse("locked", "The room is locked: nobody new may enter at the moment. Try again later.", re);
}

/** Why `who` may not be called `name`. */
function nameProblem(room: Room, name: string, who: Asker, re: string | undefined): Refusal | undefined {
  const holder = room.get(name);
  if (holder?.name === name && holder === who) return refuse("bad-name", "That is your name already.", re);
  if (holder && holder !== who) return refuse("name-taken", `${name} is taken; try another name.`, re);
  // No mark and no point makes another name of these: whoever speaks as Höst or H.ost is taken for the host.
  if (!who.host && isReserved(name)) return refuse("name-reserved", `${name} is reserved; try another name.`, re);
  const alike = room.alike(name, who);
  if (alike) return refuse("name-taken", `${name} looks like ${alike.name}; try another name.`, re);
  return undefined;
}

function isReserved(name: string): boolean {
  const reserved = (reservedLooks ??= new Set(RESERVED.flatMap(looksOf)));
  return looksOf(bareName(name)).some((look) => reserved.has(look));
}

/** Why `who` may say nothing at all. */
function silenced(room: Room, who: Member, re: string | undefined): Refusal | undefined {
  if (who.role === "reader") return refuse("read-only", "Your invitation is for reading only.", re);
  if (who.mutedUntil <= room.now) return undefined;
  const rest = who.mutedUntil === Infinity ? "until an operator lifts it" : `for ${spanUntil(who.mutedUntil, room)}`;
  return refuse("muted", `You, or somebody at your address, may only read ${rest}.`, re);
}

/** Why `who` may say nothing yet. */
function hasty(room: Room, who: Member, re: string | undefined): Refusal | undefined {
  if (room.slowMs === 0 || isOperator(who) || room.now >= who.saidAt + room.slowMs) return undefined;
  return refuse(
    "too-soon",
    `The room is in slow mode: one message every ${room.slowMs / 1_000} s. You may speak again in ${spanUntil(who.saidAt + room.slowMs, room)}.`,
    re,
  );
}

function spanUntil(then: number, room: Room): string {
  const seconds = Math.ceil((then - room.now) / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

function noSuchMember(name: string, re: string | undefined): Refusal {
  return refuse("no-such-member", `${name} is not here; /names shows who is.`, re);
}
