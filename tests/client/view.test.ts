// What a person sees of a message: the words, for every kind of it, whatever a server sends.
import { expect, test } from "bun:test";
import { notice, plain, problem, seen, seenAlone, shownName, unshown, usersLine } from "../../lib/client/view.ts";
import { SHOWN_NAME_MAX } from "../../lib/protocol/limits.ts";
import type { RoomEvent } from "../../lib/protocol/message.ts";
import { ACTS } from "../../lib/protocol/moderation.ts";

const stamp = { seq: 1, at: "2026-01-01T12:00:00.000Z" };

test.each<[event: RoomEvent, text: string]>([
  [{ type: "said", from: "Bob", text: "Hey", ...stamp }, "Hey"],
  [{ type: "said", from: "Bob", text: "waves", action: true, ...stamp }, "* Bob waves"],
  [{ type: "entered", name: "Bob", ...stamp }, "Bob entered."],
  [{ type: "exited", name: "Bob", why: "left", ...stamp }, "Bob left."],
  [{ type: "exited", name: "Bob", why: "left", text: "Lunch!", ...stamp }, "Bob left: Lunch!"],
  [{ type: "exited", name: "Bob", why: "kicked", by: "Host", ...stamp }, "Bob was kicked by Host."],
  [{ type: "exited", name: "Bob", why: "kicked", by: "Host", text: "spam", ...stamp }, "Bob was kicked by Host: spam"],
  [{ type: "exited", name: "Bob", why: "lost", ...stamp }, "Bob lost the connection."],
  [{ type: "exited", name: "Bob", why: "slow", ...stamp }, "Bob was too slow and was cut off."],
  [{ type: "renamed", name: "Bob", to: "Rob", ...stamp }, "Bob is now called Rob."],
  [{ type: "topic", by: "Bob", text: "News", ...stamp }, "Bob set the topic: News"],
])("%o", (event, text) => {
  expect(seen(event, "Ada")?.text).toBe(text);
  expect(seen(event, "Ada")?.at).toBe(stamp.at);
});

test("one's own words are set apart, and a room that opens is not shown", () => {
  expect(seen({ type: "said", from: "Ada", text: "Hey", ...stamp }, "Ada")?.tone).toBe("own");
  expect(seen({ type: "said", from: "Bob", text: "Hey", ...stamp }, "Ada")?.tone).toBe("said");
  expect(seen({ type: "opened", ...stamp }, "Ada")).toBeUndefined();
});

test("whispers say from whom and to whom", () => {
  const whisper = { type: "whisper", from: "Ada", to: "Bob", text: "psst", at: stamp.at } as const;
  expect(seenAlone(whisper, "Ada")?.who).toBe("You to Bob, whispering");
  expect(seenAlone(whisper, "Bob")?.who).toBe("Ada, whispering");
});

test("refusals and member lists are shown, the machinery is not", () => {
  expect(seenAlone({ type: "refused", code: "new-code", text: "No." }, "Ada")).toEqual(problem("No."));
  expect(seenAlone({ type: "members", members: ["Ada", "Bob"] }, "Ada")).toEqual(notice("USERS: [Ada,Bob]"));
  for (const message of [{ type: "ping" }, { type: "pong" }, { type: "bye", code: "left", text: "Bye." }] as const)
    expect(seenAlone(message, "Ada")).toBeUndefined();
  expect(usersLine([])).toBe("USERS: []");
});

test("of a long list of users the first are named, and how many more there are", () => {
  expect(usersLine(["Ada", "Bob"], 2)).toBe("USERS: [Ada,Bob]");
  expect(usersLine(["Ada", "Bob", "Cy", "Di"], 2)).toBe("USERS: [Ada,Bob, … and 2 more]");
});

test("lines that were given up are counted in words", () => {
  expect(unshown(1)).toEqual(problem("1 line was not shown; /history shows what was said."));
  expect(unshown(1_234)).toEqual(problem("1234 lines were not shown; /history shows what was said."));
});

