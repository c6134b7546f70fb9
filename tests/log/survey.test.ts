// Looking at a log that is somebody else's: what is told of it, and that nothing is touched.
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openFileLog } from "../../lib/log/open-file.ts";
import { keeperIn, readHeader } from "../../lib/log/sqlite-file.ts";
import { surveyLog } from "../../lib/log/survey.ts";
import { tempDir } from "../support/temp-dir.ts";
import { makeSegments, segmentPath } from "./make-segments.ts";
import { many, said } from "./reading.ts";
import { startWriter } from "./start-writer.ts";
import { VERSION_1 } from "./version-1.ts";

const AT = Date.UTC(2026, 10, 27, 12);

/** All that a folder holds, byte by byte. */
const bytesIn = (directory: string) =>
  readdirSync(directory)
    .toSorted()
    .map((name) => [
      name,
      statSync(join(directory, name)).mtimeMs,
      readFileSync(join(directory, name)).toString("base64"),
    ]);

async function closedLog(directory: string, count = 3): Promise<void> {
  await using log = openFileLog(directory, () => AT);
  await log.append(many(count, "something"));
}

test("an empty folder holds none, and is left empty", async () => {
  await using dir = await tempDir();
  expect(surveyLog(dir.path)).toEqual({ form: "none", newest: undefined, files: [], bytes: 0, keeper: undefined });
  expect(readdirSync(dir.path)).toEqual([]);
  expect(() => surveyLog(join(dir.path, "no-such"))).toThrow();
});

test("a log that was closed tells its newest event, and is left as it is", async () => {
  await using dir = await tempDir();
  await closedLog(dir.path);
  const before = bytesIn(dir.path);
  const survey = surveyLog(dir.path);
  expect(survey).toMatchObject({ form: "current", newest: { seq: 3, at: AT }, keeper: undefined });
  expect(survey.files.toSorted()).toEqual(["room-0000000000000001.log", "room.db", "room.lock"]);
  expect(survey.bytes).toBeGreaterThan(500_000);
  expect(bytesIn(dir.path)).toEqual(before);
});

test("a log that is open tells who has it, and what was just said; its owner goes on undisturbed", async () => {
  await using dir = await tempDir();
  await using writer = startWriter(dir.path);
  expect(await writer.next()).toMatchObject({ type: "opened" });
  for (let turn = 1; turn <= 5; turn++) {
    expect(await writer.ask([said(`turn ${turn}`)])).toEqual({ type: "acked", head: turn });
    const { form, newest, keeper } = surveyLog(dir.path);
    expect({ form, seq: newest?.seq }).toEqual({ form: "current", seq: turn });
    if (existsSync("/proc/locks")) expect(keeper).toBe(writer.pid);
  }
  // It still holds the lock.
  expect(() => openFileLog(dir.path)).toThrow("Another chatd keeps its history");
  expect(await writer.ask("close")).toEqual({ type: "closed" });
  expect(surveyLog(dir.path)).toMatchObject({ newest: { seq: 5 }, keeper: undefined });
});

test("what stands behind the last whole record does not count, and neither does a segment with nothing in it", async () => {
  await using dir = await tempDir();
  makeSegments(dir.path, "x", [[[said("one")], [said("two")]], [[said("three")], [said("four")]], []]);
  expect(surveyLog(dir.path).newest?.seq).toBe(4);
  const path = segmentPath(dir.path, 2);
  truncateSync(path, readFileSync(path).indexOf("four"));
  expect(surveyLog(dir.path).newest?.seq).toBe(3);
});

test("damage in the midst is stepped over", async () => {
  await using dir = await tempDir();
  const [{ path, records }] = makeSegments(dir.path, "x", [[[said("one")], [said("two")], [said("three")]]]) as [
    ReturnType<typeof makeSegments>[number],
  ];
  const bytes = readFileSync(path);
  bytes.fill(0x58, records[1]!.offset, records[1]!.end);
  writeFileSync(path, bytes);
  expect(surveyLog(dir.path).newest?.seq).toBe(3);
});

test.each([
  ["a newer register", (path: string) => new Database(path).run("pragma user_version = 99")],
  ["another program's file", (path: string) => new Database(path).run("pragma application_id = 7")],
  ["no database", (path: string) => writeFileSync(path, "This is a shopping list.\n".repeat(99))],
])("%s", async (what, change) => {
  await using dir = await tempDir();
  await closedLog(dir.path);
  change(join(dir.path, "room.db"));
  const expected = { "a newer register": "newer", "another program's file": "foreign" }[what];
  // A damaged register is made anew from the segments.
  expect(surveyLog(dir.path).form).toBe((expected ?? "current") as "newer");
});

