// How long the compiled programs take to start, beside a program that does nothing, built the same way.
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOptions } from "./options.ts";

const ROUNDS = 25;
const { chatd: chatdPath } = readOptions(Bun.argv.slice(2));
const chatPath = join(import.meta.dir, "..", "..", "dist", "chat");
const work = mkdtempSync(join(tmpdir(), "start-"));

async function hello(): Promise<string> {
  const source = join(work, "hello.ts");
  await Bun.write(source, 'console.log("hello");');
  const outfile = join(work, "hello");
  await Bun.build({ entrypoints: [source], compile: { outfile }, minify: true, bytecode: true, format: "esm" });
  return outfile;
}

/** Milliseconds until the process ends. */
async function untilEnd(command: readonly string[]): Promise<number> {
  const start = performance.now();
  await Bun.spawn([...command], { stdout: "ignore" }).exited;
  return performance.now() - start;
}

/** Milliseconds until chatd takes connections, with its history in this folder. The first time there it makes its key. */
async function untilListening(data: string): Promise<number> {
  // Below the ports that the system gives to those who connect.
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  const start = performance.now();
  const chatd = Bun.spawn([chatdPath, "--port", String(port), "--data", join(work, data)], {
    stdin: null,
    stdout: "ignore",
  });
  while (!(await answers(port))) if (chatd.exitCode !== null) throw new Error("chatd did not start");
  const took = performance.now() - start;
  chatd.kill();
  await chatd.exited;
  return took;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

async function median(measure: (round: number) => Promise<number>): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) took.push(await measure(round));
  // The first run reads the file from disk.
  return took.slice(1).toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

try {
  const peer = await hello();
  const base = await median(() => untilEnd([peer]));
  const row = (what: string, ms: number) =>
    console.log(`${what.padEnd(24)} ${ms.toFixed(1).padStart(7)} ms  ${(ms / base).toFixed(2)} of hello`);
  row("hello", base);
  row("chat --help", await median(() => untilEnd([chatPath, "--help"])));
  row("chatd --help", await median(() => untilEnd([chatdPath, "--help"])));
  row("chatd until listening", await median(() => untilListening("data")));
  row("… on its first start", await median((round) => untilListening(`data-${round}`)));
} finally {
  rmSync(work, { recursive: true });
}
