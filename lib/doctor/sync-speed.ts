// How long the disk takes to sync: measured on a small file of its own, and what that means for those who talk.
import { constants, fdatasyncSync, rmSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "./error-code.ts";
import { MESSAGE_BYTES } from "./disk.ts";
import type { Finding } from "./finding.ts";

export interface SyncSeen {
  /** Of each sync, in milliseconds. */
  readonly tookMs: readonly number[];
  /** The system's code of why it could not be measured, or "late" where the disk has not answered in time. */
  readonly failed: string | undefined;
}

const PROBE_BYTES = 65_536;
const SYNCS = 25;
/** A slow disk is known after fewer. */
const ENOUGH_MS = 1_500;
const LEAST = 3;
/** A disk that has not answered by then does not, as far as a room is concerned. */
const LATE_MS = 10_000;

/** Longer than that, and people who talk notice it. */
const NOTICED_MS = 50;
const HALTING_MS = 500;

/**
 * Syncs a file in `folder` as the log does: over what is there already. It has a name, because some file systems make little
 * of syncing a file that has none; it is gone afterwards, however this process ends, unless it is killed.
 */
export async function measureSync(folder: string): Promise<SyncSeen> {
  const path = join(folder, `.chatd-doctor-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const remove = () => rmSync(path, { force: true });
  const tookMs: number[] = [];
  process.on("exit", remove);
  try {
    const done = await inTime(syncs(path, tookMs));
    return { tookMs, failed: done ? undefined : "late" };
  } catch (error) {
    return { tookMs, failed: codeOf(error) };
  } finally {
    try {
      remove();
      process.off("exit", remove);
    } catch {
      // It is tried again at the end.
    }
  }
}

/** What a disk answers; nothing where it takes too long. */
export async function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), LATE_MS);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function syncs(path: string, tookMs: number[]): Promise<true> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    await file.write(new Uint8Array(PROBE_BYTES), 0, PROBE_BYTES, 0);
    // Waited for elsewhere: a disk that hangs must not take Ctrl+C away.
    await file.datasync();
    const line = new Uint8Array(MESSAGE_BYTES).fill(0x2e);
    const since = performance.now();
    while (tookMs.length < SYNCS && (tookMs.length < LEAST || performance.now() - since < ENOUGH_MS)) {
      const start = performance.now();
      writeSync(file.fd, line, 0, line.length, (tookMs.length * line.length) % (PROBE_BYTES - line.length));
      // A disk that was slow so far is waited for elsewhere, too.
      if ((tookMs.at(-1) ?? Infinity) < NOTICED_MS) fdatasyncSync(file.fd);
      else await file.datasync();
      tookMs.push(performance.now() - start);
    }
  } finally {
    await file?.close();
  }
  return true;
}

export function judgeSync({ tookMs, failed }: SyncSeen): Finding {
  const name = "sync";
  const sorted = tookMs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  const worst = sorted.at(-1);
  const measured = { syncs: sorted.length, median_ms: rounded(median), worst_ms: rounded(worst) };
  if (failed === "late")
    return {
      name,
      measured,
      status: "problem",
      text: `The disk has not answered for ${LATE_MS / 1_000} s. No message would be seen before it does.`,
      advice: "See whether it is broken or out of reach (dmesg tells), or choose a folder on another one with --data.",
    };
  if (failed === "ENOSPC" || failed === "EDQUOT")
    return { name, measured, status: "ok", text: "Not measured: the disk is full." };
  if (failed !== undefined || median === undefined || worst === undefined)
    return {
      name,
      measured,
      status: "problem",
      text: `Not measured: the disk refused a small file (${failed ?? "unknown"}).`,
      advice: "chatd could write nothing there either: see what is said about the folder.",
    };
  const took = `A sync takes ${ms(median)} (worst of ${sorted.length}: ${ms(worst)}), and every message waits for one or two`;
  const advice = "A room works there, at that pace. A folder on another disk may be faster: --data.";
  if (median > NOTICED_MS)
    return { name, measured, status: "warning", text: `${took}: people will notice that.`, advice };
  if (worst > HALTING_MS)
    return { name, measured, status: "warning", text: `${took}: most are quick, some halt the room.`, advice };
  return { name, measured, status: "ok", text: `${took}: nobody will notice.` };
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 1_000) / 1_000;
}
