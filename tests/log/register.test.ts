// The register as it should not be: of another time, of another log, damaged inside. Whatever it is, it never answers wrongly.
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import {
  copyFileSync,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openFileLog } from "../../lib/log/open-file.ts";
import { REGISTER_FILE } from "../../lib/log/register.ts";
import type { Fact } from "../../lib/protocol/message.ts";
import { tempDir } from "../support/temp-dir.ts";
import { makeSegments } from "./make-segments.ts";
import { everything, said, textsOf } from "./reading.ts";
import { startWriter } from "./start-writer.ts";
import { look } from "./writer.ts";

const FIRST_SEGMENT = "room-0000000000000001.log";
const topic = (text: string): Fact => ({ type: "topic", by: "Ada", text });
const marked = (count: number, mark: string) =>
  Array.from({ length: count }, (_, n) => said(`${mark} ${n}`, `${mark}${n}`));

test("a register that was ahead of its log is not believed at the next start either", async () => {
  await using dir = await tempDir();
  const [segment, older] = [join(dir.path, FIRST_SEGMENT), join(dir.path, "older-copy")];
  {
    await using log = openFileLog(dir.path);
    await log.append([said("one", "1"), topic("tea")]);
  }
  copyFileSync(segment, older);
  {
    await using log = openFileLog(dir.path);
    await log.append([said("lost", "2"), topic("cake"), said("lost too", "3"), said("lost as well")]);
  }
  copyFileSync(older, segment);
  {
    // What it is told from here on is still in memory when it ends.
    await using writer = startWriter(dir.path);
    expect(await writer.next()).toEqual({ type: "opened", head: 2 });
    expect(await writer.ask([said("four", "4"), topic("pie")])).toEqual({ type: "acked", head: 4 });
    writer.kill();
    expect(await writer.next()).toBeUndefined();
  }
  await using log = openFileLog(dir.path);
  expect(log.topic()).toBe("pie");
  expect(["1", "2", "3", "4"].map((mark) => log.caused("Ada", mark)).map((line) => line && textsOf([line])[0])).toEqual(
    ["one", undefined, undefined, "four"],
  );
});

test("a register of another log is not believed, now or later", async () => {
  await using dir = await tempDir();
  await using other = await tempDir();
  for (const { path, word } of [
    { path: dir.path, word: "ours" },
    { path: other.path, word: "theirs" },
  ]) {
    await using log = openFileLog(path);
    await log.append([said(word, word), topic(word), said(`${word} too`, "1"), said(word)]);
  }
  copyFileSync(join(other.path, REGISTER_FILE), join(dir.path, REGISTER_FILE));
  for (let opening = 0; opening < 2; opening++) {
    await using log = openFileLog(dir.path);
    expect(log.topic()).toBe("ours");
    expect(log.caused("Ada", "theirs")).toBeUndefined();
    expect(textsOf([log.caused("Ada", "ours")!, log.caused("Ada", "1")!])).toEqual(["ours", "ours too"]);
  }
});

test("an older copy of the register learns what it has missed", async () => {
  await using dir = await tempDir();
  const [register, copy] = [join(dir.path, REGISTER_FILE), join(dir.path, "copy")];
  const log = openFileLog(dir.path);
  await log.append([said("one", "1"), topic("tea")]);
  await log[Symbol.asyncDispose]();
  copyFileSync(register, copy);
  let seen;
  {
    await using again = openFileLog(dir.path);
    await again.append([said("two", "2"), topic("cake")]);
    await again.append([said("three", "3")]);
    seen = look(again);
  }
  copyFileSync(copy, register);
  await using again = openFileLog(dir.path);
  expect(look(again)).toEqual(seen);
});

test("a register that was copied while it was written is not believed", async () => {
  await using dir = await tempDir();
  await using copy = await tempDir();
  {
    await using writer = startWriter(dir.path);
    await writer.next();
    for (let turn = 0; turn < 3; turn++) await writer.ask(marked(200, `m${turn}-`));
    cpSync(dir.path, copy.path, { recursive: true });
    writer.kill();
  }
  {
    using db = new Database(join(copy.path, REGISTER_FILE));
    // As a copy has it that was made page by page.
    db.run("delete from requests");
  }
  await using log = openFileLog(copy.path);
  for (let turn = 0; turn < 3; turn++) expect(textsOf([log.caused("Ada", `m${turn}-7`)!])).toEqual([`m${turn}- 7`]);
});

