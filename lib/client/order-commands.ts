// The words that keep a room in order.
import { INVITE_S, INVITE_USES, PURGE_S, SLOW_S_MAX, UNDO_S_MAX } from "../protocol/limits.ts";
import type { RoomRequest } from "../protocol/message.ts";
import { SCOPES } from "../protocol/moderation.ts";
import { ask, type Command, firstWord, type Intent, problem, usageOf } from "./command.ts";
import { durationOf, HOW_TO_TYPE, readDuration } from "../protocol/duration.ts";

type Words = Pick<Command, "name" | "usage" | "help"> &
  Partial<Pick<Command, "who" | "original" | "aliases" | "beside" | "details">>;
type About = (name: string, text: string) => RoomRequest;
type Lasting = (name: string, seconds: number | undefined, text: string) => RoomRequest;

/** NAME, and what follows it. */
function aboutMember(words: Words, read: (name: string, more: string) => Intent): Command {
  return {
    aliases: [],
    who: "operators",
    takesName: true,
    ...words,
    read: (rest) => {
      const [name, more] = firstWord(rest);
      return name ? read(name, more) : usageOf(words.name, words.usage, words.help);
    },
  };
}

/** NAME [WHY] */
function forWhy(words: Words, message: About): Command {
  return aboutMember(words, (name, why) => ask(message(name, why)));
}

/** NAME [HOW LONG] [WHY] */
function forLong(words: Words, message: Lasting): Command {
  return aboutMember(words, (name, more) => {
    const [first, why] = firstWord(more);
    // "3 strikes" is a reason; a number alone may be meant as a time, and then nobody wants it for ever.
    const seconds = /^\d+$/.test(first) && why !== "" ? undefined : readDuration(first);
    if (seconds === "wrong") return problem(HOW_TO_TYPE);
    return ask(message(name, seconds, seconds === undefined ? more : why));
  });
}

function plain(words: Words, message: RoomRequest): Command {
  return { aliases: [], who: "operators", ...words, read: () => ask(message) };
}

const lasting = (seconds: number | undefined) => (seconds === undefined ? {} : { seconds });
const because = (text: string) => (text === "" ? {} : { text });

/** What a ban and a mute hold for, as nobody expects it. */
const HOLDS_FOR = [
  ["1h", "how long it holds: 90s, 10m, 2h, 1d, 1w; without it, until it is lifted"],
  ["NAME", "by key and by address: it holds for newcomers from that address, too"],
] as const;

const INVITE_WORDS = [
  ["for 2h", `how long it holds (else ${durationOf(INVITE_S)})`],
  ["uses 5", `how often it lets somebody in (else ${INVITE_USES} times)`],
  ["read", "for people who read, and do not speak"],
  ["bot", "for programs, which need not wait between messages"],
  ["operator", "for people who keep order (else once)"],
] as const;

