// How much may stand on one character: what every language writes stays as it is, a flood is cut, and what is left is not crowded.
import { describe, expect, test } from "bun:test";
import { GRAPHEME_CODE_POINTS_MAX, GRAPHEME_MARKS_MAX, isCrowded, uncrowded } from "../../lib/protocol/graphemes.ts";
import { cleanText, scrub } from "../../lib/protocol/text.ts";
import { random } from "../support/random.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const graphemes = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment);
const pointsIn = (text: string) => Array.from(text).length;
const marksIn = (text: string) => text.match(/\p{M}/gu)?.length ?? 0;
const tooMany = (grapheme: string) =>
  marksIn(grapheme) > GRAPHEME_MARKS_MAX || pointsIn(grapheme) > GRAPHEME_CODE_POINTS_MAX;

describe("what people write stays", () => {
  const written: readonly [string, string][] = [
    ["a family with four colours of skin", "👩🏽‍👨🏿‍👧🏻‍👦🏾"],
    ["a kiss with colours of skin", "👩🏽‍❤️‍💋‍👨🏻"],
    ["a Hindi conjunct", "कार्त्स्न्य"],
    ["a Tibetan stack", "ཧཱུྃ།"],
    ["old Korean", "\u1112\u119e\u11ab"],
    ["Hebrew with points and accents", "בְּרֵאשִׁ֖ית"],
    ["Vietnamese that is not composed", "Vie\u0302\u0323t"],
    ["vocalized Arabic", "بِسْمِ ٱللَّٰهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ"],
    ["Thai", "น้ำใจที่นี่เป็นอย่างนั้น"],
    ["half-width kana", "ﾊﾞﾋﾞﾌﾞﾍﾞﾎﾞﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟ"],
    ["many flags", "🇩🇪🇫🇷🇯🇵🇨🇳🇧🇷🇮🇳🇳🇬🇰🇷🇺🇦🇮🇱"],
  ];
  for (const [name, text] of written) test(name, () => expect(scrub(text)).toBe(text.normalize("NFC")));
});

describe("a flood on one character is cut", () => {
  const floods: readonly [string, string][] = [
    ["of marks", `q${"\u0300".repeat(100)}`],
    ["of marks around joiners", `a${"\u0300\u0301\u0302\u0303\u200cb".repeat(1)}${"\u0300".repeat(50)}`],
    ["of colours of skin", `👍${"🏽".repeat(100)}`],
    ["of joined emoji", Array(100).fill("👩").join("\u200d")],
    ["of joined emoji with marks", "👩\u0300\u0301\u0302\u200d".repeat(100)],
    ["of conjuncts", `${"क्".repeat(100)}ष`],
    ["of leading jamo", "\u1100".repeat(100)],
    ["of vowels", `\u1100${"\u1161".repeat(100)}`],
    ["of half-width voice marks", `ｶ${"\uff9e".repeat(100)}`],
    ["of Thai vowels", `ก${"\u0e33".repeat(100)}`],
    ["of signs that take in what follows", `${"\u0600".repeat(100)}1`],
    ["of rings around a sign", `a${"\u20dd".repeat(100)}`],
    ["of variation selectors", `漢${"\u{e0100}".repeat(100)}`],
  ];
  for (const [name, flood] of floods)
    test(name, () => {
      const text = scrub(`before ${flood} after`);
      expect(text).toStartWith("before ");
      expect(text).toEndWith(" after");
      expect(graphemes(text).filter(tooMany)).toEqual([]);
      expect(cleanText(`before ${flood} after`)).toEqual({ value: text });
    });

  test("to its beginning", () => {
    expect(scrub(`👍${"🏽".repeat(100)}`)).toBe(`👍${"🏽".repeat(GRAPHEME_CODE_POINTS_MAX - 1)}`);
    expect(scrub(`ｶ${"\uff9e".repeat(100)}!`)).toBe(`ｶ${"\uff9e".repeat(GRAPHEME_CODE_POINTS_MAX - 1)}!`);
    expect(scrub(Array(100).fill("👩").join("\u200d"))).toBe(Array(8).fill("👩").join("\u200d"));
  });

  test("or stands as a sign for what is missing where its beginning would grow into the next one", () => {
    expect(scrub(`${"\u1100".repeat(100)}\u0300\u1100\u1161`)).toBe("\ufffd가");
  });
});

describe("whatever comes in", () => {
  const GATHERING = Array.from(
    "\u0300\u0323\u0344\u05b0\u0600\u06dd\u093e\u094d\u0e33\u0eb3\u1100\u1161\u11a8\ua960\ud7b0\ud7cb\u200c\u200d\u20e3\ufe0f\uff9e\u{1f3fd}\u{110bd}\u{e0101}",
  );
  const OTHERS = Array.from("a 1क가각👩❤🏴🇩漢©\nｶก");
  const { below, pick } = random(7);
  // A few kinds at a time, so that floods come about.
  const texts = Array.from({ length: 4_000 }, () => {
    const [some, others] = [Array.from({ length: 1 + below(3) }, () => pick(GATHERING)), below(3)];
    return Array.from({ length: below(60) }, () => pick(below(12) < others ? OTHERS : some)).join("");
  });

  test("no character is too crowded afterwards, and to clean again changes nothing", () => {
    for (const text of texts) {
      const clean = scrub(text);
      expect(graphemes(clean).filter(tooMany)).toEqual([]);
      expect(scrub(clean)).toBe(clean);
      expect(clean.normalize("NFC")).toBe(clean);
    }
  });

  test("a crowded character is never overlooked", () => {
    let crowded = 0;
    for (const text of texts)
      if (graphemes(text).some(tooMany)) {
        crowded++;
        expect([text, isCrowded(text)]).toEqual([text, true]);
      }
    expect(crowded).toBeGreaterThan(500);
  });

  test("what is not crowded stays as it is", () => {
    for (const text of texts) if (!graphemes(text).some(tooMany)) expect(uncrowded(text)).toBe(text);
  });
});
