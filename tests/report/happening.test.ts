// What the operator reads of what happened.
import { expect, test } from "bun:test";
import type { RoomEvent } from "../../lib/protocol/message.ts";
import { ACTS } from "../../lib/protocol/moderation.ts";
import { happening } from "../../lib/report/happening.ts";

const stamp = { seq: 1, at: "2026-11-22T12:00:00.000Z" };
const moderated = (event: object) => ({ type: "moderated", by: "Ada", ...stamp, ...event }) as RoomEvent;

test.each<[event: RoomEvent, line: string]>([
  [{ type: "exited", name: "Bob", why: "kicked", by: "Ada", ...stamp }, "Bob exited: kicked by Ada"],
  [moderated({ act: "banned", name: "Bob", seconds: 60, text: "spam" }), "Ada banned Bob for 60 s: spam"],
  [moderated({ act: "unmuted", name: "Bob", undo: true }), "Ada unmuted Bob (taking back what was done)"],
  [moderated({ act: "opped", name: "Bob" }), "Ada made Bob an operator"],
  [moderated({ act: "slowed", seconds: 5 }), "Ada set slow mode, a message every 5 s"],
  [moderated({ act: "slowed", seconds: 0 }), "Ada ended slow mode"],
  [moderated({ act: "locked" }), "Ada locked the room"],
  [moderated({ act: "purged", name: "Bob", seconds: 600 }), "Ada withdrew what Bob said in the last 600 s"],
  [moderated({ act: "restored", name: "Bob" }), "Ada brought back what Bob said"],
])("%j", (event, line) => {
  expect(happening(event)).toBe(line);
});

test("every act has its words", () => {
  for (const act of ACTS) expect(happening(moderated({ act, name: "Bob" }))).toMatch(/^Ada \w+ed? |^Ada \w+/);
});
