// A sight as a line of a terminal, in the original's form.
import { expect, test } from "bun:test";
import { lineOf, statusOf } from "../../lib/client/print.ts";
import { notice, plain, problem, type Sight } from "../../lib/client/view.ts";

const at = new Date(2026, 0, 5, 21, 12, 52).toISOString();
const said = (text: string, who = "Spider-Man", tone: Sight["tone"] = "said"): Sight => ({ tone, at, who, text });

test.each<[sight: Sight, line: string]>([
  [said("Hey"), "[21:12:52] Spider-Man > Hey"],
  [said("Hey", "Ada", "own"), "[21:12:52] Ada > Hey"],
  [said("* Ada waves", ""), "[21:12:52] * Ada waves"],
  [said("psst", "Bob, whispering", "whisper"), "[21:12:52] Bob, whispering > psst"],
  [{ tone: "event", at, who: "", text: "Ironman entered." }, "[*] Ironman entered."],
  [notice("Back."), "[*] Back."],
  [notice("USERS: [Ada]"), "USERS: [Ada]"],
  [problem("No."), "[!] No."],
  [plain("  /help"), "  /help"],
])("%o", (sight, line) => {
  expect(lineOf(sight, false)).toBe(line);
  expect(Bun.stripANSI(lineOf(sight, true))).toBe(line);
});

test("no line of a text can pretend to be a line of the room", () => {
  for (const sight of [said("one\n[*] Host left.\n[21:12:52] Host > I lie"), problem("a\nb"), notice("a\nb")]) {
    const [, ...rest] = lineOf(sight, false).split("\n");
    for (const line of rest) expect(line).toStartWith("    ");
  }
});

test("colours begin and end on their own line, and only where they are wanted", () => {
  for (const sight of [said("one"), said("x", ""), notice("n"), problem("p"), said("w", "Bob", "whisper")]) {
    const painted = lineOf(sight, true);
    expect(painted).toContain("\x1b[");
    expect(painted.lastIndexOf("\x1b[0m")).toBe(painted.lastIndexOf("\x1b["));
    expect(lineOf(sight, false)).not.toContain("\x1b");
  }
});

test("the row that stays says how far the wire can be trusted, and only a plain one stands out", () => {
  expect(statusOf("first-time", 12, false)).toBe("── encrypted, first time · 12 here");
  expect(statusOf("plain", 1, false)).toBe("── NOT ENCRYPTED · 1 here");
  for (const standing of ["verified", "first-time", "renewed", "plain"] as const) {
    const painted = statusOf(standing, 3, true);
    expect(Bun.stripANSI(painted)).toBe(statusOf(standing, 3, false));
    expect(painted.includes("\x1b[33m")).toBe(standing === "plain");
  }
});
