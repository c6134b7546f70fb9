// Emoji by their names: all that GitHub knows, as the systems draw them, and what is left alone.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import emojis from "emojibase-data/en/data.json";
import shortcodes from "emojibase-data/en/shortcodes/github.json";
import { emojiFor, emojisStarting, withEmoji } from "../../../lib/web/page/emoji.ts";

/** Every shortcode with the code points of its emoji, as the source has them. */
const named = Object.entries(shortcodes).flatMap(([hex, codes]) => [codes].flat().map((code) => [code, hex] as const));

test("every shortcode gives its emoji, one that is drawn as such", () => {
  const drawn = new Map(emojis.map(({ hexcode, emoji }) => [hexcode, emoji]));
  // Where an emoji is one without being asked to, the source asks all the same.
  const plain = (emoji: string) => emoji.replace(/(\p{Emoji_Presentation})\u{fe0f}/gu, "$1");
  expect(named.length).toBeGreaterThan(1_900);
  expect(named.map(([code]) => [code, emojiFor(code)])).toEqual(
    named.map(([code, hex]) => [code, plain(drawn.get(hex) ?? "")]),
  );
});

test.each([
  ["smile", "😄"],
  ["+1", "👍"],
  ["thumbsup", "👍"],
  ["heart", "❤\u{fe0f}"],
  ["one", "1\u{fe0f}\u{20e3}"],
  ["de", "🇩🇪"],
  ["scotland", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"],
  ["man_astronaut", "👨‍🚀"],
  ["rainbow_flag", "🏳\u{fe0f}‍🌈"],
  ["facepalm", "🤦"],
  ["mage_woman", "🧙‍♀\u{fe0f}"],
])("%s is %s", (code, emoji) => {
  expect(emojiFor(code)).toBe(emoji);
});

test.each(["", "smil", "Smile", ":smile:", "constructor", "__proto__", "toString", " "])(
  "%j is no emoji's name",
  (code) => {
    expect(emojiFor(code)).toBeUndefined();
  },
);

describe("what starts with a prefix", () => {
  const codes = (prefix: string, limit = 8) => emojisStarting(prefix, limit).map(({ code }) => code);

  test("has the very one first, then those that people use most, then the alphabet", () => {
    expect(codes("smil", 4)).toEqual(["smile", "smiley", "smile_cat", "smiley_cat"]);
    expect(codes("heart", 4)).toEqual(["heart", "heart_eyes", "heart_decoration", "heart_eyes_cat"]);
    expect(codes("x")).toEqual(["x", "x_ray"]);
    expect(codes("cat", 3)).toEqual(["cat", "cat2"]);
    expect(codes("thumbs")).toEqual(["thumbsup", "thumbsdown"]);
    expect(codes("TAD")).toEqual(["tada"]);
  });

  test("names no code twice, and no more than the limit", () => {
    const all = codes("", Number.POSITIVE_INFINITY);
    expect(all.toSorted()).toEqual(named.map(([code]) => code).toSorted());
    expect(codes("s", 5)).toHaveLength(5);
    expect(codes("s", 0)).toEqual([]);
    expect(codes("no such thing")).toEqual([]);
  });
});

describe("a text", () => {
  test.each([
    ["well done :tada:", "well done 🎉"],
    [":tada::+1:", "🎉👍"],
    [":smile:!", "😄!"],
    ["(:smile:)", "(😄)"],
    [":nope: :tada:", ":nope: 🎉"],
    [":tada::nope:", "🎉:nope:"],
    ["two\n:tada:\nlines", "two\n🎉\nlines"],
    ["`:tada:` :tada:", "`:tada:` 🎉"],
    ["```\n:tada:\n```\n:tada:", "```\n:tada:\n```\n🎉"],
    ["a ` :tada:", "a ` 🎉"],
  ])("%j becomes %j", (typed, text) => {
    expect(withEmoji(typed)).toBe(text);
  });

  test.each([
    "",
    "at 10:100:30",
    "a::m::b ::m::",
    "x:m:y",
    ":tada",
    "tada:",
    ":ta da:",
    ":constructor:",
    "http://a.de/:tada:/ http://a.de?q=:tada:",
    ":-) :D :p",
    "item:m: and 5:m:",
  ])("%j stays as it was typed", (typed) => {
    expect(withEmoji(typed)).toBe(typed);
  });

  test("of colons takes no longer than another", () => {
    for (const bit of [":", ":a", ":a:", ":+", "::a", ":tada:", " :"]) {
      const text = bit.repeat(8_192).slice(0, 8_192);
      const start = performance.now();
      withEmoji(text);
      expect(performance.now() - start, bit).toBeLessThan(100);
    }
  });
});

test("a page carries the table packed, within its share of the page's weight, and not what it was made from", async () => {
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "../../../lib/web/page/emoji.ts")],
    // What else the page needs is not weighed here.
    external: ["*/rich-text.ts", "./rich-text.ts"],
    minify: true,
    target: "browser",
  });
  const page = (await built.outputs[0]?.text()) ?? "";
  expect(page.includes("grinning,grin,joy,")).toBe(true);
  expect(page.includes('"grinning"')).toBe(false);
  expect(Bun.gzipSync(page).length).toBeLessThan(14_000);
});
