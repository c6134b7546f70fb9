// A line being edited: text, cursor and what an editing key makes of them. Pure; knows nothing of keyboards and screens.

/** `cursor` counts UTF-16 units and stands between grapheme clusters. Line breaks are LF. */
export interface Line {
  readonly text: string;
  readonly cursor: number;
}

export type Edit =
  | "left"
  | "right"
  | "home"
  | "end"
  | "word-left"
  | "word-right"
  | "backspace"
  | "delete"
  | "delete-word-left"
  | "delete-word-right"
  | "delete-to-start"
  | "delete-to-end";

export const emptyLine: Line = { text: "", cursor: 0 };

export const graphemes = new Intl.Segmenter(undefined, {
  granularity: "grapheme",
});

/** The line that holds `text`, ready to be added to. */
export function lineOf(text: string): Line {
  return { text, cursor: text.length };
}

/** Puts `text` in the place of what stands from `from` to the cursor. */
export function insert({ text, cursor }: Line, added: string, from = cursor): Line {
  return {
    text: text.slice(0, from) + added + text.slice(cursor),
    cursor: from + added.length,
  };
}

export function edit(line: Line, how: Edit): Line {
  const { text, cursor } = line;
  switch (how) {
    case "left":
      return { text, cursor: clusterStart(text, cursor) };
    case "right":
      return { text, cursor: clusterEnd(text, cursor) };
    case "home":
      return { text, cursor: 0 };
    case "end":
      return { text, cursor: text.length };
    case "word-left":
      return { text, cursor: wordStart(text, cursor) };
    case "word-right":
      return { text, cursor: wordEnd(text, cursor) };
    case "backspace":
      return without(line, clusterStart(text, cursor), cursor);
    case "delete":
      return without(line, cursor, clusterEnd(text, cursor));
    case "delete-word-left":
      return without(line, wordStart(text, cursor), cursor);
    case "delete-word-right":
      return without(line, cursor, wordEnd(text, cursor));
    case "delete-to-start":
      return without(line, 0, cursor);
    case "delete-to-end":
      return without(line, cursor, text.length);
  }
}

function without({ text }: Line, from: number, to: number): Line {
  return { text: text.slice(0, from) + text.slice(to), cursor: from };
}

function clusterStart(text: string, cursor: number): number {
  return graphemes.segment(text).containing(cursor - 1)?.index ?? 0;
}

function clusterEnd(text: string, cursor: number): number {
  const cluster = graphemes.segment(text).containing(cursor);
  return cluster ? cluster.index + cluster.segment.length : text.length;
}

/** Words are what blanks and line breaks divide. By hand: a regular expression anchored at the end takes quadratic time on a large paste. */
function wordStart(text: string, cursor: number): number {
  let at = cursor;
  while (at > 0 && isBlank(text, at - 1)) at -= 1;
  while (at > 0 && !isBlank(text, at - 1)) at -= 1;
  return at;
}

function wordEnd(text: string, cursor: number): number {
  let at = cursor;
  while (at < text.length && isBlank(text, at)) at += 1;
  while (at < text.length && !isBlank(text, at)) at += 1;
  return at;
}

function isBlank(text: string, at: number): boolean {
  return /\s/.test(text.charAt(at));
}
