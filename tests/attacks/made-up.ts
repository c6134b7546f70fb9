// Lines that no program would send: messages that are nearly right, and what is left of them when letters fall out or in.
import * as fc from "fast-check";
import { BYE_CODES, EXIT_REASONS, REFUSAL_CODES } from "../../lib/protocol/message.ts";
import { ACTS } from "../../lib/protocol/moderation.ts";
import { someLimits } from "../support/limits.ts";
import { SEQUENCES } from "./sequences.ts";

type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Letters and signs, of which some mean something to JSON, to a terminal, or to nobody. */
const PIECES: readonly string[] = [
  ...Array.from("aZé漢😀 \t\"\\{}[]:,_.-/<>&'`*@1"),
  ...SEQUENCES.values(),
  "\\n",
  "\\u0000",
  "\\u001b[2J",
  "\\ud83d",
  "\\u202e",
  "\\u009b31m",
  '","text":"',
  '":',
  "\r",
  "\0",
  "\x7f",
  "\x80",
  "\x85",
  "\x9b",
  "\x9d",
  "\u200b",
  "\u2028",
  "\u202e",
  "\u2066",
  "\ufeff",
  "\uffff",
  "\u0301",
  "\u200d",
  "\u1100",
  "\u{1f3fd}",
  "🏴\u{e0067}",
  "İ",
  "ſ",
  "\u212a",
  "ß",
  "а",
  "ﬁ",
];
/** In the place of any value, or between any two letters. */
const ODDITIES: readonly string[] = [
  "null",
  "true",
  "{}",
  "[]",
  "-1",
  "0",
  "1e308",
  "-1e308",
  "1e400",
  "9007199254740993",
  "0.5",
  "1e12",
  '""',
  '"__proto__"',
  '"__proto__":{"type":"ping"},',
  '"constructor":{"prototype":{"re":"p"}},',
  '"type":"say",',
  '"re":null,',
  "[[[[[[[[",
  "]]]]",
  '{"a":{"a":{"a":',
  "}}}",
  ",",
  ",,",
  ":",
  '"',
  "\\",
  "\\u",
  "//",
  "/*",
  "NaN",
  "'",
  "undefined",
  '"+275760-09-13T00:00:00.000Z"',
  '"-271821-04-20T00:00:00.000Z"',
  '"1970-01-01"',
  '"9999-12-31T23:59:59.999Z"',
];

const odd = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 0.5, 1e308, 2 ** 53, 1e12, "", [], {}, [[[[]]]], { __proto__: null }),
  fc.string({ maxLength: 8, unit: "binary" }),
);
export const words = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.string({ maxLength: 6 }) }, fc.constantFrom(...PIECES)), { maxLength: 6 })
  .map((pieces) => pieces.join(""));
/** About as long as a text may be, or twice that. */
const long = fc
  .tuple(fc.constantFrom(...PIECES), fc.integer({ min: 100, max: 10_000 }))
  .map(([piece, length]) => piece.repeat(Math.ceil(length / piece.length)));
const text = fc.oneof({ weight: 60, arbitrary: words }, { weight: 1, arbitrary: long });
/** No name of anybody who must not hear of it. */
const name = fc.oneof(
  words,
  fc.constantFrom(
    "Fuzz",
    "fuzz",
    "Nobody",
    "__proto__",
    "constructor",
    "toString",
    "Host",
    "H0st",
    "х",
    "漢字",
    "a".repeat(40),
  ),
);
const number = fc.oneof(fc.nat(1_000), fc.constantFrom(-1, 0.5, 1e308, 2 ** 53 - 1, 1e12));
const at = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom("2026-01-02T03:04:05.678Z", "1969-12-31T23:59:59.000Z", "9999-12-31T23:59:59.999Z"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "+275760-09-13T00:00:00.000Z",
      "-271821-04-20T00:00:00.000Z",
      "0000-01-01T00:00:00Z",
      "now",
    ),
  },
);

/** One field in thirty is of the wrong kind, or not there; now and then there is one more. */
function message(type: string, fields: Fields): fc.Arbitrary<Record<string, unknown>> {
  const record = fc.record(
    Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [field, fc.oneof({ weight: 29, arbitrary: value }, odd)]),
    ),
    { requiredKeys: Object.keys(fields) },
  );
  const more = fc.oneof(
    { weight: 20, arbitrary: fc.constant({}) },
    fc.constantFrom({ colour: "red" }, { deep: [[[{}]]] }),
  );
  return fc.tuple(record, more).map(([known, unknown]) => ({ type, ...known, ...unknown }));
}

const limit = fc.constantFrom(1, 2, 3, 0, -1, 1e9);
const requests: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<object>])[] = [
  [10, message("say", { text })],
  [2, message("say", { text, action: fc.boolean() })],
  [3, message("whisper", { to: name, text })],
  [3, message("rename", { name })],
  [3, message("topic", { text })],
  [1, message("history", { before: number, limit })],
  [1, message("members", {})],
  [2, message("kick", { name, text })],
  [1, message("ping", {})],
  [1, message("pong", {})],
  [1, message("challenge", {})],
  [1, message("join", { name, room: words, after: number, log: words, token: words })],
  [1, message("join", { name, key: words, signature: words, link: words, invite: words })],
  [1, message("ban", { name, seconds: number, text })],
  [1, message("mute", { name, seconds: number, text })],
  [1, fc.constantFrom("unban", "unmute", "op", "deop", "purge").chain((type) => message(type, { name }))],
  [
    1,
    fc
      .constantFrom("lock", "unlock", "undo", "bans", "audit", "invite", "invites", "link")
      .chain((type) => message(type, {})),
  ],
  [1, message("slow", { seconds: number })],
  [1, message("uninvite", { id: number })],
  [1, fc.tuple(words, text).map(([type, text]) => ({ type, text }))],
];

