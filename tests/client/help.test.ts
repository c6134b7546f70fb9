// What the help says, in wide windows and in narrow ones.
import { describe, expect, test } from "bun:test";
import { COMMANDS, commandsFor, understand } from "../../lib/client/commands.ts";
import { helpLines } from "../../lib/client/help.ts";

const member = { host: false };
const operator = { host: false, operator: true };
const host = { host: true };

describe.each([
  ["a member", member],
  ["an operator", operator],
  ["the host", host],
])("for %s", (_, typist) => {
  test.each([80, 40, 24])("fits %i columns and holds every command once, each of which can be typed", (columns) => {
    const lines = helpLines(typist, undefined, columns);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    for (const { name } of commandsFor(typist)) {
      const words = lines.join(" ").matchAll(new RegExp(`(?<=(^| )( |· )+)/${name}\\b`, "g"));
      expect([name, [...words].length]).toEqual([name, 1]);
      expect(understand(`/help ${name}`, typist)).toMatchObject({ type: "help", command: { name } });
      expect(understand(`/help /${name}`, typist)).toMatchObject({ type: "help", command: { name } });
    }
  });
});

test("all of it, and the prompt, stand in a window of 24 rows", () => {
  for (const typist of [member, operator, host]) expect(helpLines(typist).length).toBeLessThan(24);
});

test("what keeps order is shown to those who may, and stands together", () => {
  const shown = (typist: object) => helpLines({ host: false, ...typist }).join("\n");
  expect(shown(member)).not.toMatch(/order|\/kick|\/ban|\/invite/);
  expect(shown(operator)).toMatch(/To keep order:\n {2}\/kick/);
  expect(shown(host)).toMatch(/To keep order:\n {2}\/kick NAME \[WHY\] +put somebody out {2}\(KICK\)/);
});

test("of one command is its line, and what else may follow it", () => {
  const meaning = understand("/help msg", member);
  expect(meaning.type === "help" && helpLines(member, meaning.command)).toEqual([
    "  /msg NAME TEXT     whisper to one member  (/whisper, /w, /dm)",
  ]);
  const invite = COMMANDS.find(({ name }) => name === "invite")!;
  const lines = helpLines(operator, invite);
  expect(lines[0]).toBe("  /invite [WORDS]    make a link to join by");
  expect(lines.slice(1).map((line) => line.slice(2, 20).trim())).toEqual([
    "for 2h",
    "uses 5",
    "read",
    "bot",
    "operator",
  ]);
});

test("in a narrow window, what a command does stands below it, in whole words", () => {
  const line = helpLines(
    member,
    COMMANDS.find(({ name }) => name === "msg"),
    40,
  );
  expect(line).toEqual(["  /msg NAME TEXT", "      whisper to one member (/whisper,", "      /w, /dm)"]);
});
