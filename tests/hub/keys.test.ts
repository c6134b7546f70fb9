// Keys: whose name is whose, what proves it, and what does not.
import { expect, test } from "bun:test";
import { Access } from "../../lib/access/access.ts";
import { NAME_LAPSES_S, NAMES_PER_KEY_MAX } from "../../lib/protocol/limits.ts";
import { testHub } from "../support/hub.ts";
import { joinWith, newKey, proof } from "../support/key.ts";
import { type Peer, peer } from "../support/peer.ts";

const codeOf = ({ type, code }: { readonly type: string; readonly code?: unknown }) =>
  type === "refused" ? code : type;

async function leave(who: Peer): Promise<void> {
  who.send({ type: "leave" });
  await who.end();
}

test("a name belongs to the key that was the first to use it, also after its owner and the room have gone", async () => {
  const access = Access.open(undefined);
  const [ada, eve] = [await newKey(), await newKey()];
  {
    await using room = await testHub({ access });
    const owner = await peer(room.dial, "Pax");
    expect(await joinWith(owner, ada, "Pax")).toMatchObject({ type: "welcome", verified: ["Pax"] });
    await leave(owner);
    const guest = await peer(room.dial, "guest");
    guest.send({ type: "join", name: "pax" });
    expect(codeOf(await guest.next())).toBe("name-owned");
  }
  await using room = await testHub({ access });
  const stranger = await peer(room.dial, "Eve");
  expect(codeOf(await joinWith(stranger, eve, "PAX"))).toBe("name-owned");
  // A name that looks like it, too: these letters are Cyrillic.
  expect(codeOf(await joinWith(stranger, eve, "Рах"))).toBe("name-owned");
  expect(codeOf(await joinWith(stranger, eve, "Eve"))).toBe("welcome");
  stranger.send({ type: "rename", name: "Pax" });
  expect((await stranger.until("refused"))["code"]).toBe("name-owned");
  expect(codeOf(await joinWith(await peer(room.dial, "Pax"), ada, "Pax"))).toBe("welcome");
});

test("a key takes over the place that it has, and the old connection's token opens nothing any more", async () => {
  await using room = await testHub();
  const ada = await newKey();
  const laptop = await peer(room.dial, "laptop");
  const { token } = await joinWith(laptop, ada, "Ada");
  const phone = await peer(room.dial, "phone");
  expect(codeOf(await joinWith(phone, ada, "Ada"))).toBe("welcome");
  expect((await laptop.end()).at(-1)).toMatchObject({ type: "bye", code: "replaced" });
  const thief = await peer(room.dial, "thief");
  thief.send({ type: "join", name: "Ada", token });
  expect(codeOf(await thief.next())).toBe("name-owned");
});

test("everybody hears who is verified", async () => {
  await using room = await testHub();
  const bob = await room.member("Bob");
  const ada = await peer(room.dial, "Ada");
  await joinWith(ada, await newKey(), "Ada");
  expect(await bob.until("entered")).toMatchObject({ name: "Ada", verified: true });
  bob.send({ type: "members" });
  expect(await bob.until("members")).toEqual({ type: "members", members: ["Bob", "Ada"], verified: ["Ada"] });
  ada.send({ type: "rename", name: "Countess" });
  await bob.until("renamed");
  const cy = await peer(room.dial, "Cy");
  expect(await cy.join("Cy")).toMatchObject({ members: ["Bob", "Countess", "Cy"], verified: ["Countess"] });
  await leave(ada);
  await bob.until("exited");
  const dee = await peer(room.dial, "Dee");
  expect(await dee.join("Dee")).not.toHaveProperty("verified");
});

test("a signature is good for one nonce, one wire, one room, one log and one name", async () => {
  await using room = await testHub();
  const key = await newKey();
  const who = await peer(room.dial, "who");
  const tryWith = async (fields: object, name = "Ada") => {
    who.send({ type: "join", name, ...fields });
    return codeOf(await who.next());
  };
  for (const field of ["nonce", "binding", "room", "log", "name"])
    expect([field, await tryWith(await proof(who, key, "Ada", { [field]: "another" }))]).toEqual([
      field,
      "bad-signature",
    ]);
  const other = await peer(room.dial, "other");
  expect(await tryWith(await proof(other, key, "Ada"))).toBe("bad-signature");
  const good = await proof(who, key, "Ada");
  const { signature } = good;
  expect(await tryWith({ ...good, signature: `${signature}A` })).toBe("bad-signature");
  // That has used it up: the right one comes too late.
  expect(await tryWith(good)).toBe("bad-signature");
  expect(await tryWith({ key: good.key })).toBe("bad-signature");
  expect(await tryWith({ ...(await proof(who, key, "Ada")), key: "not a key" })).toBe("bad-signature");
  expect(await tryWith(await proof(who, key, "Ada"))).toBe("welcome");
});

test("a code adds a second device, once and for ten minutes", async () => {
  let now = 1_800_000_000_000;
  await using room = await testHub({ clock: () => now });
  const [laptopKey, phoneKey, thiefKey] = [await newKey(), await newKey(), await newKey()];
  const laptop = await peer(room.dial, "laptop");
  await joinWith(laptop, laptopKey, "Ada");
  laptop.send({ type: "link" });
  const { code } = await laptop.until("link");
  await leave(laptop);
  const phone = await peer(room.dial, "phone");
  expect(codeOf(await joinWith(phone, phoneKey, "Ada", { link: code }))).toBe("welcome");
  const thief = await peer(room.dial, "thief");
  expect(codeOf(await joinWith(thief, thiefKey, "Ada", { link: code }))).toBe("bad-invite");
  await leave(phone);
  const again = await peer(room.dial, "laptop");
  expect(codeOf(await joinWith(again, laptopKey, "Ada"))).toBe("welcome");
  again.send({ type: "link" });
  const { code: late } = await again.until("link");
  now += 600_000;
  expect(codeOf(await joinWith(thief, thiefKey, "Zoe", { link: late }))).toBe("bad-invite");
});

