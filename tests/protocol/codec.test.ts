// One line ↔ one message: what is understood, what is refused and why, and what is skipped.
import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import {
  decodeClient,
  decodeServer,
  decodeStartTls,
  decodeStored,
  encode,
  encodeWelcome,
  NameList,
} from "../../lib/protocol/codec.ts";
import { RE_CHARS_MAX, TEXT_BYTES_MAX } from "../../lib/protocol/limits.ts";
import {
  BYE_CODES,
  ClientMessage,
  EXIT_REASONS,
  type Fact,
  type Refusal,
  REFUSAL_CODES,
  type RefusalCode,
  refuse,
  type RoomEvent,
  ServerMessage,
} from "../../lib/protocol/message.ts";
import { ACTS } from "../../lib/protocol/moderation.ts";
import { someLimits } from "../support/limits.ts";

const utf8 = new TextDecoder();
const lineOf = (message: ClientMessage | ServerMessage) => utf8.decode(encode(message)).slice(0, -1);

const re = "r1";
const ASKED: readonly ClientMessage[] = [
  { type: "join", name: "Ada", room: "lobby" },
  { type: "join", name: "Ada", room: "attic", after: 7, log: "id", token: "secret", re },
  { type: "say", text: "hi" },
  { type: "say", text: "waves", action: true, re },
  { type: "whisper", to: "Bob", text: "psst", re },
  { type: "rename", name: "Adele", re },
  { type: "topic", text: "tea", re },
  { type: "history" },
  { type: "history", before: 100, limit: 20, re },
  { type: "members", re },
  { type: "kick", name: "Bob", re },
  { type: "kick", name: "Bob", text: "enough" },
  { type: "ping", re },
  { type: "pong" },
  { type: "leave" },
  { type: "leave", text: "bye", re },
  { type: "join", name: "Ada", room: "lobby", invite: "i", key: "k", signature: "s", link: "c" },
  { type: "challenge", re },
  { type: "ban", name: "Bob", seconds: 60, text: "enough", re },
  { type: "unban", name: "Bob" },
  { type: "bans" },
  { type: "mute", name: "Bob", seconds: 60, text: "enough", re },
  { type: "unmute", name: "Bob" },
  { type: "op", name: "Bob" },
  { type: "deop", name: "Bob" },
  { type: "slow", seconds: 0 },
  { type: "lock", re },
  { type: "unlock" },
  { type: "purge", name: "Bob", seconds: 60 },
  { type: "undo" },
  { type: "audit", limit: 5 },
  { type: "invite", scope: "operator", seconds: 60, uses: 1 },
  { type: "invites" },
  { type: "uninvite", id: 1 },
  { type: "link" },
];

