// What typed lines mean, what help says, and what Tab offers.
import { describe, expect, test } from "bun:test";
import type { Intent } from "../../lib/client/command.ts";
import { COMMANDS, commandsFor, complete, helpLines, understand } from "../../lib/client/commands.ts";

const member = { host: false };
const host = { host: true };
const say = (text: string): Intent => ({ type: "ask", message: { type: "say", text } });

describe("a line", () => {
  test.each<[line: string, meaning: Intent]>([
    ["Hey", say("Hey")],
    ["  indented, and blanks behind   ", say("  indented, and blanks behind")],
    ["two\nlines", say("two\nlines")],
    ["//etc/passwd", say("/etc/passwd")],
    ["// ", say("/")],
    ["a /help within", say("a /help within")],
    ["", { type: "nothing" }],
    [" \n\t ", { type: "nothing" }],
    ["HELP", say("HELP")],
    ["KICK Bob", say("KICK Bob")],
    ["/help", { type: "help" }],
    ["/?", { type: "help" }],
    ["/HELP", { type: "help" }],
    ["  /help", { type: "help" }],
    ["/names", { type: "ask", message: { type: "members" } }],
    ["/who", { type: "ask", message: { type: "members" } }],
    ["/me waves  to all", { type: "ask", message: { type: "say", text: "waves  to all", action: true } }],
    ["/msg Bob  psst, you", { type: "ask", message: { type: "whisper", to: "Bob", text: "psst, you" } }],
    ["/w Bob two\nlines", { type: "ask", message: { type: "whisper", to: "Bob", text: "two\nlines" } }],
    ["/nick Adele", { type: "ask", message: { type: "rename", name: "Adele" } }],
    ["/topic Lunch at noon", { type: "ask", message: { type: "topic", text: "Lunch at noon" } }],
    ["/history", { type: "ask", message: { type: "history", limit: 50 } }],
    ["/history 7", { type: "ask", message: { type: "history", limit: 7 } }],
    ["/kick Bob", { type: "ask", message: { type: "kick", name: "Bob" } }],
    ["/kick Bob too loud", { type: "ask", message: { type: "kick", name: "Bob", text: "too loud" } }],
    ["/quit", { type: "quit", text: undefined }],
    ["/leave See you", { type: "quit", text: "See you" }],
  ])("%j of a member", (line, meaning) => {
    expect(understand(line, member)).toEqual(meaning);
  });

  test.each<[line: string, meaning: Intent]>([
    ["HELP", { type: "help" }],
    ["LIST_USERS", { type: "ask", message: { type: "members" } }],
    ["KICK Bob too loud", { type: "ask", message: { type: "kick", name: "Bob", text: "too loud" } }],
    ["EXIT", { type: "quit" }],
    ["EXIT is over there", { type: "ask", message: { type: "say", text: "EXIT is over there" } }],
    ["HELP me, please", { type: "ask", message: { type: "say", text: "HELP me, please" } }],
    ["/exit", { type: "quit" }],
    ["/invite", { type: "invite" }],
    ["/quit", { type: "quit" }],
    ["exit", say("exit")],
    ["HELPLESS", say("HELPLESS")],
    ["Please HELP", say("Please HELP")],
    ["//KICK", say("/KICK")],
  ])("%j of the host", (line, meaning) => {
    expect(understand(line, host)).toEqual(meaning);
  });

  test.each([
    "/",
    "/passwort geheim",
    "/msg",
    "/msg Bob",
    "/me",
    "/nick",
    "/topic",
    "/kick",
    "/history many",
    "/history 0",
    "/history 1.5",
    "/r",
    "/r too early",
    "/help nonsense",
    "/stop",
    "/invite",
  ])("%j of a member is never said: it says what to type", (line) => {
    const meaning = understand(line, member);
    expect(meaning.type).toBe("problem");
    expect((meaning as { text: string }).text).toMatch(/\.$/);
  });

  test("/r goes to who whispered last", () => {
    expect(understand("/r yes", { host: false, lastWhisper: "Bob" })).toEqual({
      type: "ask",
      message: { type: "whisper", to: "Bob", text: "yes" },
    });
  });
});

describe("help", () => {
  test.each([
    ["a member", member],
    ["the host", host],
  ])("for %s fits 80 columns and holds every command once, each of which can be typed", (_, typist) => {
    const lines = helpLines(typist);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    for (const { name } of commandsFor(typist)) {
      expect(lines.filter((line) => new RegExp(`^  /${name}\\b`).test(line))).toHaveLength(1);
      expect(understand(`/help ${name}`, typist)).toMatchObject({ type: "help", command: { name } });
      expect(understand(`/help /${name}`, typist)).toMatchObject({ type: "help", command: { name } });
    }
  });

  test("of one command is its line", () => {
    const meaning = understand("/help msg", member);
    expect(meaning.type === "help" && helpLines(member, meaning.command)).toEqual([
      "  /msg NAME TEXT     whisper to one member  (/whisper, /w, /dm)",
    ]);
  });

  test("no two commands of one person have a word in common", () => {
    for (const typist of [member, host]) {
      const words = commandsFor(typist).flatMap(({ name, aliases }) => [name, ...aliases]);
      expect(words.toSorted()).toEqual([...new Set(words)].toSorted());
    }
    expect(commandsFor(host).map(({ name }) => name)).not.toContain("quit");
    expect(COMMANDS.length).toBeGreaterThan(commandsFor(member).length);
  });
});

describe("Tab", () => {
  const names = ["Ada", "Adele", "Bob", "Host"];
  test.each<[before: string, typist: typeof member, candidates: string[], from: number]>([
    ["/n", member, ["/names ", "/nick "], 0],
    ["/N", member, ["/names ", "/nick "], 0],
    ["/e", host, ["/exit "], 0],
    ["/stop", member, [], 0],
    ["ad", member, ["Ada: ", "Adele: "], 0],
    ["hello ad", member, ["Ada ", "Adele "], 6],
    ["/msg b", member, ["Bob "], 5],
    ["K", host, ["KICK "], 0],
    ["KICK a", host, ["Ada ", "Adele "], 5],
    ["H", host, ["HELP ", "Host: "], 0],
    ["H", member, ["Host: "], 0],
    ["", member, [], 0],
    ["hello ", member, [], 6],
  ])("%j", (before, typist, candidates, from) => {
    expect(complete(before, names, typist)).toEqual({ from, candidates });
  });
});
