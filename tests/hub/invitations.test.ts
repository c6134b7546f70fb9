// Invitations and private rooms: what lets in, as what, how often, and what guesses cost.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Access } from "../../lib/access/access.ts";
import { testHub, type TestHub } from "../support/hub.ts";
import { joinWith, newKey } from "../support/key.ts";
import { type Heard, type Peer, peer } from "../support/peer.ts";
import { tempDir } from "../support/temp-dir.ts";

async function inviting(room: TestHub): Promise<(more?: object) => Promise<string>> {
  const host = await peer(room.dialHost, "Host");
  await host.join("Host");
  return async (more = {}) => {
    host.send({ type: "invite", ...more });
    return (await host.until("invitation"))["secret"] as string;
  };
}

async function tried(room: TestHub, name: string, more: object = {}): Promise<Heard & { readonly who: Peer }> {
  const who = await peer(room.dial, name);
  who.send({ type: "join", name, ...more });
  return { ...(await who.next()), who };
}

test("a private room lets in who is invited, and the host, and nobody else", async () => {
  await using room = await testHub({ isPrivate: true });
  const invite = await inviting(room);
  expect(await tried(room, "Eve")).toMatchObject({ code: "invite-needed" });
  expect(await joinWith(await peer(room.dial, "Eve"), await newKey(), "Eve")).toMatchObject({ code: "invite-needed" });
  expect(await tried(room, "Ada", { invite: await invite() })).toMatchObject({ type: "welcome" });
  expect(await tried(room, "Eve", { invite: "AAAAAAAAAAAAAAAAAAAAAA" })).toMatchObject({ code: "bad-invite" });
});

test("whether a name is here is told only to those who may come in", async () => {
  await using room = await testHub({ isPrivate: true });
  const invite = await inviting(room);
  await tried(room, "Ada", { invite: await invite() });
  expect(await tried(room, "Ada")).toMatchObject({ code: "invite-needed" });
  expect(await tried(room, "Ada", { invite: await invite() })).toMatchObject({ code: "name-taken" });
});

test("an invitation ends with its uses, its time and its calling back, and looks the same then", async () => {
  let clock = 1_800_000_000_000;
  await using room = await testHub({ clock: () => clock });
  const invite = await inviting(room);
  const [once, short, wrong] = [await invite({ uses: 1 }), await invite({ seconds: 60 }), "AAAAAAAAAAAAAAAAAAAAAA"];
  await tried(room, "Ada", { invite: once });
  clock += 60_000;
  const texts = [];
  for (const secret of [once, short, wrong]) texts.push((await tried(room, "Bob", { invite: secret }))["text"]);
  expect(new Set(texts).size).toBe(1);
});

test("a use is given back where nobody came in", async () => {
  await using room = await testHub();
  const invite = await inviting(room);
  const secret = await invite({ uses: 1 });
  await room.member("Ada");
  expect(await tried(room, "Ada", { invite: secret })).toMatchObject({ code: "name-taken" });
  room.log.failing = true;
  expect(await tried(room, "Bob", { invite: secret })).toMatchObject({ code: "storage-failed" });
  room.log.failing = false;
  expect(await tried(room, "Bob", { invite: secret })).toMatchObject({ type: "welcome" });
  expect(await tried(room, "Cy", { invite: secret })).toMatchObject({ code: "bad-invite" });
});

test("with a key one use is enough for good, with the role that it gave", async () => {
  const access = Access.open(undefined);
  const [ada, bob] = [await newKey(), await newKey()];
  let secret: string;
  {
    await using room = await testHub({ access, isPrivate: true });
    const invite = await inviting(room);
    secret = await invite({ scope: "operator" });
    expect(await joinWith(await peer(room.dial, "Ada"), ada, "Ada", { invite: secret })).toMatchObject({
      role: "operator",
    });
    await joinWith(await peer(room.dial, "Bob"), bob, "Bob", { invite: await invite({ scope: "read" }) });
  }
  await using room = await testHub({ access, isPrivate: true });
  // Also with the link that it came with at first, which is used up.
  expect(await joinWith(await peer(room.dial, "Ada"), ada, "Ada", { invite: secret })).toMatchObject({
    role: "operator",
  });
  const reader = await peer(room.dial, "Bob");
  expect(await joinWith(reader, bob, "Bob")).toMatchObject({ role: "reader" });
  for (const request of [
    { type: "say", text: "hi" },
    { type: "whisper", to: "Ada", text: "hi" },
    { type: "topic", text: "hi" },
    { type: "rename", name: "Robert" },
  ]) {
    reader.send(request);
    expect((await reader.until("refused"))["code"]).toBe("read-only");
  }
});

test("a bot may say as much as it likes at once", async () => {
  await using room = await testHub({ rate: { perSecond: 1, burst: 3 } });
  const invite = await inviting(room);
  const { who } = await tried(room, "Bot", { invite: await invite({ scope: "bot" }) });
  for (let index = 0; index < 20; index++) who.send({ type: "say", text: String(index) });
  for (let index = 0; index < 20; index++) expect((await who.until("said"))["text"]).toBe(String(index));
});

test("five wrong secrets a minute are what an address may try; who has a key or none is not concerned", async () => {
  await using room = await testHub();
  const invite = await inviting(room);
  const good = await invite();
  for (let index = 0; index < 5; index++)
    expect(await tried(room, "Eve", { invite: `guess-${index}` })).toMatchObject({ code: "bad-invite" });
  expect(await tried(room, "Eve", { invite: good })).toMatchObject({ code: "too-many-tries" });
  expect(await joinWith(await peer(room.dial, "Ada"), await newKey(), "Ada")).toMatchObject({ type: "welcome" });
  await room.member("Bob");
  const far = await peer(room.dialNet, "far");
  far.send({ type: "join", name: "Far", invite: good });
  expect((await far.next()).type).toBe("welcome");
  room.pass(12);
  expect(await tried(room, "Eve", { invite: "guess" })).toMatchObject({ code: "bad-invite" });
  expect(await tried(room, "Eve", { invite: good })).toMatchObject({ code: "too-many-tries" });
});

test("the guest list holds no secret, only hashes, and is nobody else's to read", async () => {
  await using folder = await tempDir();
  const access = Access.open(folder.path);
  await using room = await testHub({ access });
  const invite = await inviting(room);
  const secret = await invite();
  const ada = await peer(room.dial, "Ada");
  const { token } = await joinWith(ada, await newKey(), "Ada");
  ada.send({ type: "link" });
  const { code } = await ada.until("link");
  access[Symbol.dispose]();
  for (const file of readdirSync(folder.path)) {
    const path = join(folder.path, file);
    expect([file, statSync(path).mode & 0o777]).toEqual([file, 0o600]);
    const stored = readFileSync(path, "latin1");
    for (const each of [secret, token, code] as string[]) expect(stored.includes(each)).toBeFalse();
    expect(stored).toContain("Ada");
  }
});
