// The log in a file, held to what every log promises and to what only a disk can break: other processes, a sudden end,
// damage, no room, and a disk that does not do what it says.
import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOCK_FILE } from "../../lib/log/lock.ts";
import { LogUnusable, StorageFailed } from "../../lib/log/log.ts";
import { REGISTER_FILE } from "../../lib/log/register.ts";
import { openFileLog } from "../../lib/log/open-file.ts";
import { decodeStored } from "../../lib/protocol/codec.ts";
import type { Fact } from "../../lib/protocol/message.ts";
import { canTrace, failSyncs } from "../support/fail-syncs.ts";
import { random } from "../support/random.ts";
import { tempDir } from "../support/temp-dir.ts";
import { canMount, tinyDisk } from "../support/tiny-disk.ts";
import { logSuite } from "./log.suite.ts";
import { everything, many, said, textsOf } from "./reading.ts";
import { startWriter } from "./start-writer.ts";
import { look } from "./writer.ts";

const [mountable, traceable] = [canMount(), await canTrace()];
const dirs = new AsyncDisposableStack();
afterAll(() => dirs.disposeAsync());
logSuite("file", async (now) => openFileLog(dirs.use(await tempDir()).path, now));

const FIRST_SEGMENT = "room-0000000000000001.log";
const topic = (text: string): Fact => ({ type: "topic", by: "Ada", text });

describe("a log that is opened again", () => {
  test("goes on where it ended, with its bytes", async () => {
    await using dir = await tempDir();
    const facts = [{ type: "entered", name: "Ada" } as const, said("漢字", "1"), topic("tea"), said("ho", "2")];
    let before;
    {
      await using log = openFileLog(dir.path);
      await log.append(facts.slice(0, 2));
      await log.append(facts.slice(2));
      before = { id: log.id, seen: look(log) };
    }
    await using log = openFileLog(dir.path);
    expect(look(log)).toEqual(before.seen);
    expect(log.continues(before.id, 4)).toBeTrue();
    expect(before.seen).toMatchObject({ head: 4, topic: "tea" });
    await log.append([said("again")]);
    expect(everything(log)).toEqual([...before.seen.lines, expect.stringContaining('"seq":5')]);
  });

  test("goes on with times that do not go back", async () => {
    await using dir = await tempDir();
    {
      await using log = openFileLog(dir.path, () => 9_000);
      await log.append([said("one")]);
    }
    await using log = openFileLog(dir.path, () => 1_000);
    const [event] = await log.append([said("two")]);
    expect(Date.parse(event!.at)).toBe(9_000);
  });

  test("is its segments, its register and its lock while it is closed", async () => {
    await using dir = await tempDir();
    const log = openFileLog(dir.path);
    await log.append(many(10));
    await log[Symbol.asyncDispose]();
    expect([...new Bun.Glob("*").scanSync(dir.path)].toSorted()).toEqual([FIRST_SEGMENT, REGISTER_FILE, LOCK_FILE]);
  });

  test("is for its owner's eyes only, in a folder of others too", async () => {
    await using dir = await tempDir();
    chmodSync(dir.path, 0o755);
    await using log = openFileLog(dir.path);
    await log.append([{ type: "opened" }]);
    for (const file of [FIRST_SEGMENT, REGISTER_FILE, `${REGISTER_FILE}-wal`, LOCK_FILE]) {
      expect(statSync(join(dir.path, file)).mode & 0o777).toBe(0o600);
    }
  });

  test("may be in a folder that is not there yet", async () => {
    await using dir = await tempDir();
    await using log = openFileLog(join(dir.path, "a", "b"));
    await log.append([said("hi")]);
    expect(log.head).toBe(1);
  });
});