const at = "2025-01-02T03:04:05.678Z";
const EVENTS: readonly RoomEvent[] = [
  { type: "said", from: "Ada", text: "hi", seq: 1, at },
  { type: "said", from: "Ada", text: "waves", action: true, re, seq: 2, at },
  { type: "entered", name: "Ada", seq: 3, at, re },
  ...EXIT_REASONS.map((why, index): RoomEvent => ({ type: "exited", name: "Ada", why, seq: 4 + index, at })),
  { type: "exited", name: "Ada", why: "kicked", by: "Host", text: "enough", seq: 8, at, re },
  { type: "renamed", name: "Ada", to: "Adele", seq: 9, at },
  { type: "topic", by: "Ada", text: "tea", seq: 10, at },
  { type: "opened", seq: 11, at },
  { type: "entered", name: "Ada", verified: true, seq: 12, at },
  ...ACTS.map((act, index): RoomEvent => ({ type: "moderated", act, by: "Host", seq: 13 + index, at })),
  {
    type: "moderated",
    act: "muted",
    by: "Host",
    name: "Ada",
    text: "enough",
    seconds: 60,
    undo: true,
    seq: 40,
    at,
    re,
  },
  { type: "moderated", act: "purged", by: "Host", name: "Ada", names: ["ada"], since: at, seq: 41, at },
];
const limits = {
  line_bytes: 1,
  text_bytes: 2,
  text_lines: 3,
  name_chars: 4,
  rate: { per_s: 5, burst: 20 },
  history: 6,
  ping_ms: 7,
  gone_ms: 8,
};
const welcome = {
  type: "welcome",
  room: "lobby",
  name: "Ada",
  token: "t",
  log: "l",
  seq: 9,
  members: ["Ada", "Bob"],
  limits,
  server: "chatd",
  protocol: 1,
  resumed: false,
} as const;
const TOLD: readonly ServerMessage[] = [
  ...EVENTS,
  { ...welcome, members: [...welcome.members] },
  { ...welcome, members: [], topic: "tea", gap: 3, re, limits: { ...limits, rate: null } },
  { type: "history", events: [...EVENTS], more: true, re },
  { type: "members", members: ["Ada"], re },
  { type: "whisper", from: "Ada", to: "Bob", text: "psst", at, re },
  ...REFUSAL_CODES.map((code): ServerMessage => ({ type: "refused", code, text: "No.", re })),
  ...BYE_CODES.map((code): ServerMessage => ({ type: "bye", code, text: "Bye." })),
  { type: "bye", code: "shutdown", text: "Bye.", retry_ms: 1_000, re },
  { type: "ping", re },
  { type: "pong" },
  { ...welcome, members: ["Ada"], verified: ["Ada"], role: "operator" },
  { type: "members", members: ["Ada"], verified: ["Ada"] },
  { type: "challenge", nonce: "n", log: "l", re },
  { type: "bans", bans: [{ name: "Bob", by: "Host", at, until: at, text: "enough" }], re },
  { type: "audit", acts: [{ at, act: "banned", by: "Host", name: "Bob", seconds: 60, undone: true }] },
  { type: "invitation", secret: "s", id: 1, scope: "join", until: at, uses: 10 },
  { type: "invites", invites: [{ id: 1, scope: "join", until: at, uses: 10, by: "Host" }] },
  { type: "link", code: "c", until: at },
];

describe("there and back", () => {
  for (const message of ASKED)
    test(`a client's ${lineOf(message)}`, () => expect(decodeClient(lineOf(message))).toEqual(message));
  for (const message of TOLD)
    test(`a server's ${lineOf(message).slice(0, 60)}`, () => expect(decodeServer(lineOf(message))).toEqual(message));

  test("of every type there is", () => {
    const types = (schema: typeof ClientMessage | typeof ServerMessage) =>
      new Set(schema.options.map((option): string => option.entries.type.literal));
    expect(new Set(ASKED.map((message): string => message.type))).toEqual(types(ClientMessage));
    expect(new Set(TOLD.map((message): string => message.type))).toEqual(types(ServerMessage));
  });

  test("an event comes out of the log as it went in", () => {
    for (const event of EVENTS) expect(decodeStored(lineOf(event))).toEqual(event);
  });
});

test("a message is one line of UTF-8, whatever is said", () => {
  const bytes = encode({ type: "say", text: 'two\nlines, Zoë 👩‍👩‍👧 and "quotes"\\' });
  expect(bytes.indexOf(0x0a)).toBe(bytes.length - 1);
  expect(utf8.decode(bytes)).toBe('{"type":"say","text":"two\\nlines, Zoë 👩‍👩‍👧 and \\"quotes\\"\\\\"}\n');
});

test("what is not set is not written", () => {
  expect(lineOf({ type: "say", text: "hi", action: undefined, re: undefined })).toBe('{"type":"say","text":"hi"}');
  expect(lineOf(refuse("internal", "No."))).toBe('{"type":"refused","code":"internal","text":"No."}');
});

