// How a room is kept in order, as messages: what operators ask for, what everybody hears of it, what the asker alone is told.
import * as v from "valibot";
import { DURATION_S_MAX, SLOW_S_MAX } from "./limits.ts";
import { Name, Re, Text, Time } from "./words.ts";

const re = Re;
const Seconds = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(DURATION_S_MAX));
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** What an invitation lets its bearer be. */
export const SCOPES = ["join", "read", "bot", "operator"] as const;
export const Scope = v.picklist(SCOPES);
export type Scope = v.InferOutput<typeof Scope>;

export const moderationRequests = [
  v.object({ type: v.literal("ban"), name: Name, seconds: v.optional(Seconds), text: v.optional(Text), re }),
  v.object({ type: v.literal("unban"), name: Name, re }),
  v.object({ type: v.literal("bans"), re }),
  v.object({ type: v.literal("mute"), name: Name, seconds: v.optional(Seconds), text: v.optional(Text), re }),
  v.object({ type: v.literal("unmute"), name: Name, re }),
  v.object({ type: v.literal("op"), name: Name, re }),
  v.object({ type: v.literal("deop"), name: Name, re }),
  /** Between two messages of one member; 0 ends it. */
  v.object({
    type: v.literal("slow"),
    seconds: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(SLOW_S_MAX)),
    re,
  }),
  v.object({ type: v.literal("lock"), re }),
  v.object({ type: v.literal("unlock"), re }),
  /** Withdraws what `name` has said in the last `seconds`. */
  v.object({ type: v.literal("purge"), name: Name, seconds: v.optional(Seconds), re }),
  v.object({ type: v.literal("undo"), re }),
  v.object({ type: v.literal("audit"), limit: v.optional(Count), re }),
  v.object({
    type: v.literal("invite"),
    scope: v.optional(Scope, "join"),
    seconds: v.optional(Seconds),
    uses: v.optional(v.pipe(Count, v.maxValue(1_000_000))),
    re,
  }),
  v.object({ type: v.literal("invites"), re }),
  v.object({ type: v.literal("uninvite"), id: Count, re }),
  /** Adds a second device to the asker's own key. */
  v.object({ type: v.literal("link"), re }),
] as const;

export const ACTS = [
  "kicked",
  "banned",
  "unbanned",
  "muted",
  "unmuted",
  "opped",
  "deopped",
  "slowed",
  "locked",
  "unlocked",
  "purged",
  "restored",
  "invited",
  "uninvited",
] as const;
export type Act = (typeof ACTS)[number];

/** An event without its stamp: somebody has put the room in order. */
export const Moderated = {
  type: v.literal("moderated"),
  // One that is newer than this client is still worth a line.
  act: v.fallback(v.picklist([...ACTS, "other"]), "other"),
  by: v.string(),
  name: v.optional(v.string()),
  text: v.optional(v.string()),
  /** How long it holds; for ever where it is not given, and for `slowed` the pause between two messages. */
  seconds: v.optional(v.number()),
  /** Of `purged` and `restored`: everything that the names have said from here on, up to this event, is withdrawn, or back. */
  since: v.optional(Time),
  names: v.optional(v.array(v.string())),
  /** It takes back what was done before. */
  undo: v.optional(v.literal(true)),
};

const AuditEntry = v.object({
  at: Time,
  act: v.string(),
  by: v.string(),
  name: v.optional(v.string()),
  text: v.optional(v.string()),
  seconds: v.optional(v.number()),
  undone: v.optional(v.literal(true)),
});
export type AuditEntry = v.InferOutput<typeof AuditEntry>;

const Ban = v.object({
  name: v.string(),
  by: v.string(),
  at: Time,
  until: v.optional(Time),
  text: v.optional(v.string()),
});
export type Ban = v.InferOutput<typeof Ban>;

const invitation = {
  id: v.number(),
  scope: v.string(),
  until: Time,
  /** How often it may still be used. */
  uses: v.number(),
};
const Invitation = v.object({ ...invitation, by: v.string() });
export type Invitation = v.InferOutput<typeof Invitation>;

export const moderationReplies = [
  v.object({ type: v.literal("bans"), bans: v.array(Ban), re }),
  /** Newest last. */
  v.object({ type: v.literal("audit"), acts: v.array(AuditEntry), re }),
  /** `secret` is told this once. */
  v.object({ type: v.literal("invitation"), secret: v.string(), ...invitation, re }),
  v.object({ type: v.literal("invites"), invites: v.array(Invitation), re }),
  v.object({ type: v.literal("link"), code: v.string(), until: Time, re }),
] as const;