const re = fc.oneof({ weight: 9, arbitrary: fc.constantFrom("r1", undefined) }, words);
/** Stands for a number that grows from line to line: else most events would be older than the one before. */
const NEXT = 987_654_321;
const stamp = { seq: fc.oneof({ weight: 19, arbitrary: fc.constant(NEXT) }, number), at, re };
const list = fc.array(name, { maxLength: 4 });
const events: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<object>])[] = [
  [6, message("said", { from: name, text, action: fc.constantFrom(true, undefined), ...stamp })],
  [2, message("entered", { name, verified: fc.constantFrom(true, undefined), ...stamp })],
  [2, message("exited", { name, why: fc.constantFrom(...EXIT_REASONS, "new"), by: name, text, ...stamp })],
  [2, message("renamed", { name, to: name, ...stamp })],
  [2, message("topic", { by: name, text, ...stamp })],
  [1, message("opened", stamp)],
  [
    2,
    message("moderated", {
      act: fc.constantFrom(...ACTS, "new"),
      by: name,
      name,
      text,
      seconds: number,
      since: at,
      names: list,
      undo: fc.constantFrom(true, undefined),
      ...stamp,
    }),
  ],
];
const event = weighted(events);
const told: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<object>])[] = [
  ...events,
  [2, message("whisper", { from: name, to: name, text, at, re })],
  [2, message("refused", { code: fc.oneof(words, fc.constantFrom(...REFUSAL_CODES)), text, re })],
  [2, message("members", { members: list, verified: list, re })],
  [2, message("history", { events: fc.array(event, { maxLength: 4 }), more: fc.boolean(), re })],
  [
    1,
    message("bans", {
      bans: fc.array(fc.record({ name, by: name, at, until: at, text }), { maxLength: 3 }),
      re,
    }),
  ],
  [
    1,
    message("audit", {
      acts: fc.array(fc.record({ at, act: words, by: name, name, text, seconds: number }), { maxLength: 3 }),
      re,
    }),
  ],
  [
    1,
    message("invites", {
      invites: fc.array(fc.record({ id: number, scope: words, until: at, uses: number, by: name }), { maxLength: 3 }),
      re,
    }),
  ],
  [1, message("invitation", { secret: words, id: number, scope: words, until: at, uses: number, re })],
  [1, message("link", { code: words, until: at, re })],
  [1, message("challenge", { nonce: words, log: words, re })],
  [1, message("ping", { re })],
  [1, message("pong", { re })],
  [1, fc.tuple(words, text).map(([type, text]) => ({ type, text }))],
];

/** A welcome that lets in, whatever else it says. */
export const welcome = fc
  .record({
    room: words,
    name,
    token: words,
    log: words,
    members: list,
    verified: list,
    role: words,
    topic: text,
    server: words,
  })
  .map((fields) => ({ type: "welcome", seq: 0, limits: someLimits, protocol: 1, resumed: false, ...fields }));

/** The last word of a server. */
export const bye = fc
  .record({
    code: fc.constantFrom(...BYE_CODES, "new"),
    text,
    retry_ms: fc.constantFrom(0, -1, 1e12, 1e308, undefined),
  })
  .map((fields) => ({ type: "bye", ...fields }));

/** What becomes of a line: at a place, a fraction of its length. */
type Edit = readonly [how: "cut" | "drop" | "double" | "turn" | "put", place: number, length: number, piece: string];
const edit: fc.Arbitrary<Edit> = fc.tuple(
  fc.constantFrom("cut", "drop", "double", "turn", "put", "put"),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.nat(12),
  fc.oneof(fc.constantFrom(...PIECES), fc.constantFrom(...ODDITIES)),
);

function edited(line: string, edits: readonly Edit[]): string {
  let text = line;
  for (const [how, place, length, piece] of edits) {
    const at = Math.floor(place * text.length);
    const [before, part, rest] = [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)];
    if (how === "cut") text = before;
    else if (how === "drop") text = before + rest;
    else if (how === "double") text = before + part + part + rest;
    else if (how === "turn") text = before + Array.from(part).toReversed().join("") + rest;
    else text = before + piece + part + rest;
  }
  // As it is after it went over a wire.
  return text.toWellFormed();
}

/** Most lines are as they were. */
const edits: fc.Arbitrary<readonly Edit[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(edit, { minLength: 1, maxLength: 3 }) },
);

/** How many lines that are, as a rule. */
export const REQUESTS_ABOUT = 95;

/** What a client says. Its messages bear marks that nobody else's do, as long as nothing falls out of those. */
export const requestLines = (mark: string): fc.Arbitrary<readonly string[]> =>
  fc
    .array(fc.tuple(weighted(requests), edits), { minLength: 1, maxLength: 200, size: "max" })
    .map((made) =>
      made.map(([message, edits], at) => edited(JSON.stringify({ ...message, re: `${mark}${at}` }), edits)),
    );

/** What a server says: so many lines. */
export const toldLines = (minLength: number, maxLength: number): fc.Arbitrary<readonly string[]> =>
  fc
    .array(fc.tuple(weighted(told), edits), { minLength, maxLength, size: "max" })
    .map((made) =>
      made.map(([message, edits], at) =>
        edited(JSON.stringify(message).replaceAll(String(NEXT), String(at + 1)), edits),
      ),
    );

function weighted<A>(choices: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<A>])[]): fc.Arbitrary<A> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}
