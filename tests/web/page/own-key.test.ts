// A browser's own key: the same for all its tabs, and for one visit where nothing is kept.
import { expect, jest, test } from "bun:test";
import type { Curve } from "../../../lib/client/curve.ts";
import { Memory } from "../../../lib/web/page/memory.ts";
import { nobleCurve } from "../../../lib/web/page/noble-curve.ts";
import { ownKey } from "../../../lib/web/page/own-key.ts";
import { TestShelf } from "./test-shelf.ts";

const noble = Promise.resolve(nobleCurve);
const browser = (shelf = new TestShelf()) => new Memory(new TestShelf(), shelf);

test("a tab has the key that another one has made, also where it is computed in another way", async () => {
  const shelf = new TestShelf();
  const first = (await ownKey(browser(shelf)))!;
  const second = (await ownKey(browser(shelf), noble))!;
  expect(second.key).toBe(first.key);
  expect(await second.sign(Uint8Array.of(7))).toBe(await first.sign(Uint8Array.of(7)));
  expect((await ownKey(browser(), noble))!.key).not.toBe(first.key);
});

test("of tabs that are opened together, all have one key in the end", async () => {
  const shelf = new TestShelf();
  const keys = await Promise.all(Array.from({ length: 4 }, () => ownKey(browser(shelf), noble)));
  expect(new Set(keys.map((signer) => signer!.key)).size).toBe(1);
});

test("where storage is forbidden or full, the key is for this visit", async () => {
  const forbidden = new TestShelf();
  forbidden.forbidden = true;
  const full = new TestShelf();
  full.quota = 0;
  for (const shelf of [forbidden, full]) {
    const [one, other] = [await ownKey(browser(shelf), noble), await ownKey(browser(shelf), noble)];
    expect(one!.key).toMatch(/^[\w-]{43}$/);
    expect(other!.key).not.toBe(one!.key);
  }
});

test("a key that is damaged is made anew: nobody can mend it in a browser", async () => {
  const shelf = new TestShelf();
  const memory = browser(shelf);
  const { key } = (await ownKey(memory, noble))!;
  memory.key = { ...memory.key!, x: "A".repeat(43) };
  const next = (await ownKey(memory, noble))!.key;
  expect(next).not.toBe(key);
  expect((await ownKey(memory, noble))!.key).toBe(next);
});

test("where nothing can be computed, there is no key, and no harm in it", async () => {
  const broken: Curve = { open: () => Promise.reject(new Error("No.")) };
  expect(await ownKey(browser(), Promise.resolve(broken))).toBeUndefined();
  expect(await ownKey(browser(), Promise.reject(new Error("Not fetched.")))).toBeUndefined();
});

test("a browser that cannot fetch it in time lets its reader in as a guest", async () => {
  jest.useFakeTimers();
  try {
    const signer = ownKey(browser(), new Promise<Curve>(() => {}));
    jest.advanceTimersByTime(6_000);
    expect(await signer).toBeUndefined();
  } finally {
    jest.useRealTimers();
  }
});
