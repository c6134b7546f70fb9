// Turns: what comes together is decided in order, kept together, and told only then.
import { expect, test } from "bun:test";
import { TURN_BYTES_MAX, UNSETTLED_MAX } from "../../lib/protocol/limits.ts";
import { brief, testHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";

test("what comes together is one append, and reaches everyone in the same order with the same bytes", async () => {
  await using room = await testHub();
  const members = await Promise.all(["Ada", "Bob", "Cy"].map((name) => room.member(name)));
  for (const member of members) await member.rest();
  const { appends } = room.log;
  for (const member of members) member.send({ type: "say", text: `I am ${member.name}` });
  for (const member of members) for (let index = 0; index < 3; index++) await member.until("said");
  expect(room.log.appends).toBe(appends + 1);
  const said = members.map(({ lines }) => lines.filter((line) => line.includes('"said"')));
  const [first = [], ...others] = said;
  expect(others).toEqual([first, first]);
  expect(first.map((line) => (JSON.parse(line) as { from: string }).from)).toEqual(["Ada", "Bob", "Cy"]);
});

test("nothing is told before it is on disk, and what comes meanwhile is the next turn", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const bob = await room.member("Bob");
  await ada.rest();
  const { appends } = room.log;
  room.log.hold();
  ada.send({ type: "say", text: "one" });
  await room.until(() => room.log.appends > appends);
  ada.send({ type: "say", text: "two" });
  bob.send({ type: "say", text: "three" });
  // A pong goes past the turns, so what was to be told before it has been told.
  bob.send({ type: "ping" });
  expect(brief([await bob.next()])).toEqual(["pong"]);
  room.log.release();
  expect(brief(await bob.rest())).toEqual(["said Ada: one", "said Ada: two", "said Bob: three"]);
  expect(room.log.appends).toBe(appends + 2);
});

test("of two who ask for one name in one turn, one gets it", async () => {
  await using room = await testHub();
  const [first, second] = [await peer(room.dial, "first"), await peer(room.dial, "second")];
  first.send({ type: "join", name: "Ada" });
  second.send({ type: "join", name: "ADA" });
  expect((await first.next()).type).toBe("welcome");
  expect(brief([await second.next()])).toEqual(["refused name-taken"]);
  expect(brief(room.events)).toEqual(["entered Ada"]);
});

test("what is asked after a rename in the same turn comes from the new name", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  ada.send({ type: "rename", name: "Countess" }, { type: "say", text: "hello" }, { type: "topic", text: "Titles" });
  expect(await ada.rest()).toMatchObject([
    { type: "renamed", name: "Ada", to: "Countess" },
    { type: "said", from: "Countess" },
    { type: "topic", by: "Countess" },
  ]);
});

test("a name that was given up is free in the same turn", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const bob = await room.member("Bob");
  ada.send({ type: "rename", name: "Countess" });
  bob.send({ type: "rename", name: "Ada" });
  expect(brief((await bob.rest()).filter(({ type }) => type === "renamed"))).toEqual([
    "renamed Ada Countess",
    "renamed Bob Ada",
  ]);
});

test("a request that comes twice in one turn has its effect once", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const again = { type: "say", text: "once", re: "r1" };
  ada.send(again, again, again);
  expect(brief(await ada.rest())).toEqual(["said Ada: once"]);
  ada.send(again);
  expect(brief(await ada.rest())).toEqual(["said Ada: once"]);
  expect(brief(room.events)).toEqual(["entered Ada", "said Ada: once"]);
});

test("a turn holds only so many bytes; the rest is the next", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const { appends } = room.log;
  const text = "x".repeat(8_000);
  const count = Math.ceil((2.5 * TURN_BYTES_MAX) / 8_000);
  ada.send(...Array.from({ length: count }, () => ({ type: "say", text })));
  expect((await ada.rest()).length).toBe(count);
  expect(room.log.appends).toBe(appends + 3);
});

test("no more than so many requests of one peer wait for the disk; the rest waits at the peer, and none is lost", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const { appends } = room.log;
  room.log.hold();
  const count = 3 * UNSETTLED_MAX;
  for (let index = 0; index < count; index++) ada.send({ type: "say", text: `${index}` });
  await room.until(() => room.log.appends > appends);
  room.log.release();
  for (let index = 0; index < count; index++) expect((await ada.until("said"))["text"]).toBe(`${index}`);
  expect(room.log.appends).toBeGreaterThan(appends + 2);
});

test("while many talk, a turn waits for a part of the time that the last one took to tell, and takes what comes meanwhile", async () => {
  let now = 0;
  // To tell of one event takes 10 ms.
  await using room = await testHub({ now: () => now, happened: () => void (now += 10) });
  const [ada, bob] = [await room.member("Ada"), await room.member("Bob")];
  const { appends } = room.log;
  ada.send({ type: "say", text: "one" });
  bob.send({ type: "say", text: "two" });
  await ada.until("said");
  await bob.until("said");
  expect(room.log.appends).toBe(appends + 1);
  ada.send({ type: "say", text: "three" });
  let looks = 0;
  await room.until(() => ++looks > 20);
  expect(room.log.appends).toBe(appends + 1);
  bob.send({ type: "say", text: "four" });
  await room.until(() => ++looks > 40);
  // A fifth of 20 ms.
  now += 4;
  expect(brief(await ada.rest())).toEqual(["said Bob: two", "said Ada: three", "said Bob: four"]);
  expect(room.log.appends).toBe(appends + 2);
});

test("who talks alone does not wait", async () => {
  let now = 0;
  await using room = await testHub({ now: () => now, happened: () => void (now += 10) });
  const ada = await room.member("Ada");
  const { appends } = room.log;
  for (let index = 1; index <= 3; index++) {
    ada.send({ type: "say", text: `${index}` });
    expect((await ada.until("said"))["text"]).toBe(`${index}`);
    expect(room.log.appends).toBe(appends + index);
  }
});

test("those who are in do not wait for those who come in, and these come in with the next turn", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const comers = await Promise.all(["Bob", "Cy"].map((name) => peer(room.dial, name)));
  await ada.rest();
  const { appends } = room.log;
  room.log.hold();
  ada.send({ type: "say", text: "one" });
  await room.until(() => room.log.appends > appends);
  for (const comer of comers) {
    comer.send({ type: "join", name: comer.name }, { type: "ping" });
    await room.until(() => comer.connection.taken > 0);
  }
  ada.send({ type: "say", text: "two" }, { type: "ping" });
  expect(brief([await ada.next()])).toEqual(["pong"]);
  room.log.release();
  for (const comer of comers) await comer.until("welcome");
  expect(brief(await ada.rest())).toEqual(["said Ada: one", "said Ada: two", "entered Bob", "entered Cy"]);
  expect(room.log.appends).toBe(appends + 2);
});
