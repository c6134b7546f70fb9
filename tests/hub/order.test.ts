// Keeping order: what holds, on whom, for how long, over which ends of the process and of the disk.
import { expect, test } from "bun:test";
import { Access } from "../../lib/access/access.ts";
import { brief, testHub, type TestHub } from "../support/hub.ts";
import { joinWith, newKey } from "../support/key.ts";
import { type Heard, type Peer, peer } from "../support/peer.ts";

async function hostOf(room: TestHub): Promise<Peer> {
  const host = await peer(room.dialHost, "Host");
  await host.join("Host");
  return host;
}

/** What the room answers to the request: the event or answer with its mark. */
async function asked(who: Peer, request: Heard): Promise<Heard> {
  const re = crypto.randomUUID();
  who.send({ ...request, re });
  for (;;) {
    const message = await who.next();
    if (message["re"] === re) return message;
  }
}

test("a ban holds over restarts, for the key on any address and for guests on the address", async () => {
  const access = Access.open(undefined);
  const key = await newKey();
  {
    await using room = await testHub({ access });
    const host = await hostOf(room);
    await joinWith(await peer(room.dialNet, "Eve"), key, "Eve");
    await asked(host, { type: "ban", name: "Eve", text: "Spam." });
  }
  await using room = await testHub({ access });
  // Over another door: there it has another address.
  expect(await joinWith(await peer(room.dial, "Eve"), key, "Other")).toMatchObject({ code: "banned" });
  const guest = await peer(room.dialNet, "guest");
  guest.send({ type: "join", name: "Guest" });
  expect(await guest.next()).toMatchObject({ code: "banned", text: expect.stringContaining("Spam.") });
  // A key that is newer than the ban could be the same person's.
  expect(await joinWith(await peer(room.dialNet, "new"), await newKey(), "Newbie")).toMatchObject({ code: "banned" });
  await room.member("Neighbour");
});

test("who was known before is not shut out by a ban on the address", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  const known = await newKey();
  const ada = await peer(room.dialNet, "Ada");
  await joinWith(ada, known, "Ada");
  const eve = await peer(room.dialNet, "Eve");
  await eve.join("Eve");
  await asked(host, { type: "ban", name: "Eve" });
  expect(brief(await eve.end()).at(-1)).toBe("bye banned");
  ada.send({ type: "leave" });
  await ada.end();
  expect(await joinWith(await peer(room.dialNet, "Ada"), known, "Ada")).toMatchObject({ type: "welcome" });
});

test("a kick and a ban close every connection of the key", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  for (const type of ["kick", "ban"]) {
    const key = await newKey();
    const devices = await Promise.all(["One", "Two", "Three"].map((name) => peer(room.dial, name)));
    for (const device of devices) await joinWith(device, key, `${device.name}${type}`);
    await asked(host, { type, name: `One${type}` });
    const code = type === "ban" ? "banned" : "kicked";
    for (const device of devices) expect((await device.end()).at(-1)).toMatchObject({ type: "bye", code });
    await host.rest();
  }
  expect(room.hub.room.size).toBe(1);
});

test("a ban for a while ends with it, whatever the machine's clock does", async () => {
  let clock = 1_800_000_000_000;
  await using room = await testHub({ clock: () => clock });
  const host = await hostOf(room);
  await (await peer(room.dialNet, "Eve")).join("Eve");
  await asked(host, { type: "ban", name: "Eve", seconds: 600 });
  const again = await peer(room.dialNet, "Eve");
  const join = async () => {
    again.send({ type: "join", name: "Eve" });
    return again.next();
  };
  for (const jump of [86_400_000, -2 * 86_400_000, -clock]) {
    clock += jump;
    expect(await join()).toMatchObject({ code: "banned" });
  }
  room.hub.order.restrictions.reload();
  expect(await join()).toMatchObject({ code: "banned" });
  // The stranger would be put out before that for saying nothing.
  room.pass(9);
  expect(await join()).toMatchObject({ code: "banned" });
  room.pass(592);
  const later = await peer(room.dialNet, "Eve");
  expect(await later.join("Eve")).toMatchObject({ name: "Eve" });
});

