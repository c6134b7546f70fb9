// What may be a name. Whether it is free is the room's business.
import { isCrowded, uncrowded } from "./graphemes.ts";
import { NAME_BYTES_MAX, NAME_CODE_POINTS_MAX } from "./limits.ts";
import { bytesOf, type Cleaned } from "./text.ts";

const SHAPE = /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.-]*$/u;
const MARK_FLOOD = /\p{M}{5}/u;
/** Hangul fillers are letters and variation selectors are marks, but nobody sees them. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/u;
/** No character is composed of more than four, so what is longer is no name, and NFKC need not sort a flood of marks. */
const RAW_LENGTH_MAX = 4 * NAME_BYTES_MAX;
const TOO_LONG = `The name is too long; at most ${NAME_CODE_POINTS_MAX} characters.`;

/** Scripts that may stand together in one name (UTS #39, "highly restrictive"): each row is one alphabet, or a mix that one language writes. */
const SCRIPTS: readonly (readonly string[])[] = [
  ["Latin", "Han", "Hiragana", "Katakana"],
  ["Latin", "Han", "Bopomofo"],
  ["Latin", "Han", "Hangul"],
  ...[
    "Arabic",
    "Armenian",
    "Bengali",
    "Cyrillic",
    "Devanagari",
    "Ethiopic",
    "Georgian",
    "Greek",
    "Gujarati",
    "Gurmukhi",
    "Hebrew",
    "Kannada",
    "Khmer",
    "Lao",
    "Malayalam",
    "Myanmar",
    "Oriya",
    "Sinhala",
    "Tamil",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
  ].map((script) => [script]),
];
const ASCII = /^[\x20-\x7e]*$/;
let alphabets: readonly RegExp[] | undefined;

/** The name as the room keeps it (NFKC), or why it cannot be one. */
export function cleanName(raw: string): Cleaned {
  if (!raw.isWellFormed()) return { problem: "The name is not valid Unicode." };
  if (raw.length > RAW_LENGTH_MAX) return { problem: TOO_LONG };
  const value = raw.normalize("NFKC").trim();
  if (value === "") return { problem: "The name is empty." };
  if (Array.from(value).length > NAME_CODE_POINTS_MAX || bytesOf(value) > NAME_BYTES_MAX) return { problem: TOO_LONG };
  if (!SHAPE.test(value) || MARK_FLOOD.test(value) || UNSEEN.test(value))
    return { problem: "A name holds letters, digits and _ - . and starts with a letter or digit." };
  if (ASCII.test(value)) return { value };
  if (isCrowded(value) && uncrowded(value) !== value)
    return { problem: "A name has no room for so many signs on one letter." };
  if (!oneScript(value)) return { problem: "A name keeps to the letters of one script." };
  return { value };
}

function oneScript(name: string): boolean {
  alphabets ??= SCRIPTS.map((row) => {
    // By their extensions: marks and signs that belong to some scripts belong to no other.
    const scripts = [...row, "Common", "Inherited"].map((script) => `\\p{Script_Extensions=${script}}`);
    return new RegExp(`^[${scripts.join("")}]*$`, "u");
  });
  return alphabets.some((alphabet) => alphabet.test(name));
}

/** Two names with the same fold are the same name: case does not tell members apart. */
export function foldName(name: string): string {
  // Thrice, because ẞ has no upper case but ß, its lower case, has one: SS.
  const fold = name.toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
  // Most names are their own fold, and who keeps both keeps one.
  return fold === name ? name : fold;
}
