// The compiled programs for tests that drive them from outside: built when they are not there or old, each run in a home of its own.
import { Database } from "bun:sqlite";
import { mkdirSync, readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { Program } from "./program.ts";
import { type TempDir, tempDir } from "./temp-dir.ts";
import { openTerminal, type TerminalOptions, type TestTerminal } from "./terminal.ts";

const top = join(import.meta.dir, "..", "..");
const dist = join(top, "dist");

export const CHATD = join(dist, "chatd");
export const CHAT = join(dist, "chat");

build();

/** Builds once, however many test processes start together: the kernel frees the lock with whoever holds it. */
function build(): void {
  mkdirSync(dist, { recursive: true });
  using lock = new Database(join(dist, "build.lock"), { create: true });
  lock.run("pragma busy_timeout = 60000");
  lock.run("begin exclusive");
  const started = new Date();
  if (Math.min(changedAt(CHATD), changedAt(CHAT)) > newestSource()) return;
  const made = Bun.spawnSync([process.execPath, "lib/setup/build.ts"], { cwd: top });
  if (!made.success)
    throw new Error(`The binaries cannot be built.\n${made.stdout.toString()}${made.stderr.toString()}`);
  // What was edited meanwhile may not be in it.
  for (const path of [CHATD, CHAT]) utimesSync(path, started, started);
}

function newestSource(): number {
  const lib = readdirSync(join(top, "lib"), { recursive: true, encoding: "utf8" }).map((path) => join("lib", path));
  const sources = [
    ...lib.filter((path) => /\.(ts|tsx|mjs|json|html|css|svg|png|webmanifest)$/.test(path)),
    "server.ts",
    "client.ts",
    "package.json",
  ];
  return Math.max(...sources.map((path) => changedAt(join(top, path))));
}

/** Milliseconds since 1970; 0 for what is not there. */
function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Environment of a test: laid over its own. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A machine that has seen neither program: an empty home, and noon, so that no day turns under a test. */
export class Home implements AsyncDisposable {
  readonly env: Env;
  readonly #folder: TempDir;

  constructor(folder: TempDir) {
    this.#folder = folder;
    const { path } = folder;
    this.env = {
      HOME: path,
      XDG_STATE_HOME: join(path, "state"),
      XDG_CONFIG_HOME: join(path, "config"),
      TZ: noonZone(),
      NO_COLOR: undefined,
    };
  }

  get path(): string {
    return this.#folder.path;
  }

  /** Runs a program with pipes, in this home. */
  run(
    command: readonly string[],
    { env, cwd = this.path }: { readonly env?: Env; readonly cwd?: string } = {},
  ): Program {
    return new Program(command, { cwd, env: { ...Bun.env, ...this.env, ...env } });
  }

  /** Opens a program on a terminal, in this home. */
  open(command: readonly string[], { env, ...options }: TerminalOptions = {}): Promise<TestTerminal> {
    return openTerminal(command, { cwd: this.path, ...options, env: { ...this.env, ...env } });
  }

  /** A room without a terminal, on this machine only. */
  async chatd(...flags: readonly string[]): Promise<Chatd> {
    const program = this.run([CHATD, "--port", "0", "--host", "127.0.0.1", "--log", "json", ...flags]);
    const listening = await program.until('"listening"');
    const { port } = JSON.parse(listening) as { port: number };
    return { program, port, at: `localhost:${port}`, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** What chat says of a server that it sees for the first time … */
export const FIRST_TIME = "[*] The connection is encrypted, first time: this server is known from now on.";
/** … and later. */
export const VERIFIED = "[*] The connection is encrypted, verified.";

/** The row above a member's prompt. */
export function statusRow(
  standing: "encrypted, first time" | "encrypted, verified" | "NOT ENCRYPTED",
  members: number,
): string {
  return `── ${standing} · ${members} here`;
}

/** A chatd that listens. */
export interface Chatd extends AsyncDisposable {
  readonly program: Program;
  readonly port: number;
  /** Where it is, as people write it. */
  readonly at: string;
}

export async function home(): Promise<Home> {
  return new Home(await tempDir());
}

/** The port that the banner on a host's terminal names. */
export function portOf(host: TestTerminal): string {
  return /on port (\d+)\./.exec(host.everything().replaceAll("\n", ""))![1]!;
}

/** A screen whose times of day are masked, so that it can be compared. */
export function masked(screen: string): string {
  return screen.replace(/\[\d\d:\d\d:\d\d\]/g, "[HH:MM:SS]");
}

/** Waits until the window shows this, row by row, and nothing else. */
export async function shows(term: TestTerminal, expected: string): Promise<void> {
  const rows = expected.replace(/^\n/, "").trimEnd();
  // On failure the two texts say more than a deadline that was missed.
  await term.until((screen) => masked(screen) === rows).catch(() => expectSame(masked(term.screen()), rows));
}

function expectSame(seen: string, expected: string): void {
  if (seen === expected) return;
  const frame = (screen: string) => `┌────\n${screen.replace(/^/gm, "│")}\n└────`;
  throw new Error(`The screen is\n${frame(seen)}\nand not\n${frame(expected)}`);
}

/** A time zone in which it is noon, or soon. */
function noonZone(): string {
  const ahead = 12 - new Date().getUTCHours();
  // The zones of this name count westwards.
  return `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}
