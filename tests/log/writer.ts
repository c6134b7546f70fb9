// A process that keeps a log and does what its input says, a line at a time: facts as JSON are appended, `look` shows all
// that a reader sees, `close` ends it. Each line is answered by one line. For tests of what a process of its own can break.
import { LogUnusable, StorageFailed } from "../../lib/log/log.ts";
import type { FileLog } from "../../lib/log/file.ts";
import { openFileLog } from "../../lib/log/open-file.ts";
import type { Fact } from "../../lib/protocol/message.ts";
import { everything } from "./reading.ts";

export type Answer =
  | { readonly type: "opened"; readonly head: number }
  | { readonly type: "unusable"; readonly text: string }
  | { readonly type: "acked"; readonly head: number }
  | { readonly type: "failed" }
  | { readonly type: "seen"; readonly seen: Seen }
  | { readonly type: "closed" };

/** What each way to read shows. */
export interface Seen {
  readonly head: number;
  readonly lines: readonly string[];
  /** What follows the first event: no reader got this batch live, so it comes from the file. */
  readonly later: readonly string[];
  readonly said: readonly string[];
  readonly caused: readonly (string | undefined)[];
  readonly topic: string | undefined;
}

/** Marks that a test may use, so that `look` can ask for what they caused. */
export const MARKS = ["1", "2", "3", "4"] as const;

export function look(log: FileLog): Seen {
  return {
    head: log.head,
    lines: everything(log),
    later: everything(log, 1),
    said: log.said(Number.MAX_SAFE_INTEGER, 1_000, 1_000_000).lines,
    caused: MARKS.map((mark) => log.caused("Ada", mark)),
    topic: log.topic(),
  };
}

if (import.meta.main) await main(Bun.argv[2]!);

async function main(directory: string): Promise<void> {
  const answer = (message: Answer) => void process.stdout.write(`${JSON.stringify(message)}\n`);
  try {
    const log = openFileLog(directory);
    answer({ type: "opened", head: log.head });
    for await (const line of console) {
      if (line === "close") break;
      if (line === "look") answer({ type: "seen", seen: look(log) });
      else answer(await append(log, JSON.parse(line) as Fact[]));
    }
    await log[Symbol.asyncDispose]();
    answer({ type: "closed" });
  } catch (error) {
    if (!(error instanceof LogUnusable)) throw error;
    answer({ type: "unusable", text: error.message });
  }
}

async function append(log: FileLog, facts: readonly Fact[]): Promise<Answer> {
  try {
    await log.append(facts);
    return { type: "acked", head: log.head };
  } catch (error) {
    if (!(error instanceof StorageFailed)) throw error;
    return { type: "failed" };
  }
}
