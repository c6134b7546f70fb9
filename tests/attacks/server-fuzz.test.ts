// A compiled chatd that hears what no client would say: it answers each line once or ends the conversation, and nobody else notices.
import { afterAll, beforeAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { openFileLog } from "../../lib/log/open-file.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { FIRST_LINE_BYTES_MAX, LINE_BYTES_MAX } from "../../lib/protocol/limits.ts";
import { bytesOf } from "../../lib/protocol/text.ts";
import type { Dial } from "../../lib/transport/connection.ts";
import { openFiles } from "../bench/process-cost.ts";
import { type Heard, type Peer, peer } from "../support/peer.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  frame,
  HANDSHAKE,
  PING,
  PONG,
  RawPeer,
  TEXT,
} from "../transport/raw-websocket.ts";
import { dirtIn } from "./clean.ts";
import { answersAmong, expectedOf, wrongAnswers } from "./expected.ts";
import { Honest } from "./honest.ts";
import { forAll, linesOf, TIMEOUT_MS } from "./luck.ts";
import { requestLines } from "./made-up.ts";
import { openTarget, type Target } from "./target.ts";

const LINES_PER_RUN = 180;
/** In what is made up, the marks of a run begin with this; on the wire, with what no other run has. */
const MARK = "mark-";
const utf8 = new TextEncoder();
/** No UTF-8: C1 controls in one byte, half characters, overlong ones, surrogates, what is beyond Unicode. */
const BROKEN: readonly (readonly number[])[] = [
  ...Array.from({ length: 0x20 }, (_, code) => [0x80 + code]),
  [0x9b, 0x33, 0x31, 0x6d],
  [0x9d, 0x30, 0x3b, 0x78, 0x9c],
  [0xc2],
  [0xe2, 0x80],
  [0xf0, 0x9f, 0x98],
  [0xc0, 0xaf],
  [0xe0, 0x80, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xfe],
  [0xff],
];

let folder: TempDir;
let target: Target;
let honest: Honest;
/** Hears all that everybody hears. */
let witness: Peer;
let runs = 0;
let sent = 0;

async function open(): Promise<void> {
  target = await openTarget({ flags: ["--rate", "off", "--per-address", "off", "--data", folder.path] });
  witness = await peer(overTcp, "witness");
  await witness.join("Wilhelmina");
  witness.hears = ({ type }) => {
    if (type === "ping") witness.send({ type: "pong" });
  };
}

beforeAll(async () => {
  folder = await tempDir();
  await open();
  honest = await Honest.arrive(target);
}, TIMEOUT_MS);

afterAll(async () => {
  await honest[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const overTcp: Dial = (receiver) => dialTcp({ hostname: "127.0.0.1", port: target.port }, receiver);
const overWebSocket: Dial = (receiver) => dialWebSocket(`ws://127.0.0.1:${target.webPort}/ws`, receiver);
const DOORS: readonly (readonly [name: string, dial: Dial])[] = [
  ["TCP", overTcp],
  ["WebSocket", overWebSocket],
];

/** Sends `bytes`, cut at those places, and then a question whose answer comes after all others. Answers what was heard until then. */
async function conversation(
  fuzzer: Peer,
  bytes: Uint8Array,
  cuts: readonly number[],
  last: string,
): Promise<readonly Heard[]> {
  const places = cuts.map((cut) => Math.floor(cut * bytes.length)).toSorted((one, other) => one - other);
  for (const [index, place] of [0, ...places].entries()) fuzzer.connection.send(bytes.subarray(place, places[index]));
  fuzzer.send({ type: "members", re: last });
  const heard: Heard[] = [];
  for (;;) {
    const message = await fuzzer.next();
    if (message["re"] === last) return heard;
    heard.push(message);
  }
}

interface Given {
  readonly dial: Dial;
  readonly lines: readonly string[];
  readonly cuts: readonly number[];
  readonly isIn: boolean;
}

/** What is wrong with what the room does with these lines, as sentences. */
async function problemsOf({ dial, lines, cuts, isIn }: Given): Promise<string[]> {
  await standing();
  const mark = `${++runs}-`;
  const text = lines.map((line) => `${line.replaceAll(MARK, mark)}\n`).join("");
  // Understood from the first, so that what is no JSON ends nothing.
  const bytes = utf8.encode(isIn ? text : `{"type":"pong"}\n${text}`);
  const expected = expectedOf(bytes, { isIn });
  expect(expected.end).toBeUndefined();
  sent += lines.length;
  await using fuzzer = await peer(dial, "fuzzer");
  const names = new Set<string>();
  if (isIn) {
    names.add(String((await fuzzer.join(`fuzz${runs}`))["name"]));
    await fuzzer.rest();
  }
  const heard = await conversation(fuzzer, bytes, cuts, `${mark}last`);
  fuzzer.send({ type: "leave", re: `${mark}leave` });
  const bye = (await fuzzer.end()).at(-1);
  return [
    ...wrongAnswers(expected, heard, answersAmong(heard, names), mark),
    ...fuzzer.lines.flatMap((line) => dirtIn(line) ?? []),
    ...(bye?.type === "bye" && bye["code"] === "left" ? [] : ["to leave was not answered"]),
  ];
}

/** What is to be tried again may have ended it. */
async function standing(): Promise<void> {
  if (openFiles(target.program.pid) === undefined) await open();
}

/** Lines that end no conversation by their length. */
function short(lines: readonly string[], isIn: boolean): readonly string[] {
  const limit = isIn ? LINE_BYTES_MAX : FIRST_LINE_BYTES_MAX;
  // What stands for a mark may be longer than the mark.
  return lines.filter((line) => bytesOf(line) < limit - 1_000);
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 });

for (const [door, dial] of DOORS)
  for (const isIn of [true, false]) {
    const title = `over ${door}, ${isIn ? "by a member" : "by somebody at the door"}, each line is answered once`;
    const share = (door === "TCP" ? 0.6 : 0.4) * (isIn ? 0.75 : 0.25);
    test(
      title,
      async () => {
        const given = fc.record({ lines: requestLines(MARK), cuts });
        await forAll(title, given, linesOf(share) / LINES_PER_RUN, async ({ lines, cuts }) => {
          // Frames hold whole lines.
          const given = { dial, lines: short(lines, isIn), cuts: door === "TCP" ? cuts : [], isIn };
          expect(await problemsOf(given)).toEqual([]);
        });
      },
      TIMEOUT_MS,
    );
  }

/** Bytes in the midst of lines: some are no UTF-8, some end a line or make it too long. */
const broken = fc.record({
  lines: requestLines(MARK).map((lines) => lines.slice(0, 12)),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }),
    fc.constantFrom(...BROKEN.map((bytes) => Uint8Array.from(bytes))),
    fc.constantFrom(4_097, 65_537, 70_000).map((length) => new Uint8Array(length).fill(0x78)),
  ),
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  isIn: fc.boolean(),
});

