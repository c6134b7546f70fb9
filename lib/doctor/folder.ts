// What the system says about the folder for the history. Looks and changes nothing.
import { constants } from "node:fs";
import { access, lstat, readdir, stat, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { codeOf } from "./error-code.ts";
import type { FolderSeen, SpaceSeen } from "./disk.ts";

/** What chatd keeps there: what was said, who may come in, and the key that it is known by. */
const KEPT = /^(room[-.]|access\.db|tls-)/;
/** Permissions, sticky bit included. */
const MODE = 0o7777;

export async function lookAtFolder(directory: string): Promise<FolderSeen> {
  const ground = await groundOf(directory);
  const seen = { directory, ground: ground.path, owned: undefined, uid: process.getuid?.(), files: [] } as const;
  if (ground.code !== undefined) return { ...seen, state: "out of reach", refused: ground.code };
  const there = await stat(ground.path);
  if (!there.isDirectory()) return { ...seen, state: "no folder", refused: "ENOTDIR" };
  const refused = await refusalOf(ground.path, constants.R_OK | constants.W_OK | constants.X_OK);
  if (ground.path !== directory) return { ...seen, state: "missing", refused };
  // On Windows the numbers say nothing.
  const owned = process.platform === "win32" ? undefined : { uid: there.uid, mode: there.mode & MODE };
  return { ...seen, state: "there", refused, owned, files: refused === undefined ? await filesIn(directory) : [] };
}

/** The folder, or the nearest one above it that is there. */
async function groundOf(directory: string): Promise<{ readonly path: string; readonly code?: string }> {
  for (let path = directory; ; path = dirname(resolve(path))) {
    try {
      await stat(path);
      return { path };
    } catch (error) {
      const code = codeOf(error);
      // A link that leads nowhere is in the way, though nothing is there.
      if ((code !== "ENOENT" && code !== "ENOTDIR") || (await isLink(path))) return { path, code };
      if (dirname(resolve(path)) === resolve(path)) return { path, code };
    }
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}

async function filesIn(directory: string): Promise<FolderSeen["files"]> {
  const names = (await readdir(directory)).filter((name) => KEPT.test(name));
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const file = await stat(path).catch(() => undefined);
      if (!file?.isFile()) return [];
      const writable = (await refusalOf(path, constants.R_OK | constants.W_OK)) === undefined;
      // On Windows, a mode is made up.
      const mode = process.platform === "win32" ? 0 : file.mode & MODE;
      return [{ name, uid: file.uid, mode, writable }];
    }),
  );
  return files.flat();
}

async function refusalOf(path: string, wanted: number): Promise<string | undefined> {
  try {
    await access(path, wanted);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

/** The room on the disk under `ground`, and the number of its kind where the system gives it one. Nothing of what the system does not tell. */
export async function lookAtDisk(ground: string): Promise<DiskSeen> {
  try {
    const { bavail, bsize, files, ffree, type } = await statfs(ground);
    return {
      bytes: bavail * bsize,
      // Some file systems make room for files as they come, and count none.
      files: files > 0 ? ffree : undefined,
      type: process.platform === "linux" ? type : undefined,
    };
  } catch {
    return { bytes: undefined, files: undefined, type: undefined };
  }
}

export interface DiskSeen extends Omit<SpaceSeen, "refused"> {
  readonly type: number | undefined;
}
