// The kinds of value that messages are made of, as schemas: what passes is clean.
import * as v from "valibot";
import { RE_CHARS_MAX } from "./limits.ts";
import { cleanName } from "./name.ts";
import { type Cleaned, cleanText } from "./text.ts";

function cleanedBy(clean: (raw: string) => Cleaned) {
  return v.pipe(
    v.string(),
    v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
      const cleaned = clean(dataset.value);
      if ("value" in cleaned) return cleaned.value;
      addIssue({ message: cleaned.problem });
      return NEVER;
    }),
  );
}

/** What a member is called, cleaned. */
export const Name = cleanedBy(cleanName);
/** What a person said, cleaned. */
export const Text = cleanedBy(cleanText);
/** A position in the log: a whole number that only grows. 0 is before the first event. */
export const Seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
/** RFC 3339, UTC, milliseconds. What is no time, or of no year that a calendar knows, would end whoever shows it. */
export const Time = v.pipe(
  v.string(),
  v.check((at) => RFC_3339.test(at) && !Number.isNaN(Date.parse(at)), "`at` is no time."),
);

/** What a mark may not hold: controls, line separators, bidi controls, half surrogate pairs. */
const HIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** The client's own mark on a request; it comes back on whatever the request causes. */
export const Re = v.optional(
  v.pipe(
    v.string(),
    v.maxLength(RE_CHARS_MAX, `\`re\` is longer than ${RE_CHARS_MAX} characters.`),
    v.check((re) => !HIDDEN.test(re), "`re` holds a control character."),
  ),
);
