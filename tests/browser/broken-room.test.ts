// A room that is broken or means harm: the page never breaks with it, goes on where it can, and says what is wrong where it cannot.
import { expect } from "bun:test";
import { SERVER_LINE_BYTES_MAX } from "../../lib/protocol/limits.ts";
import { bytesOf } from "../../lib/protocol/text.ts";
import { browserTest, visit } from "../support/browser.ts";
import type { Heard } from "../support/peer.ts";
import type { Visitor } from "../support/visitor.ts";
import { dirtSeen } from "../attacks/clean.ts";
import { some } from "../attacks/luck.ts";
import { toldLines } from "../attacks/made-up.ts";
import { ScriptedRoom } from "./scripted-room.ts";

const at = new Date(0).toISOString();

/** A visitor who is in. */
async function enter(room: ScriptedRoom): Promise<Visitor> {
  const ada = await visit({ url: room.url, width: 1_100, height: 1_500 });
  await join(ada);
  await ada.sees(field(ada));
  return ada;
}

async function join(ada: Visitor): Promise<void> {
  await ada.page.getByRole("textbox", { name: /name/i }).fill("Ada");
  await ada.page.keyboard.press("Enter");
}

function field({ page }: Visitor) {
  return page.getByRole("textbox", { name: /message/i });
}

let turns = 0;

/** What is said is seen, and what is typed is said. */
async function expectUsable(ada: Visitor, room: ScriptedRoom): Promise<void> {
  const turn = ++turns;
  room.tell(room.event({ type: "said", from: "Bob", text: `Bob's turn ${turn}` }));
  await ada.sees(`Bob's turn ${turn}`);
  await field(ada).fill(`Ada's turn ${turn}`);
  await field(ada).press("Enter");
  await ada.sees(ada.page.locator(".talk.own:not(.pending)", { hasText: `Ada's turn ${turn}` }));
  expect(ada.problems).toEqual([]);
}

/** All rows that are on the page. */
function rows({ page }: Visitor): Promise<(string | null)[]> {
  return page.evaluate(() => [...document.querySelectorAll(".words, .aside")].map(({ textContent }) => textContent));
}

/** Not one of them is a message. */
const GARBAGE: readonly unknown[] = [
  "",
  "null",
  "true",
  "5",
  '"said"',
  "[]",
  "{",
  "{}",
  "}{",
  "[".repeat(100_000),
  `${'{"type":'.repeat(10_000)}1`,
  { type: null },
  { type: ["said"] },
  { type: { toString: "said" } },
  { type: "constructor" },
  { type: "__proto__" },
  { type: "party", text: "garbage" },
  '{"type":"said","__proto__":{"text":"garbage"},"from":"Bob","seq":9000,"at":"2026-01-01T00:00:00.000Z"}',
  { type: "said" },
  { type: "said", from: 5, text: "garbage", seq: 9_000, at },
  { type: "said", from: "Bob", text: null, seq: 9_000, at },
  { type: "said", from: "Bob", text: ["garbage"], seq: 9_000, at },
  { type: "said", from: "Bob", text: "garbage", seq: 9_000 },
  { type: "said", from: "Bob", text: "garbage", seq: 9_000, at: "garbage" },
  { type: "said", from: "Bob", text: "garbage", seq: 9_000, at: "2026-13-45T99:99:99Z" },
  { type: "said", from: "Bob", text: "garbage", seq: "9000", at },
  { type: "said", from: "Bob", text: "garbage", seq: -1, at },
  { type: "said", from: "Bob", text: "garbage", seq: 1.5, at },
  { type: "said", from: "Bob", text: "garbage", seq: 2 ** 53, at },
  '{"type":"said","from":"Bob","text":"garbage","seq":1e999,"at":"2026-01-01T00:00:00.000Z"}',
  { type: "said", from: "Bob", text: "garbage", seq: 1e308, at },
  ...["+275760-09-13T00:00:00.000Z", "-271821-04-20T00:00:00.000Z", "1", "Jan 1 2026 (garbage)", "2026-01-01"].map(
    (at) => ({ type: "said", from: "Bob", text: "garbage", seq: 9_000, at }),
  ),
  { type: "exited", name: { garbage: 1 }, seq: 9_000, at },
  { type: "entered", seq: 9_000, at },
  { type: "welcome" },
  { type: "members", members: 5 },
  { type: "members", members: [1, null] },
  { type: "history", events: null, more: false },
  { type: "history", events: [null], more: false },
  { type: "whisper", from: "Bob", to: "Ada", text: "garbage", at: "soon" },
  { type: "refused", code: 5, text: "garbage" },
  { type: "bye" },
  { type: "pong", re: "\u202e" },
  { type: "said", from: "Bob", text: "garbage", re: "x".repeat(65), seq: 9_000, at },
];

