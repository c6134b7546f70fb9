// A folder of its own for a test that needs a disk, gone when the test ends.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

/** In `parent`, where that is given. */
export async function tempDir(parent = tmpdir()): Promise<TempDir> {
  const path = await mkdtemp(join(parent, "chatd-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