test("somebody who has just left can be banned, by the key that they had", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  const key = await newKey();
  const eve = await peer(room.dial, "Eve");
  await joinWith(eve, key, "Eve");
  eve.send({ type: "leave" });
  await eve.end();
  expect(await asked(host, { type: "ban", name: "eve" })).toMatchObject({ act: "banned" });
  expect(await joinWith(await peer(room.dial, "Eve"), key, "Fresh")).toMatchObject({ code: "banned" });
});

test("whoever is muted stays so under another name, after coming again and after a restart", async () => {
  const access = Access.open(undefined);
  const key = await newKey();
  {
    await using room = await testHub({ access });
    const host = await hostOf(room);
    const eve = await peer(room.dial, "Eve");
    await joinWith(eve, key, "Eve");
    await asked(host, { type: "mute", name: "Eve", seconds: 3_600 });
    for (const request of [
      { type: "say", text: "hello" },
      { type: "say", text: "waves", action: true },
      { type: "whisper", to: "Host", text: "psst" },
      { type: "topic", text: "Me" },
      { type: "rename", name: "Listen_to_me" },
    ])
      expect(await asked(eve, request)).toMatchObject({ code: "muted" });
    eve.send({ type: "leave", text: "My last words." });
    expect((await host.until("exited"))["text"]).toBeUndefined();
    const again = await peer(room.dial, "again");
    await joinWith(again, key, "Quiet");
    expect(await asked(again, { type: "say", text: "hello" })).toMatchObject({ code: "muted" });
  }
  await using room = await testHub({ access });
  const host = await hostOf(room);
  const eve = await peer(room.dial, "Eve");
  await joinWith(eve, key, "Eve");
  expect(await asked(eve, { type: "say", text: "hello" })).toMatchObject({ code: "muted" });
  room.pass(1);
  await asked(host, { type: "unmute", name: "Eve" });
  expect(await asked(eve, { type: "say", text: "hello" })).toMatchObject({ type: "said" });
});

test("what was withdrawn is shown to nobody: not in a history, not on entering, not on coming back", async () => {
  const access = Access.open(undefined);
  await using room = await testHub({ access });
  const host = await hostOf(room);
  const eve = await room.member("Eve");
  const ada = await room.member("Ada");
  const { token, log, seq } = ada.heard.find(({ type }) => type === "welcome")!;
  ada.connection.abort();
  await ada.end();
  await asked(eve, { type: "say", text: "buy this" });
  await asked(eve, { type: "rename", name: "Innocent" });
  await asked(eve, { type: "say", text: "and that" });
  await asked(host, { type: "say", text: "no" });
  const purge = await asked(host, { type: "purge", name: "Innocent" });
  expect(purge).toMatchObject({ names: ["innocent", "eve"] });
  await asked(eve, { type: "say", text: "sorry" });
  const said = (messages: readonly Heard[]) => messages.filter(({ type }) => type === "said").map(({ text }) => text);
  const { events } = await asked(host, { type: "history" });
  expect(said(events as Heard[])).toEqual(["no", "sorry"]);
  const cy = await room.member("Cy");
  expect(said(cy.heard)).toEqual(["no", "sorry"]);
  const back = await peer(room.dial, "back");
  await back.join("Ada", { token, log, after: seq });
  expect(said(await back.rest())).toEqual(["no", "sorry"]);
  // Taken back, it is there again.
  await asked(host, { type: "undo" });
  expect(said((await asked(host, { type: "history" }))["events"] as Heard[])).toEqual([
    "buy this",
    "and that",
    "no",
    "sorry",
  ]);
});

