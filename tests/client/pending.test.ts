// What was asked and is not answered yet.
import { expect, test } from "bun:test";
import { type Marked, Pending } from "../../lib/client/pending.ts";

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
