// All that can be said: a client asks in the imperative, a room remembers in the past tense.
import * as v from "valibot";
import { DEFAULT_ROOM } from "./limits.ts";
import { Moderated, moderationReplies, moderationRequests } from "./moderation.ts";
import { Name, Re, Seq, Text, Time } from "./words.ts";

const re = Re;

/** The first line of a client that asks for encryption, and the answer that it begins: what follows either of them is TLS. */
export const StartTls = v.object({ type: v.literal("starttls"), re });
export type StartTls = v.InferOutput<typeof StartTls>;

/** What a client asks for. */
export const ClientMessage = v.variant("type", [
  v.object({
    type: v.literal("join"),
    name: Name,
    room: v.optional(v.string(), DEFAULT_ROOM),
    after: v.optional(Seq),
    log: v.optional(v.string()),
    token: v.optional(v.string()),
    invite: v.optional(v.string()),
    /** A public key, the signature that proves it, and a code that adds it to those of another device. */
    key: v.optional(v.string()),
    signature: v.optional(v.string()),
    link: v.optional(v.string()),
    re,
  }),
  v.object({ type: v.literal("challenge"), re }),
  v.object({ type: v.literal("say"), text: Text, action: v.optional(v.boolean()), re }),
  v.object({ type: v.literal("whisper"), to: Name, text: Text, re }),
  v.object({ type: v.literal("rename"), name: Name, re }),
  v.object({ type: v.literal("topic"), text: Text, re }),
  v.object({
    type: v.literal("history"),
    before: v.optional(Seq),
    limit: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
    re,
  }),
  v.object({ type: v.literal("members"), re }),
  v.object({ type: v.literal("kick"), name: Name, text: v.optional(Text), re }),
  v.object({ type: v.literal("ping"), re }),
  v.object({ type: v.literal("pong"), re }),
  v.object({ type: v.literal("leave"), text: v.optional(Text), re }),
  ...moderationRequests,
]);
export type ClientMessage = v.InferOutput<typeof ClientMessage>;
export type Join = Extract<ClientMessage, { type: "join" }>;
/** What a member asks of its room. The rest is for the connection. */
export type RoomRequest = Exclude<ClientMessage, { type: "join" | "challenge" | "ping" | "pong" }>;

export const EXIT_REASONS = ["left", "kicked", "lost", "slow"] as const;

const stamp = { seq: Seq, at: Time, re };
/** What the whole room sees, in one order for all. */
export const RoomEvent = v.variant("type", [
  v.object({
    type: v.literal("said"),
    from: v.string(),
    text: v.string(),
    action: v.optional(v.literal(true)),
    ...stamp,
  }),
  v.object({ type: v.literal("entered"), name: v.string(), verified: v.optional(v.literal(true)), ...stamp }),
  v.object({
    type: v.literal("exited"),
    name: v.string(),
    // A reason that is newer than this client must not keep the member on its list.
    why: v.fallback(v.picklist(EXIT_REASONS), "left"),
    by: v.optional(v.string()),
    text: v.optional(v.string()),
    ...stamp,
  }),
  v.object({ type: v.literal("renamed"), name: v.string(), to: v.string(), ...stamp }),
  v.object({ type: v.literal("topic"), by: v.string(), text: v.string(), ...stamp }),
  v.object({ type: v.literal("opened"), ...stamp }),
  v.object({ ...Moderated, ...stamp }),
]);
export type RoomEvent = v.InferOutput<typeof RoomEvent>;

type WithoutStamp<E> = E extends RoomEvent ? Omit<E, "seq" | "at"> : never;
/** What a decision makes true for the whole room. The log stamps it, and it is an event. */
export type Fact = WithoutStamp<RoomEvent>;

/** Who made a fact true by asking for it; nothing where nobody asked. */
export function authorOf(fact: Fact): string | undefined {
  switch (fact.type) {
    case "said":
      return fact.from;
    case "entered":
    case "renamed":
      return fact.name;
    case "exited":
      return fact.by ?? (fact.why === "left" ? fact.name : undefined);
    case "topic":
    case "moderated":
      return fact.by;
    case "opened":
      return undefined;
  }
}

