// A reading place on the screen: rows are measured and laid where they belong, and what is read does not move. Knows nothing of Preact.
import type { Range, ReadingPlace } from "./reading-place.ts";

export interface ScrollerParts {
  /** What scrolls. */
  readonly outer: HTMLElement;
  /** As tall as all rows together. */
  readonly space: HTMLElement;
  /** Holds the rows that are there, in the place where they belong. */
  readonly block: HTMLElement;
}

export interface ScrollerEvents {
  /** Other rows are needed. */
  redraw(): void;
  /** Somebody reads another place, or it shows another one; `byHand`: the reader moved. */
  placed(byHand: boolean): void;
}

/** Rows beyond what is seen: what a fast wheel or finger passes before the page can answer. */
const OVERSCAN_PX = 600;
/** Below which rows are fetched anew, so that not every step of a wheel does. */
const ENOUGH_PX = 250;
/** A gesture and its inertia are over when nothing moved for so long. */
const STILL_MS = 150;
const SEEN_BEFORE_KNOWN_PX = 800;
/** Browsers round where they scroll to. */
const ROUNDING_PX = 1;

export class Scroller<R> {
  readonly #place: ReadingPlace<R>;
  readonly #events: ScrollerEvents;
  #parts: ScrollerParts | undefined;
  #seen = SEEN_BEFORE_KNOWN_PX;
  #range: Range = { first: 0, last: 0 };
  /** Where it scrolled to as far as we know: another value is the reader's doing. */
  #knownTop = 0;
  /** Where what scrolls begins on the page. */
  #edge: number | undefined;
  /**
   * How far the rows stand above where they belong. To set scrollTop under a finger, an inertia or a dragged thumb
   * ends it or is undone by it: until it is still, the rows move instead.
   */
  #shift = 0;
  #moving = false;
  #touched = false;
  #askedFor = false;
  #still: ReturnType<typeof setTimeout> | undefined;

  constructor(place: ReadingPlace<R>, events: ScrollerEvents) {
    this.#place = place;
    this.#events = events;
  }

  get seen(): number {
    return this.#seen;
  }

  /** What stands at the top of what is seen, counted from the top of the first row. */
  get top(): number {
    return this.#parts === undefined ? this.#place.top(this.#seen) : this.#knownTop + this.#shift;
  }

