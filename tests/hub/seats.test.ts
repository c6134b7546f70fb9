// Seats: how long a name is kept for whoever lost the connection, and who may take it back.
import { expect, test } from "bun:test";
import { NAME_KEPT_MS } from "../../lib/protocol/limits.ts";
import { brief, testHub } from "../support/hub.ts";
import { type Peer, peer } from "../support/peer.ts";

const KEPT_S = NAME_KEPT_MS / 1_000;

/** Cuts the wire of a member, and waits until the room has noticed. */
async function cut(room: Awaited<ReturnType<typeof testHub>>, member: Peer): Promise<void> {
  const { connections } = room.hub;
  member.connection.abort();
  await room.until(() => room.hub.connections < connections);
}

test("a broken connection keeps its name for a while, and is then lost", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const bob = await room.member("Bob");
  await cut(room, ada);
  room.pass(KEPT_S - 1);
  expect(brief(await bob.rest())).toEqual([]);
  const eve = await peer(room.dial, "eve");
  eve.send({ type: "join", name: "ada" });
  expect(brief([await eve.next()])).toEqual(["refused name-taken"]);
  room.pass(1);
  expect(brief(await bob.rest())).toEqual(["exited Ada lost"]);
  eve.send({ type: "join", name: "ada" });
  expect((await eve.until("welcome"))["members"]).toEqual(["Bob", "ada"]);
  expect([...room.hub.seats].length).toBe(2);
});

test("who comes back in time with the token is not seen to have been away, and misses nothing", async () => {
  await using room = await testHub();
  const ada = await peer(room.dial, "Ada");
  const { token, log, seq } = await ada.join("Ada");
  const bob = await room.member("Bob");
  await cut(room, ada);
  room.pass(KEPT_S - 1);
  bob.send({ type: "say", text: "Ada?" });
  await bob.until("said");
  const back = await peer(room.dial, "Ada again");
  back.send({ type: "join", name: "ada", token, log, after: seq });
  expect(await back.next()).toMatchObject({
    type: "welcome",
    name: "Ada",
    token,
    resumed: true,
    members: ["Ada", "Bob"],
  });
  expect(brief(await back.rest())).toEqual(["entered Bob", "said Bob: Ada?"]);
  room.pass(KEPT_S);
  expect(brief(await bob.rest())).not.toContain("exited Ada lost");
});

test("who comes back in the very turn that would give the name up keeps it", async () => {
  await using room = await testHub();
  const ada = await peer(room.dial, "Ada");
  const { token } = await ada.join("Ada");
  const bob = await room.member("Bob");
  await cut(room, ada);
  room.pass(KEPT_S - 1);
  const back = await peer(room.dial, "Ada again");
  back.send({ type: "join", name: "Ada", token });
  // The line has arrived, and its turn has not come.
  await back.connection.drained();
  room.pass(1);
  expect((await back.until("welcome"))["members"]).toEqual(["Ada", "Bob"]);
  expect(brief(await bob.rest())).toEqual(["ping"]);
});

test("a host that comes over another console is not seen to leave", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const host = await peer(room.dialHost, "host");
  const { token } = await host.join("Host");
  const again = await peer(room.dialHost, "host again");
  await again.join("Host", { token });
  expect(brief(await host.end())).toEqual(["bye replaced"]);
  await again.rest();
  expect(brief(await ada.rest())).toEqual(["entered Host"]);
});

test("a second break has the whole time again", async () => {
  await using room = await testHub();
  const ada = await peer(room.dial, "Ada");
  const { token } = await ada.join("Ada");
  const bob = await room.member("Bob");
  await cut(room, ada);
  room.pass(KEPT_S - 1);
  const again = await peer(room.dial, "Ada again");
  await again.join("Ada", { token });
  await cut(room, again);
  room.pass(KEPT_S - 1);
  bob.send({ type: "pong" });
  expect(brief(await bob.rest())).toEqual(["ping"]);
  room.pass(1);
  expect(brief(await bob.rest())).toEqual(["exited Ada lost"]);
});

