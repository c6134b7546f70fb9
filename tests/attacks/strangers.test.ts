// Those who open connections and do not come in: they keep nobody out, cost next to nothing, and are gone in time.
import { expect, test } from "bun:test";
import { CONNECTIONS_PER_ADDRESS, JOIN_TIMEOUT_MS } from "../../lib/protocol/limits.ts";
import { cpuSeconds } from "../bench/process-cost.ts";
import { Attacker, attackers, handshakeTo, line } from "./attacker.ts";
import { besieged, TIMEOUT_MS } from "./siege.ts";
import type { Target } from "./target.ts";

/** A stranger of each kind says this and then nothing, or goes on like that once a second. */
interface Stranger {
  readonly what: string;
  readonly door: "port" | "webPort";
  says(target: Target): string | Uint8Array;
  readonly goesOn?: string;
}

const REQUEST = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n";
const STRANGERS: readonly Stranger[] = [
  { what: "silence at the door for programs", door: "port", says: () => "" },
  { what: "half a line", door: "port", says: () => '{"type":"jo' },
  { what: "a line of a byte a second", door: "port", says: () => "{", goesOn: "x" },
  { what: "half a handshake of TLS", door: "port", says: () => line({ type: "starttls" }) },
  { what: "half a request at the wrong door", door: "port", says: () => REQUEST },
  { what: "silence at the door for browsers", door: "webPort", says: () => "" },
  { what: "half a request", door: "webPort", says: () => REQUEST },
  { what: "a header of a byte a second", door: "webPort", says: () => `${REQUEST}X: `, goesOn: "x" },
  { what: "a header a second", door: "webPort", says: () => REQUEST, goesOn: "X: x\r\n" },
  { what: "a request, and then silence", door: "webPort", says: () => `${REQUEST}\r\n` },
  { what: "half a handshake of a WebSocket", door: "webPort", says: (target) => handshakeTo(target).slice(0, -10) },
  { what: "a WebSocket without a word", door: "webPort", says: handshakeTo },
];
/** Of each kind as many as one address may have, from two addresses. */
const OF_EACH = 2 * CONNECTIONS_PER_ADDRESS;
/** Nobody looks more often than once a second. */
const LATE_MS = 2_000;

test(
  "strangers of every kind, as many as may be, keep nobody out, and are gone with the deadline for the join",
  async () => {
    const verdict = await besieged({}, async (target) => {
      const started = performance.now();
      const endsMs = new Map<string, number[]>();
      const come = async (index: number) => {
        const { what, door, says, goesOn } = STRANGERS[index % STRANGERS.length]!;
        const from = Math.floor(index / CONNECTIONS_PER_ADDRESS);
        const stranger = await Attacker.connect({ port: target[door], from });
        const born = performance.now();
        await stranger.write(says(target));
        const pulse = goesOn && setInterval(() => void stranger.write(goesOn), 1_000);
        const ends = endsMs.get(what) ?? [];
        endsMs.set(what, ends);
        void stranger.over.then(() => {
          ends.push(performance.now() - born);
          if (pulse) clearInterval(pulse);
        });
        return stranger;
      };
      const here = await attackers(STRANGERS.length * OF_EACH, come);
      const deadline = started + JOIN_TIMEOUT_MS + 2 * LATE_MS;
      while (here.some(({ ended }) => !ended) && performance.now() < deadline) await Bun.sleep(50);
      for (const stranger of here) stranger[Symbol.dispose]();
      const wrong = [...endsMs]
        .filter(([, ends]) => ends.length !== OF_EACH || Math.max(...ends) > JOIN_TIMEOUT_MS + LATE_MS)
        .map(([what, ends]) => `${what}: ${ends.length} of ${OF_EACH} ended, the last after ${Math.max(...ends)} ms`);
      expect(wrong).toEqual([]);
    });
    expect(verdict).toEqual([]);
  },
  TIMEOUT_MS,
);

/** As many as a room may open that has few: it needs some itself. */
const FILES = 256;
const CONNECTIONS = 1_000;
const CPU_SHARE_MAX = 0.2;

test.each([1, 40])(
  `${CONNECTIONS} connections to both doors of a room that may open ${FILES} files cost it nothing (from %i addresses)`,
  async (addresses) => {
    const verdict = await besieged({ files: FILES }, async (target, isOver) => {
      const come = (index: number) =>
        Attacker.connect({ port: index % 2 === 0 ? target.port : target.webPort, from: (index >> 1) % addresses });
      const here = await attackers(CONNECTIONS, come);
      const [since, before] = [performance.now(), cpuSeconds(target.program.pid)!];
      // They stay, and some of those who were cut off come again and again.
      while (!isOver()) {
        const again = await attackers(10, come);
        await Bun.sleep(100);
        for (const each of again) each[Symbol.dispose]();
      }
      const share = (cpuSeconds(target.program.pid)! - before) / ((performance.now() - since) / 1_000);
      expect(share).toBeLessThan(CPU_SHARE_MAX);
      for (const each of here) each[Symbol.dispose]();
    });
    expect(verdict).toEqual([]);
  },
  TIMEOUT_MS,
);

const RESETS = 50_000;

test(
  `${RESETS} connections that are reset at once, at both doors, leave nothing behind`,
  async () => {
    const started = performance.now();
    const verdict = await besieged({}, async (target) => {
      const here = await attackers(RESETS, async (index) => {
        const port = index % 2 === 0 ? target.port : target.webPort;
        const attacker = await Attacker.connect({ port, from: index % 64 });
        // Some ask for the page first.
        if (index % 4 === 1) void attacker.write(`${REQUEST}\r\n`);
        attacker[Symbol.dispose]();
        return attacker;
      });
      // Otherwise nobody was there.
      expect(here.length).toBeGreaterThan(RESETS / 2);
      console.log(`  ${RESETS} in ${Math.round(performance.now() - started)} ms`);
    });
    expect(verdict).toEqual([]);
  },
  TIMEOUT_MS,
);