describe("a log that cannot be used says why", () => {
  const refusal = (directory: string): string => {
    try {
      void openFileLog(directory)[Symbol.asyncDispose]();
    } catch (error) {
      if (error instanceof LogUnusable) return error.message;
      throw error;
    }
    return "";
  };
  const busy = (directory: string) =>
    `Another chatd keeps its history in ${directory}. Stop it first, or choose another folder with --data.`;
  const damaged = (directory: string) =>
    `${join(directory, REGISTER_FILE)} is damaged. Move the folder away to begin a new history (keep it: most of it can be read with sqlite3's .recover).`;
  const unwritable = (directory: string) =>
    `The folder ${directory} cannot be written. Check its permissions, or choose another one with --data.`;

  test("while another has it", async () => {
    await using dir = await tempDir();
    await using log = openFileLog(dir.path);
    expect(refusal(dir.path)).toBe(busy(dir.path));
    await using other = startWriter(dir.path);
    expect(await other.next()).toEqual({ type: "unusable", text: busy(dir.path) });
    // Nobody was harmed.
    await log.append([said("hi")]);
    expect(textsOf(everything(log))).toEqual(["hi"]);
  });

  test("while another process has it, and no longer", async () => {
    await using dir = await tempDir();
    await using other = startWriter(dir.path);
    expect(await other.next()).toEqual({ type: "opened", head: 0 });
    expect(refusal(dir.path)).toBe(busy(dir.path));
    expect(await other.ask([said("hi")])).toEqual({ type: "acked", head: 1 });
    expect(refusal(dir.path)).toBe(busy(dir.path));
    other.kill();
    expect(await other.next()).toBeUndefined();
    await other[Symbol.asyncDispose]();
    await using log = openFileLog(dir.path);
    expect(log.head).toBe(1);
  });

  test("when there is a file in place of its folder, or a folder in place of its file", async () => {
    await using dir = await tempDir();
    const file = join(dir.path, "file");
    writeFileSync(file, "");
    expect(refusal(file)).toBe(unwritable(file));
    expect(refusal(join(file, "deeper"))).toBe(unwritable(join(file, "deeper")));
    mkdirSync(join(dir.path, REGISTER_FILE));
    expect(refusal(dir.path)).toBe(unwritable(dir.path));
  });

  test("when the file holds something else", async () => {
    for (const content of ["hello", "not a history\n".repeat(5_000)]) {
      await using dir = await tempDir();
      const file = join(dir.path, REGISTER_FILE);
      writeFileSync(file, content);
      expect(refusal(dir.path)).toBe(damaged(dir.path));
      expect(readFileSync(file, "utf8")).toBe(content);
    }
  });

  test("when it is the database of another program, which stays as it is", async () => {
    for (const pragma of ["application_id = 0", "application_id = 7"]) {
      await using dir = await tempDir();
      const file = join(dir.path, REGISTER_FILE);
      {
        using db = new Database(file);
        db.run(`pragma ${pragma}`);
        db.run("create table recipes (name text)");
      }
      const before = readFileSync(file);
      expect(refusal(dir.path)).toBe(`${file} is not a chat history. Choose another folder with --data.`);
      expect(readFileSync(file).equals(before)).toBeTrue();
    }
  });

  test("when a newer chatd wrote it", async () => {
    await using dir = await tempDir();
    await openFileLog(dir.path)[Symbol.asyncDispose]();
    {
      using db = new Database(join(dir.path, REGISTER_FILE));
      db.run("pragma user_version = 4");
    }
    expect(refusal(dir.path)).toBe(
      `The history in ${dir.path} was written by a newer chatd. Update chatd, or choose another folder with --data.`,
    );
  });

  test.skipIf(!mountable)("when the disk is full (needs the right to mount one)", () => {
    using disk = tinyDisk(1_024)!;
    disk.fill();
    const directory = join(disk.path, "data");
    const full = `The disk that holds ${directory} is full. Make room, or choose another folder with --data.`;
    expect(refusal(directory)).toBe(full);
    disk.makeRoom();
    expect(refusal(directory)).toBe("");
  });
});

test("what was acked outlives a process that is killed while it writes", async () => {
  await using dir = await tempDir();
  const { below } = random(11);
  let head = 0;
  for (let round = 0; round < 5; round++) {
    await using writer = startWriter(dir.path);
    expect(await writer.next()).toEqual({ type: "opened", head });
    let next = head;
    writer.tell(...Array.from({ length: 300 }, () => Array.from({ length: 3 }, () => said(`${++next}`))));
    let acked = head;
    for (let answers = 1 + below(150); answers > 0; answers--) acked = ackedBy(await writer.next());
    writer.kill();
    for (let answer = await writer.next(); answer; answer = await writer.next()) acked = ackedBy(answer);
    await writer[Symbol.asyncDispose]();

    await using log = openFileLog(dir.path);
    expect(log.head).toBeGreaterThanOrEqual(acked);
    // Of the append that was under way all is there, or nothing.
    expect(log.head % 3).toBe(0);
    expect(textsOf(everything(log))).toEqual(Array.from({ length: log.head }, (_, index) => `${index + 1}`));
    ({ head } = log);
  }
});

function ackedBy(answer: unknown): number {
  expect(answer).toEqual({ type: "acked", head: expect.any(Number) });
  return (answer as { head: number }).head;
}

