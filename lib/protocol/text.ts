// What may stand in a text: cleaned where it enters and again where it is shown. Knows nothing of messages.
import { TEXT_BYTES_MAX, TEXT_LINES_MAX } from "./limits.ts";

/** A cleaned value, or a sentence for people that says what is wrong with it. */
export type Cleaned = { readonly value: string } | { readonly problem: string };

const PLAIN = /^[\n\x20-\x7e]*$/;
const PLAIN_LINE = /^[\x20-\x7e]*$/;
const LINE_ENDS = /\r\n|[\r\u0085\u2028\u2029]/g;
/** C0 and C1 controls but TAB and LF. */
// oxlint-disable-next-line no-control-regex -- removing them is the point
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
/** Bidi overrides and isolates, zero-width and filler characters, tags, noncharacters and what an escape sequence left of a surrogate pair: they make text lie about itself. A flag of a land within a country (England's) is made of tags and stays. */
const INVISIBLE =
  /(\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f})|[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\p{Noncharacter_Code_Point}\p{Surrogate}\u{e0000}-\u{e007f}]/gu;
/** Joiners shape letters and emoji; anywhere else they only hide. */
const STRAY_JOINERS =
  /(?<![\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200c\u200d]|[\u200c\u200d](?![\p{L}\p{Extended_Pictographic}])/gu;
const MARK_FLOOD = /(\p{M}{8})\p{M}+/gu;
const BLANK_FLOOD = /\n{5,}/g;
const OUTER_LINE_ENDS = /^\n+|\n+$/g;

/** Only Bun has it; a browser sends text that the server cleans, and shows text that the server cleaned. */
const stripEscapes: (text: string) => string = globalThis.Bun?.stripANSI ?? ((text) => text);

/** `raw` without anything that could steer a terminal, reorder a line or hide in it. Line ends become LF, letters NFC. */
export function scrub(raw: string): string {
  if (PLAIN.test(raw)) return raw;
  const visible = stripEscapes(raw.replace(LINE_ENDS, "\n"))
    .replace(CONTROLS, "")
    .replace(INVISIBLE, "$1")
    .replace(STRAY_JOINERS, "");
  // Cut before NFC, which takes seconds to sort a flood of marks, and after it, because NFC makes two marks of some.
  return visible.replace(MARK_FLOOD, "$1").normalize("NFC").replace(MARK_FLOOD, "$1");
}

/** The text as the room keeps it, or why it may not be said. */
export function cleanText(raw: string): Cleaned {
  // What most people say has nothing to clean, and is not looked at six times.
  if (raw.length <= TEXT_BYTES_MAX && PLAIN_LINE.test(raw) && raw.trim() !== "") return { value: raw };
  if (!raw.isWellFormed()) return { problem: "The text is not valid Unicode: it holds half a surrogate pair." };
  // The flood first: looking for the last line ends takes a second where thousands stand in the middle.
  const value = scrub(raw).replace(BLANK_FLOOD, "\n\n\n\n").replace(OUTER_LINE_ENDS, "");
  if (value.trim() === "") return { problem: "The text is empty." };
  // No character takes more than three bytes a code unit, so short texts need no count.
  if (value.length * 3 > TEXT_BYTES_MAX && bytesOf(value) > TEXT_BYTES_MAX)
    return { problem: `The text is longer than ${TEXT_BYTES_MAX} bytes; send it in parts.` };
  if (linesOf(value) > TEXT_LINES_MAX)
    return { problem: `The text has more than ${TEXT_LINES_MAX} lines; send it in parts.` };
  return { value };
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
