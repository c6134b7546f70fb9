// Those who are behind: they get everything once and in order, in turn, and hold up nobody.
import { expect, test } from "bun:test";
import { CatchUp, type Follower } from "../../lib/hub/catch-up.ts";
import { type Heard, peer } from "../support/peer.ts";
import { testHub } from "../support/hub.ts";

const LONG = "x".repeat(8_000);
const SAID = 400;
const numbers = (messages: readonly Heard[]) =>
  messages.filter(({ type }) => type === "said").map(({ text }) => Number.parseInt(String(text), 10));

test("followers take turns, and no more than so many bytes go out in one turn of the event loop", async () => {
  const catchUp = new CatchUp();
  const order: string[] = [];
  const follower = (name: string, pieces: number): Follower => ({
    step() {
      order.push(name);
      if (--pieces > 0) catchUp.add(this);
      return 400_000;
    },
  });
  for (const [name, pieces] of [
    ["a", 3],
    ["b", 1],
    ["c", 2],
  ] as const)
    catchUp.add(follower(name, pieces));
  const turns: number[] = [];
  while (order.length < 6) {
    await new Promise((resolve) => void setImmediate(resolve));
    turns.push(order.length);
  }
  expect(order.join("")).toBe("abcaca");
  // Three pieces of 400 kB are more than 1 MiB; and nobody has two turns in one.
  expect(turns).toEqual([3, 5, 6]);
});

test("many who come back far behind hear everything once and in order, while somebody who is not talks and hears", async () => {
  await using room = await testHub();
  const talker = await room.member("Talker");
  const first = await talker.rest().then(() => room.log.head);
  for (let index = 0; index < SAID; index++) talker.send({ type: "say", text: `${index} ${LONG}` });
  for (let index = 0; index < SAID; index++) await talker.until("said");
  const { id: log } = room.log;
  const late = await Promise.all(Array.from({ length: 10 }, (_, index) => peer(room.dialNet, `late${index}`)));
  for (const [index, each] of late.entries()) each.send({ type: "join", name: `late${index}`, after: first, log });
  talker.send({ type: "say", text: `${SAID} new` });
  expect(await talker.until("said")).toMatchObject({ text: `${SAID} new` });
  for (const each of late) {
    const heard: Heard[] = [];
    while (numbers(heard).length <= SAID) heard.push(await each.next());
    expect(numbers(heard)).toEqual(Array.from({ length: SAID + 1 }, (_, index) => index));
  }
});

test("who stopped reading and goes on has missed nothing, and the room has kept nothing for it in memory but what was on its way", async () => {
  await using room = await testHub();
  const talker = await room.member("Talker");
  const slow = await peer(room.dialNet, "slow");
  await slow.join("Slow");
  await talker.rest();
  slow.connection.pause();
  const count = 4 * SAID;
  for (let index = 0; index < count; index++) talker.send({ type: "say", text: `${index} ${LONG}` });
  for (let index = 0; index < count; index++) await talker.until("said");
  const backlogs = room.backlogs();
  expect(Math.max(...backlogs)).toBeGreaterThan(0);
  expect(Math.max(...backlogs)).toBeLessThan(1_048_576);
  slow.connection.resume();
  const heard: number[] = [];
  while (heard.length < count) heard.push(...numbers([await slow.next()]));
  expect(heard).toEqual(Array.from({ length: count }, (_, index) => index));
});

test("a page of history does not wait for a disk that is slow, and comes after what was asked before", async () => {
  await using room = await testHub();
  const [ada, bob] = [await room.member("Ada"), await room.member("Bob")];
  ada.send({ type: "say", text: "0" });
  await bob.until("said");
  await ada.until("said");
  const { appends } = room.log;
  room.log.hold();
  ada.send({ type: "say", text: "1" });
  await room.until(() => room.log.appends > appends);
  bob.send({ type: "history", re: "h" }, { type: "ping", re: "p" });
  expect(await bob.next()).toMatchObject({ type: "history", re: "h", events: [{ text: "0" }] });
  expect(await bob.next()).toMatchObject({ type: "pong", re: "p" });
  // Whoever waits for an answer gets that one first.
  ada.send({ type: "history", re: "h" });
  room.log.release();
  expect(await ada.next()).toMatchObject({ type: "said", text: "1" });
  expect(await ada.next()).toMatchObject({ type: "history", events: [{ text: "0" }, { text: "1" }] });
});
