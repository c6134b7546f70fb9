// A server that means harm: whatever it says, in whatever field, only the client's own escape sequences reach the terminal.
import { expect, test } from "bun:test";
import { ACTS } from "../../lib/protocol/moderation.ts";
import { dirtPrinted, dirtSeen } from "../attacks/clean.ts";
import { serve as serveLines } from "../attacks/hostile.ts";
import { ALL, SEQUENCES } from "../attacks/sequences.ts";
import { stateAfter } from "../attacks/watched.ts";
import { CHAT, home } from "../support/binaries.ts";
import { someLimits } from "../support/limits.ts";

const EVIL = "Eve\x1b]0;owned\x07\x1b[2J\x9b31m\u202eliar\r\n[*] Host left.";
const TIMEOUT_MS = 30_000;
const LAST = "That was all.";
const at = new Date(0).toISOString();
const event = (fields: object) => ({ ...fields, seq: 0, at });
const said = (text: string, from = "Ed") => event({ type: "said", from, text });

function welcomeOf(evil: string, members: readonly string[]) {
  return {
    type: "welcome",
    room: evil,
    name: evil,
    token: "t",
    log: evil,
    seq: 0,
    members,
    verified: members,
    role: evil,
    topic: evil,
    limits: someLimits,
    server: evil,
    protocol: 1,
    resumed: false,
  };
}

/** Every field that a person gets to see, of every message, with this in it. */
function newsWith(evil: string): readonly object[] {
  const mark = { re: evil };
  return [
    said(evil, evil),
    event({ type: "said", from: evil, text: evil, action: true }),
    event({ type: "entered", name: evil }),
    event({ type: "renamed", name: evil, to: `${evil}2` }),
    event({ type: "exited", name: `${evil}2`, why: "kicked", by: evil, text: evil }),
    event({ type: "exited", name: evil, why: "left", text: evil }),
    event({ type: "topic", by: evil, text: evil }),
    ...ACTS.slice(1, 4).map((act) => event({ type: "moderated", act, by: evil, name: evil, text: evil })),
    { type: "whisper", from: evil, to: "Ada", text: evil, at },
    { type: "refused", code: evil, text: evil },
    { type: "history", events: [said(evil, evil)], more: true },
    { type: "members", members: [evil, `${evil}2`], verified: [evil] },
    { type: "bans", bans: [{ name: evil, by: evil, at, text: evil }] },
    { type: "audit", acts: [{ at, act: evil, by: evil, name: evil, text: evil }] },
    { type: "invites", invites: [{ id: 1, scope: evil, until: at, uses: 1, by: evil }] },
    { type: "invitation", secret: evil, id: 1, scope: evil, until: at, uses: 1 },
    { type: "link", code: evil, until: at },
    // A mark that may not be makes a message that is none.
    { ...said(evil, evil), ...mark },
    { type: "refused", code: "internal", text: "No.", ...mark },
  ];
}

/** One sequence in two messages: its beginning ends the first, its end begins the second. */
const halves = [...SEQUENCES.values()].flatMap((sequence) =>
  [1, Math.ceil(sequence.length / 2)].flatMap((cut) => [
    said(`a${sequence.slice(0, cut)}`),
    said(`${sequence.slice(cut)}b`),
  ]),
);
/** The reader's own name becomes each of them. */
const called = ALL.map((name, index) =>
  event({ type: "renamed", name: index === 0 ? EVIL : ALL[index - 1], to: name }),
);
const news = [...newsWith(EVIL), ...ALL.flatMap(newsWith), ...halves, ...called, said(LAST)].map((message, index) =>
  "seq" in message ? { ...message, seq: index + 1 } : message,
);
/** Nobody of these comes or goes. */
const welcome = welcomeOf(EVIL, [EVIL, "Ed", ...ALL.map((name) => `Tab${name}`)]);
const kicked = { type: "bye", code: "kicked", text: `${EVIL}${ALL.slice(0, 256).join("")}` };

/** Answers a join with these messages, and whatever is said with the goodbye. */
const serve = (...messages: readonly object[]) =>
  serveLines(
    messages.map((message) => JSON.stringify(message)),
    JSON.stringify(kicked),
  );

