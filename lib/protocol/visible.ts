// JSON that a person may look at: the same values, with nothing in it that a terminal obeys or nobody sees.

/** What JSON lets through as it is, and no text for people may hold. Between its strings, line ends and tabs are blanks. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u{fff0}-\u{fff8}]/gu;

/** `json`, one value without blanks that matter, as one line that is safe to print. Reads as the same value. */
export function visibleJson(json: string): string {
  return json.replace(UNSEEN, (character) => (isBlank(character) ? " " : escaped(character)));
}

/** A control character of this kind stands only outside of strings: inside, JSON wants it escaped. */
function isBlank(character: string): boolean {
  return character === "\t" || character === "\n" || character === "\r";
}

/** JSON knows code units only. */
function escaped(character: string): string {
  return character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
