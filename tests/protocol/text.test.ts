// What may stand in a text: nothing that steers a terminal, reorders a line or hides, and no more than fits.
import { describe, expect, test } from "bun:test";
import { SHOWN_LINES_MAX, SHOWN_TEXT_MAX, TEXT_BYTES_MAX, TEXT_LINES_MAX } from "../../lib/protocol/limits.ts";
import { bytesOf, cleanText, scrub, tidy } from "../../lib/protocol/text.ts";
import { random } from "../support/random.ts";

const kept = (text: string) => cleanText(text);
const value = (text: string) => ({ value: text });

describe("escape sequences are removed with all that they carry", () => {
  const sequences: readonly [string, string][] = [
    ["a colour (CSI)", "\x1b[1;31m"],
    ["a cleared screen (CSI)", "\x1b[2J"],
    ["a private mode (CSI)", "\x1b[?1049h"],
    ["a title, ended by BEL (OSC 0)", "\x1b]0;title\x07"],
    ["a title, ended by ST (OSC 0)", "\x1b]0;title\x1b\\"],
    ["the start of a link (OSC 8)", "\x1b]8;;https://example.org\x1b\\"],
    ["a clipboard (OSC 52)", "\x1b]52;c;aGk=\x07"],
    ["a device control string (DCS)", "\x1bP1$r0m\x1b\\"],
    ["an application command (APC)", "\x1b_Gf=32;AAAA\x1b\\"],
    ["a privacy message (PM)", "\x1b^secret\x1b\\"],
    ["a string (SOS)", "\x1bXsecret\x1b\\"],
    ["a full reset (RIS)", "\x1bc"],
    ["a character set", "\x1b(B"],
    ["a saved cursor", "\x1b7"],
    ["a colour in its C1 form", "\x9b31m"],
    ["a title in its C1 form", "\x9d0;title\x9c"],
    ["a device control string in its C1 form", "\x90q\x9c"],
  ];
  for (const [name, sequence] of sequences)
    test(name, () => expect(scrub(`before ${sequence}after`)).toBe("before after"));

  test("a sequence that never ends takes no escape along", () => {
    expect(scrub("before\x1b]0;title")).toBe("before");
    expect(scrub("before\x9d0;title")).toBe("before");
    expect(scrub("before\x1bPq")).toBe("before");
    expect(scrub("before\x1b[31")).toBe("before");
    expect(scrub("before\x1b")).toBe("before");
  });

  test("a sequence that takes half a surrogate pair takes the other half, too", () => {
    expect(kept("a\x1b(😀b")).toEqual(value("ab"));
  });

  test("what is left of sequences that were nested is harmless", () => {
    expect(scrub("a\x1b[\x1b[31m31mb")).toBe("a31mb");
    expect(scrub("a\x1b\x1b[31m[31mb")).toBe("a[31mb");
    expect(scrub("a\x1b]0;\x1b]0;x\x07y\x07b")).not.toContain("\x1b");
  });
});

test("every control character but tab and line feed is removed", () => {
  for (let code = 0; code < 0xa0; code++) {
    if (code >= 0x20 && code < 0x7f) continue;
    const cleaned = scrub(`a${String.fromCharCode(code)}`);
    // CR and NEL become LF; of CSI and its kind nothing stays.
    expect(cleaned).toBe(code === 0x09 ? "a\t" : code === 0x0a || code === 0x0d || code === 0x85 ? "a\n" : "a");
  }
  expect(scrub("pass\rword\x08\x08\x07\0")).toBe("pass\nword");
});

test("every line end becomes LF", () => {
  expect(scrub("a\r\nb\rc\u0085d\u2028e\u2029f\n\rg")).toBe("a\nb\nc\nd\ne\nf\n\ng");
});

