// A membership over broken wires: everything is told once, what was asked is asked again, and some goodbyes are for ever.
import { expect, test } from "bun:test";
import { Untrusted } from "../../lib/transport/connection.ts";
import { brief, testHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";
import { babbling, saying, Visit } from "./visit.ts";

const saids = (events: readonly { type: string }[]) => brief(events).filter((text) => text.startsWith("said"));

async function hostOf(room: Awaited<ReturnType<typeof testHub>>) {
  const host = await peer(room.dialHost, "Host");
  await host.join("Host");
  return host;
}

test("what is asked while away is sent when back, once and in order, after what was missed", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  const bob = await room.member("Bob");
  await ada.settle();
  const since = ada.since();
  await ada.break();
  bob.send({ type: "say", text: "missed" });
  await bob.until("said");
  ada.membership.ask({ type: "say", text: "one" });
  ada.membership.ask({ type: "say", text: "two" });
  expect(ada.membership.live).toBeFalse();
  await ada.pass(500);
  expect(since()).toEqual([
    "away 500",
    "welcome",
    "back, missed 1",
    "said Bob: missed",
    "said Ada: one",
    "said Ada: two",
  ]);
  expect(ada.membership.pending.size).toBe(0);
  expect(saids(room.events)).toEqual(["said Bob: missed", "said Ada: one", "said Ada: two"]);
});

test("a way back to a server that is not to be trusted any more is not tried again", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  ada.dial = () => Promise.reject(new Untrusted("It has another key."));
  const since = ada.since();
  await ada.break();
  ada.membership.ask({ type: "say", text: "kept" });
  await ada.pass(60_000);
  expect(since()).toEqual(["away 500", "ended untrusted"]);
  expect(ada.notices.at(-1)).toMatchObject({ text: "It has another key.", unsent: [{ text: "kept" }] });
  expect(ada.dials).toBe(2);
});

test("what did not arrive is sent again under the same mark", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  ada.swallows = true;
  const re = ada.membership.ask({ type: "say", text: "hello?" });
  await ada.settle();
  expect(ada.membership.pending.requests).toEqual([{ type: "say", text: "hello?", re }]);
  ada.swallows = false;
  await ada.break();
  await ada.pass(500);
  expect(saids(room.events)).toEqual(["said Ada: hello?"]);
  expect(room.events.at(-1)!.re).toBe(re);
  expect(ada.membership.pending.size).toBe(0);
});

test("what arrived but whose echo was lost is not said twice, and is told once", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  const since = ada.since();
  room.log.hold();
  ada.membership.ask({ type: "say", text: "once" });
  await ada.settle();
  await ada.break();
  room.log.release();
  await ada.pass(500);
  expect(saids(room.events)).toEqual(["said Ada: once"]);
  expect(since()).toEqual(["away 500", "welcome", "back, missed 1", "said Ada: once"]);
  expect(ada.membership.pending.size).toBe(0);
});

test("a mark of mine in another member's mouth answers nothing", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  const bob = await room.member("Bob");
  ada.swallows = true;
  const re = ada.membership.ask({ type: "say", text: "mine" });
  bob.send({ type: "say", text: "not yours", re });
  await bob.until("said");
  await ada.settle();
  expect(ada.told.at(-1)).toBe("said Bob: not yours");
  expect(ada.membership.pending.size).toBe(1);
});

test("a whisper or a question whose answer was cut off is told as unsure, and never sent again", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  const bob = await room.member("Bob");
  await ada.settle();
  const since = ada.since();
  ada.swallows = true;
  ada.membership.ask({ type: "whisper", to: "Bob", text: "psst" });
  ada.membership.ask({ type: "members" });
  ada.membership.ask({ type: "topic", text: "is known again" });
  ada.swallows = false;
  await ada.break();
  // This one has never been sent, so there is no doubt about it.
  ada.membership.ask({ type: "whisper", to: "Bob", text: "later" });
  await ada.pass(500);
  expect(since()).toEqual([
    "unsure whisper",
    "unsure members",
    "away 500",
    "welcome",
    "back, missed 0",
    "topic",
    "whisper",
  ]);
  expect((await bob.rest()).filter(({ type }) => type === "whisper").map(({ text }) => text)).toEqual(["later"]);
});

test("a server with another log is told as one that has begun anew, and what it keeps is told from the start", async () => {
  await using room = await testHub();
  await using other = await testHub();
  const cy = await other.member("Cy");
  cy.send({ type: "say", text: "another room's" });
  await cy.until("said");
  using ada = await new Visit(room.dial).join("Ada");
  const since = ada.since();
  ada.dial = other.dial;
  await ada.break();
  ada.membership.ask({ type: "say", text: "kept" });
  await ada.pass(500);
  expect(since()).toEqual(["away 500", "welcome", "back anew, missed 1", "said Cy: another room's", "said Ada: kept"]);
  expect(ada.membership.pending.size).toBe(0);
});

