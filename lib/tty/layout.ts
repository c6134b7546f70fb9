// Which rows a status, a label and a line take in a window, and where the cursor is in them. Pure; knows nothing of terminals' escape sequences but colours.

import { graphemes, type Line } from "./edit.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Layout {
  readonly rows: readonly string[];
  readonly cursor: {
    readonly row: number;
    /** What its row shows in front of it. */
    readonly before: string;
  };
}

/** A label that leaves the text fewer columns is not shown. */
const MIN_TEXT_COLUMNS = 10;
const LINE_BREAK = "\x1b[2m⏎\x1b[22m";
const CUT = "…";
/** A window with fewer rows has none to spare for what always holds. */
const MIN_STATUS_ROWS = 8;

/**
 * The rows in which `line` is shown, never more than half of the window, so that the talk above stays in view.
 * Of a text that needs more, the part around the cursor is shown, and "…" where it goes on. The status is a row above them,
 * cut to the window.
 */
export function layOut(label: string, line: Line, size: Size, status = ""): Layout {
  const layout = layOutLine(label, line, size);
  if (status === "" || size.rows < MIN_STATUS_ROWS) return layout;
  const { row, before } = layout.cursor;
  const top = Bun.sliceAnsi(status, 0, size.columns - 1, { ellipsis: CUT });
  return { rows: [`${top}\x1b[0m`, ...layout.rows], cursor: { row: row + 1, before } };
}

function layOutLine(label: string, line: Line, { columns, rows }: Size): Layout {
  const labelColumns = Bun.stringWidth(label);
  const shownLabel = labelColumns + MIN_TEXT_COLUMNS <= columns ? `${label}\x1b[0m` : "";
  const maxRows = Math.max(1, Math.floor(rows / 2));
  const room = columns * maxRows - (shownLabel ? labelColumns : 0);
  // The shown part starts at a multiple of a quarter of the room, so that it stands still while the cursor moves within it.
  const page = Math.max(1, Math.floor(room / 4));
  const lastPage = Math.floor(line.cursor / page) * page;
  const pages = [0, ...[3, 2, 1].map((back) => lastPage - back * page)].filter((at) => at >= 0);
  for (const from of pages) {
    const layout = fill(shownLabel, line, from, columns, maxRows);
    if (layout) return layout;
  }
  return fill(shownLabel, line, line.cursor, columns, maxRows) ?? bare;
}

const bare: Layout = { rows: [""], cursor: { row: 0, before: "" } };

/** Lays out `line` from about `from` on; undefined if the cursor does not come into view. */
function fill(
  label: string,
  { text, cursor }: Line,
  from: number,
  columns: number,
  maxRows: number,
): Layout | undefined {
  const start = graphemes.segment(text).containing(from)?.index ?? from;
  if (cursor - start > columns * maxRows * 2) return undefined;
  const rows: string[] = [];
  let row = label + (start > 0 ? CUT : "");
  let column = Bun.stringWidth(row);
  let found: Layout["cursor"] | undefined;
  // The last row keeps a column for the "…" or the cursor.
  const fits = (width: number): boolean => column + width <= (rows.length + 1 < maxRows ? columns : columns - 1);
  const see = (at: number): void => {
    if (at >= cursor) found ??= { row: rows.length, before: row };
  };
  for (const { index, segment } of graphemes.segment(text.slice(start))) {
    const width = columnsOf(segment);
    if (!fits(width) && column > 0) {
      if (rows.length + 1 === maxRows) {
        see(start + index);
        return found && { rows: [...rows, row + CUT], cursor: found };
      }
      rows.push(row);
      row = "";
      column = 0;
    }
    see(start + index);
    row += segment === "\n" ? LINE_BREAK : segment;
    column += width;
  }
  if (column >= columns && rows.length + 1 < maxRows) {
    rows.push(row);
    row = "";
  }
  see(text.length);
  return found && { rows: [...rows, row], cursor: found };
}

/**
 * The columns a cluster may take. Terminals disagree: some draw a family of emoji as one sign, others as its members side by side.
 * The larger number is safe with both, as the row merely ends earlier.
 */
function columnsOf(cluster: string): number {
  if (cluster === "\n") return 1;
  let apart = 0;
  for (const sign of cluster) apart += Bun.stringWidth(sign);
  return Math.max(apart, Bun.stringWidth(cluster));
}
