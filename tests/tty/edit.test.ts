import { expect, test } from "bun:test";
import { edit, emptyLine, insert, lineOf, type Edit, type Line } from "../../lib/tty/edit.ts";

/** Lines are written with a | where the cursor is. */
const at = (marked: string): Line => ({
  text: marked.replace("|", ""),
  cursor: marked.indexOf("|"),
});
const mark = ({ text, cursor }: Line): string => `${text.slice(0, cursor)}|${text.slice(cursor)}`;
const after = (marked: string, ...edits: Edit[]): string => mark(edits.reduce(edit, at(marked)));

test("text goes in at the cursor", () => {
  expect(mark(insert(at("a|c"), "b"))).toBe("ab|c");
  expect(mark(insert(at("Hi @A|!"), "Ada", 4))).toBe("Hi @Ada|!");
});

test("an old entry is continued at its end", () => {
  expect(mark(lineOf("two\nlines"))).toBe("two\nlines|");
});

test("one step goes over what a reader takes for one sign", () => {
  for (const sign of ["e\u0301", "👨‍👩‍👧", "🇩🇪", "👍🏽", "❤️", "漢", "\n"]) {
    expect(after(`a${sign}|b`, "left")).toBe(`a|${sign}b`);
    expect(after(`a|${sign}b`, "right")).toBe(`a${sign}|b`);
    expect(after(`a${sign}|b`, "backspace")).toBe("a|b");
    expect(after(`a|${sign}b`, "delete")).toBe("a|b");
  }
});

test("nothing happens beyond the ends", () => {
  for (const how of ["left", "backspace", "word-left", "delete-word-left", "delete-to-start", "home"] as const) {
    expect(after("|a b", how)).toBe("|a b");
    expect(edit(emptyLine, how)).toEqual(emptyLine);
  }
  for (const how of ["right", "delete", "word-right", "delete-word-right", "delete-to-end", "end"] as const) {
    expect(after("a b|", how)).toBe("a b|");
  }
});

test("words are divided by blanks and line breaks", () => {
  expect(after("one two\nthree|", "word-left", "word-left")).toBe("one |two\nthree");
  expect(after("|one  two", "word-right", "word-right")).toBe("one  two|");
  expect(after("one two  |x", "delete-word-left")).toBe("one |x");
  expect(after("one| two x", "delete-word-right")).toBe("one| x");
});

test("all to the left or to the right is deleted at once", () => {
  expect(after("one| two", "delete-to-start")).toBe("| two");
  expect(after("one| two", "delete-to-end")).toBe("one|");
});

test("a line of a million characters is edited without delay", () => {
  let line = lineOf("word ".repeat(200_000) + "x".repeat(100_000));
  const started = performance.now();
  for (let times = 0; times < 10; times += 1) {
    line = edit(insert(edit(line, "left"), "é"), "backspace");
  }
  line = edit(line, "delete-word-left");
  expect(performance.now() - started).toBeLessThan(1000);
  expect(line.text).toHaveLength(1_000_010);
});
