// A folder of its own for a test that needs a disk, gone when the test ends.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

/** Where this system has a disk in memory. */
const MEMORY = "/dev/shm";

/** For a test that syncs a thousand times, and for which the disk itself is no part of it. */
export function memoryDir(): Promise<TempDir> {
  return tempDir(existsSync(MEMORY) ? MEMORY : tmpdir());
}

/** In `parent`, where that is given. */
export async function tempDir(parent = tmpdir()): Promise<TempDir> {
  const path = await mkdtemp(join(parent, "chatd-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
