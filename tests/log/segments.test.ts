// Segments that are damaged, empty or gone, in a log that has several: what is lost, and above all what is not.
import { describe, expect, test } from "bun:test";
import { appendFileSync, readdirSync, readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openFileLog } from "../../lib/log/open-file.ts";
import { encodeRecord, NO_TERM } from "../../lib/log/record.ts";
import { REGISTER_FILE } from "../../lib/log/register.ts";
import { decodeStored } from "../../lib/protocol/codec.ts";
import type { Fact } from "../../lib/protocol/message.ts";
import { random } from "../support/random.ts";
import { tempDir } from "../support/temp-dir.ts";
import { linesIn, type MadeSegment, makeSegments, segmentPath } from "./make-segments.ts";
import { drained, everything, linesOf, said, textsOf } from "./reading.ts";
import { startWriter } from "./start-writer.ts";

const ID = "the-name";
const END = Number.MAX_SAFE_INTEGER;
const PLENTY = 1_000_000;

/** Four segments of three records of three events; each event says its number, which is its mark, too. */
function fourSegments(directory: string): MadeSegment[] {
  let seq = 0;
  const three = <T>(make: () => T): T[] => Array.from({ length: 3 }, make);
  const segments = Array.from({ length: 4 }, () =>
    three(() => three((): Fact => said(`${(seq += 1)} ${"x".repeat(20)}`, `${seq}`))),
  );
  return makeSegments(directory, ID, segments);
}

const seqsOf = (lines: readonly string[]) => lines.map((line) => decodeStored(line).seq);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const without = (from: number, to: number, last = 36) => upTo(last).filter((seq) => seq < from || seq > to);

/** Reads the log in `directory` in every way that there is, and expects the events `seqs`, each with its bytes. */
async function expectEvents(directory: string, all: readonly string[], seqs: readonly number[]): Promise<void> {
  // In a process of its own first: one that reads in a circle is killed.
  {
    await using writer = startWriter(directory);
    expect(await writer.next()).toEqual({ type: "opened", head: seqs.at(-1) ?? 0 });
    const answer = await writer.ask("look");
    expect(answer?.type === "seen" && seqsOf(answer.seen.lines)).toEqual([...seqs]);
    writer.kill();
    expect(await writer.next()).toBeUndefined();
  }
  await using log = openFileLog(directory);
  const lines = seqs.map((seq) => all[seq - 1]!);
  expect(everything(log)).toEqual(lines);
  for (const after of seqs) expect(seqsOf(everything(log, after))).toEqual(seqs.filter((seq) => seq > after));
  expect(log.said(END, 100, PLENTY)).toEqual({ lines, more: false });
  const pages: string[] = [];
  for (let before = END, more = true; more;) {
    const page = log.said(before, 4, PLENTY);
    pages.unshift(...page.lines);
    before = decodeStored(page.lines[0]!).seq;
    ({ more } = page);
  }
  expect(pages).toEqual(lines);
  for (const seq of upTo(36))
    expect([seq, log.caused("Ada", `${seq}`)]).toEqual([seq, seqs.includes(seq) ? all[seq - 1] : undefined]);
  const [event] = await log.append([said("more")]);
  expect(event!.seq).toBe((seqs.at(-1) ?? 0) + 1);
  expect(everything(log)).toEqual([...lines, JSON.stringify(event)]);
}

function turnBit(path: string, at: number): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.with(at, bytes[at]! ^ 4));
}

test("segments that are whole are read in every way", async () => {
  await using dir = await tempDir();
  const all = linesIn(fourSegments(dir.path));
  await expectEvents(dir.path, all, upTo(36));
});

