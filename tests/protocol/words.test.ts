// The kinds of value that messages are made of: what passes and what does not.
import { expect, test } from "bun:test";
import * as v from "valibot";
import { Re, Seq, Time } from "../../lib/protocol/words.ts";

const passes = (schema: v.GenericSchema, value: unknown) => v.safeParse(schema, value).success;

test("a time is one of RFC 3339", () => {
  for (const at of [
    "2026-01-02T03:04:05.678Z",
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.678901Z",
    "0001-01-01T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z",
    "2026-01-02T03:04:05+14:00",
  ])
    expect([at, passes(Time, at)]).toEqual([at, true]);
  for (const at of [
    "",
    "now",
    "1",
    "2026-01-02",
    "2026-01-02 03:04:05Z",
    "2026-01-02T03:04:05",
    "2026-13-02T03:04:05Z",
    "2026-01-02T25:04:05Z",
    "Jan 2 2026 (\x1b[2J)",
    "2026-01-02T03:04:05Z\n",
    // Times for a program, and in half of the world on a day that no calendar has.
    "+275760-09-13T00:00:00.000Z",
    "-271821-04-20T00:00:00.000Z",
    1_700_000_000_000,
    null,
  ])
    expect([at, passes(Time, at)]).toEqual([at, false]);
});

test("a number in the log is whole, exact and not below nothing", () => {
  for (const seq of [0, 1, Number.MAX_SAFE_INTEGER]) expect(passes(Seq, seq)).toBeTrue();
  for (const seq of [-1, 0.5, 2 ** 53, 1e308, Infinity, "1", null])
    expect([seq, passes(Seq, seq)]).toEqual([seq, false]);
});

test("a mark holds nothing that steers a terminal", () => {
  for (let code = 0; code < 0x110; code++) {
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
    expect([code, passes(Re, `x${String.fromCharCode(code)}`)]).toEqual([code, !isControl]);
  }
});
