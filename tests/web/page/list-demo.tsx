// The list with rows of many heights, and what its tests do to them from outside.
import { render } from "preact";
import { useState } from "preact/hooks";
import { List, type ListHandle, type ReadingNow } from "../../../lib/web/page/list.tsx";
import { random } from "../../support/random.ts";

interface Said {
  readonly key: string;
  readonly text: string;
}

export interface ListDemo {
  rows: readonly Said[];
  set(rows: readonly Said[]): void;
  said(from: number, to: number): readonly Said[];
  append(count: number): void;
  prepend(count: number): void;
  /** What is prepended as soon as the list asks. */
  onNearStart: () => void;
  asked: number;
  heard: ReadingNow | undefined;
  rendered: number;
  api: ListHandle;
}

const START = 100_000;
let first = START;
let next = START;

/** A few say a lot. */
const TEXTS = Array.from({ length: 197 }, (_, i) => {
  const chance = random(i);
  const words = chance.below(10) === 0 ? 60 + chance.below(200) : 1 + chance.below(30);
  return Array.from({ length: words }, () => "word".repeat(1 + chance.below(3))).join(" ");
});

function said(from: number, to: number): readonly Said[] {
  return Array.from({ length: to - from }, (_, i) => ({
    key: `row-${from + i}`,
    text: `${from + i}: ${TEXTS[(from + i) % TEXTS.length]}`,
  }));
}

const show = (row: Said) => {
  window.listDemo.rendered += 1;
  return (
    <p data-key={row.key}>
      {row.text} <a href={`#${row.key}`}>link</a>
    </p>
  );
};

function Demo() {
  const [rows, setRows] = useState<readonly Said[]>([]);
  window.listDemo.rows = rows;
  window.listDemo.set = (rows) => {
    window.listDemo.rows = rows;
    setRows(rows);
  };
  return (
    <List
      rows={rows}
      keyOf={(row) => row.key}
      render={show}
      label="Messages"
      nearStart={() => {
        window.listDemo.asked += 1;
        window.listDemo.onNearStart();
      }}
      reading={(now) => (window.listDemo.heard = now)}
      handle={(api) => (window.listDemo.api = api)}
    />
  );
}

window.listDemo = {
  rows: [],
  set() {},
  said,
  append(count) {
    this.set([...this.rows, ...said(next, next + count)]);
    next += count;
  },
  prepend(count) {
    this.set([...said(first - count, first), ...this.rows]);
    first -= count;
  },
  onNearStart() {},
  asked: 0,
  heard: undefined,
  rendered: 0,
  api: { toEnd() {}, toRow() {}, pageUp() {}, pageDown() {} },
};
render(<Demo />, document.body);
