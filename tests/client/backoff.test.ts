// How long a client waits between its tries.
import { expect, test } from "bun:test";
import { backoffMs } from "../../lib/client/backoff.ts";

test("the bound doubles from one second to thirty, and stays there", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 1_000].map((tries) => backoffMs(tries, 1))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test("chance spreads the tries between half a second and the bound", () => {
  for (const tries of [0, 3, 10]) expect(backoffMs(tries, 0)).toBe(500);
  expect(backoffMs(1, 0.5)).toBe(1_250);
});