describe("what hides or reorders is removed", () => {
  const hidden: readonly [string, string][] = [
    ["bidi overrides and embeddings", "\u202a\u202b\u202c\u202d\u202e"],
    ["bidi isolates", "\u2066\u2067\u2068\u2069"],
    ["bidi marks", "\u061c\u200e\u200f"],
    ["zero-width spaces", "\u200b\u2060\ufeff"],
    ["invisible operators", "\u2061\u2062\u2063\u2064"],
    ["soft hyphens and Mongolian vowel separators", "\u00ad\u180e"],
    ["Hangul fillers", "\u115f\u1160\u3164\uffa0"],
    ["interlinear marks", "\ufff9\ufffa\ufffb"],
    ["noncharacters", "\ufffe\uffff\ufdd0\ufdef\u{1ffff}\u{10fffe}"],
    ["tags", "\u{e0001}\u{e0041}\u{e0042}\u{e007f}"],
    ["grapheme joiners and vowels that nobody sees", "\u034f\u17b4\u17b5"],
    ["controls of shorthand and of music", "\u{1bca0}\u{1bca3}\u{1d173}\u{1d17a}"],
    ["places that are kept for more of them", "\ufff0\ufff8\u{e0000}\u{e0fff}"],
  ];
  for (const [name, characters] of hidden)
    test(name, () => {
      for (const character of characters) expect(scrub(`a${character}b`)).toBe("ab");
      expect(scrub(`a${characters}b`)).toBe("ab");
    });

  test("all that nobody sees, but for what shapes other characters", () => {
    const SHAPES = /[\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}\u200c\u200d]/u;
    for (let code = 0; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      if (!/\p{Default_Ignorable_Code_Point}/u.test(character) || SHAPES.test(character)) continue;
      expect([code.toString(16), scrub(`a${character}b`)]).toEqual([code.toString(16), "ab"]);
    }
  });
});

test("what needs no cleaning needs none in any company", () => {
  // A letter that is seldom used makes the text go the long way.
  const LONG_WAY = "\u0e01";
  const different: string[] = [];
  for (let code = 0; code < 0x20000; code++) {
    const character = String.fromCodePoint(code);
    if (!character.isWellFormed() || scrub(character) !== character) continue;
    for (const text of [`${character}${character}`, `가${character}가`, `e${character}か`])
      if (scrub(text) === text && scrub(LONG_WAY + text) !== LONG_WAY + text) different.push(code.toString(16));
  }
  expect(different).toEqual([]);
});

describe("joiners", () => {
  const shaping: readonly [string, string][] = [
    ["a family", "👩‍👩‍👧‍👦"],
    ["an astronaut with a colour of skin", "👩🏽‍🚀"],
    ["a heart on fire", "❤️‍🔥"],
    ["a flag of many colours", "🏳️‍🌈"],
    ["a Persian word", "می\u200cخواهم"],
    ["a Hindi half letter", "क्\u200dष"],
    ["a Sinhala conjunct", "ශ්\u200dරී"],
  ];
  for (const [name, text] of shaping) test(`stay where they shape ${name}`, () => expect(scrub(text)).toBe(text));

  test("go where they only hide", () => {
    for (const joiner of ["\u200c", "\u200d"])
      for (const [dirty, clean] of [
        [`${joiner}a`, "a"],
        [`a${joiner}`, "a"],
        [`a ${joiner} b`, "a  b"],
        [`1${joiner}2`, "12"],
        [`a${joiner}${joiner}b`, "ab"],
        [`https:${joiner}//`, "https://"],
      ] as const)
        expect(scrub(dirty)).toBe(clean);
  });
});