/** Without the client's own: colours, the prompt's moves, the marks of pastes. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const OWN = /\x1b\[(0|1|2|22|3|33|36)m|\x1b\[\?(7|2004)[hl]|\x1b\[[JK]|\x1b\[\d*A/g;

function expectHarmless(written: string): void {
  const lines = written.replace(OWN, "").replaceAll("\r", "").split("\n");
  expect(lines.flatMap((line) => dirtSeen(line) ?? [])).toEqual([]);
}

test("what is said here does harm to a terminal that takes it as it is", async () => {
  const { osc, bells, title, answers } = await stateAfter([...SEQUENCES.values()].join("x"));
  expect(osc).toEqual(expect.arrayContaining([0, 4, 8, 52, 104, 1337]));
  expect([bells > 0, title.startsWith("owned"), answers.length > 0]).toEqual([true, true, true]);
  for (const name of ["a scroll region", "the other screen", "a hidden cursor", "the mouse told", "the cursor's shape"])
    expect(await stateAfter(SEQUENCES.get(name)!)).not.toEqual(await stateAfter(""));
});

test(
  "on a terminal",
  async () => {
    await using place = await home();
    using server = serve(welcome, ...news);
    await using ada = await place.open([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
    await ada.until(LAST, TIMEOUT_MS);
    ada.type("T\t\t");
    await ada.until(/… and \d+ more\n[^\n]* > Tab$/);
    ada.type("\x15E\t\t");
    await ada.until(/ > E[^\n]+$/);
    const fresh = await stateAfter("");
    expect(await stateAfter(ada.received())).toEqual({
      ...fresh,
      modes: { ...fresh.modes, bracketedPasteMode: true },
    });
    // The cursor is where the prompt thinks that it is.
    ada.type("\x15hello");
    const row = (await ada.until(/ > hello$/)).split("\n").at(-1)!;
    expect(ada.cursor().x).toBe(row.length);
    ada.type("\r");
    expect(await ada.exited).toBe(5);
    expectHarmless(ada.received());
    expect(await stateAfter(ada.received())).toEqual(fresh);
    // A line of theirs is never at the start of a row of its own.
    expect(ada.everything()).not.toMatch(/^\[\*\] Host left/m);
  },
  TIMEOUT_MS,
);

test(
  "without a prompt",
  async () => {
    await using place = await home();
    using server = serve(welcome, ...news);
    await using ada = await place.open([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada", "--plain"]);
    await ada.until(LAST, TIMEOUT_MS);
    ada.type("hello\r");
    expect(await ada.exited).toBe(5);
    // Not even colours.
    expect(ada.received()).not.toMatch(/[^\P{Cc}\r\n]/u);
    expectHarmless(ada.received());
    expect(await stateAfter(ada.received())).toEqual(await stateAfter(""));
  },
  TIMEOUT_MS,
);

test(
  "in a pipe",
  async () => {
    await using place = await home();
    using server = serve(welcome, ...news);
    await using ada = place.run([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
    await ada.until("In Eve");
    await ada.until(LAST, TIMEOUT_MS);
    ada.say("hello");
    expect(await ada.exited()).toBe(5);
    expectHarmless([...ada.out, ...ada.err].join("\n"));
  },
  TIMEOUT_MS,
);

test(
  "for a program, which gets every message as it was said, in a form that can be looked at",
  async () => {
    await using place = await home();
    // Between strings, JSON takes line ends and tabs for blanks, and a terminal does not.
    using server = serve(welcome, ...news);
    await using ada = place.run([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada", "--json"]);
    await ada.until(LAST, TIMEOUT_MS);
    ada.say('{"type":"say","text":"hello"}');
    expect(await ada.exited()).toBe(5);
    expect(ada.out.flatMap((line) => dirtPrinted(line) ?? [])).toEqual([]);
    expectHarmless(ada.err.join("\n"));
    // A mark that holds a control character makes a message that is none, and not every message is for every client.
    const isCompared = (line: string) =>
      !/"re":/.test(line) &&
      /^\{"type":"(welcome|said|entered|exited|renamed|topic|whisper|refused|history|members)"/.test(line);
    const told = [welcome, ...news].map((message) => JSON.stringify(message)).filter(isCompared);
    const printed = ada.out.map((line) => JSON.stringify(JSON.parse(line))).filter(isCompared);
    const wrong = printed.findIndex((line, index) => line !== told[index]);
    expect(printed[wrong]).toBe(told[wrong]);
    expect(printed.length).toBe(told.length);
  },
  TIMEOUT_MS,
);

test("a line whose blanks are line ends and tabs is printed with blanks", async () => {
  await using place = await home();
  const hidden = '{"type":"said",\t"from":"Ed",\r"text":"hidden",\r\r\t"seq":1,"at":"1970-01-01T00:00:00.000Z"}\r';
  using server = serveLines([JSON.stringify(welcome), hidden, JSON.stringify(kicked)], "");
  await using ada = place.run([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada", "--json"]);
  expect(await ada.exited()).toBe(5);
  expect(ada.out[1]).toBe('{"type":"said", "from":"Ed", "text":"hidden",   "seq":1,"at":"1970-01-01T00:00:00.000Z"}');
});

test.each([
  ["a refusal at the door", { type: "refused", code: "no-such-room", text: EVIL }, 3],
  ["a goodbye at the door", { type: "bye", code: "full", text: EVIL }, 3],
  ["a welcome from times to come", { ...welcome, protocol: 1e308 }, 3],
])("with %s", async (_, message, code) => {
  await using place = await home();
  using server = serve(message);
  await using ada = place.run([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
  expect(await ada.exited()).toBe(code);
  expectHarmless([...ada.out, ...ada.err].join("\n"));
  await using asked = await place.open([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"], { env: { NO_COLOR: "1" } });
  await asked.until(/Server\n/);
  for (const harm of ["\x1b]0;", "\x1b[2J", "\u202e"]) expect(asked.received()).not.toContain(harm);
});

test("what a server calls somebody is not offered at the next start", async () => {
  await using place = await home();
  {
    using server = serve(welcomeOf("Eve\x1b]0;owned\x07", []));
    await using ada = await place.open([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
    await ada.until(/You are in Eve/);
    ada.type("hello\r");
    expect(await ada.exited).toBe(5);
  }
  await using ada = await place.open([CHAT]);
  await ada.until(/Server\n/);
  ada.type("\r");
  await ada.until(/Port\n/);
  ada.type("\r");
  await ada.until(/Username\n/);
  expect(ada.received()).not.toContain("\x1b]0;");
  expect((await stateAfter(ada.received())).title).toBe("");
});

test("what people copy into a shell is no command of the server's", async () => {
  await using place = await home();
  const secret = `${EVIL}'; $(reboot) '`;
  using server = serve(
    welcomeOf("Ada", ["Ada"]),
    { type: "invitation", secret, id: 1, scope: EVIL, until: at, uses: 1 },
    { type: "link", code: `${EVIL}; $(reboot)`, until: at },
    said(LAST),
  );
  await using ada = await place.open([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
  await ada.until(LAST);
  expect(ada.everything()).toMatch(/^ {2}chat 'chat:\/\/127\.0\.0\.1:\d+\/lobby#invite=\w+'$/m);
  expect(ada.everything()).not.toMatch(/^ .*\$\(reboot\)/m);
});