test("nothing that a server sends can steer the terminal, in any field", () => {
  const evil = "a\x1b[2Jb\x07\x9b31m\u202ec\rd\te";
  const events: RoomEvent[] = [
    { type: "said", from: evil, text: evil, ...stamp },
    { type: "said", from: evil, text: evil, action: true, ...stamp },
    { type: "entered", name: evil, ...stamp },
    { type: "exited", name: evil, why: "kicked", by: evil, text: evil, ...stamp },
    { type: "renamed", name: evil, to: evil, ...stamp },
    { type: "topic", by: evil, text: evil, ...stamp },
    ...ACTS.map((act): RoomEvent => ({
      type: "moderated",
      act,
      by: evil,
      name: evil,
      text: evil,
      seconds: 60,
      ...stamp,
    })),
  ];
  const { at } = stamp;
  const sights = [
    ...events.map((event) => seen(event, "Ada")!),
    seenAlone({ type: "whisper", from: evil, to: evil, text: evil, at: stamp.at }, evil)!,
    seenAlone({ type: "whisper", from: evil, to: evil, text: evil, at: stamp.at }, "Ada")!,
    seenAlone({ type: "refused", code: "x", text: evil }, "Ada")!,
    seenAlone({ type: "members", members: [evil], verified: [evil] }, "Ada")!,
    seenAlone({ type: "bans", bans: [{ name: evil, by: evil, text: evil, at }] }, "Ada")!,
    seenAlone({ type: "audit", acts: [{ act: evil, by: evil, name: evil, text: evil, at }] }, "Ada")!,
    seenAlone({ type: "invites", invites: [{ id: 1, scope: evil, by: evil, uses: 1, until: at }] }, "Ada")!,
    seenAlone({ type: "link", code: evil, until: at }, "Ada")!,
    notice(evil),
    problem(evil),
  ];
  for (const { who, text } of sights) {
    expect(who).not.toContain("\n");
    expect(who + text).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  }
  expect(plain("as it is\t").text).toBe("as it is\t");
});

test("half an escape sequence in a name takes nothing along but itself", () => {
  const half = "Eve\x1b]0;";
  expect(seen({ type: "topic", by: half, text: "Tea", ...stamp }, "Ada")?.text).toBe("Eve set the topic: Tea");
  expect(seen({ type: "exited", name: half, why: "kicked", by: half, text: half, ...stamp }, "Ada")?.text).toBe(
    "Eve was kicked by Eve: Eve",
  );
  expect(usersLine([half, "Bob"])).toBe("USERS: [Eve,Bob]");
  const { at } = stamp;
  const bans = [half, "Eve\nHost"].map((name) => ({ name, by: half, text: "spam\nand eggs", at }));
  const shown = seenAlone({ type: "bans", bans }, "Ada")!.text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "…");
  // One line each, whatever stands in them.
  expect(shown).toBe("Eve, by Eve on …: spam and eggs\nEve Host, by Eve on …: spam and eggs");
});

test("no text is a screenful of nothing", () => {
  const text = `a${"\n \n".repeat(1_000)}b${"\n".repeat(1_000)}`;
  expect(seen({ type: "said", from: "Bob", text, ...stamp }, "Ada")?.text).toBe("a\n\n\n\nb");
});

test("no name fills a screen, and neither does a list that names stand in", () => {
  const long = "y".repeat(1_000_000);
  const cut = `${"y".repeat(SHOWN_NAME_MAX)}…`;
  expect(shownName(long)).toBe(cut);
  expect(seen({ type: "renamed", name: "Bob", to: long, ...stamp }, "Ada")?.text).toBe(`Bob is now called ${cut}.`);
  expect(usersLine([long, "Bob"])).toBe(`USERS: [${cut},Bob]`);
  // A full room is listed as a whole.
  const names = Array.from({ length: 10_000 }, (_, index) => `Member${index}`);
  expect(seenAlone({ type: "members", members: names }, "Ada")?.text).toBe(`USERS: [${names.join(",")}]`);
});
