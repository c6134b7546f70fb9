// A small log with one thing wrong, anywhere in its files: a bit that turned, an end that is cut off, a file that is gone,
// twice there, or of another log. It never shows what was not said, and what is whole is shown; what is lost is told.
import { expect, test } from "bun:test";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileLog } from "../../lib/log/file.ts";
import { LOCK_FILE } from "../../lib/log/lock.ts";
import { LogUnusable } from "../../lib/log/log.ts";
import { openFileLog } from "../../lib/log/open-file.ts";
import { encodeRecord } from "../../lib/log/record.ts";
import { REGISTER_FILE } from "../../lib/log/register.ts";
import { decodeStored } from "../../lib/protocol/codec.ts";
import { random } from "../support/random.ts";
import { memoryDir, type TempDir, tempDir } from "../support/temp-dir.ts";
import { linesIn, makeSegments, segmentPath } from "./make-segments.ts";
import { everything, said, textsOf } from "./reading.ts";

const FIRST_SEGMENT = "room-0000000000000001.log";
/** Each test opens a log some hundred times. */
const TIMEOUT_MS = 30_000;

interface Small {
  readonly id: string;
  readonly lines: readonly string[];
  /** Where in its file each line's record begins. */
  readonly starts: readonly number[];
  readonly end: number;
  /** Its files, as they are. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Makes the folder as it was, but for one file. */
  harm(name: string, content: Uint8Array): void;
}

