// JSON as it is printed: the same value, and nothing that a terminal obeys or nobody sees.
import { expect, test } from "bun:test";
import { visibleJson } from "../../lib/protocol/visible.ts";

/** What a person sees, or a blank between words. */
const SEEN = /^[^\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]*$/u;

test("every character stays what it is, and those that steer or hide are escaped", () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const json = JSON.stringify({ text: character });
    const shown = visibleJson(json);
    if (shown === json) continue;
    if ((JSON.parse(shown) as { text: string }).text !== character) throw new Error(code.toString(16));
  }
  const hidden =
    "\0\x07\x08\t\n\x1b\x7f\x80\x85\x9b\x9c\x9d\x9f\u00ad\u034f\u061c\u180e\u200b\u200d\u200e\u2028\u2029\u202e\u2060\u2066\u2069\ufe0f\ufeff\ufffa\uffff\ud800\u{1d173}\u{e0041}\u{e0101}\u{10ffff}";
  for (const character of hidden) expect(visibleJson(JSON.stringify({ [character]: character }))).toMatch(SEEN);
});

test("letters, signs and emoji are left alone", () => {
  const json = JSON.stringify({ text: 'Zoë, 漢字, мир, नमस्ते, 😀, "quotes", \\ and /' });
  expect(visibleJson(json)).toBe(json);
});

test("code points beyond the first plane become two escapes", () => {
  expect(visibleJson('"\u{e0041}"')).toBe('"\\udb40\\udc41"');
});

test("line ends and tabs between strings become blanks", () => {
  const shown = visibleJson('{\r"a"\t:\n1,\r\n"b":"\\r"}');
  expect(shown).toBe('{ "a" : 1,  "b":"\\r"}');
  expect(JSON.parse(shown)).toEqual({ a: 1, b: "\r" });
});
