import { describe, expect, test } from "bun:test";
import { changeBetween, Heights } from "../../../lib/web/page/heights.ts";
import { random } from "../../support/random.ts";

function heightsOf(...each: readonly number[]): Heights {
  const heights = new Heights();
  heights.splice(0, 0, each);
  return heights;
}

describe("heights", () => {
  test("tell where a row begins and which one covers a place", () => {
    const heights = heightsOf(10, 20, 30);
    expect([0, 1, 2, 3].map((index) => heights.topOf(index))).toEqual([0, 10, 30, 60]);
    expect([0, 9.9, 10, 29, 30, 59].map((y) => heights.rowAt(y))).toEqual([0, 0, 1, 1, 2, 2]);
    expect(heights.total).toBe(60);
  });

  test("answer with the first or the last row for what is beyond them", () => {
    const heights = heightsOf(10, 20, 30);
    expect([-5, 60, 1e9].map((y) => heights.rowAt(y))).toEqual([0, 2, 2]);
    expect(new Heights().rowAt(5)).toBe(0);
    expect(new Heights().total).toBe(0);
  });

  test("skip rows that take no place", () => {
    const heights = heightsOf(10, 0, 0, 10);
    expect([9, 10].map((y) => heights.rowAt(y))).toEqual([0, 3]);
  });

  test("are what a plain list says, whatever is learnt, inserted and taken away", () => {
    const chance = random(7);
    const heights = new Heights();
    const plain: number[] = [];
    for (let step = 0; step < 400; step += 1) {
      const at = chance.below(4) === 0 ? chance.below(plain.length + 1) : plain.length;
      const removed = chance.below(3) === 0 ? chance.below(Math.min(9, plain.length - at) + 1) : 0;
      const added = Array.from({ length: chance.below(40) }, () => chance.below(100) / 4);
      heights.splice(at, removed, added);
      plain.splice(at, removed, ...added);
      if (plain.length > 0) {
        const index = chance.below(plain.length);
        plain[index] = chance.below(400) / 4;
        heights.set(index, plain[index]);
      }
      const asked = chance.below(plain.length + 1);
      const top = plain.slice(0, asked).reduce((sum, height) => sum + height, 0);
      expect(heights.length).toBe(plain.length);
      expect(heights.topOf(asked)).toBe(top);
      if (asked < plain.length && plain[asked]! > 0) expect(heights.rowAt(top)).toBe(asked);
    }
    expect(heights.length).toBeGreaterThan(5_000);
  });

  test("of 50,000 rows are asked and told within microseconds", () => {
    const heights = new Heights();
    heights.splice(
      0,
      0,
      Array.from({ length: 50_000 }, (_, index) => 20 + (index % 50)),
    );
    const started = performance.now();
    for (let round = 0; round < 10_000; round += 1) {
      const row = heights.rowAt(((round * 7_919) % 50_000) * 44);
      heights.set(row, 30 + (round % 9));
      heights.topOf(row);
    }
    expect((performance.now() - started) / 10_000).toBeLessThan(0.02);
  });
});

describe("a change", () => {
  const [a, b, c, d, e] = [{}, {}, {}, {}, {}];

  test.each([
    ["nothing", [a, b], [a, b], { at: 2, removed: 0, added: 0 }],
    ["appended", [a, b], [a, b, c], { at: 2, removed: 0, added: 1 }],
    ["prepended", [a, b], [c, d, a, b], { at: 0, removed: 0, added: 2 }],
    ["replaced in the middle", [a, b, c], [a, d, c], { at: 1, removed: 1, added: 1 }],
    ["the first ones replaced", [a, b, c], [d, c], { at: 0, removed: 2, added: 1 }],
    ["the first ones gone", [a, b, c], [c], { at: 0, removed: 2, added: 0 }],
    ["all new", [a, b], [c, d, e], { at: 0, removed: 2, added: 3 }],
    ["all gone", [a, b], [], { at: 0, removed: 2, added: 0 }],
    ["one that stood twice", [a, a], [a, a, a], { at: 2, removed: 0, added: 1 }],
  ])("is told as one stretch: %s", (_, before, after, change) => {
    expect(changeBetween(before, after)).toEqual(change);
  });
});
