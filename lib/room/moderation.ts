// Who may put the room in order, and how. Pure, like the rest of the rules; what holds of an act is kept by the hub.
import type { ClientMessage, Fact, Refusal } from "../protocol/message.ts";
import { refuse } from "../protocol/message.ts";
import { PURGE_S } from "../protocol/limits.ts";
import { isOperator, type Member } from "./member.ts";
import type { Room } from "./room.ts";

type Of<T extends ClientMessage["type"]> = Extract<ClientMessage, { type: T }>;

/** Puts the room in order. */
export type Moderation = Of<
  "kick" | "ban" | "unban" | "mute" | "unmute" | "op" | "deop" | "slow" | "lock" | "unlock" | "purge"
>;
/** Asks about the order, or for something that only the asker hears of. */
export type Query = Of<"bans" | "undo" | "audit" | "invite" | "invites" | "uninvite" | "link">;

/** Why `who` may not ask that; nothing where they may. */
export function notAllowed(who: Member, { type, re }: Moderation | Query): Refusal | undefined {
  if (type === "link")
    return who.identity === undefined
      ? refuse(
          "not-allowed",
          "There is nothing to link: your name has no key. Join with `chat`, without --guest, or with the page.",
          re,
        )
      : undefined;
  return isOperator(who) ? undefined : refuse("not-allowed", "Only the host and operators may do that.", re);
}

/** What `message` from `who` would make true, or why it may not. Who is meant may be gone already, where only their key or address counts. */
export function decideModeration(room: Room, who: Member, message: Moderation): Fact | Refusal {
  const { re } = message;
  const denied = notAllowed(who, message);
  if (denied) return denied;
  const by = who.name;
  switch (message.type) {
    case "kick": {
      const member = room.get(message.name);
      if (!member) return refuse("no-such-member", `${message.name} is not here; /names shows who is.`, re);
      const safe = outOfReach(who, member, message);
      return safe ?? { type: "exited", name: member.name, why: "kicked", by, ...because(message.text), re };
    }
    case "ban":
    case "mute": {
      const member = room.get(message.name);
      const safe = member && outOfReach(who, member, message);
      if (safe) return safe;
      const name = member?.name ?? message.name;
      const act = message.type === "ban" ? "banned" : "muted";
      return { type: "moderated", act, by, name, ...because(message.text), ...lasting(message.seconds), re };
    }
    case "unban":
      return { type: "moderated", act: "unbanned", by, name: message.name, re };
    case "unmute": {
      const member = room.get(message.name);
      const safe = member && outOfReach(who, member, message);
      if (safe) return safe;
      return { type: "moderated", act: "unmuted", by, name: member?.name ?? message.name, re };
    }
    case "op":
    case "deop": {
      const member = room.get(message.name);
      // Who is away may still be one for good.
      if (!member && message.type === "deop" && who.host)
        return { type: "moderated", act: "deopped", by, name: message.name, re };
      if (!member) return refuse("no-such-member", `${message.name} is not here; /names shows who is.`, re);
      const isOp = isOperator(member);
      if (message.type === "op") {
        if (isOp) return refuse("not-allowed", `${member.name} is an operator already.`, re);
        return { type: "moderated", act: "opped", by, name: member.name, re };
      }
      if (member.host) return refuse("not-allowed", "The host stays what it is.", re);
      if (!isOp) return refuse("not-allowed", `${member.name} is no operator.`, re);
      if (!who.host && member !== who) return refuse("not-allowed", "Only the host may do that to an operator.", re);
      return { type: "moderated", act: "deopped", by, name: member.name, re };
    }
    case "slow":
      if (room.slowMs === message.seconds * 1_000)
        return refuse("not-allowed", message.seconds === 0 ? "The room is not in slow mode." : "It is so already.", re);
      return { type: "moderated", act: "slowed", by, seconds: message.seconds, re };
    case "lock":
    case "unlock": {
      const lock = message.type === "lock";
      if ((room.lockedAfter !== undefined) === lock)
        return refuse("not-allowed", `The room is ${lock ? "" : "not "}locked.`, re);
      return { type: "moderated", act: lock ? "locked" : "unlocked", by, re };
    }
    case "purge": {
      const member = room.get(message.name);
      const safe = member && outOfReach(who, member, message);
      if (safe) return safe;
      const { seconds = PURGE_S } = message;
      return { type: "moderated", act: "purged", by, name: member?.name ?? message.name, seconds, re };
    }
  }
}

/** The host can do everything but throw itself out; operators leave each other and the host alone. */
function outOfReach(who: Member, member: Member, { type, re }: Moderation): Refusal | undefined {
  if (type === "purge" && member === who) return undefined;
  if (member.host) return refuse("not-allowed", `The host cannot be ${PAST[type]}.`, re);
  if (member === who) return refuse("not-allowed", "That would be yourself; /quit leaves.", re);
  if (isOperator(member) && !who.host)
    return refuse("not-allowed", `${member.name} is an operator; only the host may do that.`, re);
  return undefined;
}

const PAST: Readonly<Record<string, string>> = {
  kick: "kicked",
  ban: "banned",
  mute: "muted",
  purge: "purged",
  unmute: "unmuted",
};

function because(text: string | undefined): { readonly text?: string } {
  return text ? { text } : {};
}

function lasting(seconds: number | undefined): { readonly seconds?: number } {
  return seconds === undefined ? {} : { seconds };
}
