// Where somebody reads in a long list, kept while rows come, go and change their heights around it. Knows no DOM: it is told what it needs.
import { changeBetween, Heights, type Change } from "./heights.ts";

/** The row that must not move, and how far its top is below the top of what is seen. */
interface Anchor {
  readonly index: number;
  readonly offset: number;
}

/** From `first` up to, not including, `last`. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** What a row is taken to need before any was seen. */
const FIRST_ESTIMATE_PX = 40;
/** Rows that are not as tall as a line would otherwise fill the page without end. */
const ROWS_MAX = 500;
/** How much of a tall row that begins above stays in sight when it becomes a short one. */
const KEPT_IN_SIGHT_PX = 24;

export class ReadingPlace<R> {
  readonly heights = new Heights();
  readonly #keyOf: (row: R) => string;
  #rows: readonly R[] = [];
  /** Nothing: at the end, and there it stays. */
  #anchor: Anchor | undefined;
  #estimate = FIRST_ESTIMATE_PX;
  /** Until then the estimate is a guess, and all rows have it. */
  #learnt = false;

  constructor(keyOf: (row: R) => string) {
    this.#keyOf = keyOf;
  }

  get rows(): readonly R[] {
    return this.#rows;
  }

  get atEnd(): boolean {
    return this.#anchor === undefined;
  }

  /** The rows as they are now. What is read stays; a reader whose rows are all gone is at the end. */
  take(rows: readonly R[]): void {
    const before = this.#rows;
    const change = changeBetween(before, rows);
    if (change.removed === 0 && change.added === 0) return;
    this.#rows = rows;
    const { at, removed, added } = change;
    const now = new Map(rows.slice(at, at + added).map((row, i) => [this.#keyOf(row), at + i]));
    const heights = Array.from({ length: added }, () => this.#estimate);
    // A row that was only changed keeps its height until it is measured again.
    before.slice(at, at + removed).forEach((row, i) => {
      const index = now.get(this.#keyOf(row));
      if (index !== undefined) heights[index - at] = this.heights.of(at + i);
    });
    if (this.#anchor !== undefined) this.#anchor = this.#afterChange(this.#anchor, before, change, now);
    this.heights.splice(at, removed, heights);
  }

  /** The rows from `first` on are as tall as this. */
  learn(first: number, heights: readonly number[]): void {
    if (this.#anchor !== undefined) this.#keepInSight(this.#anchor, heights[this.#anchor.index - first]);
    if (heights.length === 0) return;
    this.#estimate = heights.reduce((sum, height) => sum + height, 0) / heights.length;
    if (!this.#learnt) {
      this.#learnt = true;
      const guesses = Array.from({ length: this.heights.length }, () => this.#estimate);
      this.heights.splice(0, guesses.length, guesses);
    }
    heights.forEach((height, i) => this.heights.set(first + i, height));
  }

  /** What should stand at the top of what is seen, counted from the top of the first row. */
  top(seen: number): number {
    if (this.#anchor === undefined) return Math.max(0, this.heights.total - seen);
    const { index, offset } = this.#anchor;
    return this.heights.topOf(index) - offset;
  }

  /** What is read now: it begins at `top`. */
  readFrom(top: number, seen: number): void {
    let index = this.heights.rowAt(top);
    // A row whose beginning is seen stays where it is, however it wraps; one that began above would not.
    const next = this.heights.topOf(index + 1);
    if (this.heights.topOf(index) < top && index + 1 < this.heights.length && next < top + seen) index += 1;
    this.#anchor = { index, offset: this.heights.topOf(index) - top };
  }

  readFromRow(index: number, offset: number): void {
    this.#anchor = { index, offset };
  }

  readAtEnd(): void {
    this.#anchor = undefined;
  }

  /** Moves the reader by so much. What was seen says where that is: rows on the way may have heights that nobody knows. */
  turn(by: number, seen: number): void {
    if (this.#rows.length === 0) return;
    this.readFrom(this.top(seen), seen);
    if (this.#anchor !== undefined) this.#anchor = { ...this.#anchor, offset: this.#anchor.offset - by };
  }

  rangeAt(top: number, seen: number, more: number): Range {
    if (this.#rows.length === 0) return { first: 0, last: 0 };
    const first = this.heights.rowAt(top - more);
    return { first, last: Math.min(this.heights.rowAt(top + seen + more) + 1, first + ROWS_MAX) };
  }

  covers({ first, last }: Range, top: number, seen: number, more: number): boolean {
    if (last - first >= ROWS_MAX) return true;
    const reachesUp = first === 0 || this.heights.topOf(first) <= top - more;
    return reachesUp && (last >= this.heights.length || this.heights.topOf(last) >= top + seen + more);
  }

  /** The last row that is seen to its end, or else the one that fills what is seen. */
  lastSeen(top: number, seen: number): string | undefined {
    let index = this.heights.rowAt(top + seen);
    const isWhole = this.heights.topOf(index + 1) <= top + seen + 1;
    if (!isWhole && this.heights.topOf(index) > top) index -= 1;
    const row = this.#rows[index];
    return row === undefined ? undefined : this.#keyOf(row);
  }

  indexOf(key: string): number {
    return this.#rows.findIndex((row) => this.#keyOf(row) === key);
  }

  #keepInSight({ index, offset }: Anchor, height: number | undefined): void {
    const wasSeen = offset + this.heights.of(index) > 0;
    if (height === undefined || height === this.heights.of(index) || !wasSeen) return;
    this.#anchor = { index, offset: Math.max(offset, Math.min(0, KEPT_IN_SIGHT_PX - height)) };
  }

  /** The same row, or the nearest one that is still there, with the place that it has. */
  #afterChange(
    { index, offset }: Anchor,
    before: readonly R[],
    { at, removed, added }: Change,
    now: ReadonlyMap<string, number>,
  ): Anchor | undefined {
    if (index < at) return { index, offset };
    const standsAt = (old: number) => offset + this.heights.topOf(old) - this.heights.topOf(index);
    const moved = (old: number): Anchor | undefined => {
      const to = old < at ? old : old >= at + removed ? old + added - removed : now.get(this.#keyOf(before[old]!));
      return to === undefined ? undefined : { index: to, offset: standsAt(old) };
    };
    for (let old = index; old < Math.min(before.length, at + removed + 1); old += 1) {
      const anchor = moved(old);
      if (anchor !== undefined) return anchor;
    }
    if (index >= at + removed) return moved(index);
    for (let old = index - 1; old >= Math.max(0, at - 1); old -= 1) {
      const anchor = moved(old);
      if (anchor !== undefined) return anchor;
    }
    return undefined;
  }
}
