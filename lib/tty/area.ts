// The escape sequences that draw a prompt's rows at the cursor and erase them again, also after the window has changed. Writes nothing itself; knows nothing of what the rows hold.

import { graphemes } from "./edit.ts";
import type { Layout } from "./layout.ts";

interface Drawn {
  readonly columns: number;
  /** The rows above the cursor's. */
  readonly above: readonly string[];
  /** What the cursor's row shows in front of it. */
  readonly before: string;
}

/** Clears to the end of the screen, but not from its first column on: tmux takes that, in the top row, for a page to be kept in its scrollback. */
export const CLEAR_BELOW = "\r \x1b[J\r\x1b[K";

/** Every row ends in a hard line break and never wraps, so the number of rows holds even where terminals disagree on the width of a sign. */
export class Area {
  #drawn: Drawn | undefined;

  /** Starts in the cursor's row, which is overwritten. */
  draw({ rows, cursor }: Layout, columns: number): string {
    this.#drawn = {
      columns,
      above: rows.slice(0, cursor.row),
      before: cursor.before,
    };
    // The front of the cursor's row is written again to place it: the terminal alone knows how wide it draws it.
    const back = up(rows.length - 1 - cursor.row);
    return `\x1b[?7l\r${rows.join("\r\n")}${back}\r${cursor.before}\x1b[?7h`;
  }

  /** Leaves the cursor where the area began, with nothing below. `cursorColumn` is the answer to what `isWrapped` suggests to ask. */
  erase(columns: number, cursorColumn?: number): string {
    const drawn = this.#drawn;
    if (!drawn) return "";
    this.#drawn = undefined;
    // A window made narrower wraps the rows that no longer fit; one made wider leaves them as they are.
    let rows = drawn.above.length;
    if (columns < drawn.columns) {
      rows = 0;
      for (const row of drawn.above) rows += wrap(row, columns).rows + 1;
      const cursor = wrap(`${drawn.before} `, columns);
      if (cursorColumn === cursor.column && cursorColumn !== columns - 1) rows += cursor.rows;
    }
    return `${up(rows)}${CLEAR_BELOW}`;
  }

  /**
   * Whether a window now `columns` wide has wrapped some row down to the cursor. Then it is good to ask for the cursor's column before
   * erasing: some terminals wrap the cursor's row too, others cut it and leave the cursor in the last column. And while a
   * window is dragged, its answer comes only after the last of the changes on the way.
   */
  isWrapped(columns: number): boolean {
    const { above = [], before = "" } = this.#drawn ?? {};
    return [...above, `${before} `].some((row) => Bun.stringWidth(row) > columns);
  }
}

/** How often a terminal `columns` wide breaks `row`, and the column at which it puts the last sign. */
function wrap(row: string, columns: number): { rows: number; column: number } {
  let rows = 0;
  let column = 0;
  let next = 0;
  for (const { segment } of graphemes.segment(Bun.stripANSI(row))) {
    const width = Bun.stringWidth(segment);
    column = next;
    if (column + width > columns) {
      rows += 1;
      column = 0;
    }
    next = column + width;
  }
  return { rows, column };
}

function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}
