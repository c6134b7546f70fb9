// What chat remembers between two runs: the last answers, and the tokens that prove a name to be its own.
import { chmodSync, mkdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { cleanName } from "../protocol/name.ts";

/** A server's tokens are much shorter. One that means harm must not fill the disk. */
const TOKEN_CHARS_MAX = 1_024;
/** Runs that ended without a goodbye and were never followed by another make way. */
const RUNS_MAX = 100;

const Memory = v.object({
  last: v.optional(v.object({ hostname: v.string(), port: v.number(), name: v.string() })),
  /** Runs that have not said goodbye: they go on, or they were ended by force. */
  runs: v.optional(v.record(v.string(), v.object({ token: v.string(), pid: v.number() })), {}),
});
type Memory = v.InferOutput<typeof Memory>;

export interface Visit {
  readonly hostname: string;
  readonly port: number;
  readonly room: string;
  readonly name: string;
}

/** The answers given last. */
export function lastAnswers(folder: string): Memory["last"] {
  const { last } = recall(folder);
  return last && isName(last.name) ? last : undefined;
}

/** The token of an earlier run that was ended by force. One that goes on keeps its name for itself. */
export function tokenOf(folder: string, visit: Visit): string | undefined {
  const run = recall(folder).runs[keyOf(visit)];
  return run && !isAlive(run.pid) ? run.token : undefined;
}

export const TAKEN_HERE = "You are there under that name already, with another chat on this machine; try another name.";

/** Whether another chat on this machine goes on under that name. It has the same key, so the server would take this one for its return. */
export function isHeld(folder: string, visit: Visit): boolean {
  const run = recall(folder).runs[keyOf(visit)];
  return run !== undefined && run.pid !== process.pid && isChat(run.pid);
}

/** Remembers where we are and the token for it. What was answered `byPerson` is offered the next time. */
export function remember(folder: string, visit: Visit, token: string, byPerson = true): void {
  const { hostname, port, name } = visit;
  // A server may call us anything, and the answers are offered again on a terminal.
  if (!isName(name) || token.length > TOKEN_CHARS_MAX) return;
  const { last, runs } = recall(folder);
  const { [keyOf(visit)]: _earlier, ...others } = runs;
  write(folder, {
    last: byPerson ? { hostname, port, name } : last,
    runs: Object.fromEntries([
      ...Object.entries(others).slice(1 - RUNS_MAX),
      [keyOf(visit), { token, pid: process.pid }],
    ]),
  });
}

/** The run has said goodbye: its token is worth nothing any more. */
export function forget(folder: string, visit: Visit): void {
  const { last, runs } = recall(folder);
  const { [keyOf(visit)]: run, ...others } = runs;
  if (run?.pid === process.pid) write(folder, { last, runs: others });
}

/** What cannot be read was forgotten. */
function recall(folder: string): Memory {
  try {
    return v.parse(Memory, JSON.parse(readFileSync(fileIn(folder), "utf8")));
  } catch {
    return { runs: {} };
  }
}

/** A folder that cannot be written costs the memory, not the chat. */
function write(folder: string, memory: Memory): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Whole or not at all: a file that is cut off would forget everything.
    const draft = `${fileIn(folder)}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(memory, undefined, 2)}\n`, { mode: 0o600 });
    chmodSync(draft, 0o600);
    renameSync(draft, fileIn(folder));
  } catch {
    // Nothing else depends on it.
  }
}

function isName(name: string): boolean {
  const cleaned = cleanName(name);
  return "value" in cleaned && cleaned.value === name;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Whether it is this very program: a number may have passed on to any other. Where the system does not tell, it is not. */
function isChat(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === readlinkSync("/proc/self/exe");
  } catch {
    return false;
  }
}

function fileIn(folder: string): string {
  return join(folder, "memory.json");
}

function keyOf({ hostname, port, room, name }: Visit): string {
  return `${name.toLowerCase()}@${hostname.toLowerCase()}:${port}/${room}`;
}
