// Servers on this machine for benchmarks to measure: chatd, and the bare one beside it. Tells what they cost.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Program } from "../support/program.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { cpuSeconds, peakRssBytes, rssBytes } from "./process-cost.ts";

const HOSTNAME = "127.0.0.1";
const START_MS = 30_000;
const STOP_MS = 10_000;
/** Nothing is held back, and the report is the shortest there is. */
const FLAGS = ["--port", "0", "--no-web", "--host", HOSTNAME, "--log", "json", "--rate", "off", "--per-address", "off"];

export interface Place {
  readonly hostname: string;
  readonly port: number;
}

/** A server that runs. Disposed of, it is gone, however it was. */
export interface Server extends Place, AsyncDisposable {
  readonly name: "chatd" | "bare" | "bare, syncs";
  /** User and system time so far. This and the others are nothing where the system does not tell. */
  cpuSeconds(): number | undefined;
  rssBytes(): number | undefined;
  peakRssBytes(): number | undefined;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

/** The program to measure is not there. */
export class NoProgram extends Error {
  override readonly name = "NoProgram";
}

export interface ChatdOptions {
  /** The folder for the history; without it, one that goes away with the server. */
  readonly data?: string;
  /** What stands before chatd on the command line. It must become chatd, as `nice` does. */
  readonly before?: readonly string[];
}

export async function openChatd(path: string, { data, before = [] }: ChatdOptions = {}): Promise<Server> {
  if (!existsSync(path))
    throw new NoProgram(`There is no ${path}. "bun run build" makes it, or --chatd names another one.`);
  return open("chatd", (folder) => [...before, path, ...FLAGS, "--data", data ?? join(folder, "data")]);
}

export function openBare(): Promise<Server> {
  return open("bare", () => [process.execPath, join(import.meta.dir, "bare-server.ts")]);
}

/** The same with each turn on disk before it is told. */
export function openSyncing(): Promise<Server> {
  return open("bare, syncs", (folder) => [
    process.execPath,
    join(import.meta.dir, "bare-server.ts"),
    join(folder, "log"),
  ]);
}

async function open(name: Server["name"], command: (folder: string) => readonly string[]): Promise<Server> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await workFolder());
  const program = opening.use(new Program(command(folder.path), { cwd: folder.path, env: process.env }));
  // A benchmark that is interrupted leaves nothing running, and that comes before anything else.
  const kill = () => program.kill("SIGKILL");
  process.prependListener("exit", kill);
  opening.defer(() => void process.off("exit", kill));
  const { port } = JSON.parse(await program.until('"listening"', START_MS)) as { port: number };
  const open = opening.move();
  return {
    name,
    hostname: HOSTNAME,
    port,
    cpuSeconds: () => cpuSeconds(program.pid),
    rssBytes: () => rssBytes(program.pid),
    peakRssBytes: () => peakRssBytes(program.pid),
    async stop() {
      program.kill("SIGTERM");
      await program.exited(STOP_MS);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** A folder for a server's history, gone with the benchmark, also when that is interrupted. */
export async function workFolder(): Promise<TempDir> {
  const folder = await tempDir();
  const remove = () => rmSync(folder.path, { recursive: true, force: true });
  process.on("exit", remove);
  return {
    path: folder.path,
    async [Symbol.asyncDispose]() {
      process.off("exit", remove);
      await folder[Symbol.asyncDispose]();
    },
  };
}