test("each act can be taken back by those who could have done it, for ten minutes", async () => {
  let clock = 1_800_000_000_000;
  await using room = await testHub({ clock: () => clock });
  const host = await hostOf(room);
  const op = await room.member("Olga");
  await asked(host, { type: "op", name: "Olga" });
  expect(await asked(op, { type: "undo" })).toMatchObject({ code: "not-allowed" });
  const bob = await room.member("Bob");
  for (const [request, act, opposite] of [
    [{ type: "mute", name: "Bob" }, "muted", "unmuted"],
    [{ type: "slow", seconds: 5 }, "slowed", "slowed"],
    [{ type: "lock" }, "locked", "unlocked"],
    [{ type: "purge", name: "Bob" }, "purged", "restored"],
    [{ type: "op", name: "Bob" }, "opped", "deopped"],
    [{ type: "ban", name: "Bob" }, "banned", "unbanned"],
  ] as const) {
    expect(await asked(op, request)).toMatchObject({ act });
    expect(await asked(op, { type: "undo" })).toMatchObject({ act: opposite, undo: true });
  }
  expect(brief(await bob.end()).at(-1)).toBe("bye banned");
  expect([room.hub.room.slowMs, room.hub.room.lockedAfter !== undefined]).toEqual([0, false]);
  await room.member("Bob");
  await asked(op, { type: "lock" });
  clock += 601_000;
  expect(await asked(op, { type: "undo" })).toMatchObject({ code: "not-allowed" });
  await asked(host, { type: "kick", name: "Bob" });
  expect(await asked(host, { type: "undo" })).toMatchObject({
    code: "not-allowed",
    text: expect.stringContaining("kicked Bob"),
  });
});

test("an act that the log cannot keep has not happened", async () => {
  const access = Access.open(undefined);
  await using room = await testHub({ access });
  const host = await hostOf(room);
  const bob = await room.member("Bob");
  room.log.failing = true;
  for (const request of [
    { type: "ban", name: "Bob" },
    { type: "mute", name: "Bob" },
    { type: "op", name: "Bob" },
    { type: "slow", seconds: 5 },
    { type: "lock" },
    { type: "purge", name: "Bob" },
  ])
    expect(await asked(host, request)).toMatchObject({ code: "storage-failed" });
  room.log.failing = false;
  expect(await asked(host, { type: "audit" })).toMatchObject({ acts: [] });
  expect(await asked(host, { type: "bans" })).toMatchObject({ bans: [] });
  expect(await asked(bob, { type: "say", text: "still here" })).toMatchObject({ type: "said" });
  expect(await asked(bob, { type: "lock" })).toMatchObject({ code: "not-allowed" });
  expect([room.hub.room.slowMs, room.hub.room.lockedAfter !== undefined]).toEqual([0, false]);
  expect([access.acts.restrictions, access.acts.purges]).toEqual([[], []]);
});

test("an act that the guest list cannot keep has not happened either", async () => {
  const access = Access.open(undefined);
  await using room = await testHub({ access });
  const host = await hostOf(room);
  const bob = await room.member("Bob");
  access[Symbol.dispose]();
  expect(await asked(host, { type: "mute", name: "Bob" })).toMatchObject({ code: "storage-failed" });
  expect(await asked(host, { type: "invite" })).toMatchObject({ code: "storage-failed" });
  expect(await asked(host, { type: "undo" })).toMatchObject({ code: "storage-failed" });
  // Nobody new, and no new names: whose they are cannot be looked up.
  const cy = await peer(room.dial, "Cy");
  cy.send({ type: "join", name: "Cy" });
  expect(await cy.next()).toMatchObject({ code: "storage-failed" });
  expect(await asked(bob, { type: "rename", name: "Robert" })).toMatchObject({ code: "storage-failed" });
  expect(await asked(host, { type: "say", text: "The room goes on." })).toMatchObject({ type: "said" });
});

test("a ban is about whoever was meant, whatever happens to the name in the same moment", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  const troll = await peer(room.dial, "Troll");
  await joinWith(troll, await newKey(), "Troll");
  const ada = await peer(room.dial, "Ada");
  await joinWith(ada, await newKey(), "Ada");
  await host.rest();
  room.log.hold();
  host.send({ type: "ban", name: "Troll", re: "ban" });
  troll.send({ type: "rename", name: "Other" });
  ada.send({ type: "rename", name: "Troll" });
  await room.until(() => room.log.appends > 3);
  room.log.release();
  expect(brief(await troll.end()).at(-1)).toBe("bye banned");
  expect(await asked(ada, { type: "say", text: "still here" })).toMatchObject({ type: "said" });
});