  /** Takes over; answers how to let go. */
  attach(parts: ScrollerParts): () => void {
    this.#parts = parts;
    const sizes = new ResizeObserver(() => this.#resized(sizes));
    this.#observe(sizes);
    const { outer } = parts;
    const listening = new AbortController();
    const listen = { signal: listening.signal, passive: true };
    outer.addEventListener("scroll", this.#scrolled, listen);
    outer.addEventListener("touchstart", () => (this.#touched = this.#moving = true), listen);
    for (const end of ["touchend", "touchcancel"]) outer.addEventListener(end, this.#released, listen);
    return () => {
      listening.abort();
      sizes.disconnect();
      clearTimeout(this.#still);
      this.#parts = undefined;
    };
  }

  /** Which rows are to be there. Asked when the page is drawn, before `arrange`. */
  range(): Range {
    this.#range = this.#place.rangeAt(this.#place.top(this.#seen), this.#seen, OVERSCAN_PX);
    return this.#range;
  }

  /** Hears of the reader's scrolling before its event comes: what changes now must not undo it. */
  look(): boolean {
    const { outer } = this.#parts ?? {};
    if (outer === undefined || outer.scrollTop === this.#knownTop) return false;
    // A window that grew takes the end along; that is no one's wish, and the observer of sizes sees to it.
    if (outer.clientHeight !== this.#seen || this.#seen === 0) return false;
    const up = outer.scrollTop < this.#knownTop;
    this.#knownTop = outer.scrollTop;
    const below = this.#place.heights.total - this.#seen - this.top;
    if (below < (up ? ROUNDING_PX : 2 * ROUNDING_PX)) this.#place.readAtEnd();
    else this.#place.readFrom(this.top, this.#seen);
    return true;
  }

  /** The rows in range are on the page, and nothing was painted yet: measures them and puts all in its place. */
  arrange(): void {
    if (!this.#lay()) return this.#events.redraw();
    this.#events.placed(this.#askedFor);
    this.#askedFor = false;
  }

  /** The reader wants to be in another place: shows it. */
  show(): void {
    this.#moving = false;
    this.#askedFor = true;
    this.#events.redraw();
  }

  /** Whether enough rows are there. */
  #lay(): boolean {
    const { outer, space, block } = this.#parts ?? {};
    if (outer === undefined || space === undefined || block === undefined) return true;
    const place = this.#place;
    this.#seen = outer.clientHeight;
    this.#keepFromEdge(outer.offsetTop);
    // What is not shown has no heights, and where it is scrolled to says nothing.
    if (this.#seen === 0) return true;
    place.learn(
      this.#range.first,
      Array.from(block.children, (row) => row.getBoundingClientRect().height),
    );
    const top = place.top(this.#seen);
    this.#shift = this.#mayShift(outer, top) ? top - outer.scrollTop : 0;
    space.style.height = `${place.heights.total - this.#shift}px`;
    block.style.top = `${place.heights.topOf(this.#range.first) - this.#shift}px`;
    if (this.#shift === 0 && Math.abs(outer.scrollTop - top) >= ROUNDING_PX / 2) outer.scrollTop = top;
    this.#knownTop = outer.scrollTop;
    const enough = place.covers(this.#range, top, this.#seen, ENOUGH_PX);
    if (enough && !place.atEnd) this.#hold(top);
    return enough;
  }

  /** What comes above takes its room from the rows that were there, and gives it back: what is read stays where it is. */
  #keepFromEdge(edge: number): void {
    const by = edge - (this.#edge ?? edge);
    this.#edge = edge;
    if (by !== 0 && !this.#place.atEnd) this.#place.readFrom(this.top + by, this.#seen);
  }

  /** All rows that are seen have their heights by now: it is one of them that must not move. */
  #hold(top: number): void {
    const place = this.#place;
    // Where it should be, not where a browser rounded it to: many small differences would add up.
    if (Math.abs(this.top - top) <= ROUNDING_PX) place.readFrom(top, this.#seen);
    // At either end there may be less to scroll than was asked for.
    else if (place.heights.total - this.#seen - this.top < 2 * ROUNDING_PX) place.readAtEnd();
    else place.readFrom(this.top, this.#seen);
  }

  /** Not where the shift itself would be seen: a start that cannot be scrolled to, or nothing above the first row. */
  #mayShift(outer: HTMLElement, top: number): boolean {
    if (!this.#moving || this.#place.atEnd) return false;
    const shift = top - outer.scrollTop;
    return Math.abs(shift) < ROUNDING_PX / 2 || (shift > 0 ? outer.scrollTop > 0 : top >= 0);
  }

  readonly #scrolled = (): void => {
    if (!this.look()) return;
    this.#moving = true;
    this.#untilStill();
    const covered = this.#place.covers(this.#range, this.top, this.#seen, ENOUGH_PX);
    if (!covered || this.#isStuckAtStart()) this.#events.redraw();
    this.#events.placed(true);
  };

  #isStuckAtStart(): boolean {
    return this.#shift !== 0 && (this.#knownTop <= 0 || this.top < 0);
  }

  readonly #released = (): void => {
    this.#touched = false;
    this.#untilStill();
  };

  #untilStill(): void {
    clearTimeout(this.#still);
    this.#still = setTimeout(() => {
      if (this.#touched) return;
      this.look();
      this.#moving = false;
      this.arrange();
    }, STILL_MS);
  }

  #observe(sizes: ResizeObserver): void {
    if (this.#parts === undefined) return;
    sizes.observe(this.#parts.outer);
    // No row changes its height without its block.
    sizes.observe(this.#parts.block);
  }

  #resized(sizes: ResizeObserver): void {
    if (!this.#lay()) {
      // New rows change the block in this same frame; browsers report what an observer causes while it is told as an error.
      sizes.disconnect();
      requestAnimationFrame(() => this.#observe(sizes));
      this.#events.redraw();
      return;
    }
    requestAnimationFrame(() => {
      if (this.#parts !== undefined) this.#events.placed(false);
    });
  }
}
