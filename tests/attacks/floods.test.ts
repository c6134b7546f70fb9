// Members who send as much as they can, of whatever there is: the others are served as ever, and nothing that was sent is lost.
import { expect, test } from "bun:test";
import { CONNECTIONS_PER_ADDRESS, RATE_BURST, RATE_PER_S } from "../../lib/protocol/limits.ts";
import { CONTINUATION, frame, PING, request, TEXT } from "../transport/raw-websocket.ts";
import { Attacker, attackers, intruder, line, type Way } from "./attacker.ts";
import { besieged, TIMEOUT_MS } from "./siege.ts";
import type { Target } from "./target.ts";

const LINES = 10_000;
/** What is written at once. */
const CHUNK = 100;

/** Counts the echoes of its own, and sees whether they come in order. */
function echoes(name: string) {
  let [rest, next, inOrder] = ["", 0, true];
  return {
    get count() {
      return next;
    },
    get inOrder() {
      return inOrder;
    },
    hears(bytes: Buffer): void {
      const lines = (rest + bytes.toString("latin1")).split("\n");
      rest = lines.pop()!;
      for (const each of lines) {
        const { type, from, re } = JSON.parse(each) as Readonly<Record<string, string>>;
        if (type !== "said" || from !== name) continue;
        inOrder &&= Number(re) === next;
        next++;
      }
    },
  };
}

const SAYS = Array.from({ length: LINES }, (_, index) =>
  line({ type: "say", text: `line ${index}`, re: String(index) }),
).join("");

