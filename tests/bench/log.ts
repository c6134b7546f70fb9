// How fast a large log is: `bun tests/bench/log.ts --events N` makes one, opens it and reads it, and prints milliseconds.
import { statSync } from "node:fs";
import { join } from "node:path";
import { REGISTER_FILE } from "../../lib/log/register.ts";
import type { FileLog } from "../../lib/log/file.ts";
import { openFileLog } from "../../lib/log/open-file.ts";
import type { Fact } from "../../lib/protocol/message.ts";
import { tempDir } from "../support/temp-dir.ts";
import { readOptions } from "./options.ts";

const { events: EVENTS = 1_000_000 } = readOptions(Bun.argv.slice(2));
const APPEND = 5_000;
const ROUNDS = 20;
const BYTES_MAX = 786_432;
const TEXT = "What is said in a chat is mostly short, like this line.";

await using dir = await tempDir();
print("made", await fill(dir.path), `${EVENTS} events, ${size(dir.path)}`);
{
  await using log = timed("opened", "", () => openFileLog(dir.path));
  const middle = Math.floor(EVENTS / 2);
  timed("newest 50, first time", "", () => log.said(Number.MAX_SAFE_INTEGER, 50, BYTES_MAX));
  many("newest 50", () => log.said(Number.MAX_SAFE_INTEGER, 50, BYTES_MAX));
  timed("500 in the middle, first time", "", () => log.said(middle, 500, BYTES_MAX));
  many("500 anywhere", (round) => log.said(Math.floor((EVENTS * (round + 1)) / ROUNDS), 500, BYTES_MAX));
  many("what a request has caused", (round) => log.caused("Ada", `${round}`));
  follow(log, middle);
}
async function fill(directory: string): Promise<number> {
  const start = performance.now();
  await using log = openFileLog(directory);
  for (let made = 0; made < EVENTS; made += APPEND)
    await log.append(
      Array.from({ length: Math.min(APPEND, EVENTS - made) }, (_, index): Fact => {
        const re = `${made + index}`;
        return { type: "said", from: index % 2 ? "Ada" : "Bob", text: `${TEXT} ${re}`, re };
      }),
    );
  return performance.now() - start;
}

function follow(log: FileLog, after: number): void {
  const start = performance.now();
  const cursor = log.follow(after, { grown() {} });
  let bytes = 0;
  let batches = 0;
  for (let batch = cursor.take(); batch; batch = cursor.take()) {
    bytes += batch.bytes.length;
    batches++;
  }
  cursor.stop();
  const ms = performance.now() - start;
  const mb = bytes / 1e6;
  print(
    "followed from the middle",
    ms,
    `${mb.toFixed(0)} MB in ${batches} batches, ${((mb / ms) * 1e3).toFixed(0)} MB/s`,
  );
}

function timed<T>(what: string, note: string, run: () => T): T {
  const start = performance.now();
  const result = run();
  print(what, performance.now() - start, note);
  return result;
}

/** The median and the worst of some runs. */
function many(what: string, run: (round: number) => unknown): void {
  const times = Array.from({ length: ROUNDS }, (_, round) => {
    const start = performance.now();
    run(round);
    return performance.now() - start;
  }).toSorted((a, b) => a - b);
  print(what, times[ROUNDS / 2]!, `at worst ${times.at(-1)!.toFixed(2)} ms`);
}

function print(what: string, ms: number, note: string): void {
  console.log(`${what.padEnd(32)} ${ms.toFixed(2).padStart(10)} ms  ${note}`);
}

function size(directory: string): string {
  return `${(statSync(join(directory, REGISTER_FILE)).size / 1e6).toFixed(0)} MB`;
}
