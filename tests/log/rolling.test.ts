// How a log goes from one segment to the next, and what may happen under way: a sudden end at each of its steps, steps that
// fail, no room.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StorageFailed } from "../../lib/log/log.ts";
import type { FileLog } from "../../lib/log/file.ts";
import { openFileLog } from "../../lib/log/open-file.ts";
import { decodeStored } from "../../lib/protocol/codec.ts";
import type { Fact } from "../../lib/protocol/message.ts";
import { canTrace, tamper } from "../support/fail-syncs.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { canMount, tinyDisk } from "../support/tiny-disk.ts";
import { linesIn, makeSegments, segmentPath } from "./make-segments.ts";
import { everything, many, said, textsOf } from "./reading.ts";
import { startWriter, type Writer } from "./start-writer.ts";

const [mountable, traceable] = [canMount(), await canTrace()];

const SPARE = "room-spare";
const SPARE_BYTES = 4_194_304;
/** Some 130 kB: three of them are more than half of a log's first segment, five are more than all of it. */
const big = (): Fact[] => many(16, "x".repeat(8_000));

const segmentsIn = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".log"))
    .toSorted();
const bytesOf = (path: string) => (existsSync(path) ? statSync(path).size : 0);

/** Lets the log grow, by an event at a time, until the spare is there. Answers how many it took. */
async function growToSpare(directory: string, grow: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const more = async () => {
    await grow();
    // As between two turns of a room: what other threads have done is heard of.
    await Bun.sleep(0);
    count++;
  };
  while (bytesOf(join(directory, SPARE)) < SPARE_BYTES) await more();
  // It was written; these wait for it to be synced.
  for (let n = 0; n < 30; n++) await more();
  return count;
}

test("the next segment has its room before it is needed, and nothing else is left of that", async () => {
  await using dir = await tempDir();
  {
    await using log = openFileLog(dir.path);
    for (let turn = 0; turn < 3; turn++) await log.append(big());
    const small = await growToSpare(dir.path, () => log.append([said("small")]));
    for (let turn = 0; turn < 3; turn++) await log.append(big());
    expect(log.head).toBe(6 * 16 + small);
    const [, second, ...others] = segmentsIn(dir.path);
    expect(others).toEqual([]);
    expect(bytesOf(join(dir.path, second!))).toBe(SPARE_BYTES);
    expect(existsSync(join(dir.path, SPARE))).toBeFalse();
    // From the segment that it has left.
    expect(log.said(3, 1, 10_000).lines.map((line) => decodeStored(line).seq)).toEqual([2]);
  }
  await using log = openFileLog(dir.path);
  expect(everything(log).map((line) => decodeStored(line).seq)).toEqual(
    Array.from({ length: log.head }, (_, index) => index + 1),
  );
});

test("a spare that somebody took away is done without", async () => {
  await using dir = await tempDir();
  await using log = openFileLog(dir.path);
  for (let turn = 0; turn < 3; turn++) await log.append(big());
  await growToSpare(dir.path, () => log.append([said("small")]));
  rmSync(join(dir.path, SPARE));
  const { head } = log;
  for (let turn = 0; turn < 3; turn++) await log.append(big());
  expect(log.head).toBe(head + 3 * 16);
  expect(segmentsIn(dir.path).length).toBe(2);
});

test("a spare that cannot be made, and not be taken away either, is done without", async () => {
  await using dir = await tempDir();
  await using writer = startWriter(dir.path);
  expect(await writer.next()).toMatchObject({ type: "opened" });
  mkdirSync(join(dir.path, SPARE));
  for (let turn = 1; turn <= 8; turn++) expect(await writer.ask(big())).toEqual({ type: "acked", head: turn * 16 });
  rmSync(join(dir.path, SPARE), { recursive: true });
  expect(await writer.ask("close")).toEqual({ type: "closed" });
});

/** A log that is about to roll, with a spare or without, in a process of its own. */
async function aboutToRoll(dir: TempDir, spare: boolean): Promise<{ writer: Writer; lines: readonly string[] }> {
  {
    await using log = openFileLog(dir.path);
    for (let turn = 0; turn < 3; turn++) await log.append(big());
  }
  // Where a folder has its name, no spare can be made.
  const obstacle = join(dir.path, SPARE);
  if (!spare) rmSync(obstacle, { recursive: true, force: true });
  const writer = startWriter(dir.path);
  expect(await writer.next()).toMatchObject({ type: "opened" });
  if (!spare) mkdirSync(obstacle);
  if (spare) await growToSpare(dir.path, () => writer.ask([said("small")]));
  else await writer.ask([said("small")]);
  const seen = await writer.ask("look");
  if (seen?.type !== "seen") throw new Error("The writer does not answer.");
  return { writer, lines: seen.seen.lines };
}

