// Days and minutes where the reader is: midnights, changes of clocks, ends of years, journeys.
import { afterEach, describe, expect, test } from "bun:test";
import { clockOf, dayKey, dayLabel, exactly, minuteKey, untilMidnightMs } from "../../../lib/web/page/calendar.ts";

const zone = process.env.TZ;
afterEach(() => {
  process.env.TZ = zone ?? "";
});

/** The reader is there. */
function at(place: string): void {
  process.env.TZ = place;
}

const HOUR_MS = 3_600_000;

describe("a day", () => {
  test("begins and ends at the reader's own midnight", () => {
    at("Europe/Zurich");
    expect(dayKey("2026-11-22T22:59:59.999Z")).toBe("2026-11-22");
    expect(dayKey("2026-11-22T23:00:00.000Z")).toBe("2026-11-23");
    at("America/Los_Angeles");
    expect(dayKey("2026-11-22T23:00:00.000Z")).toBe("2026-11-22");
    at("Pacific/Kiritimati");
    expect(dayKey("2026-11-22T10:00:00.000Z")).toBe("2026-11-23");
    expect(dayKey(new Date("2026-11-22T10:00:00.000Z"))).toBe("2026-11-23");
  });

  test.each<[said: string, now: string, place: string, label: string]>([
    ["2026-11-22T12:00:00Z", "2026-11-22T13:00:00Z", "UTC", "Today"],
    ["2026-11-22T23:59:59Z", "2026-11-23T00:00:00Z", "UTC", "Yesterday"],
    ["2026-11-21T23:59:59Z", "2026-11-23T00:00:00Z", "UTC", "Saturday 21 November 2026"],
    // The same two moments, elsewhere.
    ["2026-11-22T23:30:00Z", "2026-11-23T00:30:00Z", "America/New_York", "Today"],
    ["2026-11-22T23:30:00Z", "2026-11-23T00:30:00Z", "Asia/Kathmandu", "Today"],
    // The ends of years and of months.
    ["2026-12-31T12:00:00Z", "2027-01-01T12:00:00Z", "UTC", "Yesterday"],
    ["2026-12-31T23:30:00Z", "2027-01-01T12:00:00Z", "Europe/Zurich", "Today"],
    ["2028-02-29T12:00:00Z", "2028-03-01T12:00:00Z", "UTC", "Yesterday"],
    ["2025-11-22T12:00:00Z", "2026-11-22T12:00:00Z", "UTC", "Saturday 22 November 2025"],
    // A day of 23 hours, and one of 25.
    ["2026-03-28T23:30:00Z", "2026-03-30T21:59:00Z", "Europe/Zurich", "Yesterday"],
    ["2026-10-24T22:30:00Z", "2026-10-26T00:30:00Z", "Europe/Zurich", "Yesterday"],
    ["2026-10-24T21:30:00Z", "2026-10-25T22:30:00Z", "Europe/Zurich", "Yesterday"],
    // A clock that goes wrong: what is to come has its date.
    ["2026-11-23T12:00:00Z", "2026-11-22T12:00:00Z", "UTC", "Monday 23 November 2026"],
  ])("of %s, looked at on %s in %s, is %s", (said, now, place, label) => {
    at(place);
    expect(dayLabel(said, new Date(now)).replace(",", "")).toBe(label);
  });
});

describe("midnight", () => {
  test.each<[now: string, place: string, hours: number]>([
    ["2026-11-22T12:00:00Z", "UTC", 12],
    ["2026-11-22T00:00:00Z", "UTC", 24],
    ["2026-12-31T22:00:00Z", "Europe/Zurich", 1],
    // The day is 23 hours long, and 25.
    ["2026-03-28T23:00:00Z", "Europe/Zurich", 23],
    ["2026-10-24T22:00:00Z", "Europe/Zurich", 25],
    // There is no midnight: the clocks go from 23:59:59 to 1:00.
    ["2026-04-23T12:00:00Z", "Africa/Cairo", 10],
    // There are two: the clocks go from 23:59:59 back to 23:00.
    ["2026-10-29T20:30:00Z", "Africa/Cairo", 1.5],
  ])("is seen from %s in %s in %d hours", (now, place, hours) => {
    at(place);
    const date = new Date(now);
    expect(untilMidnightMs(date) / HOUR_MS).toBe(hours);
    const midnight = new Date(date.getTime() + hours * HOUR_MS);
    expect(dayKey(midnight)).not.toBe(dayKey(date));
    expect(dayKey(new Date(midnight.getTime() - 1))).toBe(dayKey(date));
  });
});

test("a minute is the same for its sixty seconds", () => {
  expect(minuteKey("2026-11-22T12:34:00.000Z")).toBe(minuteKey("2026-11-22T12:34:59.999Z"));
  expect(minuteKey("2026-11-22T12:35:00.000Z")).toBe(minuteKey("2026-11-22T12:34:59.999Z") + 1);
});

test("the clock, and the moment to the second with its zone, are the reader's", () => {
  at("Asia/Kathmandu");
  expect(clockOf("2026-11-22T18:20:05.123Z")).toBe("00:05");
  expect(exactly("2026-11-22T18:20:05.123Z")).toMatch(/^Monday,? 23 November 2026, 00:05:05 GMT\+5:45$/);
  at("UTC");
  expect(exactly("2026-11-22T18:20:05.123Z")).toMatch(/^Sunday,? 22 November 2026, 18:20:05 UTC$/);
});