describe("damage to an older segment costs nothing but what was in it:", () => {
  const harms: Record<string, { harm: (segment: MadeSegment) => void; left: number[] }> = {
    "its title": { harm: ({ path }) => turnBit(path, 3), left: upTo(36) },
    "its first record": { harm: ({ path, records }) => turnBit(path, records[0]!.offset + 70), left: without(10, 12) },
    "a record in its midst": {
      harm: ({ path, records }) => turnBit(path, records[1]!.offset + 4),
      left: without(13, 15),
    },
    "its last record": { harm: ({ path, records }) => turnBit(path, records[2]!.end - 1), left: without(16, 18) },
    "its end": { harm: ({ path, records }) => truncateSync(path, records[1]!.end + 50), left: without(16, 18) },
    "all of it, now zeros": {
      harm: ({ path }) => writeFileSync(path, new Uint8Array(readFileSync(path).length)),
      left: without(10, 18),
    },
    "all of it, now nonsense": {
      harm: ({ path }) => writeFileSync(path, "#00000010 nonsense\n".repeat(500)),
      left: without(10, 18),
    },
    "all of it, now empty": { harm: ({ path }) => truncateSync(path, 0), left: without(10, 18) },
    "all of it, now gone": { harm: ({ path }) => rmSync(path), left: without(10, 18) },
  };
  for (const [what, { harm, left }] of Object.entries(harms)) {
    test(`${what}, with a register that knows all`, async () => {
      await using dir = await tempDir();
      const segments = fourSegments(dir.path);
      await openFileLog(dir.path)[Symbol.asyncDispose]();
      harm(segments[1]!);
      await expectEvents(dir.path, linesIn(segments), left);
    });

    test(`${what}, with a register that has to be made anew`, async () => {
      await using dir = await tempDir();
      const segments = fourSegments(dir.path);
      harm(segments[1]!);
      await expectEvents(dir.path, linesIn(segments), left);
    });
  }

  test("the first of them, now gone", async () => {
    await using dir = await tempDir();
    const segments = fourSegments(dir.path);
    rmSync(segments[0]!.path);
    await expectEvents(dir.path, linesIn(segments), without(1, 9));
  });
});

describe("a newest segment that was begun and has nothing in it is begun again:", () => {
  const begun: Record<string, string> = {
    "an empty file": "",
    "a file of zeros": "\0".repeat(300_000),
    "the front of a title": "chatd log 2 the-n",
    "a title": "TITLE",
    "a title and zeros": `TITLE${"\0".repeat(300_000)}`,
    "a title and the front of a record": 'TITLE#00000100 01234567 00000000000025\n{"type":"said","from":"Eve',
  };
  for (const [what, content] of Object.entries(begun))
    test(what, async () => {
      await using dir = await tempDir();
      const segments = fourSegments(dir.path);
      const all = linesIn(segments);
      const title = readFileSync(segments[0]!.path, "utf8").slice(0, segments[0]!.records[0]!.offset);
      writeFileSync(segmentPath(dir.path, 36), content.replace("TITLE", title));
      await expectEvents(dir.path, all, upTo(36));
      await using log = openFileLog(dir.path);
      expect(log.continues(ID, 36)).toBeTrue();
      expect(textsOf(everything(log, 36))).toEqual(["more"]);
    });
});

test("a spare that was left behind is no part of the log, whatever is in it", async () => {
  await using dir = await tempDir();
  const segments = fourSegments(dir.path);
  writeFileSync(join(dir.path, "room-spare"), readFileSync(segments[2]!.path));
  await expectEvents(dir.path, linesIn(segments), upTo(36));
  expect(readdirSync(dir.path)).not.toContain("room-spare");
});

test("what an older segment has beyond the next one's beginning was never acknowledged, and is not shown", async () => {
  await using dir = await tempDir();
  const segments = fourSegments(dir.path);
  // A record that could not be synced was cut off, the next one went to a new segment, and the cut was lost with the power.
  const [ours, others] = [segments[1]!, await tempDir()];
  await using _ = others;
  const [, refused] = makeSegments(others.path, ID, [
    [Array.from({ length: 18 }, () => said("old"))],
    [[said("refused", "19")]],
  ]);
  const record = readFileSync(refused!.path).subarray(refused!.records[0]!.offset, refused!.records[0]!.end);
  const bytes = readFileSync(ours.path);
  bytes.set(record, ours.records.at(-1)!.end);
  writeFileSync(ours.path, bytes);
  await expectEvents(dir.path, linesIn(segments), upTo(36));
});

