// A disk so small that a test can fill it. Only root may mount one, and not everywhere.
import { spawnSync } from "bun";
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TinyDisk extends Disposable {
  readonly path: string;
  /** Takes up all the room there is. */
  fill(): void;
  /** Gives it back. */
  makeRoom(): void;
}

/** A new disk of `kib` KiB; nothing where this process may not mount one. */
export function tinyDisk(kib: number): TinyDisk | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const path = mkdtempSync(join(tmpdir(), "chatd-disk-"));
  if (!spawnSync(["mount", "-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", path]).success) {
    rmdirSync(path);
    return undefined;
  }
  const ballast = (index: number) => join(path, `ballast-${index}`);
  return {
    path,
    fill() {
      // A write that does not fit takes what fits; the second takes the page that the first one left.
      for (const [index, bytes] of [kib * 1_024, 4_096].entries())
        try {
          writeFileSync(ballast(index), new Uint8Array(bytes), { flag: "a" });
        } catch (error) {
          if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
        }
    },
    makeRoom() {
      for (const index of [0, 1]) rmSync(ballast(index), { force: true });
    },
    [Symbol.dispose]() {
      // Lazily, so that a test that leaves a file open fails for that and leaves no disk behind.
      spawnSync(["umount", "-l", path]);
      rmdirSync(path);
    },
  };
}

export function canMount(): boolean {
  using disk = tinyDisk(64);
  return disk !== undefined;
}
