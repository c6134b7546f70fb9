// Deliveries a second to 100 members, 10 of whom talk, beside a server of the same runtime that does nothing else.
import type { Socket } from "bun";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEMBERS = 100;
const TALKERS = 10;
const SECONDS = 2;
const ROUNDS = 3;
const TEXT = "x".repeat(100);
const LF = 0x0a;

interface Figures {
  readonly perSecond: number;
  readonly complete: boolean;
}

/** Runs the load on `command`, which prints its port as JSON, with `window` messages of each talker under way. */
async function measure(command: readonly string[], window: number, joins: boolean): Promise<Figures> {
  const server = Bun.spawn([...command], { stdin: null, stdout: "pipe" });
  try {
    const port = await portOf(server.stdout);
    const counts = new Uint32Array(MEMBERS);
    const sockets: Socket[] = [];
    for (let id = 0; id < MEMBERS; id++) sockets.push(await joined(port, id, joins, (lines) => (counts[id]! += lines)));
    // What joining brought is not part of it.
    await quiet(counts);
    counts.fill(0);
    const line = Buffer.from(`${JSON.stringify({ type: "say", text: TEXT })}\n`);
    const start = performance.now();
    let said = 0;
    while (performance.now() - start < SECONDS * 1_000) {
      for (let room = TALKERS * window - (said - Math.min(...counts)); room > 0; room--)
        sockets[said++ % TALKERS]!.write(line);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await quiet(counts);
    const took = (performance.now() - start) / 1_000;
    for (const socket of sockets) socket.terminate();
    const total = counts.reduce((sum, count) => sum + count, 0);
    return { perSecond: total / took, complete: counts.every((count) => count === said) };
  } finally {
    server.kill();
    await server.exited;
  }
}

async function portOf(output: ReadableStream<Uint8Array>): Promise<number> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of output) {
    text += decoder.decode(chunk, { stream: true });
    const port = /"port":(\d+)/.exec(text)?.[1];
    if (port) return Number(port);
  }
  throw new Error("the server did not listen");
}

async function joined(port: number, id: number, joins: boolean, heard: (lines: number) => void): Promise<Socket> {
  const first = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data(_socket, bytes) {
        first.resolve();
        let lines = 0;
        for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) lines++;
        heard(lines);
      },
    },
  });
  if (joins) {
    socket.write(`${JSON.stringify({ type: "join", name: `load${id}` })}\n`);
    await first.promise;
  }
  return socket;
}

/** Resolves once nothing has come for a while. */
async function quiet(counts: Uint32Array): Promise<void> {
  for (let before = -1, now = 0; before !== now;) {
    before = now;
    await Bun.sleep(200);
    now = counts.reduce((sum, count) => sum + count, 0);
  }
}

const work = mkdtempSync(join(tmpdir(), "fan-out-"));
const chatd = join(import.meta.dir, "..", "..", "dist", "chatd");
const flags = ["--port", "0", "--host", "127.0.0.1", "--log", "json", "--rate", "off", "--per-address", "off"];
const servers = {
  bare: () => measure([process.execPath, join(import.meta.dir, "bare-server.ts")], window, false),
  chatd: (round: number) => measure([chatd, ...flags, "--data", join(work, `${window}-${round}`)], window, true),
};
let window = 1;
try {
  for (window of [1, 10, 100]) {
    const medians: Record<string, number> = {};
    for (const [name, run] of Object.entries(servers)) {
      const figures: Figures[] = [];
      for (let round = 0; round < ROUNDS; round++) figures.push(await run(round));
      medians[name] = figures.map(({ perSecond }) => perSecond).toSorted((a, b) => a - b)[1]!;
      const ratio = medians[name] / medians["bare"]!;
      const complete = figures.every((figure) => figure.complete) ? "complete" : "NOT COMPLETE";
      console.log(
        `${window} under way: ${name.padEnd(6)} ${(medians[name] / 1e6).toFixed(2).padStart(6)} M deliveries/s  ${ratio.toFixed(2)} of bare  ${complete}`,
      );
    }
  }
} finally {
  rmSync(work, { recursive: true });
}