test("a bit that turns anywhere costs at most the record it is in", async () => {
  await using dir = await tempDir();
  const { below, pick } = random(5);
  const segments = fourSegments(dir.path);
  const all = linesIn(segments);
  await openFileLog(dir.path)[Symbol.asyncDispose]();
  const register = readFileSync(join(dir.path, REGISTER_FILE));
  for (let round = 0; round < 150; round++) {
    const { path, records } = pick(segments);
    const whole = readFileSync(path);
    const at = below(whole.length);
    const hit = records.find(({ offset, end }) => at >= offset && at < end)?.lines ?? [];
    writeFileSync(path, whole.with(at, whole[at]! ^ (1 << below(8))));
    {
      await using log = openFileLog(dir.path);
      const left = all.filter((line) => !hit.includes(line));
      expect(everything(log)).toEqual(left);
      expect(log.said(END, 100, PLENTY).lines).toEqual(left);
      expect(log.continues(ID, decodeStored(left.at(-1)!).seq)).toBeTrue();
    }
    writeFileSync(path, whole);
    // Where the newest record was hit, the register has forgotten it.
    writeFileSync(join(dir.path, REGISTER_FILE), register);
  }
});

test("words that look like a record are not taken for one where the record they are in is damaged", async () => {
  await using dir = await tempDir();
  // What a peer would send who knows how records look, with every way to write an end of line that there is.
  const [lie] = makeSegments(dir.path, ID, [[[said("a lie", "9")]]]);
  const forged = readFileSync(lie!.path, "utf8").slice(lie!.records[0]!.offset, lie!.records[0]!.end);
  const segments = makeSegments(dir.path, ID, [
    [[said("one")], [said(forged), said(`${forged}\n`), said(forged.replaceAll("\n", "\r"))], [said("three")]],
  ]);
  turnBit(segments[0]!.path, segments[0]!.records[1]!.offset + 12);
  await using log = openFileLog(dir.path);
  expect(textsOf(everything(log))).toEqual(["one", "three"]);
});

test("cursors go across segments from wherever they begin, with the same bytes", async () => {
  await using dir = await tempDir();
  const { below } = random(8);
  let seq = 0;
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: 1 + below(most) }, make);
  // Some records are larger than a block.
  const fact = (): Fact => said(`${(seq += 1)} ${"ë".repeat(below(10) === 0 ? 8_000 : below(300))}`);
  const segments = makeSegments(
    dir.path,
    ID,
    Array.from({ length: 12 }, () => some(6, () => some(20, fact))),
  );
  const all = linesIn(segments);
  await using log = openFileLog(dir.path);
  for (const after of [0, ...segments.flatMap(({ after: begin, last }) => [begin, begin + 1, last - 1, last])]) {
    const batches = drained(log.follow(after, { grown() {} }));
    expect(linesOf(batches)).toEqual(all.slice(after));
    expect(batches.map((batch) => batch.after)).toEqual(
      [after, ...batches.map(({ last }) => last)].slice(0, batches.length),
    );
  }
});

test("a log of many segments has few of them open", async () => {
  await using dir = await tempDir();
  const open = () =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(dir.path);
      } catch {
        return false;
      }
    }).length;
  makeSegments(
    dir.path,
    ID,
    Array.from({ length: 40 }, (_, n) => [[said(`${n}`, `${n}`)]]),
  );
  {
    await using log = openFileLog(dir.path);
    for (let round = 0; round < 3; round++) {
      expect(everything(log).length).toBe(40);
      expect(log.said(END, 100, PLENTY).lines.length).toBe(40);
      for (let n = 0; n < 40; n++) expect(textsOf([log.caused("Ada", `${n}`)!])).toEqual([`${n}`]);
      // The lock, the register, what SQLite puts beside it, the one that is written, and four that are read.
      expect(open()).toBeLessThanOrEqual(1 + 2 + 1 + 4);
    }
  }
  expect(open()).toBe(0);
});

test("a log that cannot be opened leaves no file open", async () => {
  await using dir = await tempDir();
  fourSegments(dir.path);
  // Its checksum holds, but it is no event.
  appendFileSync(segmentPath(dir.path, 36), encodeRecord("nonsense\n", 37, NO_TERM).record);
  for (let round = 0; round < 3; round++) expect(() => openFileLog(dir.path)).toThrow();
  const open = readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  expect(open.filter((path) => path.startsWith(dir.path))).toEqual([]);
});