/** What the server answers, its sentence aside. */
function refused(line: string): Pick<Refusal, "code" | "re"> | ClientMessage {
  const answer = decodeClient(line);
  if (answer.type !== "refused") return answer;
  expect(answer.text).toMatch(/^[A-Z`].*[.?]$/);
  return answer.re === undefined ? { code: answer.code } : { code: answer.code, re: answer.re };
}

describe("a client's line", () => {
  test("that is no JSON object is refused", () => {
    for (const line of [
      "",
      " ",
      "null",
      "true",
      "3",
      '"say"',
      "[]",
      '[{"type":"ping"}]',
      "{",
      "}",
      "{]",
      "hello",
      "NaN",
      "{'type':'ping'}",
      '{"type":"ping",}',
      '{"type":"ping"}{"type":"ping"}',
      '{"type":"ping"} x',
      '{type:"ping"}',
      '\ufeff{"type":"ping"}',
      '{"type":"say","text":"a\tb"}',
      '{"type":"say","text":"a',
      "GET / HTTP/1.1",
    ])
      expect([line, refused(line)]).toEqual([line, { code: "bad-json" }]);
  });

  test("may have spaces around and within", () => {
    expect(decodeClient(' \t{ "type" : "ping" }\r')).toEqual({ type: "ping" });
  });

  test("without a type that is a string is refused", () => {
    for (const line of ["{}", '{"type":null}', '{"type":1}', '{"type":["say"]}', '{"type":{}}', '{"TYPE":"say"}'])
      expect([line, refused(line)]).toEqual([line, { code: "bad-message" }]);
  });

  test("of an unknown type is refused by that name", () => {
    for (const type of [
      "shout",
      "",
      "Say",
      "said",
      "welcome",
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
    ])
      expect(refused(JSON.stringify({ type, text: "x", re }))).toEqual({ code: "unknown-type", re });
  });

  test("may have fields that nobody knows", () => {
    for (const message of ASKED)
      expect(decodeClient(JSON.stringify({ colour: "red", ...message, more: [{ deep: null }] }))).toEqual(message);
  });

  test("is not steered by the names of a prototype", () => {
    const line =
      '{"type":"say","text":"x","__proto__":{"action":true,"re":"p"},"constructor":{"prototype":{"re":"q"}}}';
    expect(decodeClient(line)).toEqual({ type: "say", text: "x" });
    expect(refused('{"__proto__":{"type":"ping"}}')).toEqual({ code: "bad-message" });
    expect(refused('{"type":"say","__proto__":{"text":"x","re":"p"}}')).toEqual({ code: "bad-text" });
    expect("re" in {}).toBeFalse();
  });

  test("that has a field twice means the last one", () => {
    expect(decodeClient('{"type":"ping","type":"say","text":"a","text":"b"}')).toEqual({ type: "say", text: "b" });
  });

  test("may be nested as deep as a line is long", () => {
    const deep = "[".repeat(30_000) + "]".repeat(30_000);
    expect(decodeClient(`{"type":"say","text":"x","deep":${deep}}`)).toEqual({ type: "say", text: "x" });
    expect(refused(`{"type":"say","text":${deep},"re":"r1"}`)).toEqual({ code: "bad-text", re });
    expect(refused(`{"type":${deep}}`)).toEqual({ code: "bad-message" });
    expect(refused("[".repeat(60_000))).toEqual({ code: "bad-json" });
    expect(refused('{"a":'.repeat(12_000))).toEqual({ code: "bad-json" });
    expect(refused('{"a":'.repeat(10_000) + "1" + "}".repeat(10_000))).toEqual({ code: "bad-message" });
  });

  test("that lacks a field is refused for it", () => {
    expect(refused('{"type":"join"}')).toEqual({ code: "bad-name" });
    expect(refused('{"type":"say"}')).toEqual({ code: "bad-text" });
    expect(refused('{"type":"whisper","text":"x"}')).toEqual({ code: "bad-name" });
    expect(refused('{"type":"whisper","to":"Bob"}')).toEqual({ code: "bad-text" });
    expect(refused('{"type":"rename"}')).toEqual({ code: "bad-name" });
    expect(refused('{"type":"topic"}')).toEqual({ code: "bad-text" });
    expect(refused('{"type":"kick"}')).toEqual({ code: "bad-name" });
  });

  describe("with a field of the wrong kind is refused for it", () => {
    const strings = [null, 1, true, [], {}, ["x"]];
    const wrong: readonly [string, Readonly<Record<string, unknown>>, readonly unknown[], RefusalCode][] = [
      ["name", { type: "join" }, strings, "bad-name"],
      ["room", { type: "join", name: "Ada" }, strings, "bad-message"],
      ["log", { type: "join", name: "Ada" }, strings, "bad-message"],
      ["token", { type: "join", name: "Ada" }, strings, "bad-message"],
      ["after", { type: "join", name: "Ada" }, [null, "1", true, [1], {}, -1, 1.5, 2 ** 53], "bad-message"],
      ["text", { type: "say" }, strings, "bad-text"],
      ["action", { type: "say", text: "x" }, [null, 1, "true", []], "bad-message"],
      ["to", { type: "whisper", text: "x" }, strings, "bad-name"],
      ["text", { type: "whisper", to: "Bob" }, strings, "bad-text"],
      ["name", { type: "rename" }, strings, "bad-name"],
      ["text", { type: "topic" }, strings, "bad-text"],
      ["before", { type: "history" }, [null, "1", -1, 0.5, 1e300], "bad-message"],
      ["limit", { type: "history" }, [null, "1", 0, -1, 0.5, 1e300], "bad-message"],
      ["name", { type: "kick" }, strings, "bad-name"],
      ["text", { type: "kick", name: "Bob" }, strings, "bad-text"],
      ["text", { type: "leave" }, strings, "bad-text"],
    ];
    for (const [field, rest, values, code] of wrong)
      test(`${field} of ${String(rest["type"])}`, () => {
        for (const value of values) {
          const line = JSON.stringify({ ...rest, re, [field]: value });
          expect([line, refused(line)]).toEqual([line, { code, re }]);
        }
      });

    test("or a number that is none", () => {
      expect(refused('{"type":"join","name":"Ada","after":1e400}')).toEqual({ code: "bad-message" });
      expect(refused('{"type":"history","limit":9007199254740993}')).toEqual({ code: "bad-message" });
      expect(decodeClient('{"type":"history","before":9007199254740991}')).toMatchObject({ before: 2 ** 53 - 1 });
    });
  });

  test("has its text cleaned, or is refused with the reason", () => {
    expect(decodeClient('{"type":"say","text":"a\\r\\n\\u001b[31mb\\u0007"}')).toEqual({ type: "say", text: "a\nb" });
    const refusal = { type: "refused", code: "bad-text", re } as const;
    expect(decodeClient('{"type":"say","text":" ","re":"r1"}')).toEqual({ ...refusal, text: "The text is empty." });
    expect(decodeClient('{"type":"topic","text":"\\ud800","re":"r1"}')).toEqual({
      ...refusal,
      text: "The text is not valid Unicode: it holds half a surrogate pair.",
    });
    expect(refused(lineOf({ type: "say", text: "x".repeat(TEXT_BYTES_MAX + 1), re }))).toEqual({
      code: "bad-text",
      re,
    });
  });

  test("has its name cleaned, or is refused with the reason", () => {
    expect(decodeClient('{"type":"join","name":" Ａｄａ "}')).toEqual({ type: "join", name: "Ada", room: "lobby" });
    expect(decodeClient('{"type":"whisper","to":"b b","text":"x"}')).toEqual(
      refuse("bad-name", "A name holds letters, digits and _ - . and starts with a letter or digit."),
    );
  });

  test("is refused for the first thing that is wrong", () => {
    expect(refused('{"type":"join","name":"","after":-1}')).toEqual({ code: "bad-name" });
  });
});

describe("a client's mark", () => {
  const ping = (mark: unknown) => JSON.stringify({ type: "ping", re: mark });

  test("is any string of up to so many characters", () => {
    for (const mark of ["", "1", "a b", "é".repeat(RE_CHARS_MAX), "x".repeat(RE_CHARS_MAX), '"\\', "😀"])
      expect(decodeClient(ping(mark))).toEqual({ type: "ping", re: mark });
  });

  test("that is too long, of the wrong kind or holds what hides is refused", () => {
    for (const mark of [
      "x".repeat(RE_CHARS_MAX + 1),
      null,
      1,
      {},
      [],
      "a\nb",
      "\x1b",
      "\0",
      "\u202e",
      "\u2028",
      "\ud800",
    ])
      expect([mark, refused(ping(mark))]).toEqual([mark, { code: "bad-message" }]);
    expect(decodeClient(ping("x".repeat(RE_CHARS_MAX + 1)))).toMatchObject({
      text: `\`re\` is longer than ${RE_CHARS_MAX} characters.`,
    });
  });

  test("comes back on a refusal only when it is good itself", () => {
    expect(refused(JSON.stringify({ type: "say", re: "m" }))).toEqual({ code: "bad-text", re: "m" });
    expect(refused(JSON.stringify({ type: "shout", re: "m" }))).toEqual({ code: "unknown-type", re: "m" });
    expect(refused(JSON.stringify({ re: "m" }))).toEqual({ code: "bad-message", re: "m" });
    for (const mark of ["x".repeat(RE_CHARS_MAX + 1), 7, "a\nb"])
      expect(refused(JSON.stringify({ type: "shout", re: mark }))).toEqual({ code: "unknown-type" });
  });
});