test.each([
  ["kicked", "You were kicked by Host."],
  ["replaced", "You are here over another connection now; this one has left."],
  ["left", "Goodbye."],
])("who was %s does not come back", async (code, text) => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  const { token } = ada.membership;
  if (code === "left") ada.membership.leave();
  if (code === "replaced") await room.member("Ada", { token });
  if (code === "kicked") {
    const host = await hostOf(room);
    host.send({ type: "kick", name: "Ada" });
  }
  await ada.pass(120_000);
  expect(ada.notices.filter(({ type }) => type === "ended")).toEqual([{ type: "ended", code, text, unsent: [] }]);
  expect(ada.told.at(-1)).toBe(`ended ${code}`);
  expect(ada.dials).toBe(1);
});

test("a name that somebody else has on the way back is tried for as long as it may be one's own, then it is over", async () => {
  await using room = await testHub();
  await using other = await testHub();
  await other.member("Ada");
  using ada = await new Visit(room.dial).join("Ada");
  ada.dial = other.dial;
  await ada.break();
  await ada.pass(30_000);
  expect(ada.told).not.toContain("ended name-taken");
  await ada.pass(60_000);
  expect(ada.told.at(-1)).toBe("ended name-taken");
  const { dials } = ada;
  await ada.pass(60_000);
  expect(ada.dials).toBe(dials);
});

test("tries come less and less often, and a goodbye may say how long to stay away", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial, { random: () => 1 }).join("Ada");
  ada.down = true;
  await ada.break();
  await ada.pass(70_000);
  const waits = ada.told.filter((text) => text.startsWith("away"));
  expect(waits.slice(0, 6)).toEqual(["away 1000", "away 2000", "away 4000", "away 8000", "away 16000", "away 30000"]);
  ada.down = false;
  await ada.pass(31_000);
  expect(ada.membership.live).toBeTrue();
  await room.hub.close();
  await ada.settle();
  // Twice what the goodbye asks for, at most: not everyone is to come at once.
  expect(ada.told.at(-1)).toBe("away 2000");
});

test("a new name is one's own, also for marks, and whoever leaves while away is gone at once", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  ada.membership.ask({ type: "rename", name: "Adele" });
  ada.membership.ask({ type: "say", text: "it is me" });
  await ada.settle();
  expect(ada.membership.name).toBe("Adele");
  expect(ada.membership.pending.size).toBe(0);
  await ada.break();
  ada.membership.leave();
  expect(ada.told.at(-1)).toBe("ended left");
  await ada.pass(60_000);
  expect(ada.dials).toBe(1);
});

test("a stranger on the way back is a passing thing", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  ada.dial = saying("HTTP/1.1 502 Bad Gateway");
  await ada.break();
  await ada.pass(3_000);
  ada.dial = saying();
  await ada.pass(20_000);
  ada.dial = room.dial;
  await ada.pass(40_000);
  expect(ada.membership.live).toBeTrue();
  expect(ada.told).not.toContainEqual(expect.stringContaining("ended"));
});

test("a server that says nothing is asked for a sign; one that gives none is lost, and what was not echoed is said on the way back", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  const since = ada.since();
  const sent = ada.sent.length;
  // It answers the question for a sign.
  await ada.pass(29_750);
  expect(ada.sent.slice(sent)).toEqual([]);
  await ada.pass(60_250);
  expect(ada.sent.slice(sent)).toEqual(["ping", "ping", "ping"]);
  expect(since()).toEqual([]);
  // The network is gone, and nobody has told the wire.
  ada.swallows = true;
  ada.membership.ask({ type: "say", text: "into the air" });
  await ada.pass(74_750);
  expect(since()).toEqual([]);
  ada.swallows = false;
  await ada.pass(250);
  expect(since()).toEqual(["away 500"]);
  await ada.pass(500);
  expect(since()).toEqual(["away 500", "welcome", "back, missed 0", "said Ada: into the air"]);
  expect(saids(room.events)).toEqual(["said Ada: into the air"]);
  expect(ada.dials).toBe(2);
});

test("whoever has ended asks for no sign any more", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  ada.membership.close();
  const sent = ada.sent.length;
  await ada.pass(120_000);
  expect(ada.sent.length).toBe(sent);
  expect(ada.dials).toBe(1);
});

test("a wire that breaks right after the first welcome makes no other room of it", async () => {
  await using room = await testHub();
  const bob = await room.member("Bob");
  bob.send({ type: "say", text: "before" });
  await bob.until("said");
  using ada = new Visit(room.dial);
  ada.breaksAfter = "welcome";
  await ada.join("Ada");
  expect(ada.told).toEqual(["welcome", "away 500"]);
  ada.membership.ask({ type: "say", text: "kept" });
  await ada.pass(500);
  expect(ada.told.slice(2)).toEqual(["welcome", "back, missed 1", "said Bob: before", "said Ada: kept"]);
});

