// The token bucket by values: the clock is a number.
import { expect, test } from "bun:test";
import { Bucket } from "../../lib/hub/bucket.ts";

const RATE = { perSecond: 5, burst: 20 };

/** How many tokens there are at once. */
function take(bucket: Bucket, nowMs: number): number {
  let taken = 0;
  while (bucket.take(nowMs) === 0) taken++;
  return taken;
}

test("a new bucket has the whole burst, and then says how long to wait", () => {
  const bucket = new Bucket(RATE, 1_000);
  expect(take(bucket, 1_000)).toBe(20);
  expect(bucket.take(1_000)).toBe(200);
  expect(bucket.take(1_150)).toBe(50);
});

test("after the wait there is one token, and one only", () => {
  const bucket = new Bucket(RATE, 0);
  take(bucket, 0);
  const waitMs = bucket.take(0);
  expect(bucket.take(waitMs - 1)).toBeGreaterThan(0);
  expect(take(bucket, waitMs)).toBe(1);
});

test("tokens come at the rate, and never more than the burst", () => {
  const bucket = new Bucket(RATE, 0);
  take(bucket, 0);
  expect(take(bucket, 1_000)).toBe(5);
  expect(take(bucket, 3_600_000)).toBe(20);
});

test("whoever takes each token as it comes gets the rate in the long run", () => {
  const bucket = new Bucket({ perSecond: 3, burst: 1 }, 0);
  let taken = 0;
  for (let now = 0; now < 60_000;) {
    const waitMs = bucket.take(now);
    if (waitMs === 0) taken++;
    else now += waitMs;
  }
  expect(taken).toBeGreaterThan(175);
  expect(taken).toBeLessThanOrEqual(181);
});
