import { expect, test } from "bun:test";
import { completed, listed } from "../../lib/tty/complete.ts";
import { lineOf } from "../../lib/tty/edit.ts";

const complete = (typed: string, from: number, ...candidates: string[]): string =>
  completed(lineOf(typed), { from, candidates }).text;

test("a single candidate is taken as it is spelt", () => {
  expect(complete("Hi zo", 3, "Zoë")).toBe("Hi Zoë");
});

test("what stands right of the cursor stays", () => {
  expect(completed({ text: "A, hi", cursor: 1 }, { from: 0, candidates: ["Ada"] })).toEqual({
    text: "Ada, hi",
    cursor: 3,
  });
});

test("of several candidates the common start is taken", () => {
  expect(complete("A", 0, "Adams", "Adamson")).toBe("Adams");
});

test("the common start never ends within a sign", () => {
  expect(complete("", 0, "👨‍👩‍👧", "👨‍👩‍👦")).toBe("");
});

test("nothing that was typed is taken away", () => {
  expect(complete("ad", 0, "Ada", "adele")).toBe("ad");
  const line = lineOf("x");
  expect(completed(line, { from: 0, candidates: [] })).toBe(line);
});

test("candidates are listed in rows that fit", () => {
  expect(listed(["Ada", "Bob", "漢字", "Zoë"], 10)).toBe("Ada  Bob\n漢字  Zoë");
});

test("a long list is cut short and says so", () => {
  const list = listed(
    Array.from({ length: 1000 }, (_, n) => `n${n}`),
    80,
  );
  expect(list).toEndWith("… and 900 more");
});