browserTest("what is no message is passed over, and so is what has happened already", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room);
  room.tell(...GARBAGE);
  await expectUsable(ada, room);
  await ada.seesNo("garbage");
  // A welcome that nobody asked for changes nothing.
  room.tell(room.welcome({ name: "Mallory", members: ["Mallory"], topic: "garbage" }));
  await expectUsable(ada, room);
  await ada.seesNo(/garbage|Mallory/);

  const said = (seq: number, text: string): object => ({ type: "said", from: "Bob", text, seq, at });
  room.tell(...[205, 203, 205, 204, 206, 206, 1].map((seq, index) => said(seq, `number ${seq}, place ${index}`)));
  room.seq = 206;
  await expectUsable(ada, room);
  expect((await rows(ada)).filter((row) => row?.startsWith("number"))).toEqual([
    "number 205, place 0",
    "number 206, place 4",
  ]);
});

browserTest("what /history shows comes last, though it is there already", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room);
  const events: Heard[] = ["one", "two", "three"].map((text) => room.event({ type: "said", from: "Bob", text }));
  room.tell(...events);
  await ada.sees("three");
  room.script.history = ({ re }) => [{ type: "history", events, more: false, re }];
  await field(ada).fill("/history");
  await field(ada).press("Enter");
  await ada.sees("End of the history");
  expect((await rows(ada)).filter((row) => /^(one|two|three|End)/.test(row ?? ""))).toEqual([
    "one",
    "two",
    "three",
    "one",
    "two",
    "three",
    "End of the history; this was all of it.",
  ]);
  // What a room says twice under one number or one mark is seen twice, and nothing else is lost by that.
  room.script.history = ({ re }) => [
    { type: "history", events: [events[0], events[0], events[2], events[1]], more: true, re },
  ];
  await field(ada).fill("/history 4");
  await field(ada).press("Enter");
  await ada.sees("/history COUNT shows more");
  room.tell(...["mine", "mine too"].map((text) => room.event({ type: "said", from: "Ada", text, re: "mark" })));
  await ada.sees("mine too");
  expect((await rows(ada)).slice(-7)).toEqual([
    "one",
    "one",
    "three",
    "two",
    "End of the history; /history COUNT shows more.",
    "mine",
    "mine too",
  ]);
  await expectUsable(ada, room);
});

browserTest("10,000 members, some of them twice, leave the page usable", async () => {
  await using room = new ScriptedRoom();
  const names = Array.from({ length: 10_000 }, (_, index) => `Member${index}`);
  room.script.join = () => [room.welcome({ members: ["Ada", "Ada", ...names, "Member1", ""] })];
  const ada = await enter(room);
  await ada.sees("10004");
  await ada.sees("… and 9504 more");
  await expectUsable(ada, room);
  // Some of them go, and come again.
  const many = names.slice(0, 100);
  room.tell(...many.map((name) => room.event({ type: "exited", name, why: "lost" })));
  room.tell(...many.map((name) => room.event({ type: "entered", name })));
  await expectUsable(ada, room);
  await field(ada).fill("@member9999");
  await ada.sees(ada.page.getByRole("option", { name: "Member9999", exact: true }));
  await field(ada).fill("");
});

browserTest("members who are called like the properties of every object are members like others", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room);
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "length"];
  for (const name of names) {
    const later = `${name}_2`;
    room.tell(
      room.event({ type: "entered", name }),
      room.event({ type: "said", from: name, text: `I am ${name}` }),
      { type: "whisper", from: name, to: "Ada", text: `psst, ${name}`, at },
      room.event({ type: "renamed", name, to: later }),
      room.event({ type: "renamed", name: later, to: name }),
    );
    await ada.sees(`psst, ${name}`);
    await ada.sees(
      ada.page
        .getByRole("button", { name: `Whisper to ${name}`, exact: true })
        .or(ada.page.locator(`button.member[title="Whisper to ${name}"]`)),
    );
  }
  await field(ada).fill("@__pro");
  await ada.sees(ada.page.getByRole("option", { name: "__proto__", exact: true }));
  await field(ada).fill("");
  room.tell(...names.map((name) => room.event({ type: "exited", name, why: "left", text: name })));
  await ada.until((many) => document.querySelectorAll("button.member").length === many, 1, "They are still there");
  await expectUsable(ada, room);
});

