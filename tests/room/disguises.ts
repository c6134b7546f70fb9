// The ways in which a name is written so that people take it for another one.

/** Letters that look like others: from the left to each of the right. */
type Likeness = Readonly<Record<string, string>>;

const CYRILLIC: Likeness = {
  a: "а",
  c: "с",
  d: "ԁ",
  e: "е",
  h: "һ",
  i: "і",
  j: "ј",
  k: "к",
  l: "ӏ",
  m: "м",
  n: "п",
  o: "о",
  p: "р",
  q: "ԛ",
  r: "г",
  s: "ѕ",
  t: "т",
  u: "υ",
  v: "ѵ",
  w: "ԝ",
  x: "х",
  y: "у",
  A: "А",
  B: "В",
  C: "С",
  E: "Е",
  H: "Н",
  I: "І",
  J: "Ј",
  K: "К",
  M: "М",
  O: "О",
  P: "Р",
  S: "Ѕ",
  T: "Т",
  X: "Х",
  Y: "У",
};
const GREEK: Likeness = {
  a: "α",
  i: "ι",
  k: "κ",
  o: "ο",
  p: "ρ",
  t: "τ",
  u: "υ",
  v: "ν",
  y: "γ",
  A: "Α",
  B: "Β",
  E: "Ε",
  H: "Η",
  I: "Ι",
  K: "Κ",
  M: "Μ",
  N: "Ν",
  O: "Ο",
  P: "Ρ",
  T: "Τ",
  X: "Χ",
  Y: "Υ",
  Z: "Ζ",
};
const SMALL_CAPITALS: Likeness = {
  a: "ᴀ",
  b: "ʙ",
  c: "ᴄ",
  d: "ᴅ",
  e: "ᴇ",
  f: "ꜰ",
  g: "ɢ",
  h: "ʜ",
  i: "ɪ",
  j: "ᴊ",
  k: "ᴋ",
  l: "ʟ",
  m: "ᴍ",
  n: "ɴ",
  o: "ᴏ",
  p: "ᴘ",
  r: "ʀ",
  s: "ꜱ",
  t: "ᴛ",
  u: "ᴜ",
  v: "ᴠ",
  w: "ᴡ",
  y: "ʏ",
  z: "ᴢ",
};
const OTHER_LATIN: Likeness = { a: "ɑ", g: "ɡ", i: "ı", o: "ᴑ", I: "ǀ", A: "Ꭺ", s: "ꜱ", v: "ꮩ" };
/** Case twins: letters that one case of another alphabet's letter falls upon. */
const CASE_TWINS: Likeness = { s: "ſ", S: "ſ", k: "\u212a", K: "\u212a", i: "ı", I: "ı" };
/** First letters of the alphabets that mathematicians have: capitals, then small ones, without a gap. */
const MATHEMATICAL: readonly number[] = [
  0x1d400, 0x1d434, 0x1d468, 0x1d49c, 0x1d4d0, 0x1d504, 0x1d538, 0x1d56c, 0x1d5a0, 0x1d5d4, 0x1d608, 0x1d63c, 0x1d670,
];
/** Some of their letters are older, and stand elsewhere: there is nothing in their places. */
const NOBODY = /\p{Cn}/u;
const UNSEEN =
  "\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\u3164\ufe0f\ufeff\u{e0061}";
/** Marks that make no letter with most letters, and spacing signs that look like marks or like nothing much. */
const LOOSE_MARKS =
  "\u0332\u0334\u0335\u0336\u0337\u0338\u0347\u034d\u0353\u035f\u0483\u0488\u1ab0\u1dc4\u20d2\u20dd\ufe20ˈˌːˑˊˋˍ";
/** Marks that make another letter, of some alphabet, with many. */
const LETTER_MARKS = "\u0300\u0301\u0302\u0303\u0304\u0307\u0308\u030c\u0323\u0327\u0328";