describe("a process that is killed at a step of a roll has lost nothing (needs strace)", () => {
  /** The call that it is killed at, and which one of them: those of each thread are counted apart. */
  const steps: readonly (readonly [call: string, which: number])[] = [
    ["rename", 1],
    ["openat", 1],
    // The title, the records.
    ["pwrite64", 1],
    ["pwrite64", 2],
    ["pwrite64", 3],
    ["fdatasync", 1],
    ["fdatasync", 2],
    // The folder.
    ["fsync", 1],
  ];
  for (const spare of [true, false])
    for (const [call, which] of steps) {
      // It is not renamed where it is not there.
      if (!spare && call === "rename") continue;
      test.skipIf(!traceable)(`${call} ${which}, with${spare ? "" : "out"} a spare`, async () => {
        await using dir = await tempDir();
        const { writer, lines } = await aboutToRoll(dir, spare);
        let acked = lines.length;
        {
          await using _ = writer;
          await using __ = await tamper(writer.pid, call, `signal=KILL:when=${which}`);
          for (let answer = await writer.ask(big()); answer; answer = await writer.ask(big())) {
            expect(answer).toEqual({ type: "acked", head: (acked += 16) });
            // It cannot go on for ever without that call.
            expect(acked).toBeLessThan(lines.length + 8 * 16);
          }
        }
        rmSync(join(dir.path, SPARE), { recursive: true, force: true });
        for (let opening = 0; opening < 2; opening++) {
          await using log = openFileLog(dir.path);
          expect(log.head).toBeGreaterThanOrEqual(acked);
          // Of the append that was under way all is there, or nothing.
          expect((log.head - lines.length - opening) % 16).toBe(0);
          const all = everything(log);
          expect(all.slice(0, lines.length)).toEqual([...lines]);
          expect(all.map((line) => decodeStored(line).seq)).toEqual(all.map((_, index) => index + 1));
          await log.append([said("more")]);
          acked = log.head;
        }
      });
    }
});

describe("a step of a roll that fails keeps the append out, and is taken again (needs strace)", () => {
  const steps = ["rename:EIO", "openat:EMFILE", "pwrite64:EIO", "fdatasync:EIO", "fsync:EIO"];
  for (const spare of [true, false])
    for (const step of steps) {
      const [call, error] = step.split(":") as [string, string];
      if (!spare && call === "rename") continue;
      test.skipIf(!traceable)(`${step}, with${spare ? "" : "out"} a spare`, async () => {
        await using dir = await tempDir();
        const { writer, lines } = await aboutToRoll(dir, spare);
        await using _ = writer;
        let failures = 0;
        let acked = lines.length;
        const say = async () => {
          const answer = await writer.ask(big());
          if (answer?.type === "failed") failures++;
          else expect(answer).toEqual({ type: "acked", head: (acked += 16) });
        };
        {
          await using __ = await tamper(writer.pid, call, `error=${error}`);
          for (let turn = 0; turn < 4; turn++) await say();
        }
        // A spare that has to stay where it is is done without.
        if (call !== "rename") expect(failures).toBeGreaterThan(0);
        failures = 0;
        for (let turn = 0; turn < 4; turn++) await say();
        expect(failures).toBe(0);
        writer.kill();
        expect(await writer.next()).toBeUndefined();
        rmSync(join(dir.path, SPARE), { recursive: true, force: true });
        await using log = openFileLog(dir.path);
        expect(log.head).toBe(acked);
        const all = everything(log);
        expect(all.slice(0, lines.length)).toEqual([...lines]);
        expect(all.map((line) => decodeStored(line).seq)).toEqual(all.map((_, index) => index + 1));
      });
    }
});

test.skipIf(!traceable)("an append that failed is not shown after a sudden end either (needs strace)", async () => {
  await using dir = await tempDir();
  {
    await using writer = startWriter(dir.path);
    await writer.next();
    await writer.ask([said("one")]);
    {
      await using _ = await tamper(writer.pid, "fdatasync", "error=EIO");
      expect(await writer.ask([said("two", "2")])).toEqual({ type: "failed" });
    }
    writer.kill();
    expect(await writer.next()).toBeUndefined();
  }
  await using log = openFileLog(dir.path);
  expect(textsOf(everything(log))).toEqual(["one"]);
  expect(log.caused("Ada", "2")).toBeUndefined();
});

