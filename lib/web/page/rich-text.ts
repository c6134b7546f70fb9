// A text in pieces: links, code, and one's own name. Pure; knows nothing of elements or of who said it.
import { LinkifyIt } from "linkify-it";
import { foldName } from "../../protocol/name.ts";

/**
 * In order, the pieces show what was typed. Only the backticks of code are left out and, as a block stands on lines of
 * its own, one line break at each of its edges, inside and outside.
 */
export type Piece =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "link"; readonly text: string; readonly href: string }
  /** `block`: between three backticks or more, and perhaps of several lines. */
  | { readonly type: "code"; readonly text: string; readonly block: boolean }
  /** My own name, with the "@" if there is one. */
  | { readonly type: "mention"; readonly text: string };

/** Code in a text: from `start` to `end` with its backticks; `text` is what they enclose. */
interface CodeSpan {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly block: boolean;
}

/** Nothing else is ever followed: no script, no file, no other program. */
const SCHEMES: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);
/** A longer word is no link: where brackets open and never close, the search takes time as the square of the length. */
const LINK_CHARS_MAX = 4_096;
/** After so many links, pieces of code and mentions the rest stays text: nobody follows them, and 2,000 take their time. */
const ELEMENTS_MAX = 200;
/** No link goes beyond a blank, and none is without one of these. */
const WORD = /\S+/g;
const LINK_SIGN = /[.:@]/;

const BACKTICKS = /`+/g;
const BLOCK_BACKTICKS = 3;

/** Where a name may stand: names begin with a letter or digit. "bob@ada" is neither's. */
const NAME_WORD = /(?<![\p{L}\p{M}\p{Nd}]@?)@?([\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.-]*)/gu;
/** "Ask Ada." ends a sentence, not a name. */
const PUNCTUATION = /[.-]+$/;
/** Some languages write no blanks between words: there a name is a part of what looks like one word. */
const UNSPACED =
  /^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]{2,}$/u;

/** My name, made ready to be looked for. */
interface Own {
  readonly name: string;
  readonly key: string;
  readonly unspaced: boolean;
}

const linkify = new LinkifyIt({ fuzzyLink: true, maxLength: LINK_CHARS_MAX }).add("ftp:", null).add("//", null);

/** The pieces of `text`, as `me` reads it. */
export function piecesOf(text: string, me: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const own: Own = { name: me, key: keyOf(me), unspaced: UNSPACED.test(me) };
  /** Of links and mentions: code is counted by itself. */
  let left = ELEMENTS_MAX;
  const prose = (typed: string) => {
    for (const piece of linksIn(typed, left)) {
      const made = piece.type === "text" ? namesIn(piece.text, own, left) : [piece];
      left -= made.filter(({ type }) => type !== "text").length;
      pieces.push(...made);
    }
  };
  let from = 0;
  for (const code of codeIn(text)) {
    const before = text.slice(from, code.start);
    prose(code.block ? before.replace(/\n$/, "") : before);
    pieces.push({ type: "code", text: code.block ? code.text.replace(/^\n|\n$/g, "") : code.text, block: code.block });
    from = code.block && text[code.end] === "\n" ? code.end + 1 : code.end;
  }
  prose(text.slice(from));
  return pieces;
}

/** Whether `text` speaks of `me`. A name in code or in a link is none. */
export function isMention(text: string, me: string): boolean {
  // Most texts do not hold the name at all, and need no search for links.
  return foldName(text).includes(keyOf(me)) && piecesOf(text, me).some(({ type }) => type === "mention");
}

/** `text` after `change` of what is neither in code nor in a link. */
export function changeProse(text: string, change: (prose: string) => string): string {
  const prose = (typed: string) =>
    linksIn(typed, ELEMENTS_MAX)
      .map((piece) => (piece.type === "text" ? change(piece.text) : piece.text))
      .join("");
  let changed = "";
  let from = 0;
  for (const { start, end } of codeIn(text)) {
    changed += prose(text.slice(from, start)) + text.slice(start, end);
    from = end;
  }
  return changed + prose(text.slice(from));
}

/** The code in `text`. As many backticks as open it close it; those that nothing closes are text. */
function codeIn(text: string): readonly CodeSpan[] {
  const runs = [...text.matchAll(BACKTICKS)].map(({ 0: { length }, index }) => ({ start: index, end: index + length }));
  const closing = closingOf(runs.map(({ start, end }) => end - start));
  const spans: CodeSpan[] = [];
  for (let at = 0; at < runs.length && spans.length < ELEMENTS_MAX; at++) {
    const open = runs[at]!;
    const close = runs[closing[at] ?? -1];
    if (!close) continue;
    const inside = text.slice(open.end, close.start);
    const block = open.end - open.start >= BLOCK_BACKTICKS;
    // Only a block goes beyond its line: two stray backticks, a paragraph apart, enclose nothing.
    if (inside.trim() === "" || (!block && inside.includes("\n"))) continue;
    spans.push({ start: open.start, end: close.end, text: inside, block });
    at = closing[at]!;
  }
  return spans;
}

/** For each of `lengths` where the same length comes next. */
function closingOf(lengths: readonly number[]): readonly (number | undefined)[] {
  const next = new Map<number, number>();
  return lengths
    .map((length, at) => [length, at] as const)
    .toReversed()
    .map(([length, at]) => {
      const found = next.get(length);
      next.set(length, at);
      return found;
    })
    .toReversed();
}

function linksIn(text: string, most: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let links = 0;
  for (const { 0: word, index } of LINK_SIGN.test(text) ? text.matchAll(WORD) : []) {
    if (links >= most) break;
    if (word.length > LINK_CHARS_MAX || !LINK_SIGN.test(word)) continue;
    for (const link of linkify.match(word) ?? []) {
      const href = safe(link.url);
      if (href === undefined) continue;
      pushText(pieces, text.slice(from, index + link.index));
      pieces.push({ type: "link", text: link.raw, href });
      links++;
      from = index + link.lastIndex;
    }
  }
  pushText(pieces, text.slice(from));
  return pieces;
}

/** The address as a browser reads it, if it may be followed. */
function safe(url: string): string | undefined {
  try {
    const { protocol, href } = new URL(url);
    return SCHEMES.has(protocol) ? href : undefined;
  } catch {
    return undefined;
  }
}

function namesIn(text: string, me: Own, most: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let left = most;
  const mention = (start: number, end: number) => {
    pushText(pieces, text.slice(from, start));
    pieces.push({ type: "mention", text: text.slice(start, end) });
    from = end;
    left--;
  };
  if (me.key !== "")
    for (const { 0: whole, 1: word = "", index } of text.matchAll(NAME_WORD)) {
      if (left <= 0) break;
      const start = index + whole.length - word.length;
      if (me.unspaced) {
        const at = word.indexOf(me.name);
        if (at >= 0) mention(at === 0 ? index : start + at, start + at + me.name.length);
      } else if (isLikely(word, me.name) && keyOf(word) === me.key)
        mention(index, start + word.replace(PUNCTUATION, "").length);
    }
  pushText(pieces, text.slice(from));
  return pieces;
}

/** A name as it is compared: without regard to case, or to a point behind it. */
function keyOf(name: string): string {
  return foldName(name.replace(PUNCTUATION, ""));
}

/** Spares the folding of every word: a letter of a name folds to four at most. */
function isLikely(word: string, me: string): boolean {
  return word.length * 4 >= me.length && word.replace(PUNCTUATION, "").length <= me.length * 4;
}

function pushText(pieces: Piece[], text: string): void {
  if (text !== "") pieces.push({ type: "text", text });
}
