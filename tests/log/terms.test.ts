// Which of those who followed a log may go on in it: those who were told nothing but what is in it, whatever was done to it
// while it was closed. Copies of older days, ends that are lost, two logs that were one.
import { describe, expect, test } from "bun:test";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileLog } from "../../lib/log/file.ts";
import { openFileLog } from "../../lib/log/open-file.ts";
import { REGISTER_FILE } from "../../lib/log/register.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { makeSegments } from "./make-segments.ts";
import { everything, said, textsOf } from "./reading.ts";

const FIRST_SEGMENT = "room-0000000000000001.log";
const upTo = (last: number) => Array.from({ length: last + 1 }, (_, seq) => seq);

/** Opens the log in `directory`, says `texts` in it, one append each, and answers how it was called. The time stands still. */
async function talk(directory: string, ...texts: readonly string[]): Promise<string> {
  await using log = openFileLog(directory, () => 0);
  for (const text of texts) await log.append([said(text, text)]);
  return log.id;
}

/** What `after` may be for who has followed the log called `id`. */
const known = (log: FileLog, id: string) => upTo(log.head + 5).filter((after) => log.continues(id, after));

/** A folder with what is in `from` now. */
async function copyOf(from: string): Promise<TempDir> {
  const copy = await tempDir();
  cpSync(from, copy.path, { recursive: true });
  return copy;
}

function putBack(copy: string, directory: string): void {
  rmSync(directory, { recursive: true });
  cpSync(copy, directory, { recursive: true });
}

test("whoever followed a log goes on in it, however often it was opened since", async () => {
  await using dir = await tempDir();
  const ids = [
    await talk(dir.path, "1", "2"),
    await talk(dir.path, "3"),
    await talk(dir.path, "4", "5", "6"),
    await talk(dir.path, "7"),
  ];
  await using log = openFileLog(dir.path);
  expect(new Set([...ids, log.id]).size).toBe(5);
  // With what each had told until it ended, and what it told of those before it.
  expect(ids.map((id) => known(log, id))).toEqual([upTo(2), upTo(3), upTo(6), upTo(7)]);
  expect(known(log, log.id)).toEqual(upTo(7));
  await log.append([said("8")]);
  expect(ids.map((id) => known(log, id))).toEqual([upTo(2), upTo(3), upTo(6), upTo(7)]);
  expect(known(log, log.id)).toEqual(upTo(8));
});

test("a copy of an older day that has grown again knows those who had seen more, and those who had not", async () => {
  await using dir = await tempDir();
  const [first, second] = [await talk(dir.path, "1", "2"), await talk(dir.path, "3", "4")];
  await using copy = await copyOf(dir.path);
  const third = await talk(dir.path, "5", "6", "7", "8");
  putBack(copy.path, dir.path);
  const other = await talk(dir.path, "other 5", "other 6", "other 7", "other 8", "other 9");
  await using log = openFileLog(dir.path);
  expect(textsOf(everything(log)).slice(3, 5)).toEqual(["4", "other 5"]);
  expect([first, second, third, other].map((id) => known(log, id))).toEqual([upTo(2), upTo(4), [], upTo(9)]);
});

test("a copy that was made while the log was written tells who has seen what is not in it", async () => {
  await using dir = await tempDir();
  await using log = openFileLog(dir.path, () => 0);
  for (const text of ["1", "2"]) await log.append([said(text)]);
  await using copy = await copyOf(dir.path);
  for (const text of ["3", "4"]) await log.append([said(text)]);
  await talk(copy.path, "other 3", "other 4", "other 5");
  await using restored = openFileLog(copy.path);
  expect(known(restored, log.id)).toEqual(upTo(2));
});

test("two logs that were one are told apart, though all their bytes are the same but for the term", async () => {
  await using dir = await tempDir();
  await talk(dir.path, "1");
  await using copy = await copyOf(dir.path);
  const [one, other] = [await talk(dir.path, "same", "same"), await talk(copy.path, "same", "same")];
  await using log = openFileLog(dir.path);
  await using twin = openFileLog(copy.path);
  expect(everything(log)).toEqual(everything(twin));
  expect([known(log, one), known(log, other)]).toEqual([upTo(3), []]);
  expect([known(twin, one), known(twin, other)]).toEqual([[], upTo(3)]);
});