describe("a server's line", () => {
  test("of a type that is newer than the client is skipped", () => {
    for (const type of ["reacted", "say", "", 1, null, "__proto__"])
      expect(decodeServer(JSON.stringify({ type, seq: 1, at }))).toBeUndefined();
  });

  test("that is no message is skipped", () => {
    for (const line of ["", "null", "[]", "{}", "{", '{"type":"said"}', "x", '{"type":"said","seq":"1","at":"x"}'])
      expect(decodeServer(line)).toBeUndefined();
  });

  test("may have fields that the client does not know", () => {
    for (const message of TOLD)
      expect(decodeServer(JSON.stringify({ ...message, reactions: [{ smile: 3 }] }))).toEqual(message);
  });

  test("may refuse or part for a reason that the client does not know", () => {
    for (const message of [
      { type: "refused", code: "quota", text: "Enough for today.", re },
      { type: "bye", code: "moved", text: "We are next door." },
    ])
      expect(decodeServer(JSON.stringify(message))).toEqual(message as ServerMessage);
  });
});

describe("the line after which a wire is encrypted", () => {
  test("is known with its mark, whatever else is in it", () => {
    expect(decodeStartTls('{"type":"starttls"}')).toEqual({ type: "starttls" });
    expect(decodeStartTls(' {"more":[1],"re":"7","type":"starttls"} ')).toEqual({ type: "starttls", re: "7" });
    expect(new TextDecoder().decode(encode({ type: "starttls", re: "7" }))).toBe('{"type":"starttls","re":"7"}\n');
  });

  test.each([
    "",
    "starttls",
    '"starttls"',
    '{"type":"join","name":"starttls"}',
    '{"type":"starttls","re":7}',
    '{"type":"STARTTLS"}',
    '[{"type":"starttls"}]',
    '{"type":"starttls"',
  ])("is not %j", (line) => {
    expect(decodeStartTls(line)).toBeUndefined();
  });

  test("is no request of a member, and no message of a server", () => {
    expect(decodeClient('{"type":"starttls","re":"7"}')).toMatchObject({
      type: "refused",
      code: "no-encryption",
      re: "7",
    });
    expect(decodeServer('{"type":"starttls"}')).toBeUndefined();
  });
});

