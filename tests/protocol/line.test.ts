// Bytes → lines: wherever the stream was cut, the same lines; and what ends it.
import { describe, expect, test } from "bun:test";
import { type LineFault, LineSplitter } from "../../lib/protocol/line.ts";

const LIMIT = 100;
const utf8 = new TextEncoder();

interface Heard {
  readonly lines: readonly string[];
  /** What each push answered, but for those that had nothing to say. */
  readonly faults: readonly LineFault[];
}

function split(chunks: readonly (string | Uint8Array)[], limit = LIMIT): Heard {
  const splitter = new LineSplitter(limit);
  const lines: string[] = [];
  const faults: LineFault[] = [];
  for (const chunk of chunks) {
    // One buffer for all, as sockets have it: what is held must be a copy.
    const bytes = typeof chunk === "string" ? utf8.encode(chunk) : chunk.slice();
    const fault = splitter.push(bytes, (line) => void lines.push(line));
    if (fault) faults.push(fault);
    bytes.fill(0x21);
  }
  return { lines, faults };
}

const bytewise = (text: string | Uint8Array): Uint8Array[] =>
  Array.from(typeof text === "string" ? utf8.encode(text) : text, (byte) => Uint8Array.of(byte));

const fine = (...lines: string[]): Heard => ({ lines, faults: [] });

test("a stream that is cut anywhere gives the same lines", () => {
  const lines = ['{"type":"ping"}', "", "Zoë 漢字 👩‍👩‍👧", "a\rb", "x".repeat(LIMIT)];
  const bytes = utf8.encode(lines.join("\r\n") + "\n");
  for (let first = 0; first <= bytes.length; first++)
    for (const second of [first, first + 1, first + 7, bytes.length]) {
      const chunks = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
      expect(split(chunks)).toEqual(fine(...lines));
    }
});

test("a stream that comes byte by byte gives the same lines", () => {
  const lines = ["x".repeat(1_000), "Zoë", "", "y".repeat(200)];
  expect(split(bytewise(lines.join("\n") + "\n"), 1_000)).toEqual(fine(...lines));
});

test("one chunk may hold 64 lines", () => {
  const lines = Array.from({ length: 64 }, (_, n) => `line ${n}`);
  expect(split([lines.join("\n") + "\n"])).toEqual(fine(...lines));
});

test("half a line waits for its rest", () => {
  expect(split(["one\ntw"])).toEqual(fine("one"));
  expect(split(["one\ntw", "", "o", "\n"])).toEqual(fine("one", "two"));
});

test("one CR before LF belongs to the line end, any other to the line", () => {
  expect(split(["a\r\nb\r\r\n\rc\n\r\n"])).toEqual(fine("a", "b\r", "\rc", ""));
});

describe("the limit counts bytes without the line end", () => {
  const long = (length: number) => "x".repeat(length);
  const cuts: [string, (text: string) => (string | Uint8Array)[]][] = [
    ["in one chunk", (text) => [text]],
    ["byte by byte", bytewise],
    ["in chunks of seven", (text) => text.match(/[^]{1,7}/g) ?? []],
  ];
  for (const [how, cut] of cuts)
    for (const [name, end] of [
      ["LF", "\n"],
      ["CRLF", "\r\n"],
    ] as const)
      test(`${how}, ended by ${name}`, () => {
        expect(split(cut(`ok\n${long(LIMIT - 1)}${end}after\n`))).toEqual(fine("ok", long(LIMIT - 1), "after"));
        expect(split(cut(`ok\n${long(LIMIT)}${end}after\n`))).toEqual(fine("ok", long(LIMIT), "after"));
        expect(split(cut(`ok\n${long(LIMIT + 1)}${end}after\n`))).toEqual({ lines: ["ok"], faults: ["line-too-long"] });
      });

  test("and not characters", () => {
    expect(split([`${"ë".repeat(LIMIT / 2)}\n`])).toEqual(fine("ë".repeat(LIMIT / 2)));
    expect(split([`${"ë".repeat(LIMIT / 2)}x\n`]).faults).toEqual(["line-too-long"]);
  });
});

test("a line without end is not waited for", () => {
  expect(split(["x".repeat(LIMIT + 2)]).faults).toEqual(["line-too-long"]);
  expect(split(Array.from({ length: LIMIT + 2 }, () => "x")).faults).toEqual(["line-too-long"]);
});

test("the limit may change between two lines of one chunk", () => {
  const splitter = new LineSplitter(4);
  const lines: string[] = [];
  const push = (text: string) =>
    splitter.push(utf8.encode(text), (line) => {
      lines.push(line);
      splitter.limitBytes = 10;
    });
  expect(push("join\n0123456789\n")).toBeUndefined();
  expect(lines).toEqual(["join", "0123456789"]);
});

describe("invalid UTF-8 ends the stream, after the good lines before it", () => {
  const bad: [string, number[]][] = [
    ["an overlong slash", [0xc0, 0xaf]],
    ["an overlong character of four bytes", [0xf0, 0x80, 0x80, 0xaf]],
    ["a continuation of nothing", [0x80]],
    ["half a character", [0xe2, 0x82]],
    ["half of a surrogate pair", [0xed, 0xa0, 0x80]],
    ["a code point beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["a byte that is in no character", [0xff]],
  ];
  for (const [name, bytes] of bad)
    test(name, () => {
      const stream = Uint8Array.of(...utf8.encode("one\r\ntwo\nbad: "), ...bytes, ...utf8.encode("\nafter\n"));
      const ended: Heard = { lines: ["one", "two"], faults: ["bad-utf8"] };
      expect(split([stream])).toEqual(ended);
      expect(split(bytewise(stream))).toEqual(ended);
    });
});

test("a fault is told once and everything after it is ignored", () => {
  expect(split(["x".repeat(LIMIT + 1) + "\n", "good\n", "x".repeat(LIMIT + 9), "\n"])).toEqual({
    lines: [],
    faults: ["line-too-long"],
  });
});

test("a byte order mark is a character like others", () => {
  expect(split(["\ufeffone\n\ufefftwo\n"])).toEqual(fine("\ufeffone", "\ufefftwo"));
});
