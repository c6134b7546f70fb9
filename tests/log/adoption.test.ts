// A log of version 1, whose events stood in room.db, on its way into segments: interrupted at each step, without room, and
// with segments there that are not its own.
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LogUnusable } from "../../lib/log/log.ts";
import { openFileLog } from "../../lib/log/open-file.ts";
import { REGISTER_FILE } from "../../lib/log/register.ts";
import { canTrace } from "../support/fail-syncs.ts";
import { memoryDir, tempDir } from "../support/temp-dir.ts";
import { VERSION_1 } from "./version-1.ts";
import { canMount, tinyDisk } from "../support/tiny-disk.ts";
import { makeSegments } from "./make-segments.ts";
import { everything, said, textsOf } from "./reading.ts";
import { startWriter } from "./start-writer.ts";

const [mountable, traceable] = [canMount(), await canTrace()];
const AT = "2026-01-02T03:04:05.678Z";

/** Makes a log of version 1 that is large enough for three segments, as a process left it that was killed. Answers its lines. */
function makeVersion1(directory: string): string[] {
  const count = 1_200;
  const lines = Array.from({ length: count }, (_, n) =>
    JSON.stringify(
      n === 7
        ? { type: "topic", by: "Ada", text: "tea", seq: n + 1, at: AT }
        : { type: "said", from: "Ada", text: `${n} ${"x".repeat(4_000)}`, re: `r${n}`, seq: n + 1, at: AT },
    ),
  );
  const making = join(directory, "making.db");
  {
    using db = new Database(making, { create: true, strict: true });
    db.run(`
      pragma journal_mode = wal;
      ${VERSION_1}
    `);
    db.transaction(() => {
      for (const [n, line] of lines.entries()) {
        db.run("insert into events values (?, ?, ?)", [n + 1, n === 7 ? "topic" : "said", line]);
        if (n !== 7) db.run("insert into requests values (?, ?)", [`ada r${n}`, n + 1]);
      }
    })();
    for (const end of ["", "-wal"]) copyFileSync(`${making}${end}`, join(directory, `${REGISTER_FILE}${end}`));
  }
  rmSync(making);
  return lines;
}

async function expectAdopted(directory: string, lines: readonly string[]): Promise<void> {
  for (let opening = 0; opening < 2; opening++) {
    await using log = openFileLog(directory);
    expect([log.continues("the-old-name", lines.length), log.head, log.topic()]).toEqual([true, lines.length, "tea"]);
    expect(everything(log)).toEqual([...lines]);
    for (const n of [0, 6, 600, 1_199]) expect(log.caused("Ada", `r${n}`)).toBe(lines[n]);
  }
}

describe("an adoption that is killed is begun again (needs strace)", () => {
  // The call that it is killed at, and which one of them.
  const steps: readonly (readonly [call: string, which: number])[] = [
    ["fdatasync", 1],
    ["fdatasync", 2],
    ["fdatasync", 12],
    ["fsync", 1],
    ["fsync", 2],
    ["fsync", 3],
    ["fsync", 4],
    ["fsync", 5],
    ["fsync", 6],
    ["ftruncate", 1],
    ["ftruncate", 2],
    ["pwrite64", 12],
    ["pwrite64", 30],
    ["pwrite64", 60],
  ];
  for (const [call, which] of steps)
    test.skipIf(!traceable)(`${call} ${which}`, async () => {
      await using dir = await memoryDir();
      const lines = makeVersion1(dir.path);
      {
        const strace = `strace -f -o /dev/null -e signal=none -e trace=${call} -e inject=${call}:signal=KILL:when=${which}`;
        await using writer = startWriter(dir.path, `exec ${strace} "$@"`);
        expect(await writer.next()).toBeUndefined();
      }
      await expectAdopted(dir.path, lines);
    });
});

test.skipIf(!traceable)(
  "an adoption keeps its segments in the folder before it lets go of anything (needs strace)",
  async () => {
    await using dir = await tempDir();
    await using other = await tempDir();
    makeVersion1(dir.path);
    const trace = join(other.path, "trace");
    {
      const calls = "trace=openat,pwrite64,fsync,fdatasync";
      await using writer = startWriter(dir.path, `exec strace -f -y -s 0 -o ${trace} -e signal=none -e ${calls} "$@"`);
      expect(await writer.next()).toMatchObject({ type: "opened" });
      writer.kill();
    }
    const calls = readFileSync(trace, "utf8").split("\n");
    const made = calls.findLastIndex((call) => call.includes("O_CREAT") && call.includes(".log"));
    const listed = calls.findIndex(
      (call, at) => at > made && call.includes(`<${dir.path}>`) && call.includes(" fsync("),
    );
    const letGo = calls.findIndex((call, at) => at > made && call.includes("pwrite64") && call.includes(REGISTER_FILE));
    expect(made).toBeGreaterThan(0);
    expect(letGo).toBeGreaterThan(made);
    expect(listed).toBeGreaterThan(made);
    expect(listed).toBeLessThan(letGo);
  },
);

test.skipIf(!mountable)(
  "an adoption that has no room is made once it has (needs the right to mount a disk)",
  async () => {
    await using dir = await tempDir();
    using disk = tinyDisk(16_384)!;
    const lines = makeVersion1(dir.path);
    cpSync(dir.path, disk.path, { recursive: true });
    disk.fill();
    expect(() => openFileLog(disk.path)).toThrow(`The disk that holds ${disk.path} is full.`);
    disk.makeRoom();
    expect(Bun.spawnSync(["mount", "-o", "remount,size=32768k", disk.path]).success).toBeTrue();
    await expectAdopted(disk.path, lines);
  },
);

test("an old log that is put back beside newer segments costs none of them", async () => {
  await using dir = await tempDir();
  makeVersion1(dir.path);
  const [newer] = makeSegments(dir.path, "newer", [[[said("newer", "1")]]]);
  const before = readFileSync(newer!.path);
  try {
    await openFileLog(dir.path)[Symbol.asyncDispose]();
  } catch (error) {
    expect(error).toBeInstanceOf(LogUnusable);
  }
  const kept = readdirSync(dir.path, { recursive: true })
    .map((name) => join(dir.path, String(name)))
    .some((path) => existsSync(path) && path.includes("room-") && readFileSync(path).equals(before));
  expect(kept).toBeTrue();
});

test("a log of version 1 that is empty is adopted, too", async () => {
  await using dir = await tempDir();
  makeVersion1(dir.path);
  {
    using db = new Database(join(dir.path, REGISTER_FILE));
    db.run("delete from events; delete from requests;");
  }
  for (let opening = 0; opening < 2; opening++) {
    await using log = openFileLog(dir.path);
    expect([log.head, log.topic()]).toEqual([opening, undefined]);
    await log.append([said("more")]);
    expect(textsOf(everything(log)).length).toBe(opening + 1);
  }
});
