// What no client would say, over TCP: each line is answered once or ends the conversation, what is stored is clean, and nobody else notices.
import { afterAll, beforeAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { expectedOf } from "./expected.ts";
import { forAll, linesOf, TIMEOUT_MS } from "./luck.ts";
import { requestLines, REQUESTS_ABOUT } from "./made-up.ts";
import { dirt, FuzzedRoom, MARK } from "./fuzzed-room.ts";

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
const part = fc.double({ min: 0, max: 1, noNaN: true });

let room: FuzzedRoom;
beforeAll(async () => {
  room = await FuzzedRoom.open();
}, TIMEOUT_MS);
afterAll(() => room[Symbol.asyncDispose]());

test.each([
  ["by a member", true, 0.45],
  ["by somebody at the door", false, 0.15],
] as const)(
  "%s, each line is answered once",
  async (who, isIn, share) => {
    const made = fc.record({ lines: requestLines(MARK), cuts: fc.array(part, { maxLength: 3 }) });
    await forAll(`over TCP, ${who}`, made, linesOf(share) / REQUESTS_ABOUT, async (given) => {
      expect(await room.problemsOf({ ...given, dial: room.overTcp, isIn })).toEqual([]);
    });
  },
  TIMEOUT_MS,
);

/** Bytes in the midst of lines: some are no UTF-8, some end a line or make it too long. */
const broken = fc.record({
  lines: requestLines(MARK).map((lines) => lines.slice(0, 12)),
  piece: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }),
    fc.constantFrom(...BROKEN.map((bytes) => Uint8Array.from(bytes))),
    fc.constantFrom(4_097, 65_537, 70_000).map((length) => new Uint8Array(length).fill(0x78)),
  ),
  place: part,
  isIn: fc.boolean(),
});

test(
  "bytes that make no lines end the conversation with the word that they deserve",
  async () => {
    await forAll("over TCP, bytes", broken, linesOf(0.004), async ({ lines, piece, place, isIn }) => {
      await room.stand();
      const { bytes } = room.marked(lines);
      const at = Math.floor(place * bytes.length);
      const whole = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at), Buffer.from("\n")]);
      const { end = "left" } = expectedOf(whole, { isIn });
      await using fuzzer = await room.fuzzer(room.overTcp, isIn);
      fuzzer.connection.send(whole);
      fuzzer.send({ type: "leave" });
      const bye = (await fuzzer.end()).at(-1);
      expect([bye?.type, bye?.["code"]]).toEqual(["bye", end]);
      expect(dirt(fuzzer.lines)).toEqual([]);
    });
  },
  TIMEOUT_MS,
);

test("nobody honest has noticed anything", async () => expect(await room.verdict()).toEqual([]), TIMEOUT_MS);

test("what is stored is clean", async () => expect(await room.stored()).toEqual([]), TIMEOUT_MS);
