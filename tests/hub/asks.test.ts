// What a request comes to where the disk does not do its part, and what passes the log by.
import { expect, test } from "bun:test";
import { brief, type TestHub, testHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";

/** A room with Ada and Bob inside, who have heard everything so far. */
async function withAdaAndBob(room: TestHub) {
  const ada = await room.member("Ada");
  const bob = await room.member("Bob");
  await ada.rest();
  return { ada, bob };
}

test("what the disk does not take is refused with its mark, and nobody hears of it", async () => {
  await using room = await testHub();
  const { ada, bob } = await withAdaAndBob(room);
  room.log.failing = true;
  for (const [index, message] of [
    { type: "say", text: "hello" },
    { type: "rename", name: "Countess" },
    { type: "topic", text: "Engines" },
  ].entries()) {
    ada.send({ ...message, re: `${index}` });
    expect(brief(await ada.rest())).toEqual([`refused storage-failed ${index}`]);
  }
  expect(brief(await bob.rest())).toEqual([]);
  expect(room.broke).toEqual(["The history could not be written; nothing was said."]);
  room.log.failing = false;
  room.pass(1);
  ada.send({ type: "say", text: "hello", re: "0" });
  expect(await ada.rest()).toMatchObject([{ type: "said", from: "Ada", re: "0" }]);
  expect(brief(await bob.rest())).toEqual(["said Ada: hello"]);
  expect(room.broke).toEqual([
    "The history could not be written; nothing was said.",
    "The history can be written again.",
  ]);
});

test("history and members are answered while the disk takes nothing, and show only what it took", async () => {
  await using room = await testHub();
  const { ada, bob } = await withAdaAndBob(room);
  ada.send({ type: "say", text: "before" });
  await ada.rest();
  await bob.rest();
  room.log.failing = true;
  // All of one turn, the question in its midst.
  ada.send(
    { type: "say", text: "lost" },
    { type: "rename", name: "Countess" },
    { type: "members", re: "m" },
    { type: "history", re: "h" },
  );
  const told = await ada.rest();
  expect(brief(told)).toEqual(["refused storage-failed", "refused storage-failed", "members", "history"]);
  expect(told[2]).toMatchObject({ re: "m" });
  expect((told[2]!["members"] as string[]).toSorted()).toEqual(["Ada", "Bob"]);
  expect(told[3]).toMatchObject({ events: [{ text: "before" }], more: false, re: "h" });
});

test("the room is as it was after a turn that failed: members, names, topic", async () => {
  await using room = await testHub();
  const { ada, bob } = await withAdaAndBob(room);
  const host = await peer(room.dialHost, "host");
  await host.join("Host");
  ada.send({ type: "topic", text: "Engines" });
  await ada.rest();
  await bob.rest();
  room.log.failing = true;
  ada.send({ type: "topic", text: "Poetry" }, { type: "rename", name: "Countess" }, { type: "topic", text: "Titles" });
  bob.send({ type: "rename", name: "Ada" });
  host.send({ type: "kick", name: "Countess" });
  expect(brief(await bob.rest())).toEqual(["refused storage-failed"]);
  room.log.failing = false;
  const cy = await peer(room.dial, "cy");
  cy.send({ type: "join", name: "Countess" });
  expect(await cy.next()).toMatchObject({ topic: "Engines", name: "Countess" });
  cy.send({ type: "members" });
  const { members } = await cy.until("members");
  expect((members as string[]).toSorted()).toEqual(["Ada", "Bob", "Countess", "Host"]);
  ada.send({ type: "say", text: "still here" });
  expect(brief(await bob.rest()).at(-1)).toBe("said Ada: still here");
});

test("a join that the disk does not take is refused, and works on the same connection once the disk does", async () => {
  await using room = await testHub();
  const { bob } = await withAdaAndBob(room);
  room.log.failing = true;
  const [cy, other] = [await peer(room.dial, "Cy"), await peer(room.dial, "other")];
  // Both of one turn: neither has the name, so neither may be told that it is taken.
  cy.send({ type: "join", name: "Cy", re: "1" });
  other.send({ type: "join", name: "Cy", re: "2" });
  expect(brief([await cy.next(), await other.next()])).toEqual([
    "refused storage-failed 1",
    "refused storage-failed 2",
  ]);
  cy.send({ type: "say", text: "am I in?" });
  expect(brief([await cy.next()])).toEqual(["refused not-joined"]);
  room.log.failing = false;
  expect(await cy.join("Cy")).toMatchObject({ members: ["Ada", "Bob", "Cy"] });
  expect([...room.hub.seats].length).toBe(3);
  expect(brief(await bob.rest())).toEqual(["entered Cy"]);
});

test("coming back with the token needs no disk", async () => {
  await using room = await testHub();
  const ada = await peer(room.dial, "Ada");
  const { token, log, seq } = await ada.join("Ada");
  const bob = await room.member("Bob");
  await ada.until("entered");
  const back = await peer(room.dial, "back");
  room.log.failing = true;
  // One turn, which fails because of what Bob says and does.
  bob.send({ type: "say", text: "lost" }, { type: "rename", name: "Eve" });
  back.send({ type: "join", name: "Ada", token, log, after: seq });
  expect(brief(await ada.end())).toEqual(["bye replaced"]);
  expect(await back.next()).toMatchObject({
    type: "welcome",
    resumed: true,
    members: ["Ada", "Bob"],
    seq: room.log.head,
  });
  expect(brief(await back.rest())).toEqual(["entered Bob"]);
  room.log.failing = false;
  back.send({ type: "say", text: "I am back" });
  expect(brief(await back.rest())).toEqual(["said Ada: I am back"]);
});

test("who leaves while the disk takes nothing is gone, and the room hears of it once it can", async () => {
  await using room = await testHub();
  const { ada, bob } = await withAdaAndBob(room);
  room.log.failing = true;
  ada.send({ type: "leave", re: "1" });
  expect(brief(await ada.end())).toEqual(["refused storage-failed 1", "bye left 1"]);
  room.log.failing = false;
  room.pass(30);
  bob.send({ type: "pong" });
  expect(brief(await bob.rest())).toEqual(["ping", "exited Ada lost"]);
});

test("a kick that the disk does not take has no effect", async () => {
  await using room = await testHub();
  const { ada, bob } = await withAdaAndBob(room);
  const host = await peer(room.dialHost, "host");
  await host.join("Host");
  await ada.rest();
  room.log.failing = true;
  host.send({ type: "kick", name: "Ada", re: "1" });
  expect(brief(await host.rest())).toEqual(["refused storage-failed 1"]);
  room.log.failing = false;
  ada.send({ type: "say", text: "still here" });
  expect(brief(await ada.rest())).toEqual(["said Ada: still here"]);
  expect(brief(await bob.rest())).toEqual(["entered Host", "said Ada: still here"]);
});

test("a name that was to be given up while the disk took nothing is given up once it does", async () => {
  await using room = await testHub();
  const { ada, bob } = await withAdaAndBob(room);
  ada.connection.abort();
  await room.until(() => room.hub.connections === 1);
  room.log.failing = true;
  room.pass(30);
  expect(brief(await bob.rest())).toEqual(["ping"]);
  room.log.failing = false;
  room.pass(30);
  bob.send({ type: "pong" });
  expect(brief(await bob.rest())).toEqual(["ping", "exited Ada lost"]);
});

test("a repeat of what is stored is answered while the disk takes nothing", async () => {
  await using room = await testHub();
  const { ada } = await withAdaAndBob(room);
  const once = { type: "say", text: "once", re: "r1" };
  ada.send(once);
  const [said] = await ada.rest();
  room.log.failing = true;
  ada.send({ type: "say", text: "new", re: "r2" }, once);
  const told = await ada.rest();
  expect(brief(told)).toEqual(["refused storage-failed r2", "said Ada: once"]);
  expect(told[1]).toEqual(said);
});

test("a repeat of what failed in the same turn is answered too", async () => {
  await using room = await testHub();
  const { ada } = await withAdaAndBob(room);
  room.log.failing = true;
  const again = { type: "say", text: "once", re: "r1" };
  ada.send(again, again);
  expect(brief(await ada.rest())).toEqual(["refused storage-failed r1", "refused storage-failed r1"]);
  room.log.failing = false;
  ada.send(again);
  expect(brief(await ada.rest())).toEqual(["said Ada: once"]);
});

test("a disk that cannot be read ends no more than it must", async () => {
  await using room = await testHub();
  const { ada, bob } = await withAdaAndBob(room);
  room.log.unreadable = true;
  ada.send({ type: "say", text: "was this said before?", re: "1" });
  expect(brief(await ada.rest())).toEqual(["refused storage-failed 1"]);
  const cy = await peer(room.dial, "Cy");
  cy.send({ type: "join", name: "Cy" });
  expect(brief(await cy.end())).toEqual(["welcome", "bye internal"]);
  for (const re of ["2", "3"]) {
    ada.send({ type: "history", re });
    expect(brief(await ada.rest()).at(-1)).toBe(`refused storage-failed ${re}`);
  }
  // It is not told again for each who asks.
  expect(room.broke.filter((what) => what === "A part of the history could not be read.").length).toBe(1);
  room.log.unreadable = false;
  ada.send({ type: "history", re: "4" });
  expect((await ada.rest()).at(-1)).toMatchObject({ type: "history", re: "4" });
  bob.send({ type: "say", text: "better now", re: "2" });
  expect(brief(await bob.rest()).at(-1)).toBe("said Bob: better now");
});

test("a whisper reaches one, and its sender sees that it did", async () => {
  await using room = await testHub();
  const { ada, bob } = await withAdaAndBob(room);
  const cy = await room.member("Cy");
  const { head } = room.log;
  ada.send({ type: "whisper", to: "bob", text: "psst", re: "1" });
  const whisper = { type: "whisper", from: "Ada", to: "Bob", text: "psst", at: expect.any(String) };
  expect((await ada.rest()).at(-1)).toEqual({ ...whisper, re: "1" });
  expect((await bob.rest()).at(-1)).toEqual(whisper);
  expect(await cy.rest()).toEqual([]);
  expect(room.log.head).toBe(head);
  ada.send({ type: "whisper", to: "Ada", text: "note to self", re: "2" });
  expect(await ada.rest()).toEqual([{ ...whisper, to: "Ada", text: "note to self", re: "2" }]);
});

test("a whisper to someone whose connection is broken is refused, not lost", async () => {
  await using room = await testHub();
  const { ada, bob } = await withAdaAndBob(room);
  bob.connection.abort();
  await room.until(() => room.hub.connections === 1);
  ada.send({ type: "whisper", to: "Bob", text: "psst", re: "1" });
  expect(brief(await ada.rest())).toEqual(["refused no-such-member 1"]);
});

test("a whisper to someone whose coming the disk did not take is refused", async () => {
  await using room = await testHub();
  const { ada } = await withAdaAndBob(room);
  const cy = await peer(room.dial, "Cy");
  room.log.failing = true;
  cy.send({ type: "join", name: "Cy" });
  ada.send({ type: "whisper", to: "Cy", text: "welcome!", re: "1" });
  expect(brief(await ada.rest())).toEqual(["refused storage-failed 1"]);
});

test("history is paged backwards without gap or repeat, in the bytes of the live events", async () => {
  await using room = await testHub();
  const { ada } = await withAdaAndBob(room);
  for (let index = 0; index < 7; index++) ada.send({ type: "say", text: `${index}` });
  const live = (await ada.rest()).filter(({ type }) => type === "said");
  const read: unknown[] = [];
  let before: unknown;
  for (let more: unknown = true; more;) {
    ada.send({ type: "history", limit: 3, ...(before !== undefined && { before }) });
    const page = await ada.until("history");
    const events = page["events"] as readonly { readonly seq: number }[];
    read.unshift(...events);
    before = events[0]?.seq;
    ({ more } = page);
  }
  expect(read).toEqual([...live]);
});