test("the token takes the name over at once, and the other connection has no say any more", async () => {
  await using room = await testHub();
  const laptop = await peer(room.dial, "laptop");
  const { token } = await laptop.join("Ada");
  const bob = await room.member("Bob");
  await laptop.until("entered");
  const phone = await peer(room.dial, "phone");
  // All three are of one turn: what was said before is said, what comes after has no effect.
  laptop.send({ type: "say", text: "from the laptop" });
  phone.send({ type: "join", name: "Ada", token });
  laptop.send({ type: "say", text: "too late" }, { type: "rename", name: "Eve" }, { type: "leave" });
  await phone.until("welcome");
  expect(brief(await laptop.end()).at(-1)).toBe("bye replaced");
  phone.send({ type: "say", text: "from the phone" });
  expect(brief(await bob.rest())).toEqual(["said Ada: from the laptop", "said Ada: from the phone"]);
  room.pass(KEPT_S);
  expect(brief(await bob.rest())).toEqual(["ping"]);
});

test("a token of another, an old one and none at all do not open a name", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const bob = await peer(room.dial, "Bob");
  const { token: ofBob } = await bob.join("Bob");
  const eve = await peer(room.dial, "eve");
  for (const token of [undefined, "", "x", ofBob]) {
    eve.send({ type: "join", name: "Ada", token });
    expect(brief([await eve.next()])).toEqual(["refused name-taken"]);
  }
  expect([ada.ends, bob.ends]).toEqual([0, 0]);
  bob.send({ type: "leave" });
  await bob.end();
  const { token } = await eve.join("Bob", { token: ofBob });
  expect(token).not.toBe(ofBob);
});

test("a renamed member comes back under the new name, and under the old one if it did not hear of the new", async () => {
  await using room = await testHub();
  const ada = await peer(room.dial, "Ada");
  const { token } = await ada.join("Ada");
  ada.send({ type: "rename", name: "Countess" });
  await ada.until("renamed");
  for (const name of ["Countess", "Ada", "countess"]) {
    const again = await peer(room.dial, name);
    expect(await again.join(name, { token })).toMatchObject({ name: "Countess", members: ["Countess"] });
  }
});

test("a join whose connection is gone before its turn leaves no ghost, and nobody who reads the log", async () => {
  await using room = await testHub();
  const bob = await room.member("Bob");
  const ghost = await peer(room.dial, "ghost");
  const { readers } = room.log;
  room.log.hold();
  bob.send({ type: "say", text: "while the disk is busy" });
  const { appends } = room.log;
  await room.until(() => room.log.appends > appends);
  ghost.send({ type: "join", name: "Ghost", after: 0, log: room.log.id });
  await cut(room, ghost);
  room.log.release();
  await bob.until("entered");
  expect(room.log.readers).toBe(readers);
  room.pass(KEPT_S);
  expect(brief([await bob.until("exited")])).toEqual(["exited Ghost lost"]);
  await room.member("Ghost");
});

test("a seat that was taken over by a connection that is gone already is kept for as long as any", async () => {
  await using room = await testHub();
  const ada = await peer(room.dial, "Ada");
  const { token } = await ada.join("Ada");
  const bob = await room.member("Bob");
  const ghost = await peer(room.dial, "ghost");
  room.log.hold();
  const { appends } = room.log;
  bob.send({ type: "say", text: "while the disk is busy" });
  await room.until(() => room.log.appends > appends);
  ghost.send({ type: "join", name: "Ada", token });
  await cut(room, ghost);
  room.log.release();
  await ada.end();
  room.pass(KEPT_S - 1);
  expect(brief(await bob.rest())).toEqual(["said Bob: while the disk is busy"]);
  room.pass(1);
  expect(brief([await bob.until("exited")])).toEqual(["exited Ada lost"]);
});

test("someone who left, was kicked or was slow keeps no name", async () => {
  await using room = await testHub();
  const host = await peer(room.dialHost, "host");
  await host.join("Host");
  const ada = await peer(room.dial, "Ada");
  const { token } = await ada.join("Ada");
  host.send({ type: "kick", name: "Ada" });
  await ada.end();
  const again = await peer(room.dial, "Ada again");
  expect(room.hub.seats.claimed("Ada", String(token))).toBeUndefined();
  expect((await again.join("Ada", { token }))["token"]).not.toBe(token);
  expect(brief(await host.rest())).toEqual(["entered Ada", "exited Ada kicked", "entered Ada"]);
});

test("a member that changes its name again and again is known by its last names, and costs no more for it", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada0");
  for (let index = 1; index <= 40; index++) {
    ada.send({ type: "rename", name: `Ada${index}` });
    await ada.until("renamed");
  }
  const [seat] = [...room.hub.seats];
  expect([...seat!.formerNames!.keys()]).toEqual([32, 33, 34, 35, 36, 37, 38, 39].map((index) => `ada${index}`));
});
