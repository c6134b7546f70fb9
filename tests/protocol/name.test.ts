// What may be a name: letters and digits of one script, as short as a line allows. Not whether it is free, reserved or looks like another.
import { describe, expect, test } from "bun:test";
import { NAME_BYTES_MAX, NAME_CODE_POINTS_MAX } from "../../lib/protocol/limits.ts";
import { cleanName, foldName } from "../../lib/protocol/name.ts";

const EMPTY = "The name is empty.";
const LENGTH = `The name is too long; at most ${NAME_CODE_POINTS_MAX} characters.`;
const SHAPE = "A name holds letters, digits and _ - . and starts with a letter or digit.";
const SCRIPT = "A name keeps to the letters of one script.";
const UNICODE = "The name is not valid Unicode.";

const accepted = (raw: string, name = raw) => expect([raw, cleanName(raw)]).toEqual([raw, { value: name }]);
const refused = (raw: string, problem: string) => expect([raw, cleanName(raw)]).toEqual([raw, { problem }]);

test("letters, digits and _ - . make a name", () => {
  for (const name of ["Ada", "a", "7", "ada_lovelace", "Ada-2", "a.b.c", "x86_64", "4ever", "a--", "A_."])
    accepted(name);
});

test("any language's letters make a name", () => {
  for (const name of [
    "Zoë",
    "Łukasz",
    "Straße",
    "Ολυμπία",
    "Владимир",
    "דוד",
    "محمد",
    "ยูกิ",
    "देवी",
    "김철수",
    "さくら",
  ])
    accepted(name);
  for (const name of ["サクラ", "漢字", "ニック", "ーabc", "ნინო", "Հայկ", "தமிழ்", "ཀརྨ"]) accepted(name);
});

test("digits of other scripts stand with their letters", () => {
  accepted("राम९");
  accepted("علی۲");
});

test("the first character is a letter or a digit", () => {
  for (const name of ["_ada", "-ada", ".ada", "\u0301ada", "\u093eराम"]) refused(name, SHAPE);
});

test("nothing else stands in a name", () => {
  for (const sign of " \t\n!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~\x1b\0\x07\x9b") refused(`a${sign}b`, SHAPE);
  for (const sign of ["😀", "\u00a0", "\u2028", "€", "•", "²b\u2044"]) refused(`a${sign}b`, SHAPE);
});

test("nothing invisible stands in a name", () => {
  for (const sign of "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u200b\u200c\u200d\u200e\u202e\u2060\u2066\u3164\ufe0f\ufeff\uffa0")
    refused(`a${sign}b`, SHAPE);
  for (const sign of ["\u{e0041}", "\u{e0101}", "\ufffe"]) refused(`a${sign}b`, SHAPE);
  for (const name of ["\u3164", "\u115f\u1160", "\uffa0"]) refused(name, SHAPE);
});

test("a name is brought into its compatible form", () => {
  accepted("Ａｄａ", "Ada");
  accepted("ﬁn", "fin");
  accepted("Zoe\u0308", "Zoë");
  accepted("x²", "x2");
  accepted("ⓐ", "a");
  // What a character becomes is judged, not what it was.
  refused("ada⁽", SHAPE);
  accepted("a㏂", "aa.m.");
});

test("spaces around a name are dropped", () => {
  accepted("  Ada\u00a0\n", "Ada");
  for (const name of ["", " ", "\u3000"]) refused(name, EMPTY);
});

test("a name has at most so many code points", () => {
  accepted("a".repeat(NAME_CODE_POINTS_MAX));
  refused("a".repeat(NAME_CODE_POINTS_MAX + 1), LENGTH);
  // One code point, two UTF-16 units, four bytes: old Italic is no script of names, but CJK beyond the BMP is.
  accepted("𠀀".repeat(16));
  accepted("é".repeat(NAME_CODE_POINTS_MAX));
  accepted("e\u0301".repeat(NAME_CODE_POINTS_MAX), "é".repeat(NAME_CODE_POINTS_MAX));
  refused("é".repeat(NAME_CODE_POINTS_MAX + 1), LENGTH);
});

