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