test("how far a wire can be trusted is read where it is known, and does no harm where not", () => {
  const welcome = {
    type: "welcome",
    room: "lobby",
    name: "Ada",
    token: "t",
    log: "l",
    seq: 1,
    members: [],
    server: "s",
    protocol: 1,
    resumed: false,
    limits: {
      line_bytes: 1,
      text_bytes: 1,
      text_lines: 1,
      name_chars: 1,
      rate: null,
      history: 1,
      ping_ms: 1,
      gone_ms: 1,
    },
  };
  expect(decodeServer(JSON.stringify({ ...welcome, standing: "plain" }))).toMatchObject({ standing: "plain" });
  for (const standing of ["unheard of", 7, null, ["plain"]])
    expect(decodeServer(JSON.stringify({ ...welcome, standing }))).toMatchObject({
      type: "welcome",
      standing: undefined,
    });
});

test("a fact and its stamp are an event", () => {
  const fact: Fact = { type: "said", from: "Ada", text: "hi" };
  expect(decodeServer(JSON.stringify({ ...fact, seq: 1, at }))).toEqual({ ...fact, seq: 1, at });
});

test("no line has a length with a zero in its low byte, and none says something else for it", () => {
  for (let length = 1; length <= 600; length++) {
    const message = { type: "say", text: "x".repeat(length) } as const;
    const bytes = encode(message);
    expect(bytes.length % 256).not.toBe(0);
    expect(bytes.at(-1)).toBe(10);
    expect(decodeClient(utf8.decode(bytes).slice(0, -1))).toEqual(message);
  }
});