test("a register of an older form is told from one of another program, and from nothing", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "room.db");
  writeFileSync(path, "");
  expect(surveyLog(dir.path).form).toBe("none");
  writeFileSync(path, "shopping");
  expect(surveyLog(dir.path).form).toBe("foreign");
  writeFileSync(path, "");
  {
    using db = new Database(path);
    db.run(VERSION_1);
  }
  expect(surveyLog(dir.path)).toMatchObject({ form: "older", newest: undefined });
  await using other = await tempDir();
  {
    using db = new Database(join(other.path, "room.db"), { create: true });
    db.run("create table recipes (name text)");
  }
  expect(surveyLog(other.path).form).toBe("foreign");
});

test("a segment of a newer form is one", async () => {
  await using dir = await tempDir();
  writeFileSync(segmentPath(dir.path, 0), "chatd log 3 some-other-way\n");
  expect(surveyLog(dir.path).form).toBe("newer");
});

test("what lies in the folder may be anything", async () => {
  await using dir = await tempDir();
  await closedLog(dir.path);
  mkdirSync(segmentPath(dir.path, 3));
  // To open a pipe for reading takes until somebody writes.
  Bun.spawnSync(["mkfifo", segmentPath(dir.path, 4)]);
  writeFileSync(segmentPath(dir.path, 5), "");
  expect(surveyLog(dir.path)).toMatchObject({ form: "current", newest: { seq: 3 } });
  mkdirSync(join(dir.path, "other"));
  mkdirSync(join(dir.path, "other", "room.db"));
  expect(surveyLog(join(dir.path, "other")).form).toBe("foreign");
});

test("an event without a time has none", async () => {
  await using dir = await tempDir();
  const { encodeRecord } = await import("../../lib/log/record.ts");
  for (const line of ["{}", '{"at":7}', '{"at":"soon"}', "null", "{"]) {
    writeFileSync(segmentPath(dir.path, 0), encodeRecord(`${line}\n`, 1, 1).record);
    expect(surveyLog(dir.path).newest).toBeUndefined();
  }
});

test.skipIf(process.getuid?.() === 0)("files that may not be read are a fault for the caller", async () => {
  await using dir = await tempDir();
  await closedLog(dir.path);
  chmodSync(join(dir.path, "room.db"), 0);
  expect(() => surveyLog(dir.path)).toThrow();
});

test("the header of a database is read as it was committed last", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "any.db");
  expect(readHeader(path)).toBe("none");
  using db = new Database(path, { create: true });
  db.run("pragma journal_mode = wal; pragma application_id = 7; pragma user_version = 1; create table t (x)");
  // It is read from a copy: to open the file here and close it would give away the lock that this process holds.
  const copied = () => {
    const copy = join(dir.path, "copy.db");
    for (const end of ["", "-wal"]) copyFileSync(path + end, copy + end);
    return readHeader(copy);
  };
  expect(copied()).toEqual({ application: 7, version: 1, tables: 1 });
  db.run("begin; pragma user_version = 2; commit");
  expect(copied()).toEqual({ application: 7, version: 2, tables: 1 });
  db.run("pragma wal_checkpoint(restart)");
  db.run("pragma user_version = 3");
  expect(copied()).toEqual({ application: 7, version: 3, tables: 1 });
  db.run("pragma wal_checkpoint(truncate)");
  expect(copied()).toEqual({ application: 7, version: 3, tables: 1 });
});

test("who has locked a file is told by its inode and by the bytes that SQLite locks", () => {
  const locks = [
    "1: POSIX  ADVISORY  WRITE 850 fe:00:21806 0 EOF",
    "2: FLOCK  ADVISORY  WRITE 851 fe:00:21806 1073741824 1073742335",
    "3: POSIX  ADVISORY  READ 852 fe:00:99 1073741824 1073742335",
    "3: -> POSIX  ADVISORY  READ 857 fe:00:21806 1073741824 1073742335",
    "4: POSIX  ADVISORY  READ  853 fe:00:21806 1073741826 1073742335",
    "",
  ].join("\n");
  expect(keeperIn(locks, 21_806n)).toBe(853);
  expect(keeperIn(locks, 99n)).toBe(852);
  expect(keeperIn(locks, 1n)).toBeUndefined();
  expect(keeperIn("", 1n)).toBeUndefined();
});
