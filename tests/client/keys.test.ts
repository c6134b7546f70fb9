// A membership with a key, in a real room: the name stays its owner's, over broken wires and from device to device.
import { expect, test } from "bun:test";
import type { Signer } from "../../lib/client/signer.ts";
import type { Welcome } from "../../lib/protocol/message.ts";
import type { Dial } from "../../lib/transport/connection.ts";
import { testHub, type TestHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";
import { testSigner } from "./test-signer.ts";
import { Visit } from "./visit.ts";

/** The last welcome that it heard. */
function welcomeOf({ notices }: Visit): Welcome {
  return notices
    .flatMap((notice) => (notice.type === "heard" && notice.message.type === "welcome" ? [notice.message] : []))
    .at(-1)!;
}

async function hostOf(room: TestHub) {
  const host = await peer(room.dialHost, "Host");
  await host.join("Host");
  return host;
}

/** The secret of an invitation. */
async function invited(room: TestHub, more: object = {}): Promise<string> {
  await using host = await hostOf(room);
  host.send({ type: "invite", ...more });
  return (await host.until("invitation"))["secret"] as string;
}

/** What a signer signed so far, and how often. */
function counting(signer: Signer): Signer & { signed: number } {
  return {
    key: signer.key,
    signed: 0,
    sign(bytes) {
      this.signed++;
      return signer.sign(bytes);
    },
  };
}

const refusal = (joined: Promise<unknown>) =>
  joined.then(
    () => undefined,
    (error: unknown) => error,
  );

test("a name that was used with a key is nobody else's, also while its owner is away", async () => {
  await using room = await testHub();
  {
    using ada = await new Visit(room.dial, { signer: await testSigner() }).join("Ada");
    expect(welcomeOf(ada).verified).toEqual(["Ada"]);
    ada.membership.leave();
    await ada.settle();
  }
  using other = new Visit(room.dial, { signer: await testSigner() });
  expect(await refusal(other.membership.join("ada"))).toMatchObject({ code: "name-owned", isAboutName: true });
  // The wire stays open for another name, with a proof of its own.
  await other.join("Eve");
  expect(other.dials).toBe(1);
  expect(welcomeOf(other).verified).toEqual(["Eve"]);
  using guest = new Visit(room.dial);
  expect(await refusal(guest.membership.join("Ada"))).toMatchObject({ code: "name-owned" });
  await guest.join("Gus");
  expect(welcomeOf(guest).verified).toEqual(["Eve"]);
});

test("each wire has a proof of its own, and the way back goes on as without one", async () => {
  await using room = await testHub();
  const signer = counting(await testSigner());
  using ada = await new Visit(room.dial, { signer }).join("Ada");
  const bob = await room.member("Bob");
  await ada.settle();
  const since = ada.since();
  await ada.break();
  bob.send({ type: "say", text: "missed" });
  await bob.until("said");
  ada.membership.ask({ type: "say", text: "kept" });
  await ada.pass(500);
  expect(since()).toEqual(["away 500", "welcome", "back, missed 1", "said Bob: missed", "said Ada: kept"]);
  expect(signer.signed).toBe(2);
  expect(welcomeOf(ada).verified).toEqual(["Ada"]);
});

test("the name is there again where the token is not: the key is enough", async () => {
  await using room = await testHub();
  const signer = await testSigner();
  using first = await new Visit(room.dial, { signer }).join("Ada");
  using second = new Visit(room.dial, { signer });
  await second.join("Ada");
  await first.settle();
  expect(first.told.at(-1)).toBe("ended replaced");
  expect(second.membership.live).toBeTrue();
});

/** A server from before there were keys. */
const old =
  (dial: Dial): Dial =>
  async (receiver) => {
    const wire = await dial(receiver);
    const send = wire.send.bind(wire);
    wire.send = (bytes) =>
      send(Buffer.from(Buffer.from(bytes).toString().replace('"type":"challenge"', '"type":"riddle"')));
    return wire;
  };

test("a server that knows no challenges is joined without the key", async () => {
  await using room = await testHub();
  using ada = await new Visit(old(room.dial), { signer: await testSigner() }).join("Ada");
  expect(welcomeOf(ada).verified).toBeUndefined();
  expect(ada.told).toEqual(["welcome"]);
});

test("a challenge that never comes, or a key that never signs, is a server that answers nothing", async () => {
  await using room = await testHub();
  using ada = new Visit(room.dial, { signer: await testSigner() });
  ada.swallows = true;
  const deaf = refusal(ada.membership.join("Ada"));
  await ada.pass(9_000);
  expect(await deaf).toMatchObject({
    name: "Stranger",
    message: "It answers nothing. Is it a chatd, and is the port right?",
  });
  using bob = new Visit(room.dial, { signer: { key: "x", sign: () => new Promise(() => {}) } });
  const stuck = refusal(bob.membership.join("Bob"));
  await bob.pass(9_000);
  expect(await stuck).toMatchObject({ name: "Stranger" });
});

test("what an old wire is still signing is not said over the new one", async () => {
  await using room = await testHub();
  const signer = await testSigner();
  const late = Promise.withResolvers<void>();
  let signed = 0;
  const slow: Signer = {
    key: signer.key,
    async sign(bytes) {
      // The second wire's is the slow one.
      if (++signed === 2) await late.promise;
      return signer.sign(bytes);
    },
  };
  using ada = await new Visit(room.dial, { signer: slow }).join("Ada");
  await ada.break();
  await ada.pass(500);
  await ada.break();
  const sent = ada.sent.length;
  await ada.pass(500);
  late.resolve();
  await ada.settle();
  expect(ada.sent.slice(sent)).toEqual(["challenge", "join", "members"]);
  expect(ada.membership.live).toBeTrue();
  expect(signed).toBe(3);
});

/** A wire that looks another way from this end, as behind a port forwarding. */
const forwarded =
  (dial: Dial): Dial =>
  async (receiver) =>
    Object.defineProperty(await dial(receiver), "binding", { value: "plain:203.0.113.7:3001" });

test("where the way changes addresses, the person comes in as a guest and is told why", async () => {
  await using room = await testHub();
  using ada = new Visit(forwarded(room.dial), { signer: await testSigner() });
  await ada.join("Ada");
  expect(ada.told).toEqual(["welcome", "unproved"]);
  expect(ada.sent.filter((type) => type === "join").length).toBe(3);
  expect(welcomeOf(ada).verified).toBeUndefined();
  await ada.break();
  await ada.pass(500);
  expect(ada.membership.live).toBeTrue();
  // There, no code can be used.
  using bob = new Visit(forwarded(room.dial), { signer: await testSigner(), link: "code" });
  expect(await refusal(bob.membership.join("Bob"))).toMatchObject({
    code: "bad-signature",
    message: expect.stringContaining("does not accept the proof of your key"),
  });
});

test("a private room lets in who is invited, and knows them again by the key alone", async () => {
  await using room = await testHub({ isPrivate: true });
  const signer = await testSigner();
  using stranger = new Visit(room.dial, { signer });
  expect(await refusal(stranger.membership.join("Ada"))).toMatchObject({ code: "invite-needed", isAboutName: false });
  stranger.membership.invite = "wrong";
  expect(await refusal(stranger.membership.join("Ada"))).toMatchObject({ code: "bad-invite" });
  stranger.membership.invite = await invited(room, { uses: 1 });
  await stranger.join("Ada");
  // It goes along on the way back, though it is used up.
  await stranger.break();
  await stranger.pass(40_000);
  expect(stranger.membership.live).toBeTrue();
  stranger.membership.leave();
  await stranger.settle();
  using again = await new Visit(room.dial, { signer }).join("Ada");
  expect(again.membership.live).toBeTrue();
});

test("an invitation makes an operator, and the welcome says so", async () => {
  await using room = await testHub();
  const invite = await invited(room, { scope: "operator" });
  using ada = await new Visit(room.dial, { signer: await testSigner(), invite }).join("Ada");
  expect(welcomeOf(ada).role).toBe("operator");
});

test("a code makes the name a second device's, once, and both keep it", async () => {
  await using room = await testHub();
  const [one, two] = [await testSigner(), await testSigner()];
  using first = await new Visit(room.dial, { signer: one }).join("Ada");
  first.membership.ask({ type: "link" });
  await first.settle();
  const last = first.notices.at(-1)!;
  const link = last.type === "heard" && last.message.type === "link" ? last.message.code : "";
  using second = new Visit(room.dial, { signer: two, link });
  await second.join("Ada");
  expect(welcomeOf(second).verified).toEqual(["Ada"]);
  expect(second.membership.link).toBeUndefined();
  await second.break();
  await second.pass(500);
  expect(second.membership.live).toBeTrue();
  using thief = new Visit(room.dial, { signer: await testSigner(), link });
  expect(await refusal(thief.membership.join("Ada"))).toMatchObject({ code: "bad-invite" });
  expect(thief.membership.link).toBe(link);
  second.membership.leave();
  await second.settle();
  await first.join("Ada");
  expect(first.membership.live).toBeTrue();
});

test("who was banned is out for good, and is told so at the door", async () => {
  await using room = await testHub();
  const signer = await testSigner();
  using ada = await new Visit(room.dial, { signer }).join("Ada");
  const host = await hostOf(room);
  host.send({ type: "ban", name: "Ada", text: "spam" });
  await host.until("exited");
  await ada.pass(120_000);
  expect(ada.notices.at(-1)).toMatchObject({ type: "ended", code: "banned", text: "You were banned by Host: spam" });
  expect(ada.dials).toBe(1);
  using again = new Visit(room.dial, { signer });
  expect(await refusal(again.membership.join("Eve"))).toMatchObject({ code: "banned", isAboutName: false });
});

test.each([
  ["name-owned", "ends it"],
  ["banned", "ends it"],
  ["locked", "passes"],
  ["invite-needed", "ends it"],
  ["bad-invite", "ends it"],
  ["too-many-tries", "passes"],
])("on the way back, %s %s", async (code, what) => {
  await using room = await testHub();
  using ada = await new Visit(room.dial).join("Ada");
  ada.dial = async (receiver) => {
    queueMicrotask(() => receiver.received(JSON.stringify({ type: "refused", code, text: "No." })));
    return room.dial({ received() {}, broken() {}, closed() {} });
  };
  await ada.break();
  await ada.pass(500);
  expect(ada.told.at(-1)).toBe(what === "passes" ? "away 500" : `ended ${code}`);
});
