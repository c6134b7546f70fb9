// Own words that are not known to be on disk, as rows after all others. Pure but for the rows that it has made before.
import { shownName, shownText, type Sight } from "../../client/view.ts";
import type { RoomRequest } from "../../protocol/message.ts";
import { opensAfter, pendingRow, type Row, type Talk, type Timeline } from "./timeline.ts";

export type Say = Extract<RoomRequest, { type: "say" }> & { readonly re: string };

export class PendingRows {
  #rows: ReadonlyMap<string, Talk> = new Map();

  /** All rows of the timeline, and those of `words` that it has not. */
  after(timeline: Timeline, words: readonly Say[], me: string): readonly Row[] {
    const rows: Row[] = [...timeline.rows];
    const pending = new Map<string, Talk>();
    for (const say of words) {
      // After a reload, what the log has already is asked for once more: it is there, and not twice.
      if (timeline.has(say.re)) continue;
      const row = this.#row(say, rows.at(-1), me);
      pending.set(say.re, row);
      rows.push(row);
    }
    this.#rows = pending;
    return rows;
  }

  /** One object as long as it is the same row: it is drawn once. */
  #row(say: Say, last: Row | undefined, me: string): Talk {
    const known = this.#rows.get(say.re);
    const sight = known?.sight ?? sightOf(say, me);
    if (known && known.opens === opensAfter(last, sight)) return known;
    return pendingRow(say.re, sight, last);
  }
}

function sightOf({ text, action }: Say, me: string): Sight {
  return action
    ? { tone: "own", who: "", text: `* ${shownName(me)} ${shownText(text)}` }
    : { tone: "own", who: shownName(me), text: shownText(text) };
}
