// The operator's output, for eyes and for programs.
import { expect, test } from "bun:test";
import { clock, openReport, type ReportForm } from "../../lib/report/report.ts";

function reported(form: ReportForm, use: (report: ReturnType<typeof openReport>) => void): string[] {
  const lines: string[] = [];
  use(openReport(form, (line) => lines.push(line)));
  return lines;
}

test("for eyes, an entry is a time and a sentence; what is only for programs is left out", () => {
  const lines = reported("text", (report) => {
    report.info("Ada entered", { event: { type: "entered" } });
    report.warn("Standard input cannot be read.", new Error("closed"));
    report.error("A connection failed.", new Error("reset"));
  });
  expect(lines.map((line) => line.replace(/^\[\d\d:\d\d:\d\d\]/, "[HH:MM:SS]"))).toEqual([
    "[HH:MM:SS] Ada entered",
    "[HH:MM:SS] WARN Standard input cannot be read. (closed)",
    "[HH:MM:SS] ERROR A connection failed. (reset)",
  ]);
});

test("for programs, an entry is one JSON object with its fields", () => {
  const [line] = reported("json", (report) => report.info("listening", { host: "::", port: 3_001 }));
  const entry = JSON.parse(line!) as Record<"at" | "level" | "text" | "host", string> & { port: number };
  expect(entry).toEqual({ at: entry.at, level: "info", text: "listening", host: "::", port: 3_001 });
  expect(new Date(entry.at).toISOString()).toBe(entry.at);
});

test("what peers have a say in cannot steer the operator's terminal", () => {
  const evil = "Eve\x1b[2J\x07 said";
  expect(reported("text", (report) => report.info(evil))[0]).toMatch(/^\[\d\d:\d\d:\d\d\] Eve said$/);
  expect(reported("text", (report) => report.error("x", new Error(evil)))[0]).toEndWith("x (Eve said)");
  for (const line of reported("json", (report) => report.info(evil, { event: { name: evil } })))
    expect(line).not.toContain("\x1b");
});

test("what is for programs can be looked at: it holds nothing that steers a terminal or hides", () => {
  const evil = "Eve\x1b[2J\x9b31m\x7f\u0085\u2028\u202e\u2066\u200b\ufeff\u{e0041}";
  const [line] = reported("json", (report) =>
    report.info("x", { event: { type: "topic", by: "Eve", text: evil, re: evil } }),
  );
  expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
  expect((JSON.parse(line!) as { event: { text: string } }).event.text).toBe(evil);
});

test("the same entry twice is two entries", () => {
  expect(reported("text", (report) => [1, 2, 3].forEach(() => report.info("again"))).length).toBe(3);
});

test("the clock is local", () => {
  expect(clock(new Date(2026, 0, 1, 3, 4, 5))).toBe("03:04:05");
});