test.each(["", "soon", "2026-13-45T99:99:99Z"])("what is said to have happened at %j is no event", (at) => {
  expect(decodeServer(JSON.stringify({ type: "said", from: "Ada", text: "hi", seq: 1, at }))).toBeUndefined();
});

test("a welcome holds the names that were listed when it was made, and its length never has a zero byte", () => {
  const names = new NameList();
  const listed: string[] = [];
  for (let count = 0; count < 300; count++) {
    const welcome = {
      type: "welcome" as const,
      room: "lobby",
      name: "Ada",
      token: "t",
      log: "l",
      seq: count,
      topic: "",
      limits: someLimits,
      server: "s",
      protocol: 1,
      resumed: false,
    };
    const early = names.json;
    names.add(`漢"${count}`);
    const line = encodeWelcome(welcome, early, new Uint8Array());
    expect(line.length % 256).not.toBe(0);
    expect(decodeServer(utf8.decode(line).trimEnd())).toEqual({ ...welcome, members: [...listed] });
    listed.push(`漢"${count}`);
  }
});

test("a pong that is read the short way is what its schema makes of it", () => {
  for (const more of [{}, { re: "1" }, { text: "x" }])
    expect(decodeClient(JSON.stringify({ type: "pong", ...more }))).toEqual(
      v.parse(ClientMessage, { type: "pong", ...more }),
    );
  expect(decodeClient('{"type":"pong","re":7}').type).toBe("refused");
});

test("a say that is read the short way is what its schema makes of it", () => {
  const texts = [
    "hi",
    " ",
    "",
    "\t",
    "two\nlines",
    "é",
    "e\u0301",
    "\u001b[31mred",
    "x".repeat(8_192),
    "x".repeat(8_193),
    "\ud800",
    7,
    null,
  ];
  const marks = [undefined, "", "r1", "x".repeat(64), "x".repeat(65), "é", "\n", "\u202e", 7];
  const actions = [undefined, true, false, "true", 1];
  for (const text of texts)
    for (const re of marks)
      for (const action of actions) {
        const line = JSON.stringify({ type: "say", text, re, action, more: 1 });
        const parsed = v.safeParse(ClientMessage, JSON.parse(line));
        const decoded = decodeClient(line);
        if (parsed.success) expect(decoded).toEqual(parsed.output);
        else {
          const { path, message } = parsed.issues[0];
          // Where it is the text that is refused, in the schema's own words.
          const isOwn = path?.[0]?.key === "text" && typeof text === "string";
          expect(decoded).toMatchObject({ type: "refused", ...(isOwn && { code: "bad-text", text: message }) });
        }
      }
});
