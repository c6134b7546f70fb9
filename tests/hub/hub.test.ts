// The hub: who is let in, who is the host, and how it closes.
import { expect, test } from "bun:test";
import type { Socket } from "bun";
import { Access } from "../../lib/access/access.ts";
import { Hub } from "../../lib/hub/hub.ts";
import { TURN_BYTES_MAX, UNSETTLED_MAX } from "../../lib/protocol/limits.ts";
import { brief, TestLog, testHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";

test("a room that opens says so in its log, and has the topic that it had", async () => {
  const log = new TestLog();
  await log.append([{ type: "topic", by: "Ada", text: "Engines" }]);
  const hub = await Hub.open(log, { access: Access.open(undefined), server: "test", broke: () => {} });
  expect([hub.room.topic, log.head]).toEqual(["Engines", 2]);
});

test("a connection over the limit is refused and closed, and let in once somebody has left", async () => {
  await using room = await testHub({ clients: 2 });
  const [ada, bob] = [await peer(room.dialNet, "Ada"), await peer(room.dialNet, "Bob")];
  await ada.join("Ada");
  await bob.join("Bob");
  const eve = await peer(room.dialNet, "Eve");
  eve.send({ type: "join", name: "Eve" });
  expect(brief(await eve.end())).toEqual(["refused full", "bye full"]);
  expect(brief(await ada.rest())).toEqual(["entered Bob"]);
  bob.send({ type: "leave" });
  await bob.end();
  await room.until(() => room.turnstile.wires === 1);
  await using eveAgain = await peer(room.dialNet, "Eve");
  await eveAgain.join("Eve");
  ada.connection.abort();
});

test("an address over its limit is refused and closed, and let in once one of its connections is gone", async () => {
  await using room = await testHub({ perAddress: 2 });
  const first = await peer(room.dialNet, "first");
  const second = await peer(room.dialNet, "second");
  await first.join("Ada");
  await second.join("Bob");
  const third = await peer(room.dialNet, "third");
  const told = await third.end();
  expect(brief(told)).toEqual(["refused too-many-connections", "bye too-many-connections"]);
  expect(told[1]).toMatchObject({ retry_ms: expect.any(Number) });
  // Another address is not concerned.
  await room.member("Cy");
  first.connection.abort();
  await room.until(() => room.hub.connections === 2);
  const fourth = await peer(room.dialNet, "fourth");
  await fourth.join("Dee");
  for (const each of [second, fourth]) each.connection.abort();
});

test("someone who was turned away leaves nothing behind and lowers no count", async () => {
  await using room = await testHub({ clients: 1 });
  await using ada = await peer(room.dialNet, "Ada");
  await ada.join("Ada");
  for (let attempt = 0; attempt < 5; attempt++) {
    const eve = await peer(room.dialNet, "Eve");
    expect(brief(await eve.end())).toEqual(["refused full", "bye full"]);
  }
  expect(room.hub.connections).toBe(1);
  expect(await ada.rest()).toEqual([]);
});

test("a peer that was told goodbye counts as long as it stays, and where many stay there is no goodbye any more", async () => {
  await using room = await testHub({ perAddress: 1 });
  const ada = await peer(room.dialNet, "ada");
  await ada.join("Ada");
  // Their own ends stay open, as a hostile peer's would: nobody reads, nobody hangs up.
  const stay: Socket[] = [];
  const cut: Socket[] = [];
  const socket = { data() {}, close: (gone: Socket) => void cut.push(gone), error() {}, end() {} };
  while (cut.length === 0 && stay.length < 100)
    stay.push(await Bun.connect({ hostname: "127.0.0.1", port: room.port, allowHalfOpen: true, socket }));
  expect(stay.length).toBeLessThan(40);
  for (const each of stay) each.terminate();
  await room.until(() => room.turnstile.wires === 1);
  ada.connection.abort();
});

test("the host comes in under the reserved name and may kick; nobody else may", async () => {
  await using room = await testHub();
  const host = await peer(room.dialHost, "host");
  await host.join("Host");
  const ada = await room.member("Ada");
  const bob = await room.member("Bob");
  const eve = await peer(room.dial, "eve");
  eve.send({ type: "join", name: "Host", re: "1" }, { type: "join", name: "H0ST", re: "2" });
  expect(brief([await eve.next(), await eve.next()])).toEqual(["refused name-taken 1", "refused name-reserved 2"]);
  ada.send({ type: "kick", name: "Bob", re: "3" });
  expect(brief([await ada.until("refused")])).toEqual(["refused not-allowed 3"]);
  host.send({ type: "kick", name: "bob", text: "too loud", re: "4" });
  expect(await host.until("exited")).toMatchObject({
    name: "Bob",
    why: "kicked",
    by: "Host",
    text: "too loud",
    re: "4",
  });
  expect(brief(await bob.end())).toEqual(["exited Bob kicked", "bye kicked"]);
  expect(brief(await ada.rest())).toEqual(["exited Bob kicked"]);
});

test("the host is let in however full the room is, and as often as it likes to speak", async () => {
  await using room = await testHub({ clients: 1, perAddress: 1, rate: { perSecond: 1, burst: 1 } });
  const ada = await peer(room.dialNet, "Ada");
  ada.send({ type: "join", name: "Ada" });
  await ada.until("welcome");
  const host = await peer(room.dialHost, "host");
  await host.join("Host");
  for (let index = 0; index < 30; index++) host.send({ type: "say", text: `${index}` });
  for (let index = 0; index < 30; index++) expect((await ada.until("said"))["text"]).toBe(`${index}`);
});

test("a host that goes has left at once", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const host = await peer(room.dialHost, "host");
  await host.join("Host");
  host.connection.abort();
  expect(await ada.until("exited")).toMatchObject({ name: "Host", why: "left" });
  await (await peer(room.dialHost, "host again")).join("Host");
});

