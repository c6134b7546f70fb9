import { expect, test } from "bun:test";
import { History, MAX_HISTORY_ENTRIES } from "../../lib/tty/history.ts";

function historyOf(...entries: string[]): History {
  const history = new History();
  for (const entry of entries) history.add(entry);
  return history;
}

test("entries come back newest first, several lines as one", () => {
  const history = historyOf("one", "two\nlines");
  expect(history.move(-1, "")).toBe("two\nlines");
  expect(history.move(-1, "two\nlines")).toBe("one");
  expect(history.move(-1, "one")).toBeUndefined();
});

test("a half-typed line waits at the end", () => {
  const history = historyOf("one", "two");
  history.move(-1, "half");
  history.move(-1, "two");
  expect(history.move(1, "one")).toBe("two");
  expect(history.move(1, "two")).toBe("half");
  expect(history.move(1, "half")).toBeUndefined();
});

test("an old entry that was changed keeps the change until something is entered", () => {
  const history = historyOf("one", "two");
  history.move(-1, "");
  history.move(-1, "two!");
  expect(history.move(1, "one")).toBe("two!");
  history.add("three");
  history.move(-1, "");
  expect(history.move(-1, "three")).toBe("two");
});

test("repeated and blank entries are not remembered again", () => {
  const history = historyOf("one", "two", "two", "", "  ");
  expect(history.move(-1, "")).toBe("two");
  expect(history.move(-1, "two")).toBe("one");
});

test("the oldest entries are forgotten", () => {
  const history = historyOf(...Array.from({ length: MAX_HISTORY_ENTRIES + 5 }, (_, n) => `${n}`));
  let oldest = "";
  for (let next = history.move(-1, ""); next !== undefined; next = history.move(-1, next)) oldest = next;
  expect(oldest).toBe("5");
});
