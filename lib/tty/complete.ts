// What Tab does to a line, and how candidates are listed. Pure; knows nothing of what is completed.

import { graphemes, insert, type Line } from "./edit.ts";

/** `from`: where the word to be completed starts; it ends at the cursor. */
export interface Completion {
  readonly from: number;
  readonly candidates: readonly string[];
}

const MAX_LISTED = 100;

/** The line with all that the candidates agree on. The same line if they say no more than is typed. */
export function completed(line: Line, { from, candidates }: Completion): Line {
  const shared = sharedStart(candidates);
  const typed = line.text.slice(from, line.cursor);
  // Candidates that match in spite of case may share less than is typed: nothing typed is taken away.
  const adds = candidates.length === 1 ? shared !== typed : shared.length > typed.length;
  return adds ? insert(line, shared, from) : line;
}

/** The candidates side by side, as many on a row as `columns` hold. */
export function listed(candidates: readonly string[], columns: number): string {
  const rows: string[] = [];
  let row = "";
  for (const candidate of candidates.slice(0, MAX_LISTED)) {
    const longer = row ? `${row}  ${candidate}` : candidate;
    if (row && Bun.stringWidth(longer) > columns) {
      rows.push(row);
      row = candidate;
    } else row = longer;
  }
  rows.push(row);
  if (candidates.length > MAX_LISTED) rows.push(`… and ${candidates.length - MAX_LISTED} more`);
  return rows.join("\n");
}

function sharedStart(candidates: readonly string[]): string {
  const [first = "", ...others] = candidates;
  let shared = 0;
  for (const { index, segment } of graphemes.segment(first)) {
    const end = index + segment.length;
    if (!others.every((other) => other.startsWith(first.slice(0, end)))) break;
    shared = end;
  }
  return first.slice(0, shared);
}
