// How long a disk takes to sync: what is said of it, and that nothing is left of the measuring.
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { inTime, judgeSync, measureSync } from "../../lib/doctor/sync-speed.ts";
import { tempDir } from "../support/temp-dir.ts";
import { canMount, tinyDisk } from "../support/tiny-disk.ts";

const judge = (tookMs: readonly number[], failed?: string) => judgeSync({ tookMs, failed });

test("a quick disk is not noticed", () => {
  expect(judge([0.4, 0.2, 0.3, 9, 0.25])).toEqual({
    name: "sync",
    status: "ok",
    text: "A sync takes 0.30 ms (worst of 5: 9.00 ms), and every message waits for one or two: nobody will notice.",
    measured: { syncs: 5, median_ms: 0.3, worst_ms: 9 },
  });
});

test.each([
  [[80, 90, 70], "people will notice that."],
  [[2, 3, 900], "most are quick, some halt the room."],
])("%p ms are a warning: %s", (tookMs, text) => {
  expect(judge(tookMs)).toMatchObject({
    status: "warning",
    text: expect.stringContaining(text) as unknown,
    advice: expect.stringContaining("--data") as unknown,
  });
});

test("a disk that does not answer, or refuses, is a problem; one that is full was told of already", () => {
  expect(judge([1], "late")).toMatchObject({ status: "problem", text: expect.stringContaining("10 s") as unknown });
  expect(judge([], "EIO")).toMatchObject({ status: "problem", text: expect.stringContaining("EIO") as unknown });
  expect(judge([]).status).toBe("problem");
  expect(judge([], "ENOSPC")).toMatchObject({ status: "ok", text: "Not measured: the disk is full." });
});

test("a real disk is measured, and nothing is left there", async () => {
  await using dir = await tempDir();
  const before = process.listenerCount("exit");
  const seen = await measureSync(dir.path);
  expect(seen.failed).toBeUndefined();
  expect(seen.tookMs.length).toBeGreaterThanOrEqual(3);
  for (const ms of seen.tookMs) expect(ms).toBeGreaterThan(0);
  expect(readdirSync(dir.path)).toEqual([]);
  expect(process.listenerCount("exit")).toBe(before);
});

test("a folder that is not there says why it could not be measured", async () => {
  await using dir = await tempDir();
  expect(await measureSync(join(dir.path, "no-such"))).toEqual({ tookMs: [], failed: "ENOENT" });
});

test.skipIf(!canMount())("a full disk says so, and nothing is left there", async () => {
  using disk = tinyDisk(64)!;
  disk.fill();
  const before = readdirSync(disk.path);
  expect(await measureSync(disk.path)).toEqual({ tookMs: [], failed: "ENOSPC" });
  expect(readdirSync(disk.path)).toEqual(before);
});

test("what answers in time is waited for, and no timer is left", async () => {
  expect(await inTime(Promise.resolve(7))).toBe(7);
  expect(inTime(Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});
