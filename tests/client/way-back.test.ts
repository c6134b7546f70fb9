// The way back into a room, by values: after which words of a server it is open, and how long the wait is.
import { expect, test } from "bun:test";
import { WayBack } from "../../lib/client/way-back.ts";

function wayBack(random = 0) {
  const clock = { now: 0 };
  return {
    clock,
    it: new WayBack(
      () => clock.now,
      () => random,
    ),
  };
}

test.each(["left", "kicked", "replaced", "untrusted"])("who was told goodbye as %s stays away", (code) => {
  expect(wayBack().it.isOpenAfterBye(code)).toBeFalse();
});

test.each(["shutdown", "slow", "timeout", "internal", "a code of a newer server"])(
  "who was told goodbye as %s comes back",
  (code) => {
    expect(wayBack().it.isOpenAfterBye(code)).toBeTrue();
  },
);

test.each(["full", "too-many-connections", "storage-failed", "internal", "shutdown"])(
  "whom the server refuses as %s tries again",
  (code) => {
    expect(wayBack().it.isOpenAfterRefusal(code)).toBeTrue();
  },
);

test.each(["no-such-room", "not-allowed", "bad-name", "a code of a newer server"])(
  "whom the server refuses as %s gives up",
  (code) => {
    expect(wayBack().it.isOpenAfterRefusal(code)).toBeFalse();
  },
);

test("a name that is taken may be one's own for 35 s, counted anew after each arrival", () => {
  const { it, clock } = wayBack();
  expect(it.isOpenAfterRefusal("name-taken")).toBeTrue();
  clock.now = 35_000;
  expect(it.isOpenAfterRefusal("name-taken")).toBeTrue();
  clock.now = 35_001;
  expect(it.isOpenAfterRefusal("name-taken")).toBeFalse();
  it.arrived();
  expect(it.isOpenAfterRefusal("name-taken")).toBeTrue();
});

test("tries come less and less often until the next arrival", () => {
  const { it } = wayBack(1);
  expect([it.nextMs(), it.nextMs(), it.nextMs()]).toEqual([1_000, 2_000, 4_000]);
  it.arrived();
  expect(it.nextMs()).toBe(1_000);
});

test("a goodbye that asks to stay away is heeded once, by up to twice the time", () => {
  const { it } = wayBack(1);
  it.isOpenAfterBye("shutdown", 10_000);
  expect(it.nextMs()).toBe(20_000);
  expect(it.nextMs()).toBe(2_000);
});

test.each([1e12, Number.POSITIVE_INFINITY])(
  "a server that says %p ms says a long time, which no timer takes for none",
  (ms) => {
    const { it } = wayBack();
    it.isOpenAfterBye("full", ms);
    expect(it.nextMs()).toBe(600_000);
  },
);