browserTest("lines as long as a line may be leave the page usable", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room);
  // To read this page when the test is over takes so long that it tries to come back to a room that is gone.
  ada.allow("ERR_CONNECTION_REFUSED");
  /** As often as it fits into a line. */
  const filled = (piece: string): string =>
    piece.repeat((SERVER_LINE_BYTES_MAX - 1_000) / bytesOf(JSON.stringify(piece).slice(1, -1)));
  for (const piece of [
    "x",
    "x ",
    "line\n",
    "\u0301",
    "http://example.org/ ",
    "`x` ",
    "Ada ",
    ":smile: ",
    "\u1100",
    "😀",
  ]) {
    const text = filled(piece);
    room.tell(room.event({ type: "said", from: "Bob", text }));
    await expectUsable(ada, room);
  }
  room.tell(
    room.event({ type: "renamed", name: "Bob", to: filled("y") }),
    room.event({ type: "topic", by: "Bob", text: filled("z") }),
    `{"type":"pong","deep":${"[".repeat(500_000)}${"]".repeat(500_000)}}`,
    `{"type":"pong",${'"a":{'.repeat(150_000)}${"}".repeat(150_000)}}`,
    { type: "members", members: Array.from({ length: 250_000 }, () => "a") },
  );
  await expectUsable(ada, room);
});

browserTest("whatever a room says, the page goes on", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room);
  const [lines = []] = some("a page", toldLines(500, 500), 1);
  // They are numbered from 1, and what follows the last number there is never comes.
  const after = room.seq;
  const told = lines
    .filter((line) => !line.includes(String(Number.MAX_SAFE_INTEGER)))
    .map((line) => line.replace(/"seq":(\d{1,3})(?=[,}])/g, (_, seq: string) => `"seq":${after + Number(seq)}`));
  room.tell(...told);
  room.seq = 2e12;
  await expectUsable(ada, room);
  const shown = await rows(ada);
  expect(shown.flatMap((row) => dirtSeen(row ?? "") ?? [])).toEqual([]);
});

browserTest("a room that goes on refusing leaves the page usable", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room);
  for (let wave = 1; wave <= 5; wave++) {
    room.tell(...Array.from({ length: 1_000 }, () => ({ type: "refused", code: "no", text: `No, ${wave} times no.` })));
    await ada.sees(`No, ${wave} times no.`);
    await expectUsable(ada, room);
  }
  room.script.say = ({ re }) => [{ type: "refused", code: "bad-text", text: "That is not said here.", re }];
  await field(ada).fill("hello");
  await field(ada).press("Enter");
  await ada.sees("Not said: hello");
  await ada.sees("That is not said here.");
});

browserTest("a goodbye with a code that nobody knows is no end, and no haste", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room);
  room.script.join = () => [room.welcome({ resumed: true })];
  for (const [code, more] of [
    ["", {}],
    ["__proto__", { retry_ms: -1 }],
    ["constructor", { retry_ms: 0 }],
  ] as const) {
    const back = room.joined();
    room.dismiss(code, "Odd.", more);
    await back;
    await expectUsable(ada, room);
  }
  // A longer line than any that a room sends.
  const back = room.joined();
  room.tell({ type: "said", text: "x".repeat(2_000_000) });
  await back;
  await expectUsable(ada, room);
  // Whoever says for ever means a long time; a browser's clock would take it for at once.
  const joins = () => room.heard.filter(({ type }) => type === "join").length;
  for (const retry of ["1e12", "1e999"]) {
    const before = joins();
    room.tell(`{"type":"bye","code":"full","text":"Come\u202e much later.","retry_ms":${retry}}`);
    room.cut();
    await ada.sees(/Come much later\.[^]+Next try in (1[0-9]{3}|[5-9][0-9]{2}) s/);
    expect(joins()).toBe(before);
    const back = room.joined();
    await ada.page.getByRole("button", { name: "Try now" }).click();
    await back;
    await expectUsable(ada, room);
  }
});

browserTest("the form says what is wrong with a room that does not let anybody in", async () => {
  await using room = new ScriptedRoom();
  const ada = await visit();
  await ada.page.clock.install();
  await ada.page.goto(room.url);
  const { limits: _, ...without } = room.welcome() as Heard & { limits: unknown };
  for (const [answer, sentence] of [
    [without, /Its welcome is none that this program understands/],
    [room.welcome({ protocol: 2 }), /speaks a newer language than this program: protocol 2, not 1\..* reload the page/],
    [{ type: "bye", code: "odd", text: "Go away." }, /Go away\./],
    [{ type: "refused", code: "odd", text: "Not you." }, /Not you\./],
    ["SSH-2.0-OpenSSH_9.9", /SSH server/],
    ["null", /not a chatd/],
    ["x".repeat(2_000_000), /not chat/],
  ] as const) {
    room.script.join = () => [answer];
    await join(ada);
    await ada.sees(sentence);
    await ada.sees(ada.page.getByRole("button", { name: "Join" }));
  }
  // One that says nothing at all.
  room.script.join = () => [];
  const before = room.heard.length;
  await join(ada);
  await ada.sees("Connecting…");
  while (room.heard.length < before + 2) await ada.page.evaluate(() => undefined);
  await ada.page.clock.fastForward(10_000);
  await ada.sees("It answers nothing.");
  room.script.join = ({ name }) => [room.welcome({ name })];
  await join(ada);
  await ada.sees(field(ada));
});
