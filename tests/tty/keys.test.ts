import { expect, test } from "bun:test";
import { KeyReader, MAX_PASTE_CHARS, type Key } from "../../lib/tty/keys.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (...chunks: string[]): Key[] => {
  const reader = new KeyReader();
  return chunks.flatMap((chunk) => reader.read(bytes(chunk)));
};
/** One byte at a time; neighbouring texts are put together. */
const readSlowly = (input: string): Key[] => {
  const reader = new KeyReader();
  const keys: Key[] = [];
  for (const byte of bytes(input)) {
    for (const key of reader.read(Uint8Array.of(byte))) {
      const last = keys.at(-1);
      if (key.type === "text" && last?.type === "text") {
        keys.splice(-1, 1, { type: "text", text: last.text + key.text });
      } else keys.push(key);
    }
  }
  return keys;
};
const text = (of: string): Key => ({ type: "text", text: of });
const press = (name: Extract<Key, { type: "press" }>["press"]): Key => ({
  type: "press",
  press: name,
});

test("letters, wide signs and emoji are text", () => {
  expect(read("héllo 漢字 👨‍👩‍👧")).toEqual([text("héllo 漢字 👨‍👩‍👧")]);
});

test("text arrives whole when it is cut within a character", () => {
  expect(readSlowly("é漢👍🏽")).toEqual([text("é漢👍🏽")]);
});

test("Enter submits; Ctrl+J and Alt+Enter break the line", () => {
  expect(read("\r", "\n", "\x1b\r", "\x1b[13;2u")).toEqual([press("enter"), text("\n"), text("\n"), text("\n")]);
});

test("keyboards spell the same key differently", () => {
  expect(read("\x1b[A\x1bOA\x10")).toEqual([press("up"), press("up"), press("up")]);
  expect(read("\x1b[H\x1b[1~\x1b[7~\x1bOH")).toEqual(Array(4).fill(press("home")));
});

test("a key's sequence may be cut anywhere", () => {
  expect(readSlowly("a\x1b[1;5Db\x1bOCc")).toEqual([
    text("a"),
    press("word-left"),
    text("b"),
    press("right"),
    text("c"),
  ]);
});

test("sequences that are no known key leave nothing behind", () => {
  for (const unknown of [
    "\x1b[15~",
    "\x1b[1;2P",
    "\x1bOP",
    "\x1b[[A",
    "\x1b[<0;3;4M",
    "\x1b[I",
    "\x1b[?1;2c",
    "\x00",
    "\x1bz",
    "\x1bconstructor".slice(0, 2),
  ]) {
    expect(read(`a${unknown}b`)).toEqual([text("a"), text("b")]);
  }
});

test("an answer to somebody else's question leaves nothing behind", () => {
  for (const answer of ["\x1b]11;rgb:ff/ff/ff\x07", "\x1b]11;rgb:ff/ff/ff\x1b\\", "\x1bP1$r0m\x1b\\"]) {
    expect(read(`a${answer}b`)).toEqual([text("a"), text("b")]);
    expect(read("a", answer.slice(0, 9), answer.slice(9), "b")).toEqual([text("a"), text("b")]);
    expect(read("a", answer.slice(0, -1), answer.slice(-1), "b")).toEqual([text("a"), text("b")]);
  }
});

test("a sequence that another one breaks off is forgotten", () => {
  expect(read("\x1b[1;\x1b[A\x1b\x1b[B\x1b[\r")).toEqual([press("up"), press("down"), press("enter")]);
  expect(read(`\x1b[${"1".repeat(100)}`, "\x03")).toEqual([press("ctrl-c")]);
});

test("Esc pressed alone does not swallow the next letter", () => {
  expect(read("\x1b", "bye")).toEqual([text("bye")]);
  expect(read("\x1bb")).toEqual([press("word-left")]);
});

test("where the cursor is counts from 0", () => {
  expect(read("\x1b[12;40R")).toEqual([{ type: "position", column: 39 }]);
});

test("a paste of several lines is one text", () => {
  expect(read("\x1b[200~one\r\ntwo\rthree\nfour\x1b[201~\r")).toEqual([text("one\ntwo\nthree\nfour"), press("enter")]);
});

test("a paste may be cut anywhere, in its marks and within a character too", () => {
  expect(readSlowly("a\x1b[200~é漢\r👨‍👩‍👧\x1b[31mred\x1b[20\x1b[201~\x7f")).toEqual([
    text("aé漢\n👨‍👩‍👧red"),
    press("backspace"),
  ]);
});

test("a paste loses its escape sequences and controls, and TAB becomes a blank", () => {
  expect(read("\x1b[200~a\x1b[1mb\x1b]0;title\x07c\td\x03e\x9b31mf\x7f\x1b\x00\x1b[201~")).toEqual([text("abc def")]);
});

test("a paste of nothing is nothing", () => {
  expect(read("\x1b[200~\x1b[31m\x1b[201~")).toEqual([]);
});

test("a paste that never ends is kept up to a limit", () => {
  const reader = new KeyReader();
  const chunk = bytes("x".repeat(MAX_PASTE_CHARS / 2));
  expect(reader.read(bytes("\x1b[200~"))).toEqual([]);
  for (let times = 0; times < 3; times += 1) expect(reader.read(chunk)).toEqual([]);
  const [pasted] = reader.read(bytes("\x1b[201~"));
  expect(pasted?.type === "text" && pasted.text.length).toBe(MAX_PASTE_CHARS);
});