test("what was kept while away is given back when the way back ends for good, and what may have arrived is unsure", async () => {
  await using room = await testHub();
  await using other = await testHub();
  await other.member("Ada");
  using ada = await new Visit(room.dial).join("Ada");
  const since = ada.since();
  ada.swallows = true;
  ada.membership.ask({ type: "say", text: "on its way" });
  ada.swallows = false;
  ada.dial = other.dial;
  await ada.break();
  ada.membership.ask({ type: "say", text: "kept", re: "1" });
  ada.membership.ask({ type: "topic", text: "News", re: "2" });
  await ada.pass(90_000);
  expect(since().slice(-2)).toEqual(["unsure say", "ended name-taken"]);
  expect(ada.notices.at(-1)).toMatchObject({
    unsent: [
      { type: "say", text: "kept", re: "1" },
      { type: "topic", text: "News", re: "2" },
    ],
  });
  expect(ada.membership.pending.size).toBe(0);
});

test("a goodbye that does not come is not waited for, and a wire that breaks instead is as good", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  ada.swallows = true;
  ada.membership.leave();
  await ada.pass(1_750);
  expect(ada.told.at(-1)).toBe("welcome");
  await ada.pass(250);
  expect(ada.told.slice(-1)).toEqual(["ended left"]);
  using bob = await new Visit(room.dial).join("Bob");
  bob.swallows = true;
  bob.membership.leave();
  await bob.break();
  await bob.pass(5_000);
  expect(bob.told.slice(-1)).toEqual(["ended left"]);
  expect(bob.dials).toBe(1);
});

test("bytes that are no lines, on the way back, are a passing thing, however early they come", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  ada.dial = babbling;
  await ada.break();
  await ada.pass(500);
  expect(ada.notices.at(-1)).toMatchObject({ type: "away", why: "The server sent something that is not chat." });
  ada.dial = room.dial;
  await ada.pass(1_000);
  expect(ada.membership.live).toBeTrue();
});

test("a member who was kicked may join again, and is told what it missed", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  const host = await hostOf(room);
  const bob = await room.member("Bob");
  host.send({ type: "kick", name: "Ada" });
  await bob.until("exited");
  await ada.settle();
  bob.send({ type: "say", text: "meanwhile" });
  await bob.until("said");
  await ada.pass(60_000);
  const since = ada.since();
  await ada.join("Ada");
  expect(since()).toEqual(["welcome", "back, missed 2", "said Bob: meanwhile", "entered Ada"]);
  expect(ada.membership.live).toBeTrue();
  await ada.break();
  await ada.pass(500);
  expect(ada.membership.live).toBeTrue();
});

test("joining again under a name that is taken asks for another, and does not go on trying", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  ada.membership.leave();
  await ada.settle();
  await room.member("Ada");
  expect(ada.join("Ada")).rejects.toThrow("Ada");
  await ada.settle();
  const since = ada.since();
  await ada.break();
  await ada.pass(60_000);
  expect(since()).toEqual([]);
  await ada.join("Eve");
  expect(ada.membership.name).toBe("Eve");
});

test("who cannot wait for the next try has it at once, and only one", async () => {
  await using room = await testHub();
  using ada = await new Visit(room.dial, { random: () => 1 }).join("Ada");
  ada.down = true;
  await ada.break();
  await ada.pass(60_000);
  ada.down = false;
  const { dials } = ada;
  ada.membership.hurry();
  ada.membership.hurry();
  await ada.settle();
  expect(ada.membership.live).toBeTrue();
  expect(ada.dials).toBe(dials + 1);
  ada.membership.hurry();
  await ada.pass(60_000);
  expect(ada.dials).toBe(dials + 1);
});

test("a room of a newer protocol is not joined, and one that was renewed meanwhile is left", async () => {
  await using room = await testHub();
  using ada = new Visit(room.dial);
  let newer = true;
  ada.dial = async (receiver) =>
    room.dial({
      received: (line) => receiver.received(newer ? line.replace('"protocol":1', '"protocol":2') : line),
      broken: (fault) => receiver.broken(fault),
      closed: () => receiver.closed(),
    });
  expect(ada.join("Ada")).rejects.toThrow("protocol 2");
  await ada.settle();
  newer = false;
  await ada.pass(30_000);
  room.hub.sweep();
  await ada.join("Eve");
  newer = true;
  await ada.break();
  const since = ada.since();
  await ada.pass(60_000);
  expect(since()).toEqual(["ended protocol"]);
});
