// What is said about the clock.
import { expect, test } from "bun:test";
import { type ClockSeen, judgeClock, lengthOf } from "../../lib/doctor/clock.ts";

const NOON = Date.UTC(2026, 10, 27, 12);
const DAY_MS = 86_400_000;
const right: ClockSeen = { now: NOON, changedAt: NOON - DAY_MS, newestAt: NOON - 5_000, jumpedMs: 0.2 };
const judge = (more: Partial<ClockSeen>) => judgeClock({ ...right, ...more }, "linux");

test("a clock that may be right is fine", () => {
  expect(judge({})).toEqual({
    name: "clock",
    status: "ok",
    text: "2026-11-27, 12:00 UTC; it goes on evenly.",
    measured: { now: "2026-11-27T12:00:00.000Z", behind_newest_ms: 0, jumped_ms: 0 },
  });
  expect(judge({ changedAt: undefined, newestAt: undefined }).status).toBe("ok");
  // A room that is open may write an event between two looks.
  expect(judge({ newestAt: NOON + 900 }).status).toBe("ok");
});

test("no clock is right before this program was made", () => {
  expect(judge({ now: 4 * DAY_MS })).toMatchObject({
    status: "problem",
    text: "It says 1970-01-05, and this chatd was made on 2026-11-26.",
    commands: ["sudo timedatectl set-ntp true"],
  });
});

test("a clock behind the newest event freezes the room's times", () => {
  expect(judge({ newestAt: NOON + 30_000 })).toMatchObject({
    status: "warning",
    text: expect.stringContaining("30 seconds behind the newest event") as unknown,
    measured: { behind_newest_ms: 30_000 },
  });
  expect(judge({ newestAt: NOON + 3 * DAY_MS })).toMatchObject({
    status: "problem",
    text: expect.stringContaining("3 days behind the newest event") as unknown,
    advice: expect.stringContaining("--data") as unknown,
  });
});

test("a clock far ahead, or one that jumps, is a warning", () => {
  expect(judge({ now: NOON + 20 * 365 * DAY_MS })).toMatchObject({
    status: "warning",
    text: expect.stringContaining("long after") as unknown,
  });
  expect(judge({ jumpedMs: 7_300 })).toMatchObject({
    status: "warning",
    text: expect.stringContaining("7.3 seconds forwards") as unknown,
  });
  expect(judge({ jumpedMs: -3_600_000 })).toMatchObject({
    status: "warning",
    text: expect.stringContaining("60 minutes back") as unknown,
  });
});

test("a time that is none breaks nothing", () => {
  expect(judge({ now: 9e15 })).toMatchObject({ status: "warning", measured: { now: "9000000000000000" } });
});

test.each([
  ["linux", "sudo timedatectl set-ntp true"],
  ["darwin", "sudo sntp -sS time.apple.com"],
  ["win32", "w32tm /resync"],
])("on %s it is set by %s", (platform, command) => {
  expect(judgeClock({ ...right, now: 0 }, platform).commands).toEqual([command]);
});

test.each([
  [1_000, "1 second"],
  [1_500, "1.5 seconds"],
  [45_000, "45 seconds"],
  [119_000, "119 seconds"],
  [120_000, "2 minutes"],
  [7_200_000, "2 hours"],
  [13 * DAY_MS, "13 days"],
  [729 * DAY_MS, "729 days"],
  [800 * DAY_MS, "2 years"],
])("%p ms are %s", (ms, length) => {
  expect(lengthOf(ms)).toBe(length);
});