test.skipIf(!traceable)(
  "a folder that cannot be synced is said so, and nothing is lost of what is in it (needs strace)",
  async () => {
    await using dir = await tempDir();
    {
      await using log = openFileLog(dir.path);
      await log.append([said("one")]);
    }
    {
      const strace = `strace -f -qq -o /dev/null -P ${dir.path} -e inject=fsync:error=EIO`;
      await using writer = startWriter(dir.path, `exec ${strace} "$@"`);
      expect(await writer.next()).toEqual({ type: "unusable", text: expect.stringContaining(dir.path) });
    }
    await using log = openFileLog(dir.path);
    expect(textsOf(everything(log))).toEqual(["one"]);
  },
);

describe("a disk that has no room for a spare (needs the right to mount one)", () => {
  test.skipIf(!mountable)("takes what it has room for, and more once there is room", async () => {
    using disk = tinyDisk(2_048)!;
    const directory = join(disk.path, "data");
    const expected: string[] = [];
    {
      await using log = openFileLog(directory);
      const fill = async (): Promise<number> => {
        for (let turn = 0; ; turn++)
          try {
            for (const event of await log.append(big())) expected.push(JSON.stringify(event));
          } catch (error) {
            expect(error).toBeInstanceOf(StorageFailed);
            return turn;
          }
      };
      // Some 1.5 MB are left for it, 130 kB of which it may leave unused.
      expect(await fill()).toBeGreaterThan(9);
      expect(segmentsIn(directory).length).toBe(2);
      expect(await fill()).toBe(0);
      expect(everything(log)).toEqual(expected);
      writeFileSync(join(disk.path, "other"), "");
      expect(Bun.spawnSync(["mount", "-o", "remount,size=8192k", disk.path]).success).toBeTrue();
      expect(await fill()).toBeGreaterThan(20);
      expect(everything(log)).toEqual(expected);
    }
    // It is as good as full, and opens all the same.
    await using log = openFileLog(directory);
    expect(everything(log)).toEqual(expected);
  });

  test.skipIf(!mountable)("is not taken for full while it is tried", async () => {
    using disk = tinyDisk(4_096)!;
    await using log = openFileLog(join(disk.path, "data"));
    // The first segment, and of the second one more than half.
    for (let turn = 0; turn < 24; turn++) await log.append(big());
    expect(log.head).toBe(24 * 16);
  });

  test.skipIf(!mountable)("may be full when the log is closed", async () => {
    using disk = tinyDisk(1_024)!;
    const directory = join(disk.path, "data");
    let expected;
    {
      await using log = openFileLog(directory);
      await log.append([said("one", "1")]);
      disk.fill();
      expected = everything(log);
    }
    disk.makeRoom();
    await using log = openFileLog(directory);
    expect(everything(log)).toEqual(expected);
    expect(log.caused("Ada", "1")).toBe(expected[0]);
  });
});

describe("a segment that could not be begun", () => {
  test.skipIf(!mountable)(
    "costs nothing of what is written to the one before it (needs the right to mount one)",
    async () => {
      using disk = tinyDisk(2_048)!;
      const directory = join(disk.path, "data");
      const expected: string[] = [];
      const say = async (log: FileLog, facts: Fact[]) => {
        for (const event of await log.append(facts)) expected.push(JSON.stringify(event));
      };
      {
        await using log = openFileLog(directory);
        for (let turn = 0; turn < 3; turn++) await say(log, big());
        disk.fill();
        // There is no room for it in this segment, and none for another one.
        expect(await log.append([...big(), ...big()]).catch((error: unknown) => error)).toBeInstanceOf(StorageFailed);
        for (let turn = 0; turn < 3; turn++) await say(log, [said("small")]);
        disk.makeRoom();
        for (let turn = 0; turn < 3; turn++) await say(log, big());
        expect(segmentsIn(directory).length).toBe(2);
      }
      await using log = openFileLog(directory);
      expect(everything(log)).toEqual(expected);
      expect(log.damaged).toBe(0);
    },
  );

  for (const [what, content] of [
    ["is empty", ""],
    ["is zeros", "\0".repeat(300_000)],
  ] as const)
    test(`and is still there, and ${what}, costs nothing either`, async () => {
      await using dir = await tempDir();
      const segments = makeSegments(dir.path, "the-name", [[[said("1")], [said("2")], [said("3")]], [[said("4")]]]);
      // As if "2" had not found room in the first segment, and "2" and "3" had found it after all.
      writeFileSync(segmentPath(dir.path, 1), content);
      await using log = openFileLog(dir.path);
      expect(everything(log)).toEqual(linesIn(segments));
      expect(log.said(100, 50, 10_000).lines).toEqual(linesIn(segments));
      expect(log.damaged).toBe(0);
    });
});
