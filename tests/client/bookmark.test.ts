// A member's place in the room's log, by values: what is told when, what is kept, and what a join says to go on.
import { expect, test } from "bun:test";
import { Bookmark } from "../../lib/client/bookmark.ts";
import type { Heard } from "../../lib/client/notice.ts";
import type { RoomEvent } from "../../lib/protocol/message.ts";

const said = (seq: number): Heard<RoomEvent> => ({
  type: "heard",
  message: { type: "said", from: "Bob", text: `${seq}`, seq, at: "2026-01-01T00:00:00.000Z" },
  line: `${seq}`,
});
const fresh = (seq: number, log = "log") => ({ log, seq, resumed: false });
const resumed = (seq: number, log = "log") => ({ log, seq, resumed: true });
const nothing = { events: [] };

/** At the end of a first arrival: 1 and 2 were told. */
function arrived(): Bookmark {
  const bookmark = new Bookmark();
  bookmark.arrived(fresh(2));
  bookmark.happened(said(1));
  bookmark.happened(said(2));
  bookmark.startComplete();
  return bookmark;
}

test("on the first arrival each event is told as it comes, and the answer after them completes it", () => {
  const bookmark = new Bookmark();
  expect(bookmark.begun).toBeFalse();
  expect(bookmark.cursor).toEqual({});
  expect(bookmark.arrived(fresh(2))).toEqual(nothing);
  expect(bookmark.begun).toBeTrue();
  expect(bookmark.happened(said(1))).toEqual({ events: [said(1)] });
  expect(bookmark.happened(said(2))).toEqual({ events: [said(2)] });
  expect(bookmark.startComplete()).toEqual({ events: [], complete: "first" });
  expect(bookmark.happened(said(5))).toEqual({ events: [said(5)] });
  expect(bookmark.cursor).toEqual({ after: 5, log: "log" });
});

test("a room with nothing to tell is known to its head", () => {
  const bookmark = new Bookmark();
  bookmark.arrived(fresh(7));
  expect(bookmark.startComplete()).toEqual({ events: [], complete: "first" });
  expect(bookmark.cursor).toEqual({ after: 7, log: "log" });
});

test("an event that is known already is nothing", () => {
  const bookmark = arrived();
  expect(bookmark.happened(said(2))).toBeUndefined();
  expect(bookmark.happened(said(1))).toBeUndefined();
});

test("who comes back to where it was has missed nothing", () => {
  expect(arrived().arrived(resumed(2))).toEqual({ events: [], complete: "back" });
});

test("what was missed is kept until the head of the welcome is here, and told at once", () => {
  const bookmark = arrived();
  expect(bookmark.arrived(resumed(5))).toEqual(nothing);
  expect(bookmark.behind).toBeTrue();
  expect(bookmark.happened(said(3))).toEqual(nothing);
  // The answer to the question of arrival may come before the log has been read.
  expect(bookmark.startComplete()).toEqual(nothing);
  expect(bookmark.happened(said(5))).toEqual({ events: [said(3), said(5)], complete: "back" });
  expect(bookmark.behind).toBeFalse();
  expect(bookmark.happened(said(6))).toEqual({ events: [said(6)] });
});

test("what was kept when the way back broke off is told after the next", () => {
  const bookmark = arrived();
  bookmark.arrived(resumed(4));
  bookmark.happened(said(3));
  expect(bookmark.cursor).toEqual({ after: 3, log: "log" });
  expect(bookmark.arrived(resumed(5))).toEqual(nothing);
  bookmark.happened(said(4));
  expect(bookmark.happened(said(5))).toEqual({ events: [said(3), said(4), said(5)], complete: "back" });
});

test("a first arrival that broke off before anything came is still the first where the log has another name by then", () => {
  const bookmark = new Bookmark();
  bookmark.arrived(fresh(2));
  expect(bookmark.arrived(fresh(3, "after a restart"))).toEqual(nothing);
  bookmark.happened(said(1));
  expect(bookmark.startComplete()).toEqual({ events: [said(1)], complete: "back" });
  expect(bookmark.cursor).toEqual({ after: 3, log: "after a restart" });
});

test("another log is a fresh start, complete with the answer after it", () => {
  const bookmark = arrived();
  expect(bookmark.arrived(fresh(2, "other"))).toEqual(nothing);
  expect(bookmark.cursor).toEqual({});
  expect(bookmark.happened(said(1))).toEqual(nothing);
  expect(bookmark.startComplete()).toEqual({ events: [said(1)], complete: "anew" });
  expect(bookmark.cursor).toEqual({ after: 2, log: "other" });
});

test("a log that is shorter than it was is a fresh start too", () => {
  const bookmark = arrived();
  bookmark.arrived(fresh(1));
  expect(bookmark.startComplete()).toEqual({ events: [], complete: "anew" });
});

test("another log stays another one over a second break", () => {
  const bookmark = arrived();
  bookmark.arrived(fresh(2, "other"));
  bookmark.happened(said(1));
  bookmark.arrived(resumed(2, "other"));
  expect(bookmark.happened(said(2))).toEqual({ events: [said(1), said(2)], complete: "anew" });

  const empty = arrived();
  empty.arrived(fresh(2, "other"));
  empty.arrived(fresh(3, "other"));
  expect(empty.startComplete()).toEqual({ events: [], complete: "anew" });
});

test("a break between the first welcome and the first event leads back to the same room", () => {
  const bookmark = new Bookmark();
  bookmark.arrived(fresh(2));
  expect(bookmark.cursor).toEqual({});
  expect(bookmark.arrived(fresh(3))).toEqual(nothing);
  expect(bookmark.happened(said(3))).toEqual(nothing);
  expect(bookmark.startComplete()).toEqual({ events: [said(3)], complete: "back" });
});