test("a name has at most so many bytes", () => {
  const threes = Math.floor(NAME_BYTES_MAX / 3);
  accepted("漢".repeat(threes) + "a".repeat(NAME_BYTES_MAX - 3 * threes));
  refused("漢".repeat(threes) + "a".repeat(NAME_BYTES_MAX - 3 * threes + 1), LENGTH);
  refused("𠀀".repeat(16) + "a", LENGTH);
});

test("a character that grows into many counts as many", () => {
  refused("\ufdfa".repeat(2), LENGTH);
});

test("no name takes long to refuse", () => {
  const start = performance.now();
  refused("\u0301\u0323".repeat(16_000), LENGTH);
  refused("a" + "\ufdfa".repeat(20_000), LENGTH);
  // These took seconds, or take no time.
  expect(performance.now() - start).toBeLessThan(500);
});

test("four marks may follow each other, five may not", () => {
  accepted(`q${"\u0300".repeat(4)}`);
  refused(`q${"\u0300".repeat(5)}`, SHAPE);
});

test("a name's letters may be joined as a language joins them, not without end", () => {
  const CROWDED = "A name has no room for so many signs on one letter.";
  for (const name of ["कार्त्स्न्य", "ᄒᆞᆫ글", "ශ්රී"]) accepted(name.normalize("NFKC"));
  refused(`${"क्".repeat(10)}ष`, CROWDED);
  refused("\u1100".repeat(20), CROWDED);
});

test("a mark that belongs to other scripts stands in no name", () => {
  for (const name of ["ada\u0951\u1cd0", "ada\u064b", "Ада\u3099", "ada\u0640"]) refused(name, SCRIPT);
  accepted("Се\u0301мён");
});

describe("one script a name", () => {
  test("alphabets do not mix", () => {
    for (const name of ["Аda", "раypal", "αlpha", "Adaש", "adaم", "ДΣ", "Հa", "กa", "김я"]) refused(name, SCRIPT);
  });

  test("but what one language writes together may", () => {
    for (const name of ["漢字かなカナabc", "한자漢字abc", "ㄅ漢abc"]) accepted(name);
    refused("かな한글", SCRIPT);
    refused("ㄅかな", SCRIPT);
  });

  test("digits and signs belong to any", () => {
    for (const name of ["Вова_1-2.3", "דוד7", "김2"]) accepted(name);
  });

  test("a script that nobody writes today makes no name", () => refused("𐌀𐌁", SCRIPT));

  test("look-alikes of one script are the room's business", () => {
    for (const name of ["раура", "Host", "H0st", "server", "rnodern", "l1I"]) accepted(name);
  });
});

test("half a surrogate pair is refused", () => {
  refused("a\ud83d", UNICODE);
  refused("\udc00", UNICODE);
});

test("what is a name stays one when it is cleaned again", () => {
  for (const raw of ["Ａｄａ", " Zoe\u0308 ", "ﬁn", "ǅ", "ſ", "İstanbul", "ΣΑΣ", "𠀀", "ﬃ"]) {
    const cleaned = cleanName(raw);
    if (!("value" in cleaned)) throw new Error(cleaned.problem);
    accepted(cleaned.value);
  }
});

test("names that differ by case alone fold to one", () => {
  for (const names of [
    ["Ada", "ADA", "ada", "aDa"],
    ["Zoë", "ZOË"],
    ["Straße", "STRASSE", "strasse", "STRAẞE"],
    ["ΟΔΥΣΣΕΥΣ", "οδυσσευς", "οδυσσευσ"],
    ["Владимир", "ВЛАДИМИР"],
    ["ǆ", "ǅ", "Ǆ"],
  ])
    expect(new Set(names.map(foldName)).size).toBe(1);
  expect(foldName("Ada")).not.toBe(foldName("Ade"));
});

test("folding what is folded changes nothing", () => {
  for (const name of ["Ada", "Straße", "İstanbul", "ŉ", "ΐ", "ﬃ", "ΟΔΥΣΣΕΥΣ", "ᾳ", "ẞ"])
    expect(foldName(foldName(name))).toBe(foldName(name));
});