test("who takes another name just before is put out all the same", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  for (const type of ["kick", "ban"]) {
    const troll = await peer(room.dial, "Troll");
    await joinWith(troll, await newKey(), `Troll${type}`);
    await asked(troll, { type: "rename", name: `Gone${type}` });
    await asked(host, { type, name: `troll${type}` });
    expect((await troll.end()).at(-1)).toMatchObject({ type: "bye" });
  }
});

test("an undone unban puts out nobody who has the name by chance", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  await (await peer(room.dialNet, "Eve")).join("Eve");
  await asked(host, { type: "ban", name: "Eve" });
  await asked(host, { type: "unban", name: "Eve" });
  const namesake = await peer(room.dial, "Eve");
  await joinWith(namesake, await newKey(), "Eve");
  expect(await asked(host, { type: "undo" })).toMatchObject({ act: "banned" });
  expect(await asked(namesake, { type: "say", text: "still here" })).toMatchObject({ type: "said" });
});

test("taking back a ban leaves another one on the same name", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  const { order, access } = room.hub;
  const earlier = { kind: "ban", name: "Eve", identity: 99, address: null, newest: 0, by: "Host", at: 0 } as const;
  access.acts.restrict({ ...earlier, seconds: null, text: null });
  order.restrictions.reload();
  const eve = await peer(room.dial, "Eve");
  await joinWith(eve, await newKey(), "Eve");
  await asked(host, { type: "ban", name: "Eve" });
  await asked(host, { type: "undo" });
  expect(order.restrictions.inForce("ban")).toMatchObject([{ identity: 99 }]);
});

test("with IPv6, a ban is on the whole network that somebody has", async () => {
  await using room = await testHub();
  const { order, access } = room.hub;
  access.acts.restrict({
    kind: "ban",
    name: "Eve",
    identity: null,
    newest: 0,
    by: "Host",
    at: 0,
    seconds: null,
    text: null,
    address: "2001:db8:1:2::1",
  });
  order.restrictions.reload();
  const banned = (address: string) => order.restrictions.banOf({ identity: undefined, address }) !== undefined;
  expect(["2001:db8:1:2::2", "2001:db8:1:2:ffff::", "2001:db8:1:3::1", "192.0.2.1"].map(banned)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("nobody takes off their own mute, and no operator that of another", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  const [olga, otto] = [await room.member("Olga"), await room.member("Otto")];
  for (const name of ["Olga", "Otto"]) await asked(host, { type: "op", name });
  await asked(host, { type: "mute", name: "Olga" });
  for (const who of [olga, otto])
    expect(await asked(who, { type: "unmute", name: "Olga" })).toMatchObject({ code: "not-allowed" });
});

test("an operator who is none any more makes nobody one, and can be away when it ends", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  const key = await newKey();
  const olga = await peer(room.dial, "Olga");
  await joinWith(olga, key, "Olga");
  await asked(host, { type: "op", name: "Olga" });
  const { secret } = await asked(olga, { type: "invite", scope: "operator" });
  olga.send({ type: "leave" });
  await olga.end();
  expect(await asked(host, { type: "deop", name: "Olga" })).toMatchObject({ act: "deopped" });
  const again = await peer(room.dial, "Olga");
  expect(await joinWith(again, key, "Olga")).not.toHaveProperty("role");
  const friend = await peer(room.dial, "friend");
  friend.send({ type: "join", name: "Friend", invite: secret });
  expect(await friend.next()).toMatchObject({ code: "bad-invite" });
});

test("taking back an op makes a reader a reader again", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  const { secret } = await asked(host, { type: "invite", scope: "read" });
  const key = await newKey();
  const reader = await peer(room.dial, "Bob");
  await joinWith(reader, key, "Bob", { invite: secret });
  await asked(host, { type: "op", name: "Bob" });
  await asked(host, { type: "undo" });
  expect(await asked(reader, { type: "say", text: "hi" })).toMatchObject({ code: "read-only" });
});

