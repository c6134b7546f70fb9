// Who is inside, as far as a client has heard, and what of it is news.
import { beforeEach, expect, test } from "bun:test";
import { Roster } from "../../lib/client/roster.ts";
import type { ServerMessage, Welcome } from "../../lib/protocol/message.ts";

const second = (at: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, at)).toISOString();
const welcome = (seq: number, members: string[]): Welcome => ({ type: "welcome", seq, members }) as Welcome;
const entered = (seq: number, name: string, at = 0): ServerMessage => ({ type: "entered", name, seq, at: second(at) });
const exited = (seq: number, name: string, at = 0): ServerMessage => ({
  type: "exited",
  name,
  why: "left",
  seq,
  at: second(at),
});
const opened = (seq: number, at = 0): ServerMessage => ({ type: "opened", seq, at: second(at) });

let roster: Roster;
beforeEach(() => {
  roster = new Roster();
  roster.heard(welcome(10, ["Host", "Ada"]));
});

test("it follows who enters, exits and is called something else", () => {
  expect(roster.names).toEqual(["Host", "Ada"]);
  expect(roster.heard(entered(11, "Bob"))).toBeTrue();
  expect(roster.heard({ type: "renamed", name: "Ada", to: "Adele", seq: 12, at: second(0) })).toBeTrue();
  expect(roster.heard(exited(13, "Host"))).toBeTrue();
  expect(roster.names).toEqual(["Adele", "Bob"]);
});

test("what is older than the welcome is in it already", () => {
  roster.heard(entered(9, "Ada"));
  roster.heard(exited(10, "Host"));
  roster.heard(opened(1));
  expect(roster.names).toEqual(["Host", "Ada"]);
});

test("an answer to who is here may be older than what was told since, and changes nothing", () => {
  roster.heard(entered(11, "Zoë"));
  expect(roster.heard({ type: "members", members: ["Host", "Ada"] })).toBeTrue();
  expect(roster.names).toEqual(["Host", "Ada", "Zoë"]);
});

test("who was inside before a restart and comes back soon is no news, once; others are", () => {
  roster.lost();
  roster.heard(welcome(13, ["Host", "Ada"]));
  roster.heard(opened(11, 0));
  expect(roster.heard(entered(12, "Host", 1))).toBeFalse();
  expect(roster.heard(entered(14, "Bob", 2))).toBeTrue();
  expect(roster.heard(entered(15, "Ada", 59))).toBeFalse();
  expect(roster.heard(exited(16, "Ada", 60))).toBeTrue();
  expect(roster.heard(entered(17, "Ada", 61))).toBeTrue();
});

test("who comes back a minute later comes anew", () => {
  roster.lost();
  roster.heard(opened(11, 0));
  expect(roster.heard(entered(12, "Ada", 60))).toBeTrue();
});

test("who came back without a restart is news", () => {
  roster.lost();
  roster.heard(exited(11, "Ada", 1));
  expect(roster.heard(entered(12, "Ada", 2))).toBeTrue();
});

test("who has proved a key is known, under each name, until they are gone", () => {
  const verified = () => [...roster.verified].toSorted();
  roster.heard({ ...welcome(10, ["Host", "Ada", "Bob"]), verified: ["Ada"] });
  expect(verified()).toEqual(["Ada"]);
  roster.heard({ ...entered(11, "Cy"), verified: true } as ServerMessage);
  roster.heard(entered(12, "Guest"));
  roster.heard({ type: "renamed", name: "Cy", to: "Cyrus", seq: 13, at: second(0) });
  expect(verified()).toEqual(["Ada", "Cyrus"]);
  roster.heard(exited(14, "Ada"));
  // Somebody else, without one.
  roster.heard(entered(15, "Ada"));
  expect(verified()).toEqual(["Cyrus"]);
  // What is older than the welcome is in it already.
  roster.heard({ ...welcome(20, ["Ada"]), verified: ["Ada"] });
  roster.heard(exited(19, "Ada"));
  expect(verified()).toEqual(["Ada"]);
  roster.heard(opened(21));
  expect(verified()).toEqual([]);
});
