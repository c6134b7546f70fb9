// The folder of a log: which files in it are segments, and what is done with the others. Knows nothing of what is in them.
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";

/** A segment's file. */
export interface SegmentFile {
  readonly path: string;
  /** Its events follow this number. */
  readonly after: number;
}

/** Room for the next segment, made before it is needed. Whatever is in it is nothing. */
export const SPARE_FILE = "room-spare";
const NAME = /^room-(\d{16})\.log$/;
const DAMAGED = ".damaged";

/** The segments in a folder, in order. */
export function segmentsIn(directory: string): SegmentFile[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => NAME.test(name))
    .toSorted()
    .map((name) => ({ path: join(directory, name), after: Number(NAME.exec(name)![1]) - 1 }))
    .filter(({ after }) => after >= 0 && Number.isSafeInteger(after));
}

export function segmentPath(directory: string, after: number): string {
  return join(directory, `room-${String(after + 1).padStart(16, "0")}.log`);
}

/** Makes the folder where there is none. It is not lost with the power, then. */
export function makeFolder(directory: string): void {
  const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  const first = dirname(resolve(made));
  for (let parent = dirname(resolve(directory)); ; parent = dirname(parent)) {
    try {
      syncFolder(parent);
    } catch {
      // A folder that nobody but its owner may read is synced by nobody else.
    }
    if (parent === first || parent === dirname(parent)) return;
  }
}

/** A file that is new in a folder is only kept once the folder is synced too. */
export function syncFolder(directory: string): void {
  const folder = openSync(directory, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Takes a file that cannot be used out of the way. */
export function putAside(path: string): void {
  renameSync(path, `${path}${DAMAGED}`);
}

/** Keeps bytes that stood in the file `path` and cannot be read, for whoever wants to see what they were. */
export function keepAside(path: string, bytes: Uint8Array): void {
  try {
    appendFileSync(`${path}${DAMAGED}`, bytes, { mode: 0o600, flush: true });
  } catch {
    // The disk is full, perhaps. Nothing that can be read needs them.
  }
}

/** Makes a file of zeros. Where there is no room for that, it is a file without room. */
export function makeRoom(path: string, bytes: number): void {
  try {
    writeFileSync(path, new Uint8Array(bytes), { mode: 0o600 });
  } catch {
    writeFileSync(path, "", { mode: 0o600 });
  }
}
