// What typed lines mean, what help says, and what Tab offers.
import { describe, expect, test } from "bun:test";
import type { Intent, Typist } from "../../lib/client/command.ts";
import { COMMANDS, commandsFor, complete, understand } from "../../lib/client/commands.ts";

const member = { host: false };
const operator = { host: false, operator: true };
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
    ["/topic", { type: "topic" }],
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
    "/kick",
    "/history many",
    "/history 0",
    "/history 1.5",
    "/r",
    "/r too early",
    "/help nonsense",
    "/stop",
  ])("%j of a member is never said: it says what to type", (line) => {
    const meaning = understand(line, member);
    expect(meaning.type).toBe("problem");
    expect((meaning as { text: string }).text).toMatch(/\.$/);
  });

  test.each<[line: string, message: object]>([
    ["/ban Bob", { type: "ban", name: "Bob" }],
    ["/ban Bob 1h too loud", { type: "ban", name: "Bob", seconds: 3_600, text: "too loud" }],
    ["/ban Bob 10 min", { type: "ban", name: "Bob", text: "10 min" }],
    ["/ban Bob 3 strikes", { type: "ban", name: "Bob", text: "3 strikes" }],
    ["/mute Bob 10min", { type: "mute", name: "Bob", seconds: 600 }],
    ["/gag Bob 2 weeks of this", { type: "mute", name: "Bob", text: "2 weeks of this" }],
    ["/unban Bob", { type: "unban", name: "Bob" }],
    ["/bans", { type: "bans" }],
    ["/op Bob", { type: "op", name: "Bob" }],
    ["/slow 5s", { type: "slow", seconds: 5 }],
    ["/slow 5", { type: "slow", seconds: 5 }],
    ["/slow off", { type: "slow", seconds: 0 }],
    ["/purge Bob", { type: "purge", name: "Bob" }],
    ["/purge Bob 1d", { type: "purge", name: "Bob", seconds: 86_400 }],
    ["/audit", { type: "audit" }],
    ["/audit 7", { type: "audit", limit: 7 }],
    ["/invite", { type: "invite", scope: "join" }],
    ["/invite operator for 2h uses 1", { type: "invite", scope: "operator", seconds: 7_200, uses: 1 }],
    ["/uninvite #3", { type: "uninvite", id: 3 }],
    ["/link", { type: "link" }],
  ])("%j keeps order, whoever asks: the server knows who may", (line, message) => {
    for (const typist of [member, operator])
      expect(understand(line, typist)).toEqual({ type: "ask", message } as Intent);
  });

  test.each([
    "/ban",
    "/ban Bob 90",
    "/ban Bob 1y",
    "/ban Bob 0s",
    "/ban Bob 53w",
    "/mute Bob 99999999999999999999h",
    "/purge Bob spam",
    "/purge Bob 1y",
    "/slow",
    "/slow 2h",
    "/slow never",
    "/audit all",
    "/invite for ever",
    "/invite uses 0",
    "/invite uses",
    "/invite everybody",
    "/uninvite",
    "/uninvite x",
  ])("%j is not asked: it says what to type", (line) => {
    expect(understand(line, operator)).toMatchObject({ type: "problem", text: expect.stringMatching(/\.$/) });
  });

  test("/r goes to who whispered last", () => {
    expect(understand("/r yes", { host: false, lastWhisper: "Bob" })).toEqual({
      type: "ask",
      message: { type: "whisper", to: "Bob", text: "yes" },
    });
  });
});

describe("the table", () => {
  test("no two commands of one person have a word in common", () => {
    for (const typist of [member, operator, host]) {
      const words = commandsFor(typist).flatMap(({ name, aliases }) => [name, ...aliases]);
      expect(words.toSorted()).toEqual([...new Set(words)].toSorted());
    }
    expect(commandsFor(host).map(({ name }) => name)).not.toContain("quit");
    expect(COMMANDS.length).toBeGreaterThan(commandsFor(member).length);
  });
});

describe("Tab", () => {
  const names = ["Ada", "Adele", "Bob", "Host"];
  test.each<[before: string, typist: Typist, candidates: string[], from: number]>([
    ["/n", member, ["/names ", "/nick "], 0],
    ["/ba", member, [], 0],
    ["/ba", operator, ["/ban ", "/bans "], 0],
    ["/li", member, ["/link "], 0],
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
