// Secrets that are wrong, old, used up, called back or somebody else's: none of them opens anything, and none tells how near it was.
import { afterEach, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { CHAT, CHATD, type Home } from "../support/binaries.ts";
import { joinWith, newKey, proof } from "../support/key.ts";
import { type Heard, type Peer, peer } from "../support/peer.ts";
import { Honest } from "./honest.ts";
import { openTarget, type Target } from "./target.ts";

const TIMEOUT_MS = 60_000;
/** Of each kind. */
const TRIES = 300;
/** From one address, before it has to wait. */
const AT_ONCE = 5;

/** Keys are taken over encrypted wires only. */
const BELIEVING = { encrypted() {}, plain() {} };

let addresses = 0;
let wires: Peer[] = [];

afterEach(() => {
  hangUp();
});

function hangUp(): void {
  for (const wire of wires) wire.connection.abort();
  wires = [];
}

/** A wire from an address of this machine that nobody else uses. */
async function from(target: Target, address = `127.7.${(++addresses >> 8) & 255}.${addresses & 255}`): Promise<Peer> {
  const to = { hostname: "127.0.0.1", port: target.port, localAddress: address };
  const wire = await peer((receiver) => dialTcp(to, receiver, BELIEVING), address);
  wires.push(wire);
  return wire;
}

async function invited(place: Home, ...flags: readonly string[]): Promise<string> {
  await using maker = place.run([CHATD, "invite", ...flags]);
  await maker.exited();
  return /invite=([\w-]{22})/.exec(maker.out.join("\n"))![1]!;
}

async function joined(who: Peer, more: object): Promise<Heard> {
  who.send({ type: "join", name: "Guest", ...more });
  return who.next();
}

test(
  "no secret but the right one lets in, and honest members notice nothing",
  async () => {
    await using target = await openTarget();
    await using honest = await Honest.arrive(target);
    const { place } = target;
    const [once, called, short] = [
      await invited(place, "--uses", "1"),
      await invited(place),
      await invited(place, "--for", "1s"),
    ];
    const shortUntil = Date.now() + 1_000;
    const owner = await newKey();
    const owned = await from(target);
    expect(await joinWith(owned, owner, "Owner", { invite: once })).toMatchObject({ type: "welcome" });
    target.program.say("/uninvite 2");
    await target.program.until((line) => /#3|There are no invitations/.test(line) && !line.includes("#2"));
    const refused: Heard[] = [];
    while (Date.now() < shortUntil) await Bun.sleep(50);
    for (const secret of [
      once,
      called,
      `${once.slice(0, -1)}_`,
      "",
      "A".repeat(22),
      once.toLowerCase(),
      `${once}A`,
      short,
    ])
      refused.push(await joined(await from(target), { invite: secret }));
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["bad-invite"]));
    expect(new Set(refused.map(({ text }) => text)).size).toBe(1);

    // A proof that was heard on another wire, for another name, room or server, or once before.
    const thief = await from(target);
    const good = await proof(owned, owner, "Owner");
    expect(await joined(thief, { ...good, name: "Owner" })).toMatchObject({ code: "bad-signature" });
    for (const field of ["binding", "room", "log", "name", "nonce"])
      expect(
        await joined(thief, { name: "Owner", ...(await proof(thief, owner, "Owner", { [field]: "tls:other" })) }),
      ).toMatchObject({
        code: "bad-signature",
      });
    const replayed = await proof(thief, owner, "Owner");
    expect(await joined(thief, { name: "Owner", ...replayed })).toMatchObject({ type: "welcome" });
    thief.connection.abort();
    const again = await from(target);
    expect(await joined(again, { name: "Owner", ...replayed })).toMatchObject({ code: "bad-signature" });
    expect(await joinWith(again, await newKey(), "Owner")).toMatchObject({ code: "name-owned" });
    expect(await joined(again, { name: "Owner", token: "A".repeat(22) })).toMatchObject({ code: "name-owned" });
    hangUp();
    expect(await honest.verdict()).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "how long the answer takes does not tell how near a secret was",
  async () => {
    await using target = await openTarget({ flags: ["--private", "--rate", "off"] });
    const once = await invited(target.place, "--uses", "1");
    await joinWith(await from(target), await newKey(), "Owner", { invite: once });
    const kinds = {
      "used up": once,
      "wrong at its end": `${once.slice(0, -1)}_`,
      "wrong from its start": "A".repeat(22),
    };
    const times = new Map<string, number[]>(Object.keys(kinds).map((kind) => [kind, []]));
    for (let index = 0; index < TRIES / AT_ONCE; index++) {
      for (const [kind, secret] of Object.entries(kinds)) {
        const who = await from(target);
        for (let attempt = 0; attempt < AT_ONCE; attempt++) {
          const start = performance.now();
          expect(await joined(who, { invite: secret })).toMatchObject({ code: "bad-invite" });
          times.get(kind)!.push(performance.now() - start);
        }
        who.connection.abort();
      }
    }
    const medians = [...times].map(([kind, each]) => [kind, each.toSorted((a, b) => a - b)[TRIES / 2]!] as const);
    console.log(
      `  ${medians.map(([kind, median]) => `${kind}: ${(median * 1_000).toFixed(0)} µs`).join(", ")} (medians of ${TRIES})`,
    );
    const all = medians.map(([, median]) => median);
    // What differs by less than the network does tells nothing; a comparison that stops at the first wrong byte differs by nanoseconds, which a hash hides.
    expect(Math.max(...all) / Math.min(...all)).toBeLessThan(2);
  },
  TIMEOUT_MS,
);

test(
  "no report, no folder and no list of processes holds a secret",
  async () => {
    await using target = await openTarget();
    const { place, program } = target;
    const history = join(place.env["XDG_STATE_HOME"]!, "chatd");
    const secret = await invited(place);
    const owner = await newKey();
    const owned = await from(target);
    const { token } = await joinWith(owned, owner, "Owner", { invite: secret });
    owned.send({ type: "link" });
    const { code } = await owned.until("link");
    await using bob = place.run([
      CHAT,
      `chat://127.0.0.1:${target.port}/lobby#invite=${secret}`,
      "-n",
      "Bob",
      "--json",
    ]);
    await bob.until('"welcome"');
    const files = readdirSync(history, { recursive: true, encoding: "utf8" }).flatMap((name) => {
      try {
        return [readFileSync(join(history, name), "latin1")];
      } catch {
        // A folder.
        return [];
      }
    });
    const told = [...program.out, ...program.err].join("\n");
    const lists = [program.pid, bob.pid].map((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1"));
    for (const each of [secret, token, code] as string[])
      expect([told, ...files, ...lists].filter((text) => text.includes(each))).toEqual([]);
  },
  TIMEOUT_MS,
);
