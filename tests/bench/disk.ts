// The disk on which the servers of a benchmark keep what was said: whether it is one, and how long it takes by itself.
import { closeSync, fdatasyncSync, openSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ms, type Spread, spreadOf } from "./figures.ts";
import { workFolder } from "./servers.ts";

const TMPFS = 0x01021994;
const SENTENCE_S = 1;
const SENTENCE_PER_S = 200;

/** How long it takes until 100 bytes more of a file are safe, so many times a second: sooner, no server can keep a message. */
export async function syncSpread(seconds: number, perSecond: number): Promise<Spread> {
  await using folder = await workFolder();
  const file = openSync(join(folder.path, "syncs"), "w");
  const bytes = Buffer.alloc(100, "x");
  const times: number[] = [];
  const start = performance.now();
  while (times.length < seconds * perSecond) {
    await Bun.sleep(Math.max(0, start + (times.length / perSecond) * 1_000 - performance.now()));
    const before = performance.now();
    writeSync(file, bytes);
    fdatasyncSync(file);
    times.push(performance.now() - before);
  }
  closeSync(file);
  return spreadOf(times);
}

/** A sentence about the disk. */
export async function diskSentence(): Promise<string> {
  const { p50, p99, max } = await syncSpread(SENTENCE_S, SENTENCE_PER_S);
  const alone = `A sync of 100 bytes alone, ${SENTENCE_PER_S} times a second, takes ${ms(p50)} ms here (p99 ${ms(p99)}, max ${ms(max)}).`;
  if (statfsSync(tmpdir()).type !== TMPFS) return alone;
  return `${alone} ${tmpdir()} is in memory, so nothing was synced to a disk: TMPDIR=/some/folder names one that is.`;
}
