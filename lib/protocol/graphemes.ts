// How much may stand on one character as people see it: marks, joined letters, chains of emoji. Knows nothing of texts as a whole.

/** What one character keeps of a flood. No language stacks more, and the longest emoji has ten code points. */
export const GRAPHEME_MARKS_MAX = 8;
export const GRAPHEME_CODE_POINTS_MAX = 16;

/** What can make one character of many: marks, joiners, colours of skin, half-width voice marks, jamo, and signs that take in what follows. */
const GATHERING = String.raw`[\p{M}\p{Emoji_Modifier}\u200c\u200d\uff9e\uff9f\u0e33\u0eb3\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\u{110bd}\u{110cd}\u{111c2}\u{111c3}\u{1193f}\u{11941}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}]`;
/** In a character that has too many there are eight of them, with at most one other sign between two of them. */
const CROWD = new RegExp(String.raw`${GATHERING}(?:\S??${GATHERING}){7}`, "u");
const MARK = /^\p{M}$/u;
const TRAILING_JOINERS = /[\u200c\u200d]+$/;
/** Stands for a character that cannot be cut without growing into the next one. */
const CUT_OUT = "\ufffd";

let segmenter: Intl.Segmenter | undefined;

/** Whether some character of `text` may have too many. To look at each takes ten times as long as all other cleaning. */
export function isCrowded(text: string): boolean {
  return CROWD.test(text);
}

/** `text`, each character of which has at most so many marks and code points. Composed text stays composed. */
export function uncrowded(text: string): string {
  let kept = "";
  for (const { segment, index } of graphemesOf(text)) {
    const fitting = fittingPart(segment);
    if (fitting === segment) kept += segment;
    else kept += isOneMore(fitting, text.slice(index + segment.length)) ? fitting : CUT_OUT;
  }
  return kept;
}

function fittingPart(grapheme: string): string {
  // Most are short.
  if (grapheme.length <= GRAPHEME_MARKS_MAX) return grapheme;
  let [marks, points, length] = [0, 0, 0];
  for (const point of grapheme) {
    if (MARK.test(point)) marks++;
    if (marks > GRAPHEME_MARKS_MAX || ++points > GRAPHEME_CODE_POINTS_MAX)
      return grapheme.slice(0, length).replace(TRAILING_JOINERS, "");
    length += point.length;
  }
  return grapheme;
}

/** Whether `grapheme` stays a character of its own before `rest`. */
function isOneMore(grapheme: string, rest: string): boolean {
  const [next = ""] = rest;
  const [first] = graphemesOf(grapheme + next);
  return first?.segment === grapheme;
}

function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}