test("a hub that closes finishes the turn that is under way, says goodbye to everyone, and takes nobody in", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const bob = await room.member("Bob");
  const stranger = await peer(room.dial, "stranger");
  const host = await peer(room.dialHost, "host");
  await host.join("Host");
  await ada.rest();
  await bob.rest();
  room.log.hold();
  const { appends } = room.log;
  ada.send({ type: "say", text: "last words", re: "1" });
  await room.until(() => room.log.appends > appends);
  const closed = room.hub.close();
  const late = await peer(room.dial, "late");
  expect(brief(await late.end())).toEqual(["bye shutdown"]);
  ada.send({ type: "say", text: "too late" });
  room.log.release();
  await closed;
  expect(brief(await ada.end())).toEqual(["said Ada: last words", "bye shutdown"]);
  expect(brief(await bob.end())).toEqual(["said Ada: last words", "bye shutdown"]);
  expect(brief(await stranger.end())).toEqual(["bye shutdown"]);
  expect(brief(await host.end()).at(-1)).toBe("bye shutdown");
  // Whoever is inside when a room closes is not said to have gone.
  expect(brief(room.events).at(-1)).toBe("said Ada: last words");
  expect(room.hub.connections).toBe(0);
});

test("a hub closes also while everyone goes on talking", async () => {
  await using room = await testHub();
  const talkers = await Promise.all(["Ada", "Bob", "Cy"].map((name) => room.member(name)));
  for (const talker of talkers) {
    talker.hears = (message) => {
      if (message["from"] === talker.name) talker.send({ type: "say", text: "and another thing" });
    };
    // More than the room takes in at once.
    talker.send(...Array.from({ length: 2 * UNSETTLED_MAX }, () => ({ type: "say", text: "one thing" })));
  }
  await talkers[0]!.until("said");
  await room.hub.close();
  for (const talker of talkers) expect(brief(await talker.end()).at(-1)).toBe("bye shutdown");
});

test("a hub closes within two turns, however much waits for a slow disk", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  room.log.hold();
  const { appends } = room.log;
  const text = "x".repeat(8_000);
  // Enough for four turns.
  const count = Math.ceil((4 * TURN_BYTES_MAX) / text.length);
  ada.send(...Array.from({ length: count }, () => ({ type: "say", text })));
  await room.until(() => room.log.appends > appends);
  const closed = room.hub.close();
  room.log.release();
  await closed;
  expect(room.log.appends - appends).toBeLessThanOrEqual(2);
  expect(brief(await ada.end()).at(-1)).toBe("bye shutdown");
});

test("an operator's output that breaks keeps nobody from talking", async () => {
  await using room = await testHub({
    happened: () => {
      throw new Error("no paper");
    },
  });
  const ada = await room.member("Ada");
  for (const text of ["one", "two"]) {
    ada.send({ type: "say", text });
    expect(brief([await ada.next()])).toEqual([`said Ada: ${text}`]);
  }
  expect(room.broke.length).toBeGreaterThan(0);
});
