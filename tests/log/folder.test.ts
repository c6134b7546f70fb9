// The folder of a log: that it is there after a loss of power, and that one process has it.
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LOCK_FILE } from "../../lib/log/lock.ts";
import { openFileLog } from "../../lib/log/open-file.ts";
import { canTrace } from "../support/fail-syncs.ts";
import { systemCalls } from "../support/system-calls.ts";
import { tempDir } from "../support/temp-dir.ts";
import { everything, said, textsOf } from "./reading.ts";
import { startWriter } from "./start-writer.ts";

const traceable = await canTrace();

test.skipIf(!traceable)(
  "a folder that was made, and those above it, are synced before anything in it is acknowledged (needs strace)",
  async () => {
    await using dir = await tempDir();
    mkdirSync(join(dir.path, "a"));
    const directory = join(dir.path, "a", "b", "c");
    const trace = join(dir.path, "trace");
    const calls = "trace=fsync,fdatasync,write,writev,sendto,pwritev2";
    {
      await using writer = startWriter(directory, `exec strace -f -qq -y -o ${trace} -e signal=none -e ${calls} "$@"`);
      expect(await writer.next()).toEqual({ type: "opened", head: 0 });
      expect(await writer.ask([said("one")])).toEqual({ type: "acked", head: 1 });
      expect(await writer.ask("close")).toEqual({ type: "closed" });
      expect(await writer.next()).toBeUndefined();
    }
    const done = systemCalls(readFileSync(trace, "utf8"));
    const acked = done.findIndex(({ args }) => args.includes("acked"));
    const synced = (path: string) => done.findIndex(({ name, args }) => name === "fsync" && args.includes(`<${path}>`));
    expect(acked).toBeGreaterThan(0);
    for (const path of [directory, join(dir.path, "a", "b"), join(dir.path, "a")]) {
      expect([path, synced(path) >= 0 && synced(path) < acked]).toEqual([path, true]);
    }
    // What was there before is somebody else's.
    expect(synced(dir.path)).toBe(-1);
  },
);

test("the lock is held from the first moment to the last, and leaves nothing beside itself", async () => {
  await using dir = await tempDir();
  const log = openFileLog(dir.path);
  expect(readdirSync(dir.path).filter((name) => name.startsWith(LOCK_FILE))).toEqual([LOCK_FILE]);
  {
    await using second = startWriter(dir.path);
    expect(await second.next()).toMatchObject({ type: "unusable" });
  }
  expect(() => openFileLog(dir.path)).toThrow("Another chatd keeps its history");
  // Whoever failed has not taken it with it.
  await log.append([said("one")]);
  await log[Symbol.asyncDispose]();
  await using again = openFileLog(dir.path);
  expect(textsOf(everything(again))).toEqual(["one"]);
});
