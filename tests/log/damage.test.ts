// What happens to a log's files while nobody looks: bits that turn, ends that are cut off, registers that are lost, older forms.
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openFileLog } from "../../lib/log/open-file.ts";
import { REGISTER_FILE } from "../../lib/log/register.ts";
import { decodeStored } from "../../lib/protocol/codec.ts";
import type { Fact } from "../../lib/protocol/message.ts";
import { tempDir } from "../support/temp-dir.ts";
import { everything, said, textsOf } from "./reading.ts";
import { VERSION_1 } from "./version-1.ts";
import { look } from "./writer.ts";

const FIRST_SEGMENT = "room-0000000000000001.log";
const topic = (text: string): Fact => ({ type: "topic", by: "Ada", text });

/** A log of three appends in `directory`; answers its lines. */
async function filled(directory: string): Promise<string[]> {
  await using log = openFileLog(directory);
  await log.append([said("one", "1"), topic("tea")]);
  await log.append([said("two", "2"), { type: "entered", name: "Bob" }]);
  await log.append([said("three", "3")]);
  return everything(log);
}

test("a bit that turned costs the record it is in, and nothing before or after it", async () => {
  await using dir = await tempDir();
  const lines = await filled(dir.path);
  const file = join(dir.path, FIRST_SEGMENT);
  const whole = readFileSync(file);
  const records = [...whole.toString("latin1").matchAll(/#/g)].map(({ index }) => index);
  expect(records.length).toBe(3);
  // In the header, in the line of the event, and in the last byte of the record.
  for (const at of [records[1]! + 3, records[1]! + 80, records[2]! - 1]) {
    writeFileSync(file, whole.with(at, whole[at]! ^ 4));
    await using log = openFileLog(dir.path);
    expect(everything(log)).toEqual([lines[0]!, lines[1]!, lines[4]!]);
    expect(textsOf(log.said(100, 50, 10_000).lines)).toEqual(["one", "three"]);
    expect([log.head, log.damaged, log.caused("Ada", "2"), log.topic()]).toEqual([5, 1, undefined, "tea"]);
    expect(log.caused("Ada", "3")).toBe(lines[4]);
  }
});

test("an end that is missing costs what was in it, and the log goes on from there", async () => {
  await using dir = await tempDir();
  const lines = await filled(dir.path);
  const file = join(dir.path, FIRST_SEGMENT);
  truncateSync(file, readFileSync(file).lastIndexOf("#") + 60);
  {
    await using log = openFileLog(dir.path);
    expect(everything(log)).toEqual(lines.slice(0, 4));
    expect(log.caused("Ada", "3")).toBeUndefined();
    expect((await log.append([said("again", "3")]))[0]!.seq).toBe(5);
    expect(textsOf([log.caused("Ada", "3")!])).toEqual(["again"]);
  }
  await using log = openFileLog(dir.path);
  expect(textsOf(everything(log))).toEqual(["one", "topic", "two", "entered", "again"]);
});

test("the end of a record that was never acknowledged is written over", async () => {
  await using dir = await tempDir();
  const lines = await filled(dir.path);
  const file = join(dir.path, FIRST_SEGMENT);
  const bytes = readFileSync(file);
  const end = bytes.indexOf("\0");
  const torn = Buffer.from(`#00001000 01234567 00000000000009\n{"type":"said","from":"Ada","text":"${"x".repeat(900)}`);
  bytes.set(torn, end);
  writeFileSync(file, bytes);
  {
    await using log = openFileLog(dir.path);
    expect(everything(log)).toEqual(lines);
    await log.append([said("short")]);
  }
  await using log = openFileLog(dir.path);
  expect(textsOf(everything(log)).slice(4)).toEqual(["three", "short"]);
});

test("a register that is gone or damaged is made anew", async () => {
  await using dir = await tempDir();
  await filled(dir.path);
  const register = join(dir.path, REGISTER_FILE);
  let before;
  {
    await using log = openFileLog(dir.path);
    before = look(log);
  }
  const damage = [
    () => rmSync(register),
    () => writeFileSync(register, "nonsense ".repeat(1_000)),
    () => writeFileSync(register, readFileSync(register).fill(0xff, 100, 4_096)),
    () => truncateSync(register, 5_000),
  ];
  for (const harm of damage) {
    harm();
    await using log = openFileLog(dir.path);
    expect(look(log)).toEqual(before);
  }
  expect(existsSync(`${register}.damaged`)).toBeTrue();
});

test("a register is not believed after the machine went down under way", async () => {
  await using dir = await tempDir();
  await filled(dir.path);
  {
    using db = new Database(join(dir.path, REGISTER_FILE));
    db.run("update meta set value = 'another boot' where key = 'boot'");
    // As a disk that lost some of it would have it.
    db.run("delete from requests");
    db.run("update topics set text = 'nonsense'");
  }
  await using log = openFileLog(dir.path);
  expect(log.topic()).toBe("tea");
  expect(textsOf([log.caused("Ada", "1")!, log.caused("Ada", "3")!])).toEqual(["one", "three"]);
});

test("a register's own file says from the opening on that it is written to, whatever becomes of its WAL", async () => {
  await using dir = await tempDir();
  await using left = await tempDir();
  await filled(dir.path);
  const boot = () => {
    // What a loss of power may leave: what was in the WAL alone is gone.
    const file = join(left.path, REGISTER_FILE);
    copyFileSync(join(dir.path, REGISTER_FILE), file);
    using db = new Database(file);
    return db.query<{ value: string }, []>("select value from meta where key = 'boot'").get()!.value;
  };
  expect(boot()).toBe("");
  await using _ = openFileLog(dir.path);
  expect(boot()).not.toBe("");
});

test("a log of many segments is read across them, live, late, backwards and by request", async () => {
  await using dir = await tempDir();
  const count = 3_000;
  const long = "x".repeat(2_000);
  {
    await using log = openFileLog(dir.path);
    for (let turn = 0; turn < count / 100; turn++)
      await log.append(Array.from({ length: 100 }, (_, n) => said(`${turn * 100 + n} ${long}`, `r${turn * 100 + n}`)));
  }
  const segments = readdirSync(dir.path).filter((name) => name.endsWith(".log"));
  expect(segments.length).toBeGreaterThan(1);
  await using log = openFileLog(dir.path);
  const numbers = (lines: readonly string[]) => textsOf(lines).map((text) => Number.parseInt(text, 10));
  expect(numbers(everything(log))).toEqual(Array.from({ length: count }, (_, n) => n));
  const pages: number[] = [];
  for (let before = count + 1, more = true; more;) {
    const page = log.said(before, 500, 1_000_000);
    pages.unshift(...numbers(page.lines));
    before = decodeStored(page.lines[0]!).seq;
    ({ more } = page);
  }
  expect(pages).toEqual(Array.from({ length: count }, (_, n) => n));
  for (const n of [0, 1, 258, 1_500, count - 1]) expect(numbers([log.caused("Ada", `r${n}`)!])).toEqual([n]);
  expect(numbers(everything(log, 1_234)).slice(0, 2)).toEqual([1_234, 1_235]);
});

test("a log of version 1 is adopted: with its name, its bytes, its requests and its topic", async () => {
  await using dir = await tempDir();
  const at = "2026-01-02T03:04:05.678Z";
  const events = [
    { type: "opened", seq: 1, at },
    { type: "said", from: "Ada", text: "one", re: "1", seq: 2, at },
    { type: "topic", by: "Ada", text: "tea", seq: 3, at },
    ...Array.from({ length: 200 }, (_, n) => ({ type: "entered", name: `n${n}`, seq: 4 + n, at })),
    { type: "said", from: "Ada", text: "two", re: "2", seq: 204, at },
  ];
  {
    using db = new Database(join(dir.path, REGISTER_FILE), { create: true, strict: true });
    db.run(`
      ${VERSION_1}
      insert into requests values ('ada 1', 2), ('ada 2', 204);
    `);
    for (const event of events)
      db.run("insert into events values (?, ?, ?)", [event.seq, event.type, JSON.stringify(event)]);
  }
  for (let opening = 0; opening < 2; opening++) {
    await using log = openFileLog(dir.path);
    expect([log.continues("the-old-name", 204), log.head, log.topic()]).toEqual([true, 204, "tea"]);
    expect(everything(log)).toEqual(events.map((event) => JSON.stringify(event)));
    expect(textsOf(log.said(1_000, 50, 10_000).lines)).toEqual(["one", "two"]);
    expect(textsOf([log.caused("ADA", "1")!, log.caused("Ada", "2")!])).toEqual(["one", "two"]);
  }
  await using log = openFileLog(dir.path);
  expect((await log.append([said("three")]))[0]!.seq).toBe(205);
});
