import { describe, expect, test } from "bun:test";
import { choose, isTyped, offerAsked, offerTyped } from "../../../lib/web/page/suggestions.tsx";

const items = ["Ada ", "Adele ", "Bob "].map((insert) => ({ insert, label: insert.trim() }));

describe("an offer", () => {
  test.each([
    ["hi @", 3, -1],
    ["hi @a", 3, 0],
    ["/", 0, -1],
    ["/he", 0, 0],
    [":sm", 0, 0],
  ])("is made by itself after %j, and an item is chosen when a letter says which", (before, from, active) => {
    expect(offerTyped(before, { from, items })).toEqual({ from, items, active });
  });

  test.each([
    ["ad", 0],
    ["", 0],
    ["me@x", 0],
  ])("is not made by itself after %j", (before, from) => {
    expect(offerTyped(before, { from, items })).toBeUndefined();
    expect(offerTyped("@a", { from: 0, items: [] })).toBeUndefined();
  });

  test("is made when it is asked for, but not where no word was begun, whatever there is", () => {
    expect(offerAsked("ad", { from: 0, items })).toEqual({ from: 0, items, active: 0 });
    expect(offerAsked("", { from: 0, items })).toBeUndefined();
    expect(offerAsked("hi ", { from: 3, items })).toBeUndefined();
    expect(offerAsked("hi x", { from: 3, items: [] })).toBeUndefined();
  });

  test("is walked round both ends", () => {
    const walk = (active: number, step: -1 | 1) => choose({ from: 0, items, active }, step).active;
    expect([walk(-1, 1), walk(-1, -1), walk(0, -1), walk(2, 1), walk(1, 1)]).toEqual([0, 2, 2, 0, 2]);
  });

  test("has nothing to give where one of its items stands already", () => {
    expect(isTyped("Bob", { from: 0, items, active: 0 })).toBe(true);
    expect(isTyped("Bo", { from: 0, items, active: 0 })).toBe(false);
  });

  test("holds no more than can be looked through", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({ insert: `${i}`, label: `${i}` }));
    expect(offerAsked("1", { from: 0, items: many })?.items).toHaveLength(50);
    expect(offerTyped("@1", { from: 0, items: many })?.items).toHaveLength(50);
  });
});