/** A log in `dir` of four texts, the newest one in a term of its own, that was closed as it should be. */
async function small(dir: TempDir): Promise<Small> {
  {
    await using log = openFileLog(dir.path);
    for (const text of ["1", "2", "3"]) await log.append([said(text, text)]);
  }
  const log = openFileLog(dir.path);
  await log.append([said("4", "4"), { type: "topic", by: "Ada", text: "tea" }]);
  const { id } = log;
  const lines = everything(log);
  await log[Symbol.asyncDispose]();
  const files = new Map(readdirSync(dir.path).map((name) => [name, readFileSync(join(dir.path, name))]));
  const segment = files.get(FIRST_SEGMENT)!;
  const starts = [...segment.toString("latin1").matchAll(/#[0-9a-f]{8} /g)].map(({ index }) => index);
  return {
    id,
    lines,
    starts,
    end: segment.indexOf("\0"),
    files,
    harm(name, content) {
      for (const other of readdirSync(dir.path)) if (!files.has(other)) rmSync(join(dir.path, other));
      for (const [other, whole] of files) writeFileSync(join(dir.path, other), other === name ? content : whole);
    },
  };
}

/** What there was, without what one record said. */
function without({ lines }: Small, record: number): readonly string[] {
  // The last record has two.
  return lines.filter((_, index) => Math.min(index, 3) !== record);
}

function expectShown(log: FileLog, small: Small, lines: readonly string[]): void {
  expect(everything(log)).toEqual([...lines]);
  const page = lines.filter((line) => line.includes('"said"'));
  expect(log.said(1_000, 50, 10_000)).toEqual({ lines: page, more: false });
  for (const mark of ["1", "2", "3", "4"])
    expect(log.caused("Ada", mark)).toBe(page.find((line) => line.includes(`"re":"${mark}"`)));
  expect(log.topic()).toBe(lines.includes(small.lines[4]!) ? "tea" : undefined);
  const seen = lines.length === 0 ? 0 : decodeStored(lines.at(-1)!).seq;
  // Whoever has heard the newest event goes on where it is there, and begins anew where it is lost.
  expect(log.continues(small.id, 5)).toBe(seen === 5);
}

test(
  "a bit that turned in a segment costs the record that it is in, which is told",
  async () => {
    await using dir = await memoryDir();
    const it = await small(dir);
    const whole = it.files.get(FIRST_SEGMENT)!;
    const { below } = random(3);
    for (let at = 0; at < it.end; at++) {
      it.harm(FIRST_SEGMENT, whole.with(at, whole[at]! ^ (1 << below(8))));
      await using log = openFileLog(dir.path);
      const record = it.starts.findLastIndex((start) => start <= at);
      expectShown(log, it, without(it, record));
      expect([at, log.damaged]).toEqual([at, 1]);
    }
    for (const at of [it.end, it.end + 1, it.end + 50, it.end + 5_000, whole.length - 1]) {
      it.harm(FIRST_SEGMENT, whole.with(at, 0xff));
      await using log = openFileLog(dir.path);
      expectShown(log, it, it.lines);
    }
  },
  TIMEOUT_MS,
);

test(
  "an end that is cut off costs what was in it, which is told, wherever the cut is",
  async () => {
    await using dir = await memoryDir();
    const it = await small(dir);
    const whole = it.files.get(FIRST_SEGMENT)!;
    for (let length = it.starts[2]!; length <= it.end; length++) {
      it.harm(FIRST_SEGMENT, whole.subarray(0, length));
      await using log = openFileLog(dir.path);
      const left = length === it.end ? 5 : length < it.starts[3]! ? 2 : 3;
      expectShown(log, it, it.lines.slice(0, left));
      expect([length, log.damaged]).toEqual([length, left === 5 ? 0 : 1]);
      const [event] = await log.append([said("more")]);
      expect(everything(log)).toEqual([...it.lines.slice(0, left), JSON.stringify(event)]);
      expect(log.continues(it.id, 5)).toBe(left === 5);
    }
  },
  TIMEOUT_MS,
);

test(
  "a bit that turned in the register or the lock costs nothing",
  async () => {
    await using dir = await memoryDir();
    const it = await small(dir);
    const whole = it.files.get(REGISTER_FILE)!;
    const { below } = random(4);
    // All of its header, the head of each of its pages, and some of the rest.
    const places = [
      ...Array.from({ length: 100 }, (_, at) => at),
      ...Array.from({ length: whole.length / 4_096 }, (_, page) => [0, 3, 5, 8].map((at) => page * 4_096 + at)).flat(),
      ...Array.from({ length: 100 }, () => below(whole.length)),
    ];
    for (const at of places) {
      it.harm(REGISTER_FILE, whole.with(at, whole[at]! ^ (1 << below(8))));
      try {
        await using log = openFileLog(dir.path);
        expectShown(log, it, it.lines);
      } catch (error) {
        // It says that it is another program's, or a newer chatd's.
        expect(error).toBeInstanceOf(LogUnusable);
        expect(at).toBeGreaterThanOrEqual(60);
        expect(at).toBeLessThan(72);
      }
    }
    for (const content of ["nonsense ".repeat(999), "x"]) {
      it.harm(LOCK_FILE, Buffer.from(content));
      await using log = openFileLog(dir.path);
      expectShown(log, it, it.lines);
    }
  },
  TIMEOUT_MS,
);

test("what cannot be read at the end is kept aside once, and told once", async () => {
  await using dir = await tempDir();
  const it = await small(dir);
  const whole = it.files.get(FIRST_SEGMENT)!;
  const at = it.starts[3]! + 70;
  it.harm(FIRST_SEGMENT, whole.with(at, whole[at]! ^ 1));
  const damaged = join(dir.path, `${FIRST_SEGMENT}.damaged`);
  for (let opening = 0; opening < 2; opening++) {
    await using log = openFileLog(dir.path);
    expect(log.damaged).toBe(1 - opening);
    await log.append([said("5")]);
    expect(readFileSync(damaged).equals(whole.with(at, whole[at]! ^ 1).subarray(it.starts[3], it.end))).toBeTrue();
  }
});

test("a record that was not all written when the power went is no damage, whichever part of it is missing", async () => {
  await using dir = await tempDir();
  const it = await small(dir);
  const whole = it.files.get(FIRST_SEGMENT)!;
  const { record } = encodeRecord(`{"type":"said","text":"${"x".repeat(3_000)}"}\n`, 6, 1);
  for (const [from, to] of [
    [0, 512],
    [512, 1_024],
    [2_048, record.length],
    [30, record.length],
  ] as const) {
    const written = Buffer.from(whole);
    written.set(Buffer.from(record).fill(0, from, to), it.end);
    it.harm(FIRST_SEGMENT, written);
    {
      await using log = openFileLog(dir.path);
      expectShown(log, it, it.lines);
      expect(log.damaged).toBe(0);
      await log.append([said("5")]);
    }
    expect(existsSync(join(dir.path, `${FIRST_SEGMENT}.damaged`))).toBeFalse();
    // Nothing is left of it behind what was written in its place.
    await using log = openFileLog(dir.path);
    expect([log.head, log.damaged]).toEqual([6, 0]);
  }
});

test("a newest segment that is nothing but nonsense is kept aside, and told", async () => {
  const nonsense = "nonsense ".repeat(99);
  for (const several of [true, false]) {
    await using dir = await tempDir();
    const segments = makeSegments(dir.path, "the-name", several ? [[[said("1")]], [[said("2")]]] : [[[said("1")]]]);
    const { path } = segments.at(-1)!;
    writeFileSync(path, nonsense);
    await using log = openFileLog(dir.path);
    expect(textsOf(everything(log))).toEqual(several ? ["1"] : []);
    expect(log.damaged).toBe(1);
    expect(readFileSync(`${path}.damaged`, "utf8")).toBe(nonsense);
    await log.append([said("more")]);
    expect(textsOf(everything(log)).at(-1)).toBe("more");
  }
});

test("segments of another log are not taken for one's own, and nobody touches them", async () => {
  await using dir = await tempDir();
  await using other = await tempDir();
  const texts = (count: number, word: string) => Array.from({ length: count }, (_, n) => [[said(`${word} ${n}`)]]);
  const ours = makeSegments(dir.path, "ours", texts(4, "ours"));
  makeSegments(other.path, "theirs", texts(8, "theirs"));
  for (const [after, there] of [
    [2, true],
    [3, true],
    [6, false],
  ] as const) {
    const [from, to] = [segmentPath(other.path, after), segmentPath(dir.path, after)];
    const before = there ? readFileSync(to) : undefined;
    for (const register of [true, false]) {
      if (!register) rmSync(join(dir.path, REGISTER_FILE));
      copyFileSync(from, to);
      expect(() => openFileLog(dir.path)).toThrow(
        `${dir.path} holds parts of another history: room-000000000000000${after + 1}.log. Move it to another folder.`,
      );
      expect(readFileSync(to).equals(readFileSync(from))).toBeTrue();
      if (before) writeFileSync(to, before);
      else rmSync(to);
      await using log = openFileLog(dir.path);
      expect(everything(log)).toEqual(linesIn(ours));
    }
  }
});

test("a segment that is there twice shows nothing twice", async () => {
  await using dir = await tempDir();
  const segments = makeSegments(
    dir.path,
    "the-name",
    [1, 3, 5].map((seq) => [[said(`${seq}`)], [said(`${seq + 1}`)]]),
  );
  const lines = linesIn(segments);
  // In the place of another one, after the last one, and beside itself.
  const copies: readonly [from: number, to: string, left: readonly number[]][] = [
    [0, segments[1]!.path, [1, 2, 5, 6]],
    [2, segments[1]!.path, [1, 2, 5, 6]],
    [1, segments[2]!.path, [1, 2, 3, 4]],
    [1, segmentPath(dir.path, 6), [1, 2, 3, 4, 5, 6]],
    [1, `${segments[1]!.path.slice(0, -4)} (1).log`, [1, 2, 3, 4, 5, 6]],
  ];
  for (const [from, to, left] of copies) {
    const before = existsSync(to) ? readFileSync(to) : undefined;
    copyFileSync(segments[from]!.path, to);
    {
      await using log = openFileLog(dir.path);
      expect(everything(log)).toEqual(left.map((seq) => lines[seq - 1]!));
      expect(log.said(100, 50, 10_000).lines).toEqual(left.map((seq) => lines[seq - 1]!));
      if (left.length < 6) expect(log.damaged).toBeGreaterThan(0);
    }
    rmSync(to);
    if (before) writeFileSync(to, before);
    rmSync(join(dir.path, REGISTER_FILE));
  }
});

test("a newest segment that is gone is told, as far as the register knows of it", async () => {
  for (const lose of [rmSync, (path: string) => truncateSync(path, 0)]) {
    await using dir = await tempDir();
    const segments = makeSegments(dir.path, "the-name", [[[said("1", "1")]], [[said("2", "2")]]]);
    await openFileLog(dir.path)[Symbol.asyncDispose]();
    lose(segments[1]!.path);
    await using log = openFileLog(dir.path);
    expect([textsOf(everything(log)), log.damaged]).toEqual([["1"], 1]);
    expect([log.continues("the-name", 1), log.continues("the-name", 2)]).toEqual([true, false]);
  }
});