const BROKEN_TITLE = "bytes that make no lines end the conversation with the word that they deserve";
test(
  BROKEN_TITLE,
  async () => {
    await forAll(BROKEN_TITLE, broken, linesOf(0.004), async ({ lines, bytes, place, isIn }) => {
      await standing();
      const mark = `${++runs}-`;
      const text = utf8.encode(lines.map((line) => `${line.replaceAll(MARK, mark)}\n`).join(""));
      const at = Math.floor(place * text.length);
      const whole = Buffer.concat([text.subarray(0, at), bytes, text.subarray(at), Buffer.from("\n")]);
      const { end = "left" } = expectedOf(whole, { isIn });
      await using fuzzer = await peer(overTcp, "fuzzer");
      if (isIn) await fuzzer.join(`fuzz${runs}`);
      fuzzer.connection.send(whole);
      fuzzer.send({ type: "leave" });
      const bye = (await fuzzer.end()).at(-1);
      expect([bye?.type, bye?.["code"]]).toEqual(["bye", end]);
      expect(fuzzer.lines.flatMap((line) => dirtIn(line) ?? [])).toEqual([]);
    });
  },
  TIMEOUT_MS,
);

const frames = fc.array(
  fc.record({
    opcode: fc.oneof(fc.constantFrom(TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG), fc.nat(15)),
    payload: fc.oneof(
      requestLines(MARK).map(([line = ""]) => utf8.encode(line)),
      fc.uint8Array({ maxLength: 130 }),
      fc.constantFrom(126, 4_097, 65_535, 65_536, 65_539).map((length) => new Uint8Array(length).fill(0x78)),
    ),
    fin: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.boolean()),
    rsv: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat(7)),
    masked: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.boolean()),
    declared: fc.oneof({ weight: 19, arbitrary: fc.constant(undefined) }, fc.constantFrom(0n, 70_000n, 2n ** 63n)),
  }),
  { minLength: 1, maxLength: 6 },
);

const FRAMES_TITLE = "whatever frames come, only clean text and goodbyes come back, and the wire ends";
test(
  FRAMES_TITLE,
  async () => {
    await forAll(FRAMES_TITLE, frames, linesOf(0.004), async (shapes) => {
      await standing();
      using raw = new RawPeer(target.webPort);
      await raw.upgrade({ ...HANDSHAKE, Host: `127.0.0.1:${target.webPort}` });
      for (const { declared, ...shape } of shapes)
        raw.write(frame(declared === undefined ? shape : { ...shape, declared }));
      raw.write(frame({ opcode: TEXT, payload: utf8.encode('{"type":"leave"}') }), frame({ opcode: CLOSE }));
      raw.socket.end();
      await raw.until(({ ended }) => ended);
      const lines = raw.frames
        .filter(({ opcode }) => opcode === TEXT)
        .flatMap(({ payload }) => payload.toString().trimEnd().split("\n"));
      expect(lines.flatMap((line) => dirtIn(line) ?? [])).toEqual([]);
      const opcodes = new Set(raw.frames.map(({ opcode }) => opcode));
      for (const known of [TEXT, PING, PONG, CLOSE]) opcodes.delete(known);
      expect([...opcodes]).toEqual([]);
    });
  },
  TIMEOUT_MS,
);

test(
  "whoever is honest has noticed nothing, and has heard nothing that is not clean",
  async () => {
    console.log(`${sent} lines were sent in ${runs} conversations`);
    expect(witness.lines.flatMap((line) => dirtIn(line) ?? [])).toEqual([]);
    expect(await honest.verdict()).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "what is stored is clean",
  async () => {
    target.program.kill("SIGTERM");
    expect(await target.program.exited()).toBe(0);
    await using log = openFileLog(folder.path);
    const dirt: string[] = [];
    let events = 0;
    const cursor = log.follow(0, () => {});
    for (let batch = cursor.take(); batch; batch = cursor.take())
      for (const line of new TextDecoder().decode(batch.bytes).trimEnd().split("\n")) {
        events++;
        dirt.push(...[dirtIn(line)].filter((problem) => problem !== undefined));
      }
    expect(dirt).toEqual([]);
    expect(events).toBeGreaterThan(runs);
  },
  TIMEOUT_MS,
);
