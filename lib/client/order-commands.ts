// The words that keep a room in order.
import { DURATION_S_MAX, PURGE_S, SLOW_S_MAX, UNDO_S_MAX } from "../protocol/limits.ts";
import type { RoomRequest } from "../protocol/message.ts";
import { SCOPES } from "../protocol/moderation.ts";
import { ask, type Command, firstWord, type Intent, usageOf } from "./command.ts";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** "90", "90s", "10m", "2h", "1d", "1w" in seconds; nothing where `text` is none of that. */
export function readSeconds(text: string): number | undefined {
  const [, number, unit = "s"] = /^(\d{1,9})([smhdw]?)$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const seconds = Number(number) * (SECONDS[(unit || "s").toLowerCase()] ?? 1);
  return seconds <= DURATION_S_MAX ? seconds : undefined;
}

type Words = Pick<Command, "name" | "usage" | "help"> & Partial<Pick<Command, "who" | "original" | "aliases">>;

/** NAME [HOW LONG] [WHY]. A word that begins with a digit and is no time is the reason's first. */
function aboutMember(
  words: Words,
  message: (name: string, seconds: number | undefined, text: string) => RoomRequest,
): Command {
  return {
    aliases: [],
    who: "operators",
    takesName: true,
    ...words,
    read: (rest) => {
      const [name, more] = firstWord(rest);
      if (!name) return usageOf(words.name, words.usage, words.help);
      const [first, why] = firstWord(more);
      const seconds = /\[[^\]]*\d[smhdw]\]/.test(words.usage) ? readSeconds(first) : undefined;
      return ask(message(name, seconds || undefined, seconds ? why : more));
    },
  };
}

function plain(words: Words, message: RoomRequest): Command {
  return { aliases: [], who: "operators", ...words, read: () => ask(message) };
}

const lasting = (seconds: number | undefined) => (seconds === undefined ? {} : { seconds });
const because = (text: string) => (text === "" ? {} : { text });

export const ORDER_COMMANDS: readonly Command[] = [
  aboutMember(
    // Everybody may try: then the answer says who may.
    { name: "kick", usage: "NAME [WHY]", help: "put somebody out", who: "everyone", original: "KICK" },
    (name, _, text) => ({ type: "kick", name, ...because(text) }),
  ),
  aboutMember({ name: "ban", usage: "NAME [1h] [WHY]", help: "put out and keep out" }, (name, seconds, text) => ({
    type: "ban",
    name,
    ...lasting(seconds),
    ...because(text),
  })),
  aboutMember({ name: "unban", usage: "NAME", help: "let somebody in again" }, (name) => ({ type: "unban", name })),
  plain({ name: "bans", aliases: ["banned"], usage: "", help: "show who is banned" }, { type: "bans" }),
  aboutMember(
    { name: "mute", aliases: ["gag"], usage: "NAME [10m] [WHY]", help: "let somebody only read" },
    (name, seconds, text) => ({
      type: "mute",
      name,
      ...lasting(seconds),
      ...because(text),
    }),
  ),
  aboutMember({ name: "unmute", aliases: ["ungag"], usage: "NAME", help: "let somebody speak again" }, (name) => ({
    type: "unmute",
    name,
  })),
  aboutMember({ name: "op", usage: "NAME", help: "make somebody an operator" }, (name) => ({ type: "op", name })),
  aboutMember({ name: "deop", usage: "NAME", help: "… and a member again" }, (name) => ({ type: "deop", name })),
  {
    name: "slow",
    aliases: [],
    usage: "5s|off",
    help: "let members speak only so often",
    who: "operators",
    read: (rest) => {
      const seconds = rest === "off" ? 0 : readSeconds(rest);
      return seconds === undefined || seconds > SLOW_S_MAX
        ? usageOf("slow", "5s|off", "let members speak only so often, at most once an hour")
        : ask({ type: "slow", seconds });
    },
  },
  plain({ name: "lock", usage: "", help: "let nobody new in" }, { type: "lock" }),
  plain({ name: "unlock", usage: "", help: "… and let them in again" }, { type: "unlock" }),
  aboutMember(
    { name: "purge", usage: "NAME [10m]", help: `withdraw what somebody said lately (${PURGE_S / 60}m)` },
    (name, seconds) => ({ type: "purge", name, ...lasting(seconds) }),
  ),
  plain({ name: "undo", usage: "", help: `take back the last act (of ${UNDO_S_MAX / 60} minutes)` }, { type: "undo" }),
  {
    name: "audit",
    aliases: [],
    usage: "[COUNT]",
    help: "show what was done to keep order",
    who: "operators",
    read: (rest) => {
      const limit = rest === "" ? undefined : Number(rest);
      if (limit === undefined) return ask({ type: "audit" });
      return Number.isSafeInteger(limit) && limit > 0
        ? ask({ type: "audit", limit })
        : usageOf("audit", "[COUNT]", "show what was done");
    },
  },
  {
    name: "invite",
    aliases: [],
    usage: "[for 2h] [uses 5] [read|bot|operator]",
    help: "make a link that lets others in; alone at the console: how they join",
    who: "operators",
    read: (rest, { host }) => (rest === "" && host ? { type: "invite" } : readInvite(rest)),
  },
  plain({ name: "invites", usage: "", help: "show the invitations that hold" }, { type: "invites" }),
  {
    name: "uninvite",
    aliases: [],
    usage: "NUMBER",
    help: "call an invitation back",
    who: "operators",
    read: (rest) => {
      const id = Number(rest.replace(/^#/, ""));
      return Number.isSafeInteger(id) && id > 0
        ? ask({ type: "uninvite", id })
        : usageOf("uninvite", "NUMBER", "call an invitation back");
    },
  },
  plain({ name: "link", usage: "", help: "use your name on another device, too", who: "everyone" }, { type: "link" }),
];

function readInvite(rest: string): Intent {
  const words = rest.split(/\s+/).filter((word) => word !== "");
  let message: Extract<RoomRequest, { type: "invite" }> = { type: "invite", scope: "join" };
  while (words.length > 0) {
    const word = words.shift()!.toLowerCase();
    const scope = SCOPES.find((each) => each === word);
    const value = word === "for" || word === "uses" ? words.shift() : undefined;
    const seconds = word === "for" ? readSeconds(value ?? "") : undefined;
    const uses = word === "uses" && /^[1-9]\d{0,5}$/.test(value ?? "") ? Number(value) : undefined;
    if (scope) message = { ...message, scope };
    else if (seconds) message = { ...message, seconds };
    else if (uses) message = { ...message, uses };
    else return usageOf("invite", "[for 2h] [uses 5] [read|bot|operator]", "make a link that lets others in");
  }
  return ask(message);
}
