// A list of any length of which only what is seen is on the page, and in which what is read stays where it is. Knows nothing of chat.
import type { ComponentChild, VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { ReadingPlace } from "./reading-place.ts";
import { Scroller } from "./scroller.ts";

export interface ListProps<R> {
  /** A new array whenever anything changed. */
  readonly rows: readonly R[];
  /** No two rows have the same. */
  readonly keyOf: (row: R) => string;
  /** Asked for rows that are seen or nearly so; not again for the same row, unless the function is another one. */
  readonly render: (row: R) => ComponentChild;
  /** What those hear who cannot see it. */
  readonly label: string;
  /** Not much is left above: rows are to be put in front. Asked again when the first row changed or the reader moved. */
  readonly nearStart: () => void;
  /** Told when it changed. `lastSeen`: the key of the last row that is seen whole. */
  readonly reading: (place: ReadingNow) => void;
  /** Told once. */
  readonly handle: (api: ListHandle) => void;
}

export interface ReadingNow {
  readonly atEnd: boolean;
  readonly lastSeen: string | undefined;
}

export interface ListHandle {
  toEnd(): void;
  /** Nothing happens if there is no such row. */
  toRow(key: string): void;
  pageUp(): void;
  pageDown(): void;
}

/** What of a page is seen again on the next one. */
const PAGE = 0.9;
/** Where a row stands that somebody wanted to see: what came before it is seen too. */
const WANTED_ROW = 1 / 3;
const NEAR_START_SCREENS = 2;

export function List<R>(props: ListProps<R>): VNode {
  const { rows, label } = props;
  const [, setDrawings] = useState(0);
  const current = useRef(props);
  current.current = props;
  const [{ place, scroller, handle, toStart }] = useState(() =>
    openReading(current, () => setDrawings((count) => count + 1)),
  );
  const outer = useRef<HTMLDivElement>(null);
  const space = useRef<HTMLDivElement>(null);
  const block = useRef<HTMLDivElement>(null);
  const drawn = useRef<ReadonlyMap<string, Drawn<R>>>(new Map());
  const focused = useRef<EventTarget>(null);

  // A reader who scrolled just now is heard before the rows move.
  scroller.look();
  place.take(rows);
  const { first, last } = scroller.range();
  drawn.current = draw(rows.slice(first, last), props, drawn.current);

  useLayoutEffect(() => {
    const detach = scroller.attach({ outer: outer.current!, space: space.current!, block: block.current! });
    current.current.handle(handle);
    return detach;
  }, []);
  useLayoutEffect(() => {
    scroller.arrange();
    // Who was at a link that is gone with its row goes on from the list, not from the top of the page.
    const isLost = focused.current instanceof Element && !focused.current.isConnected;
    if (!isLost) return;
    focused.current = null;
    if (document.activeElement === document.body) outer.current?.focus({ preventScroll: true });
  });

  return (
    <div
      class="list"
      ref={outer}
      role="log"
      aria-live="off"
      aria-label={label}
      tabIndex={0}
      onKeyDown={(event) => turnByKey(event, { ...handle, toStart })}
      onFocusIn={({ target }) => (focused.current = target)}
      onFocusOut={({ relatedTarget }) => {
        // Nothing gets it when a row is taken away, or when somebody clicks beside all things.
        if (relatedTarget !== null) focused.current = null;
      }}
    >
      <div class="list-space" ref={space}>
        <div class="list-rows" ref={block}>
          {Array.from(drawn.current.values(), ({ node }) => node)}
        </div>
      </div>
    </div>
  );
}

/** A row that is on the page. */
interface Drawn<R> {
  readonly row: R;
  readonly render: (row: R) => ComponentChild;
  readonly node: VNode;
}

function Row<R>({ row, render }: Pick<Drawn<R>, "row" | "render">): VNode {
  return <div class="list-row">{render(row)}</div>;
}

/** Preact does not draw a node anew that is the one it has. */
function draw<R>(
  rows: readonly R[],
  { keyOf, render }: ListProps<R>,
  before: ReadonlyMap<string, Drawn<R>>,
): ReadonlyMap<string, Drawn<R>> {
  return new Map(
    rows.map((row) => {
      const key = keyOf(row);
      const known = before.get(key);
      if (known?.row === row && known.render === render) return [key, known];
      return [key, { row, render, node: <Row key={key} row={row} render={render} /> }];
    }),
  );
}

interface Reading<R> {
  readonly place: ReadingPlace<R>;
  readonly scroller: Scroller<R>;
  readonly handle: ListHandle;
  toStart(): void;
}

function openReading<R>(current: { readonly current: ListProps<R> }, redraw: () => void): Reading<R> {
  let told: ReadingNow | undefined;
  let askedBefore: R | undefined;

  const placed = (byHand: boolean): void => {
    const { reading, nearStart } = current.current;
    const { top, seen } = scroller;
    const now: ReadingNow = { atEnd: place.atEnd, lastSeen: place.lastSeen(top, seen) };
    if (now.atEnd !== told?.atEnd || now.lastSeen !== told.lastSeen) {
      told = now;
      reading(now);
    }
    const first = place.rows[0];
    if (first === undefined || top > NEAR_START_SCREENS * seen || (first === askedBefore && !byHand)) return;
    askedBefore = first;
    nearStart();
  };
  const place = new ReadingPlace<R>((row) => current.current.keyOf(row));
  const scroller = new Scroller(place, { redraw, placed });

  const toRow = (index: number, offset: number): void => {
    if (place.rows[index] === undefined) return;
    place.readFromRow(index, offset);
    scroller.show();
  };
  const turn = (pages: number): void => {
    scroller.look();
    place.turn(pages * scroller.seen, scroller.seen);
    scroller.show();
  };
  const handle: ListHandle = {
    toEnd: () => {
      place.readAtEnd();
      scroller.show();
    },
    toRow: (key) => toRow(place.indexOf(key), scroller.seen * WANTED_ROW),
    pageUp: () => turn(-PAGE),
    pageDown: () => turn(PAGE),
  };
  return { place, scroller, handle, toStart: () => toRow(0, 0) };
}

/** By ourselves: a browser would glide there, past thousands of rows that it cannot show in time. */
function turnByKey(event: KeyboardEvent, to: ListHandle & { toStart(): void }): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.target !== event.currentTarget) return;
  const moves: Readonly<Record<string, () => void>> = {
    PageUp: to.pageUp,
    PageDown: to.pageDown,
    Home: to.toStart,
    End: to.toEnd,
  };
  const move = moves[event.key];
  if (move === undefined) return;
  event.preventDefault();
  move();
}