describe("an end that is lost", () => {
  /** Where each record begins, and where the last one ends. */
  const recordsIn = (bytes: Buffer) => [
    ...[...bytes.toString("latin1").matchAll(/#[0-9a-f]{8} /g)].map(({ index }) => index),
    bytes.indexOf("\0"),
  ];
  const harms: Record<string, (bytes: Buffer, from: number) => Buffer> = {
    "because it was cut off": (bytes, from) => bytes.subarray(0, from + 30),
    "because a bit turned": (bytes, from) => Buffer.from(bytes.with(from + 60, bytes[from + 60]! ^ 1)),
    "because it is zeros now": (bytes, from) => Buffer.from(bytes).fill(0, from),
  };
  for (const [why, harm] of Object.entries(harms))
    test(`${why}, is not taken for what came later under the same numbers`, async () => {
      await using dir = await tempDir();
      const [first, second] = [await talk(dir.path, "1", "2"), await talk(dir.path, "3", "4")];
      const file = join(dir.path, FIRST_SEGMENT);
      const bytes = readFileSync(file);
      // Of "4".
      writeFileSync(file, harm(bytes, recordsIn(bytes)[3]!));
      {
        await using log = openFileLog(dir.path, () => 0);
        expect([log.head, log.damaged]).toEqual([3, 1]);
        expect([first, second].map((id) => known(log, id))).toEqual([upTo(2), upTo(3)]);
        for (const text of ["4", "5"]) await log.append([said(text)]);
      }
      await using log = openFileLog(dir.path);
      expect([log.head, log.damaged]).toEqual([5, 0]);
      expect([first, second].map((id) => known(log, id))).toEqual([upTo(2), upTo(3)]);
    });
});

test("damage in the midst costs nobody its place who was told more than what was damaged", async () => {
  await using dir = await tempDir();
  const [first, second] = [await talk(dir.path, "1", "2", "3", "4"), await talk(dir.path, "5", "6")];
  const file = join(dir.path, FIRST_SEGMENT);
  const bytes = readFileSync(file);
  const at = bytes.indexOf('"text":"3"');
  writeFileSync(file, bytes.with(at, bytes[at]! ^ 1));
  await using log = openFileLog(dir.path);
  expect(log.damaged).toBe(1);
  expect([first, second].map((id) => known(log, id))).toEqual([upTo(4), upTo(6)]);
});

test("a log as it was before there were terms goes on for those who followed it then", async () => {
  await using dir = await tempDir();
  makeSegments(dir.path, "the-name", [[[said("1")], [said("2")]], [[said("3")]]]);
  await using copy = await copyOf(dir.path);
  const later = await talk(dir.path, "4", "5");
  await using log = openFileLog(dir.path);
  expect([known(log, "the-name"), known(log, later)]).toEqual([upTo(3), upTo(5)]);
  // Of a copy that was opened again, too.
  const other = await talk(copy.path, "other 4", "other 5");
  await using restored = openFileLog(copy.path);
  expect([known(restored, "the-name"), known(restored, later), known(restored, other)]).toEqual([upTo(3), [], upTo(5)]);
});

test("a name that no log has had goes on nowhere", async () => {
  await using dir = await tempDir();
  const id = await talk(dir.path, "1", "2");
  await using log = openFileLog(dir.path);
  const [term] = id.split(".");
  const names = ["", "x", ".", "1", `${term}`, `${term}.`, `${term}.-1`, `${term}.99999999999999999999`, `${term}.3`];
  for (const name of [...names, `.${id}`, `${id}.1`, ` ${id}`, `${id}\n`, `${term}.9007199254740993`, "0.1", "f.1"])
    expect([name, known(log, name)]).toEqual([name, []]);
  for (const after of [3, 1_000_000, Number.MAX_SAFE_INTEGER]) expect(log.continues(id, after)).toBeFalse();
});

test("a register of the same log that went another way is not believed", async () => {
  await using dir = await tempDir();
  await talk(dir.path, "1");
  await using copy = await copyOf(dir.path);
  await talk(dir.path, "2", "3");
  await talk(copy.path, "other 2", "other 3");
  // As if one of the two files had been restored without the other.
  cpSync(join(copy.path, REGISTER_FILE), join(dir.path, REGISTER_FILE));
  await using log = openFileLog(dir.path);
  expect(["1", "2", "3"].map((mark) => textsOf([log.caused("Ada", mark)!])[0])).toEqual(["1", "2", "3"]);
  expect(log.caused("Ada", "other 2")).toBeUndefined();
  expect(log.damaged).toBe(0);
});
