import { expect, test } from "bun:test";
import { layOut, type Layout } from "../../lib/tty/layout.ts";

/** The rows without colours, with a | where the cursor is. */
function shown({ rows, cursor }: Layout): string[] {
  return rows.map((row, at) => {
    if (at !== cursor.row) return Bun.stripANSI(row);
    expect(row).toStartWith(cursor.before);
    return Bun.stripANSI(`${cursor.before}|${row.slice(cursor.before.length)}`);
  });
}
const show = (text: string, cursor: number, columns: number, rows = 24, label = "> "): string[] =>
  shown(layOut(label, { text, cursor }, { columns, rows }));

test("a short line is one row", () => {
  expect(show("hello", 2, 80)).toEqual(["> he|llo"]);
});

test("a label is measured without its colours", () => {
  expect(show("0123456789abc", 13, 12, 24, "\x1b[1;32m>\x1b[0m ")).toEqual(["> 0123456789", "abc|"]);
});

test("a label too wide for the window is left out", () => {
  expect(show("hello", 5, 20, 24, "12:34 Ada in lobby > ")).toEqual(["hello|"]);
});

test("a full row is followed by a row for the cursor", () => {
  expect(show("0123456789", 10, 12)).toEqual(["> 0123456789", "|"]);
  expect(show("0123456789a", 10, 12)).toEqual(["> 0123456789", "|a"]);
});

test("a wide sign is not torn apart at the edge", () => {
  expect(show("012345678漢字", 10, 12)).toEqual(["> 012345678", "漢|字"]);
});

test("a family of emoji gets the room of its members, as some terminals draw them side by side", () => {
  expect(show("01234567👨‍👩‍👧x", 8, 12)).toEqual(["> 01234567", "|👨‍👩‍👧x"]);
});

test("line breaks are shown as signs", () => {
  expect(show("one\ntwo\n", 8, 80)).toEqual(["> one⏎two⏎|"]);
});

test("a cursor within a cluster is shown behind it", () => {
  expect(show("ae\u0301b", 2, 80)).toEqual(["> ae\u0301|b"]);
});

test("a long text takes half of the window, and says where it goes on", () => {
  const text = "0123456789".repeat(100);
  const start = show(text, 5, 20, 12);
  expect(start).toHaveLength(6);
  expect(start[0]).toBe("> 01234|5678901234567");
  expect(start[5]).toEndWith("…");
  const middle = show(text, 500, 20, 12);
  expect(middle[0]).toStartWith("> …");
  expect(middle.at(-1)).toEndWith("…");
  expect(middle.join("")).toContain("|");
  const end = show(text, 1000, 20, 12);
  expect(end[0]).toStartWith("> …");
  expect(end.at(-1)).toEndWith("9|");
});

test("the cursor is in view wherever it is, in any window", () => {
  for (const text of ["x".repeat(300), "漢".repeat(300), "👨‍👩‍👧".repeat(30), "a\n".repeat(150), "e\u0301".repeat(150)]) {
    for (const [columns, rows] of [
      [1, 1],
      [2, 5],
      [12, 2],
      [12, 3],
      [40, 12],
      [80, 24],
    ] as const) {
      for (let cursor = 0; cursor <= text.length; cursor += 1) {
        const layout = layOut("> ", { text, cursor }, { columns, rows });
        expect(layout.rows.length).toBeLessThanOrEqual(Math.max(1, Math.floor(rows / 2)));
        expect(layout.rows[layout.cursor.row]?.startsWith(layout.cursor.before)).toBe(true);
        if (columns < 12) continue;
        for (const row of layout.rows) expect(Bun.stringWidth(row)).toBeLessThanOrEqual(columns);
        const tail = Bun.stripANSI(layout.cursor.before)
          .replace(/^(> )?…?/, "")
          .replaceAll("⏎", "\n");
        expect(text.slice(0, cursor + 10)).toContain(tail);
      }
    }
  }
});

test("a text of a million characters is laid out without delay", () => {
  const text = "héllo 漢字 ".repeat(100_000);
  const started = performance.now();
  for (const cursor of [0, text.length / 2, text.length]) show(text, cursor, 80);
  expect(performance.now() - started).toBeLessThan(500);
});

test("a status is a row of its own above, cut to the window, and left out where rows are few", () => {
  const withStatus = (columns: number, rows: number) =>
    shown(layOut("> ", { text: "hello", cursor: 2 }, { columns, rows }, "\x1b[2mencrypted, first time\x1b[0m"));
  expect(withStatus(80, 24)).toEqual(["encrypted, first time", "> he|llo"]);
  expect(withStatus(14, 8)).toEqual(["encrypted, f…", "> he|llo"]);
  expect(withStatus(80, 7)).toEqual(["> he|llo"]);
});
