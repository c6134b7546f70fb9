// What no page would say, over WebSocket: each line is answered once, whatever frames come end the wire at most, and nobody else notices.
import { afterAll, beforeAll, expect, test } from "bun:test";
import * as fc from "fast-check";
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
import { forAll, linesOf, TIMEOUT_MS } from "./luck.ts";
import { requestLines, REQUESTS_ABOUT } from "./made-up.ts";
import { dirt, FuzzedRoom, MARK } from "./fuzzed-room.ts";

let room: FuzzedRoom;
beforeAll(async () => {
  room = await FuzzedRoom.open();
}, TIMEOUT_MS);
afterAll(() => room[Symbol.asyncDispose]());

test.each([
  ["by a member", true, 0.3],
  ["by somebody at the door", false, 0.1],
] as const)(
  "%s, each line is answered once",
  async (who, isIn, share) => {
    await forAll(`over WebSocket, ${who}`, requestLines(MARK), linesOf(share) / REQUESTS_ABOUT, async (lines) => {
      // A frame holds whole lines.
      expect(await room.problemsOf({ dial: room.overWebSocket, lines, cuts: [], isIn })).toEqual([]);
    });
  },
  TIMEOUT_MS,
);

const frames = fc.array(
  fc.record({
    opcode: fc.oneof(fc.constantFrom(TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG), fc.nat(15)),
    payload: fc.oneof(
      requestLines(MARK).map(([line = ""]) => Buffer.from(line)),
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

test(
  "whatever frames come, only clean text and goodbyes come back, and the wire ends",
  async () => {
    await forAll("over WebSocket, frames", frames, linesOf(0.004), async (shapes) => {
      await room.stand();
      using raw = new RawPeer(room.target.webPort);
      await raw.upgrade({ ...HANDSHAKE, Host: `127.0.0.1:${room.target.webPort}` });
      for (const { declared, ...shape } of shapes)
        raw.write(frame(declared === undefined ? shape : { ...shape, declared }));
      raw.write(frame({ opcode: TEXT, payload: Buffer.from('{"type":"leave"}') }), frame({ opcode: CLOSE }));
      raw.socket.end();
      await raw.until(({ ended }) => ended);
      const texts = raw.frames.filter(({ opcode }) => opcode === TEXT);
      expect(dirt(texts.flatMap(({ payload }) => payload.toString().trimEnd().split("\n")))).toEqual([]);
      const opcodes = new Set(raw.frames.map(({ opcode }) => opcode));
      for (const known of [TEXT, PING, PONG, CLOSE]) opcodes.delete(known);
      expect([...opcodes]).toEqual([]);
    });
  },
  TIMEOUT_MS,
);

test("nobody honest has noticed anything", async () => expect(await room.verdict()).toEqual([]), TIMEOUT_MS);

test("what is stored is clean", async () => expect(await room.stored()).toEqual([]), TIMEOUT_MS);
