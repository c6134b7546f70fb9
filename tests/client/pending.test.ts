// What was asked and is not answered yet.
import { expect, test } from "bun:test";
import { type Marked, Pending, UNDER_WAY_MAX } from "../../lib/client/pending.ts";

const say = (re: string): Marked => ({ type: "say", text: re, re });
const whisper = (re: string): Marked => ({ type: "whisper", to: "Bob", text: re, re });

test("requests are kept in order until they are answered, by their mark", () => {
  const pending = new Pending();
  for (const re of ["1", "2", "3"]) pending.add(say(re));
  expect(pending.answered("2")).toEqual(say("2"));
  expect(pending.answered("2")).toBeUndefined();
  expect(pending.answered("unknown")).toBeUndefined();
  expect(pending.requests.map(({ re }) => re)).toEqual(["1", "3"]);
  expect(pending.size).toBe(2);
});

test("unsure is what was sent and cannot be sent again; it is forgotten", () => {
  const pending = new Pending();
  const requests: Marked[] = [
    say("say"),
    whisper("whisper"),
    { type: "rename", name: "Adele", re: "rename" },
    { type: "topic", text: "News", re: "topic" },
    { type: "kick", name: "Bob", re: "kick" },
    { type: "history", re: "history" },
    { type: "members", re: "members" },
    { type: "leave", re: "leave" },
  ];
  for (const request of requests) {
    pending.add(request);
    pending.sent(request.re);
  }
  pending.add(whisper("never sent"));
  expect(pending.unsure().map(({ re }) => re)).toEqual(["whisper", "history", "members", "leave"]);
  expect(pending.unsure()).toEqual([]);
  expect(pending.requests.map(({ re }) => re)).toEqual(["say", "rename", "topic", "kick", "never sent"]);
});

test("settled waits for the last answer, or for the end", async () => {
  const pending = new Pending();
  await pending.settled();
  pending.add(say("1"));
  pending.add(say("2"));
  const waits = [pending.settled(), pending.settled()];
  let settled = 0;
  for (const wait of waits) void wait.then(() => settled++);
  pending.answered("1");
  await Promise.resolve();
  expect(settled).toBe(0);
  pending.answered("2");
  await Promise.all(waits);
  pending.add(say("3"));
  const cleared = pending.settled();
  pending.clear();
  await cleared;
  expect(pending.size).toBe(0);
});

test("what never went out and what is not answered are told apart", () => {
  const pending = new Pending();
  for (const re of ["1", "2", "3"]) pending.add(say(re));
  pending.sent("1");
  pending.sent("2");
  pending.answered("1");
  expect(pending.unanswered.map(({ re }) => re)).toEqual(["2"]);
  expect(pending.unsent.map(({ re }) => re)).toEqual(["3"]);
});

test("who asks faster than the room answers waits once enough is under way", async () => {
  const pending = new Pending();
  for (let n = 1; n < UNDER_WAY_MAX; n++) pending.add(say(`${n}`));
  await pending.bounded();
  pending.add(say("last"));
  let bounded = false;
  const wait = pending.bounded().then(() => (bounded = true));
  pending.answered("1");
  await Promise.resolve();
  expect(bounded).toBeFalse();
  for (const { re } of pending.requests) pending.answered(re);
  await wait;
});

test("marks are made where there are none, and no two are alike", () => {
  const [pending, other] = [new Pending(), new Pending()];
  expect(pending.add({ type: "say", text: "Hello", re: "mine" }).re).toBe("mine");
  const made = [pending, pending, other].map((each) => each.add({ type: "say", text: "Hello" }).re);
  expect(new Set([...made, pending.newMark()]).size).toBe(4);
  for (const re of made) expect(re).toMatch(/^[0-9a-z]{12}-\d+$/);
});

test("an echo answers under every name that the member has had, and under no other", () => {
  const stamp = { seq: 1, at: "2026-01-01T00:00:00.000Z" };
  const pending = new Pending();
  pending.calledMe("Ada");
  pending.add({ type: "rename", name: "Adele", re: "1" });
  for (const re of ["2", "3"]) pending.add(say(re));
  pending.echoed({ type: "said", from: "Adele", text: "2", re: "2", ...stamp });
  expect(pending.size).toBe(3);
  pending.echoed({ type: "renamed", name: "ADA", to: "Adele", re: "1", ...stamp });
  pending.echoed({ type: "said", from: "Adele", text: "2", re: "2", ...stamp });
  pending.echoed({ type: "said", from: "Ada", text: "3", re: "3", ...stamp });
  expect(pending.size).toBe(0);
});