test("of a register that is gone, what SQLite kept beside it is not believed", async () => {
  for (const gone of [REGISTER_FILE, `${REGISTER_FILE}-wal`]) {
    await using dir = await tempDir();
    await using writer = startWriter(dir.path);
    await writer.next();
    await writer.ask([topic("tea"), said("one", "1")]);
    // So many that some of it is in the file.
    for (let turn = 0; turn < 3; turn++) await writer.ask(marked(200, `m${turn}-`));
    await writer.ask([topic("cake"), said("two", "2")]);
    const seen = await writer.ask("look");
    writer.kill();
    await writer[Symbol.asyncDispose]();
    expect(existsSync(join(dir.path, gone))).toBeTrue();
    rmSync(join(dir.path, gone));
    await using log = openFileLog(dir.path);
    expect(seen).toEqual({ type: "seen", seen: JSON.parse(JSON.stringify(look(log))) });
    for (let turn = 0; turn < 3; turn++) expect(textsOf([log.caused("Ada", `m${turn}-7`)!])).toEqual([`m${turn}- 7`]);
  }
});

test("damage anywhere in the register's file costs nothing", async () => {
  await using dir = await tempDir();
  const register = join(dir.path, REGISTER_FILE);
  const count = 1_000;
  {
    await using log = openFileLog(dir.path);
    await log.append([topic("tea"), ...marked(count, "m")]);
  }
  const whole = readFileSync(register);
  const PAGE = 4_096;
  expect(whole.length).toBeGreaterThan(6 * PAGE);
  for (let page = 0; page < whole.length; page += PAGE)
    for (const filler of [0x00, 0xff]) {
      writeFileSync(register, Buffer.from(whole).fill(filler, page, page + PAGE));
      await using log = openFileLog(dir.path);
      expect(log.topic()).toBe("tea");
      for (let n = 0; n < count; n += 23) expect(textsOf([log.caused("Ada", `m${n}`)!])).toEqual([`m ${n}`]);
      expect(log.caused("Ada", "other")).toBeUndefined();
    }
});

test("a second process is kept out of a folder whose register was damaged, and of one that has rolled and read old segments", async () => {
  await using dir = await tempDir();
  makeSegments(
    dir.path,
    "the-name",
    Array.from({ length: 8 }, (_, n) => [[said(`${n}`, `${n}`)]]),
  );
  await openFileLog(dir.path)[Symbol.asyncDispose]();
  truncateSync(join(dir.path, REGISTER_FILE), 5_000);
  await using log = openFileLog(dir.path);
  for (let turn = 0; turn < 5; turn++) await log.append(marked(16, "x".repeat(8_000)));
  expect(everything(log).length).toBe(8 + 5 * 16);
  expect(textsOf([log.caused("Ada", "0")!])).toEqual(["0"]);
  await using second = startWriter(dir.path);
  expect(await second.next()).toMatchObject({ type: "unusable", text: expect.stringContaining("Another chatd") });
  // Where it looks has nothing to do with it.
  renameSync(join(dir.path, `${REGISTER_FILE}.damaged`), join(dir.path, "damaged"));
  await using third = startWriter(dir.path);
  expect(await third.next()).toMatchObject({ type: "unusable" });
});

test("a register that says it is of version 1, and has none of its events, does not cost the log", async () => {
  await using dir = await tempDir();
  let lines;
  {
    await using log = openFileLog(dir.path);
    await log.append([said("one", "1"), topic("tea")]);
    lines = everything(log);
  }
  const segment = readFileSync(join(dir.path, FIRST_SEGMENT));
  {
    using db = new Database(join(dir.path, REGISTER_FILE));
    db.run("pragma user_version = 1");
  }
  try {
    await using log = openFileLog(dir.path);
    expect(everything(log)).toEqual(lines);
  } catch (error) {
    // Not to open it is right, too.
    expect(error).toBeInstanceOf(Error);
  }
  expect(readFileSync(join(dir.path, FIRST_SEGMENT)).equals(segment)).toBeTrue();
});