test("a name that its owner has not used for 90 days is anybody's", async () => {
  const access = Access.open(undefined);
  let now = 1_800_000_000_000;
  await using room = await testHub({ access, clock: () => now });
  const [ada, eve] = [await newKey(), await newKey()];
  const owner = await peer(room.dial, "Ada");
  await joinWith(owner, ada, "Ada");
  await leave(owner);
  now += NAME_LAPSES_S * 1_000 - 1_000;
  const stranger = await peer(room.dial, "Eve");
  expect(codeOf(await joinWith(stranger, eve, "Ada"))).toBe("name-owned");
  now += 1_000;
  expect(codeOf(await joinWith(stranger, eve, "Ada"))).toBe("welcome");
  await leave(stranger);
  expect(codeOf(await joinWith(await peer(room.dial, "Ada"), ada, "Ada"))).toBe("name-owned");
});

test("a key owns the names that it used last, and no more", async () => {
  const access = Access.open(undefined);
  let now = 1_800_000_000_000;
  await using room = await testHub({ access, clock: () => now });
  const key = await newKey();
  const ada = await peer(room.dial, "Ada");
  await joinWith(ada, key, "Ada0");
  for (let index = 1; index <= NAMES_PER_KEY_MAX; index++) {
    now += 86_400_000;
    ada.send({ type: "rename", name: `Ada${index}` });
    await ada.until("renamed");
  }
  const guest = await peer(room.dial, "guest");
  guest.send({ type: "join", name: "Ada1" });
  expect(codeOf(await guest.next())).toBe("name-owned");
  guest.send({ type: "join", name: "Ada0" });
  expect(codeOf(await guest.next())).toBe("welcome");
});

test("a name that a guest has is not taken away by a key", async () => {
  await using room = await testHub();
  await room.member("Ada");
  expect(codeOf(await joinWith(await peer(room.dial, "Eve"), await newKey(), "Ada"))).toBe("name-taken");
});

test("a name that looks like one's own and like another's is nobody's way to the other's", async () => {
  await using room = await testHub();
  for (const [own, between, victim] of [
    ["nlck", "NIck", "Nick"],
    ["Dara", "clara", "Clara"],
  ] as const) {
    const [owner, thief] = [await newKey(), await newKey()];
    const first = await peer(room.dial, victim);
    await joinWith(first, owner, victim);
    await leave(first);
    const other = await peer(room.dial, own);
    if (codeOf(await joinWith(other, thief, own)) === "welcome") {
      other.send({ type: "rename", name: between });
      expect((await other.until("refused"))["code"]).toBe("name-owned");
      await leave(other);
    }
    expect(codeOf(await joinWith(await peer(room.dial, victim), owner, victim))).toBe("welcome");
  }
});

test("a key that does not get in leaves nothing behind, and a code that did not help is good for another try", async () => {
  const access = Access.open(undefined);
  await using room = await testHub({ access });
  const [ada, phone] = [await newKey(), await newKey()];
  const laptop = await peer(room.dial, "Ada");
  await joinWith(laptop, ada, "Ada");
  await room.member("Bob");
  expect(codeOf(await joinWith(await peer(room.dial, "Eve"), phone, "Bob"))).toBe("name-taken");
  expect(access.names.identityOf(phone.key)).toBeUndefined();
  laptop.send({ type: "link" });
  const { code } = await laptop.until("link");
  expect(codeOf(await joinWith(await peer(room.dial, "Eve"), phone, "Bob", { link: code }))).toBe("name-taken");
  await leave(laptop);
  expect(codeOf(await joinWith(await peer(room.dial, "phone"), phone, "Ada", { link: code }))).toBe("welcome");
});

test("another's code does not make a banned key another one", async () => {
  await using room = await testHub();
  const host = await peer(room.dialHost, "Host");
  await host.join("Host");
  const [ada, eve] = [await newKey(), await newKey()];
  const friend = await peer(room.dial, "Ada");
  await joinWith(friend, ada, "Ada");
  const banned = await peer(room.dialNet, "Eve");
  await joinWith(banned, eve, "Eve");
  host.send({ type: "ban", name: "Eve" });
  await banned.end();
  friend.send({ type: "link" });
  const { code } = await friend.until("link");
  await leave(friend);
  expect(codeOf(await joinWith(await peer(room.dial, "Ada"), eve, "Ada", { link: code }))).toBe("banned");
});

test("of two devices that come in one turn that fails, both may try again", async () => {
  await using room = await testHub();
  const key = await newKey();
  const [one, two] = [await peer(room.dial, "one"), await peer(room.dial, "two")];
  const proofs = [await proof(one, key, "Ada"), await proof(two, key, "Ada")];
  room.log.failing = true;
  one.send({ type: "join", name: "Ada", ...proofs[0] });
  two.send({ type: "join", name: "Ada", ...proofs[1] });
  expect(codeOf(await two.next())).toBe("storage-failed");
  room.log.failing = false;
  expect(codeOf(await joinWith(two, key, "Ada"))).toBe("welcome");
});
