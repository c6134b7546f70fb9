// Emoji by the names that people know from GitHub: `:smile:`. Knows nothing of the field that they are typed into.
import { packedEmoji } from "./emoji-table.ts" with { type: "macro" };
import { changeProse } from "./rich-text.ts";

export interface Emoji {
  /** Its name, without the colons. */
  readonly code: string;
  readonly emoji: string;
}

const PACKED = packedEmoji();
/** Those that people use most, in that order: they come before the others. */
const COMMON: readonly string[] =
  "+1 joy heart smile thumbsup tada fire rocket eyes thinking sob pray clap wave ok_hand rofl sweat_smile grin grinning wink blush heart_eyes cry laughing smiley sunglasses slightly_smiling_face upside_down_face shrug facepalm raised_hands muscle 100 white_check_mark x warning sparkles party -1 thumbsdown coffee beer beers cake partying_face skull scream thought_balloon see_no_evil bug bulb question exclamation star".split(
    " ",
  );

/** One shortcode after another, neither in a word ("10:30:15") nor in a path ("std::map::iterator"). */
const SHORTCODES = /(?<![\p{L}\p{N}_:])(?::[a-z0-9_+-]{1,50}:)+(?![\p{L}\p{N}_:])/gu;
const SHORTCODE = /:([^:]+):/g;
/** What a system draws as a letter or a plain sign unless a variation selector asks for the emoji. */
const TEXT_BY_DEFAULT = /(?!\p{Emoji_Presentation})\p{Emoji}/gu;

/** Unpacked when the first one is asked for. In the order of the shortcodes. */
let table: ReadonlyMap<string, string> | undefined;

/** The emoji of `code`, which has no colons. */
export function emojiFor(code: string): string | undefined {
  return allEmoji().get(code);
}

/** Up to `limit` whose code starts with `prefix`: that very one first, then common ones, then the others by the alphabet. */
export function emojisStarting(prefix: string, limit: number): readonly Emoji[] {
  const start = prefix.toLowerCase();
  const all = allEmoji();
  const codes = new Set([start, ...COMMON, ...all.keys()]);
  const found: Emoji[] = [];
  for (const code of codes) {
    if (found.length >= limit) break;
    const emoji = code.startsWith(start) ? all.get(code) : undefined;
    if (emoji !== undefined) found.push({ code, emoji });
  }
  return found;
}

/** `text` with emoji in place of their shortcodes. What is in code or in a link, or is no emoji's name, stays as it was typed. */
export function withEmoji(text: string): string {
  if (!text.includes(":")) return text;
  return changeProse(text, (prose) =>
    prose.replace(SHORTCODES, (run) => run.replace(SHORTCODE, (typed, code: string) => emojiFor(code) ?? typed)),
  );
}

function allEmoji(): ReadonlyMap<string, string> {
  return (table ??= new Map(unpacked().toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

function unpacked(): [code: string, emoji: string][] {
  let next = 0;
  return PACKED.split(",").flatMap((entry) => {
    const [codes = "", hex] = entry.split(":").toReversed();
    const points = hex === undefined ? [next] : hex.split("-").map((point) => Number.parseInt(point, 16));
    if (points.length === 1) next = points[0]! + 1;
    const emoji = String.fromCodePoint(...points).replace(TEXT_BY_DEFAULT, "$&\u{fe0f}");
    return codes.split(" ").map((code): [string, string] => [code, emoji]);
  });
}