test(
  `${LINES} lines in one write are said no faster than anybody's, and hold up nobody`,
  async () => {
    const verdict = await besieged({}, async (target, isOver) => {
      const heard = echoes("Mallory");
      using mallory = await intruder(target, "Mallory", { hears: heard.hears });
      const begun = performance.now();
      void mallory.write(SAYS);
      while (!isOver()) await Bun.sleep(50);
      const seconds = (performance.now() - begun) / 1_000;
      expect([heard.inOrder, mallory.ended]).toEqual([true, false]);
      expect(heard.count).toBeGreaterThanOrEqual(RATE_BURST);
      expect(heard.count).toBeLessThanOrEqual(RATE_BURST + RATE_PER_S * (seconds + 1));
    });
    expect(verdict).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  `${LINES} lines in one write are all acked, in order, where the rate lets them`,
  async () => {
    const verdict = await besieged({ flags: ["--rate", `${LINES}/${LINES}`] }, async (target) => {
      const heard = echoes("Mallory");
      using mallory = await intruder(target, "Mallory", { hears: heard.hears });
      void mallory.write(SAYS);
      while (heard.count < LINES && !mallory.ended) await Bun.sleep(20);
      expect([heard.count, heard.inOrder]).toEqual([LINES, true]);
    });
    expect(verdict).toEqual([]);
  },
  TIMEOUT_MS,
);

/** Sends all the time, as much as the network takes; answers how often. */
async function flood(attacker: Attacker, isOver: () => boolean, piece: () => string | Uint8Array): Promise<number> {
  let times = 0;
  let end = () => {};
  const over = new Promise<void>((resolve) => (end = resolve));
  const timer = setInterval(() => isOver() && end(), 50);
  while (!isOver() && !attacker.ended) {
    await Promise.race([attacker.write(piece()), over]);
    times++;
    // Whoever is let in this process has its turn too.
    if (times % CHUNK === 0) await new Promise((resolve) => void setImmediate(resolve));
  }
  clearInterval(timer);
  return times;
}

/** How a member comes in, and what it sends again and again. */
interface Flood {
  readonly what: string;
  readonly way: Way;
  piece(index: number): string | Uint8Array;
  /** It breaks a rule that ends the conversation. */
  readonly isCutOff?: boolean;
}

const many = (message: Readonly<Record<string, unknown>>) => line(message).repeat(CHUNK);
const typed = line({ type: "say", text: "letter by letter" });
const pings = Buffer.concat(Array.from({ length: CHUNK }, () => frame({ opcode: PING })));

const FLOODS: Readonly<Record<string, readonly Flood[]>> = {
  bytes: [
    { what: "a line without an end", way: "TCP", piece: () => Buffer.alloc(65_536, "x"), isCutOff: true },
    { what: "a byte a packet", way: "TCP", piece: (index) => typed[index % typed.length]! },
    { what: "64 KiB of junk a line", way: "TCP", piece: () => `${"j".repeat(65_535)}\n` },
    { what: "empty lines", way: "TCP", piece: () => Buffer.alloc(65_536, "\n") },
  ],
  pings: [
    { what: "pings", way: "TCP", piece: () => many({ type: "ping" }) },
    { what: "pings of the WebSocket", way: "WebSocket", piece: () => pings },
    {
      what: "empty pieces of a message",
      way: "WebSocket",
      piece: (index) => frame({ opcode: index === 0 ? TEXT : CONTINUATION, fin: false }),
    },
  ],
  requests: [
    {
      what: "whispers to itself",
      way: "TCP",
      piece: (index) => line({ type: "whisper", to: "requests0", text: `${index} ${"psst".repeat(500)}` }),
    },
    { what: "new names for itself", way: "TCP", piece: (index) => line({ type: "rename", name: `Mallory${index}` }) },
    {
      what: "changes of the topic",
      way: "TCP",
      piece: (index) => line({ type: "topic", text: `${index} ${"t".repeat(1_000)}` }),
    },
    { what: "questions who is here", way: "TCP", piece: () => many({ type: "members" }) },
  ],
};

/** Several members, each with a flood of its own. */
async function floods(kind: string, all: readonly Flood[], target: Target, isOver: () => boolean): Promise<void> {
  await Promise.all(
    all.map(async ({ what, way, piece, isCutOff = false }, number) => {
      using mallory = await intruder(target, `${kind}${number}`, { way, from: number });
      let index = 0;
      const times = await flood(mallory, isOver, () => piece(index++));
      expect([what, times > 0, mallory.ended]).toEqual([what, true, isCutOff]);
    }),
  );
}

test.each(Object.entries(FLOODS))(
  "members who send floods of %s at the same time cost the others nothing",
  async (kind, all) => {
    const verdict = await besieged({}, (target, isOver) => floods(kind, all, target, isOver));
    expect(verdict).toEqual([]);
  },
  TIMEOUT_MS,
);

test.skipIf(!Bun.env["SLOW_TESTS"]).each(Object.values(FLOODS).flat())(
  "a member who sends $what by itself costs the others nothing (only with SLOW_TESTS=1)",
  async (one) => {
    const verdict = await besieged({}, (target, isOver) => floods("requests", [one], target, isOver));
    expect(verdict).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "members who ask for as much history as there is, and read none of it, cost the others nothing",
  async () => {
    const verdict = await besieged({}, async (target, isOver) => {
      using writer = await intruder(target, "Writer");
      await writer.write(many({ type: "say", text: "h".repeat(8_000) }));
      const deaf = await attackers(10, async (index) => {
        const member = await intruder(target, `Deaf${index}`, { from: 1 + (index % 4) });
        member.stopReading();
        return member;
      });
      expect(deaf.length).toBe(10);
      await Promise.all(deaf.map((member) => flood(member, isOver, () => many({ type: "history", limit: 500 }))));
      for (const member of deaf) member[Symbol.dispose]();
    });
    expect(verdict).toEqual([]);
  },
  TIMEOUT_MS,
);

/** Joins and leaves so often a second; answers how many were let in. */
async function comeAndGo(target: Target, isOver: () => boolean, perSecond: number, addresses: number): Promise<number> {
  const started = performance.now();
  const under = new Set<Promise<void>>();
  let [begun, welcomed] = [0, 0];
  const visit = async (index: number) => {
    let heard = "";
    using visitor = await Attacker.connect({
      port: target.port,
      from: index % addresses,
      hears: (bytes) => void (heard += bytes.toString("latin1")),
    });
    await visitor.write(line({ type: "join", name: `visitor${index}` }), line({ type: "leave" }));
    await Promise.race([visitor.over, Bun.sleep(1_000)]);
    if (heard.includes('"welcome"')) welcomed++;
  };
  while (!isOver()) {
    for (const due = ((performance.now() - started) / 1_000) * perSecond; begun < due && under.size < 400; begun++) {
      const visiting = visit(begun).catch(() => {});
      under.add(visiting);
      void visiting.then(() => under.delete(visiting));
    }
    await Bun.sleep(1);
  }
  await Promise.all(under);
  return welcomed;
}

test(
  "who joins and leaves a thousand times a second has to wait, and the others hear little of it",
  async () => {
    const verdict = await besieged({}, async (target, isOver) => {
      const welcomed = await comeAndGo(target, isOver, 1_000, 1);
      console.log(`  ${welcomed} were let in`);
      expect(welcomed).toBeLessThan(100);
    });
    expect(verdict).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "many who ask for the page and for what is not there, again and again, cost the room nothing",
  async () => {
    const verdict = await besieged({}, async (target, isOver) => {
      const ask = (path: string) => request(`GET ${path} HTTP/1.1`, { Host: `127.0.0.1:${target.webPort}` });
      let answers = 0;
      const browsers = await attackers(CONNECTIONS_PER_ADDRESS, async (index) => {
        const question = ask(index % 2 === 0 ? "/" : "/nothing");
        const browser: Attacker = await Attacker.connect({
          port: target.webPort,
          hears() {
            answers++;
            void browser.write(question);
          },
        });
        await browser.write(question);
        return browser;
      });
      while (!isOver()) await Bun.sleep(50);
      console.log(`  ${answers} answers`);
      expect([answers > 1_000, browsers.filter(({ ended }) => ended).length]).toEqual([true, 0]);
      for (const browser of browsers) browser[Symbol.dispose]();
    });
    expect(verdict).toEqual([]);
  },
  TIMEOUT_MS,
);