export const ORDER_COMMANDS: readonly Command[] = [
  plain({ name: "link", usage: "", help: "use your name on another device, too", who: "members" }, { type: "link" }),
  forWhy({ name: "kick", usage: "NAME [WHY]", help: "put somebody out", original: "KICK" }, (name, text) => ({
    type: "kick",
    name,
    ...because(text),
  })),
  forLong(
    { name: "ban", usage: "NAME [1h] [WHY]", help: "put out and keep out", details: HOLDS_FOR },
    (name, seconds, text) => ({
      type: "ban",
      name,
      ...lasting(seconds),
      ...because(text),
    }),
  ),
  forWhy({ name: "unban", beside: "ban", usage: "NAME", help: "let somebody in again" }, (name) => ({
    type: "unban",
    name,
  })),
  plain({ name: "bans", beside: "ban", aliases: ["banned"], usage: "", help: "show who is banned" }, { type: "bans" }),
  forLong(
    { name: "mute", aliases: ["gag"], usage: "NAME [10m] [WHY]", help: "let somebody only read", details: HOLDS_FOR },
    (name, seconds, text) => ({ type: "mute", name, ...lasting(seconds), ...because(text) }),
  ),
  forWhy(
    { name: "unmute", beside: "mute", aliases: ["ungag"], usage: "NAME", help: "let somebody speak again" },
    (name) => ({
      type: "unmute",
      name,
    }),
  ),
  forWhy({ name: "op", usage: "NAME", help: "make somebody an operator" }, (name) => ({ type: "op", name })),
  forWhy({ name: "deop", beside: "op", usage: "NAME", help: "make an operator a member again" }, (name) => ({
    type: "deop",
    name,
  })),
  {
    name: "slow",
    aliases: [],
    usage: "5s|off",
    help: "let members speak only so often",
    who: "operators",
    read: (rest) => {
      const seconds = /^(off|0s?)$/i.test(rest) ? 0 : readDuration(/^\d+$/.test(rest) ? `${rest}s` : rest);
      return typeof seconds === "number" && seconds <= SLOW_S_MAX
        ? ask({ type: "slow", seconds })
        : usageOf("slow", "5s|off", `let members speak only so often, at most once in ${durationOf(SLOW_S_MAX)}`);
    },
  },
  plain({ name: "lock", usage: "", help: "let nobody new in" }, { type: "lock" }),
  plain({ name: "unlock", beside: "lock", usage: "", help: "let newcomers in again" }, { type: "unlock" }),
  aboutMember(
    { name: "purge", usage: "NAME [10m]", help: `withdraw what somebody said in the last ${durationOf(PURGE_S)}` },
    (name, long) => {
      const seconds = long === "" ? undefined : readDuration(long);
      if (seconds === "wrong" || (seconds === undefined && long !== "")) return problem(HOW_TO_TYPE);
      return ask({ type: "purge", name, ...lasting(seconds) });
    },
  ),
  plain({ name: "undo", usage: "", help: `take back the last act (${durationOf(UNDO_S_MAX)})` }, { type: "undo" }),
  {
    name: "audit",
    beside: "undo",
    aliases: [],
    usage: "[COUNT]",
    help: "show what was done to keep order",
    who: "operators",
    read: (rest) => {
      const limit = rest === "" ? undefined : Number(rest);
      if (limit === undefined) return ask({ type: "audit" });
      return Number.isSafeInteger(limit) && limit > 0
        ? ask({ type: "audit", limit })
        : usageOf("audit", "[COUNT]", "show what was done to keep order");
    },
  },
  {
    name: "invite",
    aliases: [],
    usage: "[WORDS]",
    help: "make a link to join by",
    details: INVITE_WORDS,
    who: "operators",
    read: (rest, { host }) => (rest === "" && host ? { type: "invite" } : readInvite(rest)),
  },
  plain({ name: "invites", beside: "invite", usage: "", help: "show the invitations that hold" }, { type: "invites" }),
  {
    name: "uninvite",
    beside: "invite",
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
];

function readInvite(rest: string): Intent {
  const words = rest.split(/\s+/).filter((word) => word !== "");
  let message: Extract<RoomRequest, { type: "invite" }> = { type: "invite", scope: "join" };
  while (words.length > 0) {
    const word = words.shift()!.toLowerCase();
    const scope = SCOPES.find((each) => each === word);
    const value = word === "for" || word === "uses" ? (words.shift() ?? "") : "";
    const seconds = word === "for" ? readDuration(value) : undefined;
    const uses = word === "uses" && /^[1-9]\d{0,5}$/.test(value) ? Number(value) : undefined;
    if (seconds === "wrong") return problem(HOW_TO_TYPE);
    if (scope) message = { ...message, scope };
    else if (seconds) message = { ...message, seconds };
    else if (uses) message = { ...message, uses };
    else return usageOf("invite", "[for 2h] [uses 5] [read|bot|operator]", "make a link to join by");
  }
  return ask(message);
}
