// What people read of how a room is kept in order: the same sentences on every screen.
import { expect, test } from "bun:test";
import {
  actSentence,
  auditLines,
  banLines,
  invitationLines,
  inviteLines,
  linkLines,
} from "../../lib/client/order-view.ts";
import { lineOf } from "../../lib/client/print.ts";
import { seen } from "../../lib/client/view.ts";
import { ACTS } from "../../lib/protocol/moderation.ts";
import type { RoomEvent } from "../../lib/protocol/message.ts";

type Moderated = Extract<RoomEvent, { type: "moderated" }>;
const at = "2026-11-22T12:00:00.000Z";
const act = (act: Moderated["act"], more: Partial<Moderated> = {}): Moderated => ({
  type: "moderated",
  act,
  by: "Host",
  name: "Bob",
  seq: 9,
  at,
  ...more,
});

test.each<[event: Moderated, sentence: string]>([
  [act("banned"), "Bob was banned by Host."],
  [act("banned", { seconds: 3_600, text: "spam" }), "Bob was banned for 1 hour by Host: spam"],
  [act("unbanned"), "Bob is no longer banned, says Host."],
  [act("muted", { seconds: 90 }), "Bob was muted for 90 seconds by Host."],
  [act("unmuted"), "Bob may speak again, says Host."],
  [act("opped"), "Host made Bob an operator."],
  [act("deopped"), "Bob is no longer an operator, says Host."],
  [act("slowed", { seconds: 5 }), "Host set slow mode: one message every 5 seconds."],
  [act("slowed", { seconds: 0 }), "Host ended slow mode."],
  [act("locked"), "Host locked the room: nobody new may enter."],
  [act("unlocked"), "Host unlocked the room."],
  [act("purged", { seconds: 600 }), "Host withdrew what Bob said lately."],
  [act("unbanned", { undo: true }), "Host took that back: Bob is no longer banned."],
  [act("restored", { undo: true }), "Host took that back: what Bob said is back in the history."],
  [act("other"), "Host did something to keep order; this program is too old to tell what."],
])("%j", (event, sentence) => {
  expect(actSentence(event)).toBe(sentence);
});

test("every act is a sentence, whatever is missing", () => {
  for (const each of ACTS)
    expect(actSentence({ type: "moderated", act: each, by: "Host", seq: 1, at })).toMatch(/^\w.*\.$/);
});

test("a terminal says that it cannot take back what it has shown", () => {
  const line = lineOf(seen(act("purged"), "Ada")!, false);
  expect(line).toBe("[*] Host withdrew what Bob said lately. It is gone from the history, not from this screen.");
  expect(lineOf(seen(act("restored"), "Ada")!, false)).not.toContain("screen");
});

test("lists say so where they are empty, and how to go on where they are not", () => {
  expect(banLines([])).toEqual(["Nobody is banned."]);
  expect(banLines([{ name: "Bob", by: "Host", at, until: at, text: "spam" }])[0]).toMatch(
    /^Bob, by Host on 2026-11-2\d \d\d:\d\d, until 2026-11-2\d \d\d:\d\d: spam$/,
  );
  expect(auditLines([])).toEqual(["Nothing was done to keep order."]);
  expect(auditLines([{ at, act: "muted", by: "Host", name: "Bob", seconds: 600, undone: true }])[0]).toEndWith(
    "Host muted Bob for 10 minutes (taken back)",
  );
  expect(inviteLines([])).toEqual(["There are no invitations. /invite makes one."]);
  expect(inviteLines([{ id: 3, scope: "read", until: at, uses: 1, by: "Ada" }])[0]).toMatch(
    /^#3 lets somebody in to read, 1 use left, until .*, by Ada\. \/uninvite 3 calls it back\.$/,
  );
});

test("an invitation is told with its links, each as it is", () => {
  const invitation = { type: "invitation", secret: "s", id: 3, scope: "join", until: at, uses: 10 } as const;
  const [head, ...links] = invitationLines(invitation, ["  http://here/#invite=s", "  a code"]);
  expect(head).toMatch(
    /^Invitation #3 lets somebody in, 10 times, until 2026-11-2\d \d\d:\d\d\. It is shown only now:$/,
  );
  expect(links).toEqual(["  http://here/#invite=s", "  a code"]);
});

test.each([
  ["Ada", "AbC-_9", "  chat SERVER -n Ada --link AbC-_9"],
  ["Zoë", "AbC", "  chat SERVER -n Zoë --link AbC"],
  // A server that means harm: people copy this into a shell.
  ["$(reboot)", "x; $(reboot) '\u001b[2J", "  chat SERVER -n NAME --link xreboot2J"],
])("the code of %j is a command to copy", (me, code, line) => {
  expect(linkLines({ type: "link", code, until: at }, me)[1]).toBe(line);
});
