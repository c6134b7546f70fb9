import { Terminal } from "@xterm/headless";
import { expect, test } from "bun:test";
import { Area, CLEAR_BELOW } from "../../lib/tty/area.ts";
import { layOut } from "../../lib/tty/layout.ts";

/** An area that shows `text` in a window 20 columns wide, the cursor at `cursor`. */
function drawn(text: string, cursor: number): Area {
  const area = new Area();
  area.draw(layOut("> ", { text, cursor }, { columns: 20, rows: 24 }), 20);
  return area;
}
const text = "x".repeat(50); // Rows of 18, 20 and 12 signs.
const up = (rows: number): string => (rows ? `\x1b[${rows}A` : "");

test("what is drawn is erased from its first row on, once", () => {
  const area = drawn(text, 45);
  expect(area.erase(20)).toBe(`${up(2)}${CLEAR_BELOW}`);
  expect(area.erase(20)).toBe("");
});

test("rows below the cursor are not counted", () => {
  expect(drawn(text, 20).erase(20)).toBe(`${up(1)}${CLEAR_BELOW}`);
  expect(drawn(text, 0).erase(20)).toBe(CLEAR_BELOW);
});

test("a wider window leaves the rows as they are", () => {
  expect(drawn(text, 50).erase(99)).toBe(`${up(2)}${CLEAR_BELOW}`);
});

test("a narrower window has wrapped the rows above the cursor", () => {
  expect(drawn(text, 45).erase(15)).toBe(`${up(4)}${CLEAR_BELOW}`);
  expect(drawn(text, 20).erase(6)).toBe(`${up(4)}${CLEAR_BELOW}`);
});

test("wide signs do not fit into the last column, which may take another row", () => {
  // 18 columns of wide signs in rows of 5 columns are 5 rows, as each holds but two signs.
  expect(drawn("漢".repeat(12), 12).erase(5)).toBe(`${up(5)}${CLEAR_BELOW}`);
});

test("whether the cursor's row was wrapped is told by the cursor's column", () => {
  const wrapped = `${up(6 + 1)}${CLEAR_BELOW}`;
  const cut = `${up(6)}${CLEAR_BELOW}`;
  // The rows above wrap into 3 each; the cursor stands behind 10 signs of its row.
  expect(drawn(text, 48).erase(8, 2)).toBe(wrapped);
  expect(drawn(text, 48).erase(8, 7)).toBe(cut);
  expect(drawn(text, 48).erase(8)).toBe(cut);
});

test("the column is only worth asking for where something was wrapped", () => {
  expect(new Area().isWrapped(5)).toBe(false);
  expect(drawn("hello", 5).isWrapped(8)).toBe(false);
  expect(drawn("hello", 5).isWrapped(7)).toBe(true);
  expect(drawn(text, 0).isWrapped(10)).toBe(false);
  expect(drawn(text, 50).isWrapped(19)).toBe(true);
});

test("a row takes one row even of a terminal that draws its signs wider than expected, and what is printed wraps as before", async () => {
  const screen = new Terminal({ cols: 20, rows: 5, allowProposedApi: true });
  const wider = { rows: ["x".repeat(30), "y".repeat(30), "z"], cursor: { row: 1, before: "yy" } };
  const area = new Area();
  const drawing = area.draw(wider, 20);
  await new Promise<void>((resolve) => screen.write(drawing, resolve));
  const row = (at: number): string => screen.buffer.active.getLine(at)?.translateToString(true) ?? "";
  expect([row(0), row(1), row(2), row(3)]).toEqual(["x".repeat(20), "y".repeat(20), "z", ""]);
  expect(screen.buffer.active).toMatchObject({ cursorX: 2, cursorY: 1 });
  const next = `${area.erase(20)}${"p".repeat(30)}`;
  await new Promise<void>((resolve) => screen.write(next, resolve));
  expect([row(0), row(1), row(2)]).toEqual(["p".repeat(20), "p".repeat(10), ""]);
});
