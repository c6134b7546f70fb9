// What may stand in a text: cleaned where it enters and again where it is shown. Knows nothing of messages.
import { isCrowded, uncrowded } from "./graphemes.ts";
import { SHOWN_LINES_MAX, SHOWN_TEXT_MAX, TEXT_BYTES_MAX, TEXT_LINES_MAX } from "./limits.ts";

/** A cleaned value, or a sentence for people that says what is wrong with it. */
export type Cleaned = { readonly value: string } | { readonly problem: string };

const PLAIN_LINE = /^[\x20-\x7e]*$/;
/** Letters and signs of most of the world's texts, in the only form that they have: nothing of them is ever cleaned away, and none joins with another. */
const SETTLED =
  /^[\n\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u0388-\u0482\u048a-\u052f\u05d0-\u05ea\u060c\u061b\u061f-\u064a\u0660-\u066f\u0671-\u06d3\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u22ff\u2500-\u27bf\u3000-\u3029\u3030-\u3096\u309b-\u30ff\u3105-\u312f\u3400-\u9fff\uac00-\ud7a3\uff01-\uff9d\u{1f300}-\u{1f3fa}\u{1f400}-\u{1faff}]*$/u;
const LINE_ENDS = /\r\n|[\r\u0085\u2028\u2029]/g;
/** C0 and C1 controls but TAB and LF. */
// oxlint-disable-next-line no-control-regex -- removing them is the point
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
/** Bidi overrides and isolates, zero-width and filler characters, tags, noncharacters and what an escape sequence left of a surrogate pair: they make text lie about itself. A flag of a land within a country (England's) is made of tags and stays; so do joiners, and what chooses between two forms of one sign. */
const INVISIBLE =
  /(\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f})|[\u034f\u17b4\u17b5\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\p{Noncharacter_Code_Point}\p{Surrogate}\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}]/gu;
/** Joiners shape letters and emoji; anywhere else they only hide. */
const STRAY_JOINERS =
  /(?<![\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200c\u200d]|[\u200c\u200d](?![\p{L}\p{Extended_Pictographic}])/gu;
const MARK_FLOOD = /(\p{M}{8})\p{M}+/gu;
/** Blank lines, with or without blanks in them; three of them stay. */
const BLANK_FLOOD = /\n(?:[^\S\n]*\n){4,}/g;
/** Stands where a text goes on that is not shown as a whole. */
const CUT = "…";
const OUTER_LINE_ENDS = /^\n+|\n+$/g;

/** Only Bun has it; a browser sends text that the server cleans, and shows text that the server cleaned. */
const stripEscapes: (text: string) => string = globalThis.Bun?.stripANSI ?? ((text) => text);

/** `raw` without anything that could steer a terminal, reorder a line or hide in it. Line ends become LF, letters NFC. */
export function scrub(raw: string): string {
  if (SETTLED.test(raw)) return raw;
  const [text, crowded] = composed(...visible(raw));
  return crowded ? uncrowded(text) : text;
}

/** … and without a screenful of nothing, or more than a screen can bear: a text as it is shown, whoever sent it. */
export function tidy(raw: string): string {
  const text = trimmed(scrub(raw.length > SHOWN_TEXT_MAX ? `${raw.slice(0, SHOWN_TEXT_MAX)}${CUT}` : raw));
  // So many lines take at least as many units, and most texts are shorter than that.
  const end = text.length < SHOWN_LINES_MAX ? -1 : lineEnd(text, SHOWN_LINES_MAX);
  return end < 0 ? text : `${text.slice(0, end)}${CUT}`;
}

/** Where the line with this number ends; -1 where none follows it. */
function lineEnd(text: string, number: number): number {
  let end = -1;
  for (let line = 0; line < number; line++) {
    end = text.indexOf("\n", end + 1);
    if (end < 0) return end;
  }
  return end;
}

const TOO_LONG = `The text is longer than ${TEXT_BYTES_MAX} bytes; send it in parts.`;
/** Code units of a text that nothing is removed from any more: NFC makes at least three bytes of four, so this is too long whatever it makes. */
const VISIBLE_LENGTH_MAX = 2 * TEXT_BYTES_MAX;
/** … and of one as it comes: what is longer is not looked at, whatever would be removed. */
const RAW_LENGTH_MAX = 4 * TEXT_BYTES_MAX;

/** The text as the room keeps it, or why it may not be said. */
export function cleanText(raw: string): Cleaned {
  // What most people say has nothing to clean, and is not looked at six times.
  if (raw.length <= TEXT_BYTES_MAX && PLAIN_LINE.test(raw) && raw.trim() !== "") return { value: raw };
  if (!raw.isWellFormed()) return { problem: "The text is not valid Unicode: it holds half a surrogate pair." };
  if (raw.length > RAW_LENGTH_MAX) return { problem: TOO_LONG };
  const isSettled = SETTLED.test(raw);
  const [seen, isFull] = isSettled ? [raw, false] : visible(raw);
  const text = trimmed(seen);
  if (text.length > VISIBLE_LENGTH_MAX) return { problem: TOO_LONG };
  const [value, crowded] = isSettled ? [text, false] : composed(text, isFull);
  if (value.trim() === "") return { problem: "The text is empty." };
  // No character takes more than three bytes a code unit, so short texts need no count.
  if (value.length * 3 > TEXT_BYTES_MAX && bytesOf(value) > TEXT_BYTES_MAX) return { problem: TOO_LONG };
  if (linesOf(value) > TEXT_LINES_MAX)
    return { problem: `The text has more than ${TEXT_LINES_MAX} lines; send it in parts.` };
  // Last, because it takes the longest: what is too long is never looked at that closely.
  return { value: crowded ? uncrowded(value) : value };
}

/** What of it is seen, but for characters that are too crowded, and whether there may be any. */
function visible(raw: string): readonly [text: string, crowded: boolean] {
  const text = stripEscapes(raw.replace(LINE_ENDS, "\n"))
    .replace(CONTROLS, "")
    .replace(INVISIBLE, "$1")
    .replace(STRAY_JOINERS, "");
  // Cut before NFC, which takes seconds to sort a flood of marks.
  return isCrowded(text) ? [text.replace(MARK_FLOOD, "$1"), true] : [text, false];
}

/** In NFC. It makes two marks of some. */
function composed(visible: string, crowded: boolean): readonly [text: string, crowded: boolean] {
  const text = visible.normalize("NFC");
  return [text, crowded || (text !== visible && isCrowded(text))];
}

/** The flood first: looking for the last line ends takes a second where thousands stand in the middle. */
function trimmed(text: string): string {
  return text.includes("\n") ? text.replace(BLANK_FLOOD, "\n\n\n\n").replace(OUTER_LINE_ENDS, "") : text;
}

function linesOf(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

const utf8 = new TextEncoder();
/** Length in bytes of UTF-8. */
export function bytesOf(text: string): number {
  return utf8.encode(text).length;
}