describe("tags", () => {
  const tags = (text: string) =>
    Array.from(text, (char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join("");
  const england = `🏴${tags("gbeng")}\u{e007f}`;

  test("stay in the flag of a land within a country", () => {
    expect(scrub(`${england} 0 : 1 🏴${tags("gbsct")}\u{e007f}`)).toBe(`${england} 0 : 1 🏴${tags("gbsct")}\u{e007f}`);
  });

  test("go from a flag that is none", () => {
    expect(scrub(`🏴${tags("gbeng")}`)).toBe("🏴");
    expect(scrub(`🏴${tags("a secret message")}\u{e007f}`)).toBe("🏴");
    expect(scrub(`🏳${tags("gbeng")}\u{e007f}`)).toBe("🏳");
    expect(scrub(`${england}${tags("more")}`)).toBe(england);
  });
});

test("letters are composed", () => {
  expect(scrub("Zoe\u0308")).toBe("Zoë");
  expect(scrub("\u212b")).toBe("Å");
  // Also where something that was removed stood between them.
  expect(scrub("Zoe\u200b\u0308")).toBe("Zoë");
  expect(scrub("Zoe\u200d\u0308")).toBe("Zoë");
  expect(scrub("Zoe\0\u0308")).toBe("Zoë");
});

test("compatible characters stay what they are", () => {
  expect(scrub("ﬁ ① ｘ ²")).toBe("ﬁ ① ｘ ²");
});

test("a character keeps eight marks of a flood", () => {
  expect(scrub(`q${"\u0300".repeat(8)}x`)).toBe(`q${"\u0300".repeat(8)}x`);
  expect(scrub(`q${"\u0300".repeat(500)}x`)).toBe(`q${"\u0300".repeat(8)}x`);
  expect(scrub(`q${"\u0300\u200b".repeat(500)}x`)).toBe(`q${"\u0300".repeat(8)}x`);
  // U+0344 is one mark that composes to two.
  expect(scrub(`q${"\u0344".repeat(500)}`).length).toBe(9);
});

describe("no text takes long to clean", () => {
  const nasty: readonly [string, string][] = [
    ["marks that want sorting", "\u0301\u0323".repeat(16_000)],
    ["line ends in the middle", `a${"\n".repeat(32_000)}b`],
    ["titles that never end", "\x1b]".repeat(10_000)],
    ["C1 forms that never end", "\x9d".repeat(32_000)],
    ["joiners", "a\u200d".repeat(16_000)],
    ["flags without end", `🏴\u{e0061}`.repeat(8_000)],
    ["blank lines that are not", `a${"\n   \n  \n \nx".repeat(4_000)}`],
    ["one blank line", `a\n${" ".repeat(60_000)}b`],
    ["almost crowded characters", "\u0300\u0301\u0302\u0303\u0304\u0305\u0306ab".repeat(6_000)],
    ["crowded characters", `${"\u1100".repeat(17)}\u0300`.repeat(3_000)],
    ["words of syllables", "कि".repeat(10_000)],
  ];
  for (const [name, text] of nasty)
    test(name, () => {
      const start = performance.now();
      cleanText(text);
      // These took seconds, or take a millisecond.
      expect(performance.now() - start).toBeLessThan(500);
    });
});

test("outer line ends go, and of empty lines three stay", () => {
  expect(kept("\n\n\r\na\nb\n\n")).toEqual(value("a\nb"));
  expect(kept("a\n\n\n\nb")).toEqual(value("a\n\n\n\nb"));
  expect(kept(`a${"\n".repeat(500)}b`)).toEqual(value("a\n\n\n\nb"));
  // What stands in them is blank too.
  expect(kept(`a${"\n \t\u00a0\u3000".repeat(500)}\nb`)).toEqual(value("a\n\n\n\nb"));
  expect(kept("a\n \n \n \nb")).toEqual(value("a\n \n \n \nb"));
  expect(kept("ä\n\u200b\n\u200b\n\u200b\n\u200b\nb")).toEqual(value("ä\n\n\n\nb"));
});

test("a text that is shown has no screenful of nothing either, whoever sent it", () => {
  expect(tidy(`\n\na${"\n".repeat(500)}b\n`)).toBe("a\n\n\n\nb");
  expect(tidy("\x1b[2Ja\nb")).toBe("a\nb");
});

test("… nor more than a screen can bear, and says so", () => {
  const max = SHOWN_TEXT_MAX;
  expect(tidy("x".repeat(max))).toBe("x".repeat(max));
  expect(tidy("x".repeat(1_000_000))).toBe(`${"x".repeat(max)}…`);
  expect(tidy("é\u0301".repeat(1_000_000)).length).toBeLessThanOrEqual(max + 1);
  // A pair is not cut in two.
  expect(tidy(`x${"😀".repeat(max)}`)).toBe(`x${"😀".repeat(max / 2 - 1)}…`);
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `${n}`).join("\n");
  expect(tidy(lines(SHOWN_LINES_MAX))).toBe(lines(SHOWN_LINES_MAX));
  expect(tidy(lines(5_000))).toBe(`${lines(SHOWN_LINES_MAX)}…`);
});

test("spaces and tabs within stay as they are", () => {
  expect(kept("  if x:\n\treturn  1  ")).toEqual(value("  if x:\n\treturn  1  "));
});

test("a text of nothing is refused", () => {
  for (const text of ["", " ", "\n\n", "\t \r\n", "\x1b[31m", "\u200b\u202e", "\0"])
    expect(kept(text)).toEqual({ problem: "The text is empty." });
});

test("half a surrogate pair is refused", () => {
  for (const text of ["\ud83d", "a\ude00b", "\ude00\ud83d"])
    expect(kept(text)).toEqual({ problem: "The text is not valid Unicode: it holds half a surrogate pair." });
  expect(kept("\ud83d\ude00")).toEqual(value("😀"));
});

test("a text has at most so many bytes of UTF-8, counted when it is clean", () => {
  const max = TEXT_BYTES_MAX;
  const tooLong = { problem: `The text is longer than ${max} bytes; send it in parts.` };
  for (const text of [
    "x".repeat(max),
    "x".repeat(max - 1),
    "ë".repeat(max / 2),
    "x" + "漢".repeat((max - 2) / 3) + "x",
  ])
    expect(kept(text)).toEqual(value(text));
  for (const text of [
    "x".repeat(max + 1),
    "漢".repeat((max + 1) / 3),
    `${"ë".repeat(max / 2)}x`,
    `${"😀".repeat(max / 4)}x`,
  ])
    expect(kept(text)).toEqual(tooLong);
  expect(kept("\x1b[31m".repeat(4_900) + "x".repeat(max))).toEqual(value("x".repeat(max)));
  // What is mostly no text is not looked at.
  expect(kept("\x1b[31m".repeat(5_000) + "x".repeat(max))).toEqual(tooLong);
});

test("a text has at most so many lines, counted when it is clean", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `${n}`).join("\n");
  expect(kept(lines(TEXT_LINES_MAX))).toEqual(value(lines(TEXT_LINES_MAX)));
  expect(kept(lines(TEXT_LINES_MAX + 1))).toEqual({
    problem: `The text has more than ${TEXT_LINES_MAX} lines; send it in parts.`,
  });
  expect(kept(`\n\n${lines(TEXT_LINES_MAX)}\n\n`)).toEqual(value(lines(TEXT_LINES_MAX)));
});

