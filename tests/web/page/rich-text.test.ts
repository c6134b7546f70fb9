// What is a link, code or my name in a text, and what hostile texts cost.
import { describe, expect, test } from "bun:test";
import { TEXT_BYTES_MAX } from "../../../lib/protocol/limits.ts";
import { changeProse, isMention, type Piece, piecesOf } from "../../../lib/web/page/rich-text.ts";
import { random } from "../../support/random.ts";

/** Pieces as one line to compare: `<address>`, `{code}`, `{{block}}`, `[name]`. */
function shown(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => {
      switch (piece.type) {
        case "text":
          return piece.text;
        case "link":
          return `<${piece.text}>`;
        case "code":
          return piece.block ? `{{${piece.text}}}` : `{${piece.text}}`;
        case "mention":
          return `[${piece.text}]`;
      }
    })
    .join("");
}

const linksOf = (text: string) => piecesOf(text, "").flatMap((piece) => (piece.type === "link" ? [piece.href] : []));

test("no text is more than a few hundred elements, whatever it is made of", () => {
  for (const piece of ["Ada ", "`x` ", "a.de ", "Ada a.de `x` ", "a.de Ada ", "`Ada` Ada ", "```x``` a.de "]) {
    const text = piece.repeat(TEXT_BYTES_MAX / piece.length);
    const pieces = piecesOf(text, "Ada");
    expect(pieces.filter(({ type }) => type !== "text").length).toBeLessThanOrEqual(600);
    // What is left over is there as text.
    expect(shown(pieces).replaceAll(/[[\]{}<>`]/g, "")).toBe(text.replaceAll("`", ""));
  }
});

describe("a link", () => {
  test.each<[text: string, href: string]>([
    ["http://example.org", "http://example.org/"],
    ["HTTPS://Example.ORG/Path?q=1#top", "https://example.org/Path?q=1#top"],
    ["www.example.org", "http://www.example.org/"],
    ["example.com/path", "http://example.com/path"],
    ["http://localhost:3002/", "http://localhost:3002/"],
    ["http://192.168.1.5:3002/", "http://192.168.1.5:3002/"],
    ["http://[::1]:3002/", "http://[::1]:3002/"],
    ["https://de.wikipedia.org/wiki/Ada_(Begriffsklärung)", "https://de.wikipedia.org/wiki/Ada_(Begriffskl%C3%A4rung)"],
    ["https://müller.de/straße", "https://xn--mller-kva.de/stra%C3%9Fe"],
    ["mailto:ada@example.org", "mailto:ada@example.org"],
    ["ada@example.org", "mailto:ada@example.org"],
  ])("is seen in %j", (text, href) => {
    expect(piecesOf(text, "")).toEqual([{ type: "link", text, href }]);
  });

  test.each<[text: string, pieces: string]>([
    ["See http://a.de/b.", "See <http://a.de/b>."],
    ["(see http://a.de/b)", "(see <http://a.de/b>)"],
    ["\"http://a.de\", 'http://b.de'!", "\"<http://a.de>\", '<http://b.de>'!"],
    ["http://a.de\nand http://b.de", "<http://a.de>\nand <http://b.de>"],
    ["http://a.de,http://b.de", "<http://a.de>,<http://b.de>"],
    ["https://bank.de@evil.org", "<https://bank.de>@evil.org"],
    ["blob:https://a.de/1", "blob:<https://a.de/1>"],
  ])("ends where people end it: %j", (text, pieces) => {
    expect(shown(piecesOf(text, ""))).toBe(pieces);
  });

  test.each([
    "javascript:alert(1)",
    "JavaScript://example.org/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "file://example.org/share",
    "ftp://example.org/file",
    "//example.org/path",
    "vbscript:x",
    "chrome://settings",
    "http://",
    "http:// example",
    "http://[::zz]/",
    "version 1.2.3 of main.ts… and so on...",
    "10:30 or ada@home",
  ])("is not made of %j", (text) => {
    const schemes = linksOf(text).map((href) => new URL(href).protocol);
    expect(schemes).toEqual([]);
    expect(shown(piecesOf(text, ""))).toBe(text);
  });

  test("is one of 200 or a few more; what follows stays text", () => {
    const text = "a.de ".repeat(1_000);
    expect(linksOf(text).length).toBe(200);
    expect(
      piecesOf(text, "")
        .map(({ text }) => text)
        .join(""),
    ).toBe(text);
  });

  test("may be long, but not without end", () => {
    const long = `https://example.org/${"a".repeat(4_000)}`;
    expect(linksOf(long)).toEqual([long]);
    expect(linksOf(`https://example.org/${"a".repeat(5_000)} http://b.de`)).toEqual(["http://b.de/"]);
  });
});

describe("code", () => {
  test.each<[text: string, pieces: string]>([
    ["type `ls -l` there", "type {ls -l} there"],
    ["`http://a.de` `Ada`", "{http://a.de} {Ada}"],
    ["`a` and `b", "{a} and `b"],
    ["a ` alone", "a ` alone"],
    ["``a ` b``", "{a ` b}"],
    ["``a` b", "``a` b"],
    ["``", "``"],
    ["` `", "` `"],
    ["`one\ntwo`", "`one\ntwo`"],
    ["it`s\nhers, `x`", "it`s\nhers, {x}"],
    ["```x```", "{{x}}"],
    ["```\none\n  two\n```", "{{one\n  two}}"],
    ["```ts\nlet x;\n```", "{{ts\nlet x;}}"],
    ["look:\n```\nx\n```\nthere", "look:{{x}}there"],
    ["look:\n\n```\n\nx\n\n```\n\nthere", "look:\n{{\nx\n}}\nthere"],
    ["````\na ``` b\n````", "{{a ``` b}}"],
    ["```\nhttp://a.de `Ada`\n```", "{{http://a.de `Ada`}}"],
    ["```\nnever closed, http://a.de", "```\nnever closed, <http://a.de>"],
  ])("in %j", (text, pieces) => {
    expect(shown(piecesOf(text, "Ada"))).toBe(pieces);
  });
});

describe("a mention", () => {
  test.each<[text: string, me: string, pieces: string]>([
    ["Ada", "Ada", "[Ada]"],
    ["hey ada, ADA!", "Ada", "hey [ada], [ADA]!"],
    ["@Ada: hi", "Ada", "[@Ada]: hi"],
    ["Ask Ada. Or Ada... or ...Ada?", "Ada", "Ask [Ada]. Or [Ada]... or ...[Ada]?"],
    ["Ada's, (Ada) /Ada/ «Ada»", "Ada", "[Ada]'s, ([Ada]) /[Ada]/ «[Ada]»"],
    ["Adam, Canada, Ada-Lee, Ada_, Ada.b, Ada2", "Ada", "Adam, Canada, Ada-Lee, Ada_, Ada.b, Ada2"],
    ["bob@Ada", "Ada", "bob@Ada"],
    ["for a_b-c.d, not a_b", "a_b-c.d", "for [a_b-c.d], not a_b"],
    ["J.R. is here, J.R", "J.R.", "[J.R]. is here, [J.R]"],
    ["Ольга и ОЛЬГА, ольгами", "Ольга", "[Ольга] и [ОЛЬГА], ольгами"],
    ["STRASSE, straße", "Straße", "[STRASSE], [straße]"],
    ["田中さん、@田中、小田中", "田中", "[田中]さん、[@田中]、小[田中]"],
    ["see http://ada.de/Ada", "Ada", "see <http://ada.de/Ada>"],
    ["ada@example.org", "Ada", "<ada@example.org>"],
    ["nobody . - _ @", "", "nobody . - _ @"],
    ["a.c abc", "a.c", "[a.c] abc"],
  ])("in %j of %j", (text, me, pieces) => {
    expect(shown(piecesOf(text, me))).toBe(pieces);
    expect(isMention(text, me)).toBe(pieces.includes("["));
  });

  test("is none in code", () => {
    expect(isMention("`Ada` ```\nAda\n```", "Ada")).toBe(false);
    expect(isMention("`Ada` Ada", "Ada")).toBe(true);
  });
});

describe("prose", () => {
  test("is changed around code and links, which stay as they were typed", () => {
    const text = "a `a` a\n```\na\n```\na http://a.de/a a `";
    expect(changeProse(text, (prose) => prose.replaceAll("a", "b"))).toBe("b `a` b\n```\na\n```\nb http://a.de/a b `");
  });
});

describe("any text", () => {
  const BITS = (
    "` `` ``` ```` \n \t a Ada ada @ @Ada . .. - _ , : :// / // ( ) [ ] { } < > \" ' ? # & % ! http:// https:// HTTP: " +
    "mailto: javascript: data: file:/// ftp:// www. .com .org/ a@a a.de ☃ 😀 é é 田中 ß \u200d \u202e \ud800 xn-- [::1] 10.0.0.1 :80"
  ).split(" ");

  /** What `pieces` leave out of `text`, or nothing if they do not follow it. */
  function leftOut(text: string, pieces: readonly Piece[]): string | undefined {
    const steps = pieces.map(({ text }) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    return new RegExp(`^([\`\\n]*)${steps.map((step) => `${step}([\`\\n]*)`).join("")}$`).exec(text)?.slice(1).join("");
  }

  test("is shown whole and in order, and each of its links may be followed", () => {
    const chance = random(7);
    let links = 0;
    for (let round = 0; round < 3_000; round++) {
      const text = Array.from({ length: chance.below(24) }, () => chance.pick([...BITS, " "])).join("");
      const pieces = piecesOf(text, "Ada");
      expect(leftOut(text, pieces), JSON.stringify(text)).toBeDefined();
      if (!pieces.some(({ type }) => type === "code")) expect(pieces.map(({ text }) => text).join("")).toBe(text);
      expect(pieces.some((piece) => piece.text === "" && piece.type !== "code")).toBe(false);
      expect(isMention(text, "Ada")).toBe(pieces.some(({ type }) => type === "mention"));
      expect(changeProse(text, (prose) => prose)).toBe(text);
      for (const piece of pieces)
        if (piece.type === "link") {
          links++;
          expect(["http:", "https:", "mailto:"]).toContain(new URL(piece.href).protocol);
        }
    }
    expect(links).toBeGreaterThan(500);
  });

  const HOSTILE = [
    "`",
    "` ",
    "`a``b",
    "http://",
    "http://a/(",
    "http://a/{([",
    'http://a.de/"',
    "a@",
    "a@a@a@",
    "a@a.a.",
    ".",
    "a.",
    "-",
    "Ada.",
    "@",
    "_",
    "mailto:",
    "[::",
    "\n",
    "Ada ",
    "a.de ",
    "田",
    "://",
    "a.b@c.d ",
  ];
  test("costs next to nothing, however hostile it is", () => {
    const costly = HOSTILE.flatMap((bit) =>
      ["", "http://a.de/", "a.de ", "a@", "```"].map((head) => head + bit.repeat(TEXT_BYTES_MAX)),
    )
      .map((text) => text.slice(0, TEXT_BYTES_MAX))
      .map((text) => {
        const times = [1, 2, 3].map(() => {
          const start = performance.now();
          piecesOf(text, "Ada.-.-Ada");
          isMention(text, "田中");
          return performance.now() - start;
        });
        return { text: text.slice(0, 30), ms: Math.min(...times) };
      })
      // Alone it takes less than 5 ms; what grows as the square of the length takes a second.
      .filter(({ ms }) => ms > 50);
    expect(costly).toEqual([]);
  });
});
