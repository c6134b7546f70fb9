// What nobody may ever get from a room, whoever said what: looked at as bytes, as text, and as the rules of texts and names.
import { cleanName } from "../../lib/protocol/name.ts";
import { cleanText } from "../../lib/protocol/text.ts";
import type { Heard } from "../support/peer.ts";

/** All that a line on the wire, in a file or on a terminal may not hold beside its own end. */
export const CONTROL = /[\p{Cc}\u2028\u2029]/u;
const NAMES: ReadonlySet<string> = new Set(["from", "name", "to", "by"]);

/** What is wrong with a line that a room has sent or kept, as a sentence. */
export function dirtIn(line: string): string | undefined {
  if (CONTROL.test(line)) return `a control character in ${JSON.stringify(line)}`;
  const message = JSON.parse(line) as Heard;
  // It says what is wrong, perhaps with words of the one who did wrong.
  const isKept = "seq" in message || message.type === "whisper";
  for (const [field, value] of Object.entries(message)) {
    if (typeof value !== "string") continue;
    if (/[^\P{Cc}\n\t]/u.test(value)) return `a control character in ${field} of ${line}`;
    if (!isKept || message.type === "welcome") continue;
    const cleaned = NAMES.has(field) ? cleanName(value) : field === "text" ? cleanText(value) : { value };
    if (!("value" in cleaned) || cleaned.value !== value) return `${field} is not clean in ${line}`;
  }
  return undefined;
}

/** What reaches a terminal or a page beside letters and signs: nothing that it obeys, that turns its lines round or that nobody sees. */
const UNSEEN =
  /[^\P{Cc}\n]|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\p{Noncharacter_Code_Point}\p{Surrogate}]/u;
/** Colours, which are our own. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const COLOURS = /\x1b\[(?:0|1|2|3|22|33|36)m/g;
/** The same of what is for programs, and looked at by people. */
const UNSEEN_IN_JSON = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** What is wrong with something that people look at, as a sentence. */
export function dirtSeen(shown: string): string | undefined {
  return UNSEEN.test(shown.replace(COLOURS, "")) ? `${JSON.stringify(shown)} is shown` : undefined;
}

/** What is wrong with a line of JSON that was printed, as a sentence. */
export function dirtPrinted(json: string): string | undefined {
  const assigned = json.replace(/(?!\p{Default_Ignorable_Code_Point}|\p{Noncharacter_Code_Point})[\p{Cn}\p{Co}]/gu, "");
  return UNSEEN_IN_JSON.test(assigned) ? `${JSON.stringify(json)} is printed` : undefined;
}