test("bytes are counted as UTF-8", () => {
  expect(["", "a", "ë", "漢", "😀"].map(bytesOf)).toEqual([0, 1, 2, 3, 4]);
});

describe("whatever comes in", () => {
  const NASTY = [
    ...Array.from(
      "aZ 1.m;[]()\\\n\r\t\0\x07\x08\x1b\x7f\x80\x84\x85\x90\x9b\x9c\x9d\x9f" +
        "\u00ad\u0300\u0301\u0323\u0344\u0308\u05d0\u061c\u0627\u0915\u094d\u1100\u1161\u1160\u200b\u200c\u200d\u200e\u2028\u202e\u2066\ufe0f\ufeff\uffff\u212b\u0958",
    ),
    "👩",
    "🏽",
    "🏴",
    "\u{e0067}",
    "\u{e0062}",
    "\u{e007f}",
    "\ud83d",
    "\ude00",
    "\x1b[",
    "\x1b]",
    "\x1b\\",
    "\x1bP",
    "e\u0308",
    "\u{1d15e}",
    "漢",
    "ﬁ",
  ];
  const { below, pick } = random(1);
  const strings = Array.from({ length: 5_000 }, () => Array.from({ length: below(24) }, () => pick(NASTY)).join(""));
  // oxlint-disable-next-line no-control-regex -- that none is left is the point
  const FORBIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u202e\u2028\u2066\ufeff\uffff]|\p{M}{9}|\p{Surrogate}/u;

  test("cleaning what is clean changes nothing", () => {
    for (const text of strings) expect(scrub(scrub(text))).toBe(scrub(text));
  });

  test("what comes out holds no control character and nothing hidden, and is composed", () => {
    for (const text of strings) {
      const cleaned = scrub(text);
      expect(cleaned).not.toMatch(FORBIDDEN);
      expect(cleaned.normalize("NFC")).toBe(cleaned);
    }
  });

  test("what the room keeps would be kept again as it is", () => {
    for (const text of strings) {
      const cleaned = kept(text);
      if ("value" in cleaned) expect(kept(cleaned.value)).toEqual(cleaned);
    }
  });
});

describe("what is far too long is refused without being composed:", () => {
  const problem = `The text is longer than ${TEXT_BYTES_MAX} bytes; send it in parts.`;
  test.each([
    ["letters with an accent behind each", "a\u0301".repeat(21_800)],
    ["as many as are looked at", "a\u0301".repeat(2 * TEXT_BYTES_MAX)],
    ["letters that are crowded", `a${"\u0301\u0323".repeat(4)}`.repeat(3_600)],
    ["half letters of Korean", "\u1100\u1161\u11a8".repeat(10_900)],
  ])("%s", (_, text) => {
    expect(cleanText(text)).toEqual({ problem });
    let bestMs = Infinity;
    for (let time = 0; time < 5; time++) {
      const start = performance.now();
      cleanText(text);
      bestMs = Math.min(bestMs, performance.now() - start);
    }
    expect(bestMs).toBeLessThan(1);
  });

  test("a text that is as long as may be is kept, in whatever form its letters come", () => {
    for (const [decomposed, letter] of [
      ["a\u0301", "á"],
      ["\u03b1\u0313\u0300\u0345", "ᾂ"],
      ["\u1100\u1161\u11a8", "각"],
    ] as const) {
      const count = Math.floor(TEXT_BYTES_MAX / bytesOf(letter));
      expect(cleanText(decomposed.repeat(count))).toEqual({ value: letter.repeat(count) });
      expect(cleanText(decomposed.repeat(count + 1))).toEqual({ problem });
    }
  });
});
