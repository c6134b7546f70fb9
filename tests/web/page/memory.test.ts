// What a browser remembers, also where its storage is broken, full or forbidden.
import { describe, expect, test } from "bun:test";
import { type Goal, Memory } from "../../../lib/web/page/memory.ts";
import { TestShelf } from "./test-shelf.ts";

const goal: Goal = { server: "", port: "", name: "Ada" };
const visit = { goal, unsent: [{ re: "x-1", text: "hello", action: true }], draft: "half a" };

test("another page of the same tab knows what the tab was doing; another tab knows only the rest", () => {
  const [tab, browser] = [new TestShelf(), new TestShelf()];
  const first = new Memory(tab, browser);
  first.visit = visit;
  first.inside = first.last = goal;
  first.likes = { sound: true, notify: false };
  first.keepToken(goal, "secret");
  first.invite = "invitation";
  const key = { kty: "OKP", crv: "Ed25519", d: "A".repeat(43), x: "A".repeat(43) } as const;
  first.key = key;
  const reloaded = new Memory(tab, browser);
  expect([reloaded.visit, reloaded.invite]).toEqual([visit, "invitation"]);
  const other = new Memory(new TestShelf(), browser);
  expect([other.invite, other.key]).toEqual([undefined, key]);
  expect([other.visit, other.inside, other.last, other.likes]).toEqual([
    undefined,
    goal,
    goal,
    { sound: true, notify: false },
  ]);
  expect(other.tokenFor(goal)).toBe("secret");
});

test("a new browser knows nothing, and is quiet", () => {
  const memory = new Memory(new TestShelf(), new TestShelf());
  const { visit: was, inside, last, invite, key } = memory;
  expect([was, inside, last, invite, key, memory.tokenFor(goal)]).toEqual(Array(6).fill(undefined));
  expect(memory.likes).toEqual({ sound: false, notify: false });
});

test("what is over is forgotten", () => {
  const [tab, browser] = [new TestShelf(), new TestShelf()];
  const memory = new Memory(tab, browser);
  memory.visit = visit;
  memory.inside = goal;
  memory.keepToken(goal, "secret");
  memory.visit = undefined;
  memory.inside = undefined;
  memory.keepToken(goal, undefined);
  expect([memory.visit, memory.inside, memory.tokenFor(goal)]).toEqual([undefined, undefined, undefined]);
  expect([tab.size, browser.size]).toEqual([0, 0]);
});

test("a token belongs to one name, in any case, at one server and port", () => {
  const memory = new Memory(new TestShelf(), new TestShelf());
  const there = { server: "example.org", port: "3001", name: "Ada" };
  memory.keepToken(there, "secret");
  expect(memory.tokenFor({ ...there, name: "ADA" })).toBe("secret");
  for (const other of [{ name: "Bob" }, { server: "example.com" }, { port: "3002" }])
    expect(memory.tokenFor({ ...there, ...other })).toBeUndefined();
});

describe("what cannot be read was forgotten", () => {
  test.each([
    ["no JSON", "{goal:"],
    ["nothing", ""],
    ["null", "null"],
    ["a number", "7"],
    ["a list", "[]"],
    ["a goal without a name", JSON.stringify({ server: "", port: "" })],
    ["of another kind", JSON.stringify({ server: 1, port: true, name: [], goal: 3, unsent: {}, draft: 0, sound: 1 })],
    ["a visit of an older page", JSON.stringify({ goal, unsent: [{ text: "hello" }], draft: "" })],
  ])("%s", (_, text) => {
    const shelf: TestShelf = new TestShelf();
    shelf.everything = text;
    const memory = new Memory(shelf, shelf);
    const { visit: was, inside, last, invite, key } = memory;
    expect([was, inside, last, invite, key, memory.tokenFor(goal)]).toEqual(Array(6).fill(undefined));
    expect(memory.likes).toEqual({ sound: false, notify: false });
  });

  test("and what an older or newer page has put beside it does no harm", () => {
    const shelf = new TestShelf();
    shelf.everything = JSON.stringify({ ...goal, colour: "red" });
    expect(new Memory(undefined, shelf).last).toEqual(goal);
  });
});

test("a full browser keeps what it had, and costs nothing else", () => {
  const shelf = new TestShelf();
  const memory = new Memory(shelf, shelf);
  memory.visit = visit;
  shelf.quota = 500;
  memory.visit = { ...visit, draft: "x".repeat(1_000) };
  expect(memory.visit).toEqual(visit);
});

test("a browser that forbids storage, or has none, costs the memory and not the chat", () => {
  const shelf = new TestShelf();
  shelf.forbidden = true;
  for (const memory of [new Memory(shelf, shelf), new Memory(undefined, undefined)]) {
    memory.visit = visit;
    memory.visit = undefined;
    memory.inside = memory.last = goal;
    memory.likes = { sound: true, notify: true };
    memory.keepToken(goal, "secret");
    const { visit: was, inside, last, invite, key } = memory;
    expect([was, inside, last, invite, key, memory.tokenFor(goal)]).toEqual(Array(6).fill(undefined));
    expect(memory.likes).toEqual({ sound: false, notify: false });
  }
});