test("everybody hears who has become an operator by an invitation, and it is on record", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  const { secret } = await asked(host, { type: "invite", scope: "operator" });
  await joinWith(await peer(room.dial, "Olga"), await newKey(), "Olga", { invite: secret });
  expect(await host.until("moderated")).toMatchObject({ act: "opped", by: "Host", name: "Olga" });
  const { acts } = await asked(host, { type: "audit" });
  expect(acts).toContainEqual(expect.objectContaining({ act: "opped", name: "Olga", text: "by invitation 1" }));
  expect(await asked(host, { type: "undo" })).toMatchObject({ act: "deopped", name: "Olga" });
});

test("slow mode holds for whoever leaves and comes again, and for names and topics too", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  await asked(host, { type: "slow", seconds: 60 });
  const key = await newKey();
  const bob = await peer(room.dial, "Bob");
  await joinWith(bob, key, "Bob");
  await asked(bob, { type: "say", text: "once" });
  for (const request of [
    { type: "say", text: "twice" },
    { type: "topic", text: "me" },
    { type: "rename", name: "Look_at_me" },
  ])
    expect(await asked(bob, request)).toMatchObject({ code: "too-soon" });
  bob.send({ type: "leave" });
  await bob.end();
  const again = await peer(room.dial, "Bob");
  await joinWith(again, key, "Bob");
  expect(await asked(again, { type: "say", text: "twice" })).toMatchObject({ code: "too-soon" });
  room.pass(60);
  expect(await asked(again, { type: "say", text: "twice" })).toMatchObject({ type: "said" });
});

test("nobody becomes an operator in memory alone where the list does not take it", async () => {
  const access = Access.open(undefined);
  await using room = await testHub({ access });
  const host = await hostOf(room);
  const bob = await room.member("Bob");
  access[Symbol.dispose]();
  expect(await asked(host, { type: "op", name: "Bob" })).toMatchObject({ code: "storage-failed" });
  expect(await asked(bob, { type: "bans" })).toMatchObject({ code: "not-allowed" });
});

test("what was to be withdrawn is, where the process ended before that was noted to its end", async () => {
  const access = Access.open(undefined);
  await using room = await testHub({ access });
  const host = await hostOf(room);
  const ada = await room.member("Ada");
  await asked(ada, { type: "say", text: "spam" });
  access.acts.purge({ names: ["ada"], since: new Date(0).toISOString(), before: 0 });
  // As at the next start.
  room.hub.order.finishPurges(room.log.head + 1);
  expect((await asked(host, { type: "history" }))["events"]).toEqual([]);
});

test("a withdrawn word is not told again to whoever repeats its mark", async () => {
  await using room = await testHub();
  const host = await hostOf(room);
  const ada = await room.member("Ada");
  ada.send({ type: "say", text: "spam", re: "mark" });
  await ada.until("said");
  await asked(host, { type: "purge", name: "Ada" });
  await ada.rest();
  ada.send({ type: "say", text: "spam", re: "mark" });
  expect(await ada.next()).toMatchObject({ type: "refused", code: "not-allowed" });
});

test("a mark that cannot be looked up is refused to the one who used it, and to nobody else of the turn", async () => {
  await using room = await testHub();
  const [ada, mal] = [await room.member("Ada"), await room.member("Mal")];
  mal.send({ type: "say", text: "one", re: "mark" });
  await mal.rest();
  await ada.rest();
  room.log.unreadable = true;
  mal.send({ type: "say", text: "one", re: "mark" });
  ada.send({ type: "say", text: "two" });
  expect(await ada.next()).toMatchObject({ type: "said", text: "two" });
  expect(await mal.until("refused")).toMatchObject({ code: "storage-failed", re: "mark" });
});

test("a room that is locked lets in who was known before, also after a restart", async () => {
  const access = Access.open(undefined);
  const known = await newKey();
  {
    await using room = await testHub({ access });
    const host = await hostOf(room);
    await joinWith(await peer(room.dial, "Ada"), known, "Ada");
    await asked(host, { type: "lock" });
    expect(await joinWith(await peer(room.dial, "Eve"), await newKey(), "Eve")).toMatchObject({ code: "locked" });
  }
  await using room = await testHub({ access });
  expect(await joinWith(await peer(room.dial, "Eve"), await newKey(), "Eve")).toMatchObject({ code: "locked" });
  expect(await joinWith(await peer(room.dial, "Ada"), known, "Ada")).toMatchObject({ type: "welcome" });
});
