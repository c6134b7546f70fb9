// What findings come to.
import { expect, test } from "bun:test";
import { type Finding, isWell, joined, jsonOf, type Status, verdict } from "../../lib/doctor/finding.ts";

const found = (...statuses: readonly Status[]): Finding[] =>
  statuses.map((status) => ({ name: "x", status, text: "Something." }));

test("only a problem is not well", () => {
  expect(isWell(found("ok", "warning"))).toBe(true);
  expect(isWell(found("ok", "problem"))).toBe(false);
});

test.each<[Status[], boolean, string]>([
  [["ok"], false, "All is well: the room can open."],
  [["ok"], true, "All is well: the room is open."],
  [["ok", "warning"], false, "No problem and 1 warning: the room can open. Read what is marked as a warning."],
  [["warning", "warning"], true, "No problem and 2 warnings: the room is open. Read what is marked as a warning."],
  [["problem"], false, "1 problem: mend first what is marked as a problem, then ask again."],
  [
    ["problem", "ok", "problem", "warning"],
    true,
    "2 problems and 1 warning: mend first what is marked as a problem, then ask again.",
  ],
])("the verdict on %p (open: %p) is: %s", (statuses, open, sentence) => {
  expect(verdict(found(...statuses), open)).toBe(sentence);
});

test("parts are one finding: the worst first, each advice once, all that was measured", () => {
  expect(
    joined("thing", [
      { status: "ok", text: "Fine.", measured: { one: 1 } },
      { status: "warning", text: "Odd.", advice: "Look.", commands: ["look"] },
      { status: "problem", text: "Bad.", advice: "Mend.", measured: { two: 2 } },
      { status: "warning", text: "Odder.", advice: "Look.", commands: ["look again"] },
    ]),
  ).toEqual({
    name: "thing",
    status: "problem",
    text: "Bad. Odd. Odder. Fine.",
    advice: "Mend. Look.",
    commands: ["look", "look again"],
    measured: { one: 1, two: 2 },
  });
  expect(joined("thing", [{ status: "ok", text: "Fine." }])).toEqual({
    name: "thing",
    status: "ok",
    text: "Fine.",
    measured: {},
  });
});

test("for programs it is one object, in which a check's figures stand beside its words", () => {
  const checks: Finding[] = [
    {
      name: "space",
      status: "warning",
      text: "Little.",
      advice: "Make room.",
      commands: ["du"],
      measured: { free_bytes: 7 },
    },
    { name: "clock", status: "ok", text: "Right." },
  ];
  expect(JSON.parse(jsonOf(checks, false))).toEqual({
    ok: true,
    text: "No problem and 1 warning: the room can open. Read what is marked as a warning.",
    checks: [
      { name: "space", status: "warning", text: "Little.", advice: "Make room.", commands: ["du"], free_bytes: 7 },
      { name: "clock", status: "ok", text: "Right." },
    ],
  });
});
