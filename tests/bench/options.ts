// The flags of all benchmarks, read in one place, and how each of them ends.
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readAddress } from "../../lib/protocol/address.ts";
import { Unreachable } from "../../lib/transport/connection.ts";
import { Refused } from "./member.ts";
import { NoRoom } from "./scout.ts";
import { NoProgram, type Place } from "./servers.ts";

const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
const EXIT_UNREACHABLE = 4;

/** What a benchmark is told. What is left out it chooses itself. */
export interface Options {
  /** The names of benchmarks, where one program runs them all. */
  readonly names: readonly string[];
  readonly help: boolean;
  readonly chatd: string;
  readonly server: Place | undefined;
  readonly scenes: readonly string[] | undefined;
  readonly seconds: number | undefined;
  readonly rounds: number | undefined;
  readonly minutes: number | undefined;
  readonly members: readonly number[] | undefined;
  readonly events: number | undefined;
  readonly marks: boolean;
}

/** The flags cannot be followed; the message says what to do instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const FLAGS = {
  help: { type: "boolean", short: "h" },
  chatd: { type: "string" },
  server: { type: "string" },
  scenes: { type: "string" },
  seconds: { type: "string" },
  rounds: { type: "string" },
  minutes: { type: "string" },
  members: { type: "string" },
  events: { type: "string" },
  marks: { type: "boolean" },
} as const;

/** Throws UsageError. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parsed(args);
  const number = (flag: keyof typeof values, most: number, whole: boolean) => {
    const value = values[flag];
    return typeof value === "string" ? readNumber(flag, value, most, whole) : undefined;
  };
  return {
    names: positionals,
    help: values.help ?? false,
    chatd: resolve(values.chatd ?? join(import.meta.dir, "..", "..", "dist", "chatd")),
    server: values.server === undefined ? undefined : readServer(values.server),
    scenes: values.scenes?.split(","),
    seconds: number("seconds", 86_400, false),
    rounds: number("rounds", 1_000, true),
    minutes: number("minutes", 10_000, false),
    members: values.members?.split(",").map((value) => readNumber("members", value, 100_000, true)),
    events: number("events", 1e9, true),
    marks: values.marks ?? false,
  };
}

/** Runs one benchmark as a program: `run` answers whether nothing was missing. */
export async function main(run: (options: Options) => Promise<boolean>): Promise<void> {
  // So that servers which were started are ended, and folders that were made are removed.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  try {
    if (!(await run(readOptions(Bun.argv.slice(2))))) process.exitCode = EXIT_FAILED;
  } catch (error) {
    if (!isExpected(error)) throw error;
    console.error(`bench: ${error.message}`);
    process.exitCode = exitCodeOf(error);
  }
}

function isExpected(error: unknown): error is Error {
  return [UsageError, NoProgram, Unreachable, NoRoom, Refused].some((expected) => error instanceof expected);
}

function exitCodeOf(error: Error): number {
  if (error instanceof UsageError || error instanceof NoProgram) return EXIT_USAGE;
  return error instanceof Refused ? EXIT_FAILED : EXIT_UNREACHABLE;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  } catch (error) {
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new UsageError(`${sentence}. "bun run bench --help" shows the flags.`);
  }
}

function readNumber(flag: string, value: string, most: number, whole: boolean): number {
  const number = (whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(value) ? Number(value) : Number.NaN;
  if (number > 0 && number <= most) return number;
  throw new UsageError(`--${flag} ${value}: write a ${whole ? "whole " : ""}number above 0 and up to ${most}.`);
}

function readServer(value: string): Place {
  const address = readAddress(value);
  if ("problem" in address) throw new UsageError(`--server ${value}: ${address.problem}`);
  const { hostname, port } = address;
  return { hostname, port };
}
