// Which names look alike to a person.
import { describe, expect, test } from "bun:test";
import { looksOf } from "../../lib/room/look.ts";

const alike = (one: string, other: string) => looksOf(one).some((look) => looksOf(other).includes(look));

describe("names that are easily taken for each other share a look", () => {
  for (const [one, other] of [
    ["Ilya", "llya"],
    ["Ilya", "1lya"],
    ["llya", "1lya"],
    ["modern", "rnodern"],
    ["Bob", "B0b"],
    ["Ada", "Аdа"],
    ["paypal", "раураl"],
    ["Host", "H0st"],
    ["HOST", "ΗΟЅΤ"],
    ["a1l", "all"],
  ] as const)
    test(`${one} and ${other}`, () => {
      expect(alike(one, other)).toBeTrue();
      expect(alike(other, one)).toBeTrue();
    });
});

test("a name looks like itself in any case", () => {
  for (const name of ["Ada", "Ilya", "Zoë", "Владимир", "漢字", "m", "I", "0", "-_."])
    for (const other of [name.toUpperCase(), name.toLowerCase()]) expect(alike(name, other)).toBeTrue();
});

test("names that differ to the eye do not share a look", () => {
  for (const [one, other] of [
    ["Ada", "Adam"],
    ["Ada", "Ade"],
    ["Bob", "Rob"],
    ["ilya", "llya"],
    ["user2", "user3"],
    ["Zoë", "Zoe"],
    ["漢字", "漢子"],
    ["a.b", "a_b"],
    ["a-b", "ab"],
  ] as const)
    expect([one, other, alike(one, other)]).toEqual([one, other, false]);
});