/** All ways to write `name` that look like it, by their kind. */
export function disguisesOf(name: string): ReadonlyMap<string, readonly string[]> {
  const letters = Array.from(name);
  const kinds: readonly [string, readonly string[]][] = [
    ["in another case", [name.toUpperCase(), name.toLowerCase(), swappedCase(name)]],
    ["in Cyrillic letters", replaced(name, CYRILLIC)],
    ["in Greek letters", replaced(name, GREEK)],
    ["in small capitals", replaced(name, SMALL_CAPITALS)],
    ["in other Latin letters", replaced(name, OTHER_LATIN)],
    ["in letters that are another's other case", replaced(name, CASE_TWINS)],
    [
      "full-width",
      [shifted(name, 0xff21, 0xff41, 0xff10), ...eachLetter(name, (letter) => shifted(letter, 0xff21, 0xff41, 0xff10))],
    ],
    ["in circles", [shifted(name, 0x24b6, 0x24d0)]],
    [
      "in mathematical letters",
      MATHEMATICAL.map((start) => shifted(name, start, start + 26)).filter((text) => !NOBODY.test(text)),
    ],
    [
      "with two letters for one",
      [
        ...pairs(name, "m", "rn"),
        ...pairs(name, "w", "vv"),
        ...pairs(name, "d", "cl"),
        ...pairs(name, "W", "VV"),
        ...pairs(name, "d", "c1"),
        ...pairs(name, "d", "cI"),
      ],
    ],
    ["with one letter for two", [...pairs(name, "rn", "m"), ...pairs(name, "vv", "w"), ...pairs(name, "cl", "d")]],
    ["with 0 for O", [...pairs(name, "o", "0"), ...pairs(name, "O", "0"), ...pairs(name, "0", "O")]],
    ["with 1, l and I", ["1", "l", "I"].flatMap((one) => ["1", "l", "I"].flatMap((other) => pairs(name, one, other)))],
    ["with something unseen in it", between(letters, Array.from(UNSEEN))],
    ["with a mark that makes no letter", between(letters, Array.from(LOOSE_MARKS)).slice(LOOSE_MARKS.length)],
  ];
  return new Map(kinds.map(([kind, ways]) => [kind, [...new Set(ways)].filter((way) => way !== name)]));
}

/** `name` with letters that have accents: another name, unless nobody may have one like it. */
export function accentedForms(name: string): readonly string[] {
  return between(Array.from(name), Array.from(LETTER_MARKS))
    .slice(LETTER_MARKS.length)
    .map((way) => way.normalize("NFC"));
}

/** Each letter by itself, and all of them. */
function replaced(name: string, likeness: Likeness): string[] {
  const all = Array.from(name, (letter) => likeness[letter] ?? letter).join("");
  return [all, ...eachLetter(name, (letter) => likeness[letter] ?? letter)];
}

function eachLetter(name: string, change: (letter: string) => string): string[] {
  return Array.from(name, (letter, at) => name.slice(0, at) + change(letter) + name.slice(at + letter.length));
}

function pairs(name: string, from: string, to: string): string[] {
  return name.includes(from) ? [name.replaceAll(from, to), name.replace(from, to)] : [];
}

/** Each of `signs` before each letter, and behind the last. */
function between(letters: readonly string[], signs: readonly string[]): string[] {
  return [...letters.keys(), letters.length].flatMap((at) =>
    signs.map((sign) => [...letters.slice(0, at), sign, ...letters.slice(at)].join("")),
  );
}

/** ASCII letters, and digits, moved to alphabets that begin there. */
function shifted(name: string, capitals: number, small: number, digits?: number): string {
  return name.replace(/[A-Za-z0-9]/g, (letter) => {
    const code = letter.charCodeAt(0);
    if (code < 0x3a) return digits === undefined ? letter : String.fromCodePoint(digits + code - 0x30);
    return String.fromCodePoint(code < 0x5b ? capitals + code - 0x41 : small + code - 0x61);
  });
}

function swappedCase(name: string): string {
  return Array.from(name, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  ).join("");
}
