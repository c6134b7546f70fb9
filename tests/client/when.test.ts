// Times as people say them.
import { expect, test } from "bun:test";
import { dayOf, spanOf, timeOf } from "../../lib/client/when.ts";

const at = new Date(2026, 0, 5, 21, 12, 52).toISOString();

test("times, days and spans are as people say them", () => {
  expect(timeOf(new Date(2026, 0, 5, 1, 2, 3))).toBe("01:02:03");
  expect(dayOf(at)).toBe("Monday, 5 January 2026".replace(", ", dayOf(at).includes(",") ? ", " : " "));
  expect([0, 400, 1_600, 59_400, 60_000, 3_599_000, 3_600_000, 90_000_000].map(spanOf)).toEqual([
    "1 s",
    "1 s",
    "2 s",
    "59 s",
    "1 min",
    "59 min",
    "1 h 0 min",
    "25 h 0 min",
  ]);
});