describe("a disk without room", () => {
  test.skipIf(!mountable)("takes no append, shows all it had, and heals (needs the right to mount one)", async () => {
    using disk = tinyDisk(2_048)!;
    const directory = join(disk.path, "data");
    const expected: string[] = [];
    {
      await using log = openFileLog(directory);
      await log.append([said("one", "1"), topic("tea")]);
      let calls = 0;
      const reader = log.follow(2, { grown: () => calls++ });
      expect(reader.take()).toBeUndefined();
      const before = look(log);
      disk.fill();
      // One that does not fit at all, and small ones until the last page is full.
      const tooMuch = [said("two", "2"), topic("cake"), ...many(500, "x".repeat(1_000))];
      expect(await log.append(tooMuch).catch((error: unknown) => error)).toBeInstanceOf(StorageFailed);
      expect(await log.append(tooMuch).catch((error: unknown) => error)).toBeInstanceOf(StorageFailed);
      expect(look(log)).toEqual(before);
      expect([reader.take(), calls]).toEqual([undefined, 0]);

      disk.makeRoom();
      await log.append([said("three", "3")]);
      log.notify();
      expect(calls).toBe(1);
      expect(look(log)).toMatchObject({ head: 3, topic: "tea" });
      expect(look(log).caused.map((line) => line && textsOf([line])[0])).toEqual([
        "one",
        undefined,
        "three",
        undefined,
      ]);
      expected.push(...everything(log));
    }
    expect(textsOf(expected)).toEqual(["one", "topic", "three"]);
    await using log = openFileLog(directory);
    expect(everything(log)).toEqual(expected);
  });

  const limits = Bun.which("prlimit") !== null;
  test.skipIf(!limits)("or a file that may not grow, too (needs prlimit)", async () => {
    await using dir = await tempDir();
    // A process that ignores the signal hears of the limit as an error of the disk.
    await using writer = startWriter(dir.path, `trap "" XFSZ; exec "$@"`);
    const limit = (bytes: number | "unlimited") =>
      expect(Bun.spawnSync(["prlimit", "--pid", `${writer.pid}`, `--fsize=${bytes}:`]).success).toBeTrue();
    expect(await writer.next()).toEqual({ type: "opened", head: 0 });
    expect(await writer.ask([said("one", "1"), topic("tea")])).toEqual({ type: "acked", head: 2 });
    const before = await writer.ask("look");
    limit(200_000);
    for (let turn = 0; turn < 3; turn++)
      expect(await writer.ask([said("two", "2"), topic("cake"), ...many(300, "x".repeat(1_000))])).toEqual({
        type: "failed",
      });
    expect(await writer.ask("look")).toEqual(before);
    // What fits is taken.
    expect(await writer.ask([said("three", "3")])).toEqual({ type: "acked", head: 3 });
    limit("unlimited");
    expect(await writer.ask(many(100, "x".repeat(1_000)))).toEqual({ type: "acked", head: 103 });
    writer.kill();
    expect(await writer.next()).toBeUndefined();
    await writer[Symbol.asyncDispose]();
    await using log = openFileLog(dir.path);
    const lines = everything(log);
    expect(textsOf(lines).slice(0, 4)).toEqual(["one", "topic", "three", `${"x".repeat(1_000)} 0`]);
    expect(lines.map((line) => decodeStored(line).seq)).toEqual(Array.from({ length: 103 }, (_, index) => index + 1));
    expect([log.topic(), log.caused("Ada", "2")]).toEqual(["tea", undefined]);
  });
});

describe("a disk that fails to sync (needs strace)", () => {
  test.skipIf(!traceable)("acks nothing that it may lose, shows none of it, and heals", async () => {
    await using dir = await tempDir();
    await using writer = startWriter(dir.path);
    await writer.next();
    expect(await writer.ask([said("one", "1"), topic("tea")])).toEqual({ type: "acked", head: 2 });
    const before = await writer.ask("look");
    {
      await using _ = await failSyncs(writer.pid);
      for (let turn = 0; turn < 3; turn++) {
        expect(await writer.ask([said("two", "2"), topic("cake"), said("two more")])).toEqual({ type: "failed" });
        expect(await writer.ask("look")).toEqual(before);
      }
    }
    expect(await writer.ask([said("three", "3"), said("four")])).toEqual({ type: "acked", head: 4 });
    expect(await writer.ask([said("five", "2")])).toEqual({ type: "acked", head: 5 });
    const after = await writer.ask("look");
    writer.kill();
    await writer[Symbol.asyncDispose]();
    await using log = openFileLog(dir.path);
    expect(textsOf(everything(log))).toEqual(["one", "topic", "three", "four", "five"]);
    expect(textsOf([log.caused("Ada", "2")!])).toEqual(["five"]);
    expect(after).toEqual({ type: "seen", seen: JSON.parse(JSON.stringify(look(log))) });
  });

  test.skipIf(!traceable)("leaves nothing behind of what it refused when the log is closed", async () => {
    await using dir = await tempDir();
    await using writer = startWriter(dir.path);
    await writer.next();
    expect(await writer.ask([said("one", "1"), topic("tea")])).toEqual({ type: "acked", head: 2 });
    {
      await using _ = await failSyncs(writer.pid);
      expect(await writer.ask([said("two", "2"), topic("cake")])).toEqual({ type: "failed" });
    }
    expect(await writer.ask("close")).toEqual({ type: "closed" });
    await writer[Symbol.asyncDispose]();
    await using log = openFileLog(dir.path);
    expect(look(log)).toMatchObject({ head: 2, topic: "tea" });
    expect(log.caused("Ada", "2")).toBeUndefined();
  });
});