export const REFUSAL_CODES = [
  "bad-json",
  "bad-message",
  "unknown-type",
  "bad-name",
  "bad-text",
  "not-joined",
  "already-joined",
  "name-taken",
  "name-reserved",
  "name-owned",
  "bad-signature",
  "invite-needed",
  "bad-invite",
  "banned",
  "locked",
  "muted",
  "too-soon",
  "read-only",
  "too-many-tries",
  "no-such-room",
  "no-such-member",
  "not-allowed",
  "storage-failed",
  "full",
  "too-many-connections",
  "encryption-required",
  "no-encryption",
  "internal",
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export const BYE_CODES = [
  "left",
  "kicked",
  "banned",
  "replaced",
  "slow",
  "shutdown",
  "timeout",
  "bad-handshake",
  "line-too-long",
  "bad-utf8",
  "full",
  "too-many-connections",
  "encryption-required",
  "internal",
] as const;
export type ByeCode = (typeof BYE_CODES)[number];

/**
 * How far the wire to a server can be trusted, as whoever dialled it has found. `verified`: encrypted, by a server that was
 * known. `first-time`: encrypted, by one that is known from now on. `renewed`: encrypted, by
 * the one that the link names, where another was known before. `plain`: not encrypted.
 */
export const STANDINGS = ["verified", "first-time", "renewed", "plain"] as const;
export type Standing = (typeof STANDINGS)[number];

const Limits = v.object({
  line_bytes: v.number(),
  text_bytes: v.number(),
  text_lines: v.number(),
  name_chars: v.number(),
  /** Messages a second and at once; `null` where the host set no bound. */
  rate: v.nullable(v.object({ per_s: v.number(), burst: v.number() })),
  history: v.number(),
  ping_ms: v.number(),
  gone_ms: v.number(),
});
export type Limits = v.InferOutput<typeof Limits>;

const replies = [
  v.object({
    type: v.literal("welcome"),
    room: v.string(),
    name: v.string(),
    token: v.string(),
    log: v.string(),
    /** The log's end at this moment; `members` and `topic` are as of here. */
    seq: Seq,
    members: v.array(v.string()),
    /** Who of them has proved a key. */
    verified: v.optional(v.array(v.string())),
    /** What you may do, where that is not what everybody may. */
    role: v.optional(v.string()),
    topic: v.optional(v.string()),
    limits: Limits,
    server: v.string(),
    protocol: v.number(),
    resumed: v.boolean(),
    /** Events up to this one are no longer kept. */
    gap: v.optional(Seq),
    /** What `chat --gui` tells its page of the wire that it has dialled. No server knows it. */
    standing: v.fallback(v.optional(v.picklist(STANDINGS)), undefined),
    re,
  }),
  v.object({ type: v.literal("history"), events: v.array(RoomEvent), more: v.boolean(), re }),
  v.object({
    type: v.literal("members"),
    members: v.array(v.string()),
    verified: v.optional(v.array(v.string())),
    re,
  }),
  /** What to sign, and the log that it is for. */
  v.object({ type: v.literal("challenge"), nonce: v.string(), log: v.string(), re }),
  v.object({ type: v.literal("whisper"), from: v.string(), to: v.string(), text: v.string(), at: Time, re }),
  // A code that is newer than this client must not keep its text from the person who reads it.
  v.object({ type: v.literal("refused"), code: v.string(), text: v.string(), re }),
  v.object({ type: v.literal("bye"), code: v.string(), text: v.string(), retry_ms: v.optional(v.number()), re }),
  v.object({ type: v.literal("ping"), re }),
  v.object({ type: v.literal("pong"), re }),
  ...moderationReplies,
] as const;

/** All that a server may send: events to the whole room, the rest to one. */
export const ServerMessage = v.variant("type", [...RoomEvent.options, ...replies]);
export type ServerMessage = v.InferOutput<typeof ServerMessage>;
export type Welcome = Extract<ServerMessage, { type: "welcome" }>;

/** Why a request may not be. It is itself a server message, so it walks to the wire unchanged. */
export interface Refusal {
  readonly type: "refused";
  readonly code: RefusalCode;
  readonly text: string;
  readonly re?: string | undefined;
}

export function refuse(code: RefusalCode, text: string, mark?: string): Refusal {
  return { type: "refused", code, text, re: mark };
}

export interface Bye {
  readonly type: "bye";
  readonly code: ByeCode;
  readonly text: string;
  readonly retry_ms?: number;
  readonly re?: string | undefined;
}
