// What chat remembers between two runs: the last answers, and the tokens that prove a name to be its own.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

/** Tokens of rooms that were not visited for long make way. */
const TOKENS_MAX = 200;

const Memory = v.object({
  last: v.optional(v.object({ hostname: v.string(), port: v.number(), name: v.string() })),
  tokens: v.optional(v.record(v.string(), v.string()), {}),
});
export type Memory = v.InferOutput<typeof Memory>;

export interface Visit {
  readonly hostname: string;
  readonly port: number;
  readonly room: string;
  readonly name: string;
}

/** Reads the memory in `folder`. What cannot be read was forgotten. */
export function recall(folder: string): Memory {
  try {
    return v.parse(Memory, JSON.parse(readFileSync(fileIn(folder), "utf8")));
  } catch {
    return { tokens: {} };
  }
}

export function tokenOf(memory: Memory, visit: Visit): string | undefined {
  return memory.tokens[keyOf(visit)];
}

/** Remembers where we were last and the token for it. A folder that cannot be written costs the memory, not the chat. */
export function remember(folder: string, visit: Visit, token: string): void {
  const { hostname, port, name } = visit;
  const { [keyOf(visit)]: _old, ...others } = recall(folder).tokens;
  const kept = Object.entries(others).slice(1 - TOKENS_MAX);
  const memory: Memory = {
    last: { hostname, port, name },
    tokens: Object.fromEntries([...kept, [keyOf(visit), token]]),
  };
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

function fileIn(folder: string): string {
  return join(folder, "memory.json");
}

function keyOf({ hostname, port, room, name }: Visit): string {
  return `${name.toLowerCase()}@${hostname.toLowerCase()}:${port}/${room}`;
}
