// A large room: who comes and goes is told together, so that filling it costs no more than it has to.
import { expect, test } from "bun:test";
import { LARGE_ROOM_MEMBERS } from "../../lib/protocol/limits.ts";
import { brief, testHub, type TestHub } from "../support/hub.ts";
import type { Peer } from "../support/peer.ts";

const MORE = 40;

/** A room of `count` members, the first of whom is answered. */
async function filled(room: TestHub, count: number): Promise<Peer> {
  const first = await room.member("First");
  for (let index = 1; index < count; index++) await room.member(`m${index}`);
  await first.rest();
  return first;
}

/** What the peer was sent from now on, in how many pieces. */
function counted(peer: Peer): { pieces: () => number } {
  const { connection } = peer;
  const before = connection.taken;
  let pieces = 0;
  let last = before;
  peer.hears = () => {
    if (connection.taken !== last) pieces++;
    last = connection.taken;
  };
  return { pieces: () => pieces };
}

test("a room that is not large hears of each at once", async () => {
  await using room = await testHub({ clients: 1_000 });
  const first = await filled(room, LARGE_ROOM_MEMBERS - 1);
  await room.member("New");
  expect(brief([await first.next()])).toEqual(["entered New"]);
});

test("a large one hears of all of them after a second, in the order in which they came and went", async () => {
  await using room = await testHub({ clients: 1_000 });
  const first = await filled(room, LARGE_ROOM_MEMBERS + 1);
  const { lines } = first;
  const before = lines.length;
  const expected: string[] = [];
  for (let index = 0; index < MORE; index++) {
    const member = await room.member(`new${index}`);
    expected.push(`entered new${index}`);
    if (index % 4 > 0) continue;
    member.send({ type: "leave" });
    await member.end();
    expected.push(`exited new${index} left`);
  }
  expect(lines.length).toBe(before);
  const { pieces } = counted(first);
  room.pass(1);
  for (const what of expected) expect(brief([await first.next()])).toEqual([what]);
  expect(pieces()).toBeLessThanOrEqual(1);
  expect(await first.rest()).toEqual([]);
});

test("anything else is told at once, after those who came before it", async () => {
  await using room = await testHub({ clients: 1_000 });
  const first = await filled(room, LARGE_ROOM_MEMBERS + 1);
  const eve = await room.member("Eve");
  const { seq } = await (await room.member("Late")).rest().then(() => ({ seq: room.log.head }));
  eve.send({ type: "say", text: "hello" });
  expect(brief([await first.next(), await first.next(), await first.next()])).toEqual([
    "entered Eve",
    "entered Late",
    "said Eve: hello",
  ]);
  expect(room.log.head).toBe(seq + 1);
});

test("who asks for the members has heard of all of them first, and who leaves hears of it", async () => {
  await using room = await testHub({ clients: 1_000 });
  const first = await filled(room, LARGE_ROOM_MEMBERS + 1);
  await room.member("Eve");
  expect(brief(await first.rest())).toEqual(["entered Eve"]);
  const bob = await room.member("Bob");
  await room.member("Cy");
  bob.send({ type: "leave", re: "l" });
  expect(brief(await bob.end())).toEqual(["entered Cy", "exited Bob left", "bye left l"]);
});
