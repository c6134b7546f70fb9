// A history that was damaged while its room was closed, in samples (tests/log/damage-anywhere.test.ts has every place of it):
// the program opens it, shows what is whole and nothing else, and tells its operator what is lost.
import { expect, test } from "bun:test";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openFileLog } from "../../lib/log/open-file.ts";
import { Evidence } from "../chaos/evidence.ts";
import { makeSegments } from "../log/make-segments.ts";
import { said } from "../log/reading.ts";
import { tempDir } from "../support/temp-dir.ts";
import { InsistentMember } from "./insistent-member.ts";
import { openTarget } from "./target.ts";

const TIMEOUT_MS = 30_000;
const FIRST_SEGMENT = "room-0000000000000001.log";
const TEXTS = ["1", "2", "3", "4", "5"];

/** Where the record of a text begins, and where it ends. */
function recordOf(bytes: Buffer, text: string): { start: number; end: number } {
  const at = bytes.indexOf(`"text":"${text}"`);
  return { start: bytes.lastIndexOf("#", at), end: bytes.indexOf("\n", at) + 1 };
}

const turned = (bytes: Buffer, at: number) => Buffer.from(bytes.with(at, bytes[at]! ^ 4));

interface Harm {
  readonly file?: string;
  harm(bytes: Buffer): Buffer | undefined;
  readonly left: readonly string[];
  /** How much the operator is told to be lost. */
  readonly told?: "A part" | "2 parts";
}

const harms: Record<string, Harm> = {
  "a bit of a text": {
    harm: (bytes) => turned(bytes, recordOf(bytes, "3").end - 9),
    left: ["1", "2", "4", "5"],
    told: "A part",
  },
  "a bit of a checksum": {
    harm: (bytes) => turned(bytes, recordOf(bytes, "2").start + 12),
    left: ["1", "3", "4", "5"],
    told: "A part",
  },
  "bits of two": {
    harm: (bytes) => turned(turned(bytes, recordOf(bytes, "2").start), recordOf(bytes, "4").start + 3),
    left: ["1", "3", "5"],
    told: "2 parts",
  },
  "a bit of the title": { harm: (bytes) => turned(bytes, 20), left: TEXTS, told: "A part" },
  // What came after it, Ada's going, is lost with it.
  "the end": {
    harm: (bytes) => bytes.subarray(0, recordOf(bytes, "5").start + 80),
    left: TEXTS.slice(0, 4),
    told: "A part",
  },
  "all of a segment": { harm: (bytes) => Buffer.alloc(bytes.length, 0xee), left: [], told: "A part" },
  "a segment": { harm: () => undefined, left: [], told: "A part" },
  "the register": { file: "room.db", harm: () => undefined, left: TEXTS },
  "the register's header": { file: "room.db", harm: (bytes) => turned(bytes, 4), left: TEXTS },
  "a page of the register": { file: "room.db", harm: (bytes) => Buffer.from(bytes).fill(7, 4_096, 8_192), left: TEXTS },
  "the lock": { file: "room.lock", harm: () => Buffer.from("nonsense"), left: TEXTS },
  "the spare": { file: "room-spare", harm: () => Buffer.from("#nonsense"), left: TEXTS },
};

test(
  "whatever is lost or changed, the room opens, shows what is whole, and says what is not",
  async () => {
    await using folder = await tempDir();
    const [whole, directory] = [join(folder.path, "whole"), join(folder.path, "data")];
    {
      await using target = await openTarget({ flags: ["--data", whole, "--rate", "off", "--no-web"] });
      await using ada = await InsistentMember.arrive("Ada", target.port, new Evidence());
      for (const text of TEXTS) await ada.ask({ type: "say", text });
      target.program.kill();
      expect(await target.program.exited()).toBe(0);
    }
    for (const [what, { file = FIRST_SEGMENT, harm, left, told }] of Object.entries(harms)) {
      rmSync(directory, { recursive: true, force: true });
      cpSync(whole, directory, { recursive: true });
      const path = join(directory, file);
      const harmed = harm(file === "room-spare" ? Buffer.alloc(0) : readFileSync(path));
      if (harmed) writeFileSync(path, harmed);
      else rmSync(path);
      await using target = await openTarget({ flags: ["--data", directory, "--no-web"] });
      await using bob = await InsistentMember.arrive("Bob", target.port, new Evidence());
      const { events } = (await bob.ask({ type: "history" })) as unknown as { events: { text: string }[] };
      expect([what, ...events.map(({ text }) => text)]).toEqual([what, ...left]);
      expect(await bob.say()).toBeTrue();
      target.program.kill();
      expect(await target.program.exited()).toBe(0);
      const reported = target.program.out.map((line) => JSON.parse(line) as { level: string; text: string });
      const warnings = reported.filter(({ level }) => level !== "info").map(({ text }) => text);
      const sentence = `${told} of the history in ${directory} cannot be read: the disk has changed or lost it. The rest is shown. To have it back, close the room and put a copy of the folder in its place, if you have one.`;
      expect([what, warnings, target.program.err]).toEqual([what, told === undefined ? [] : [sentence], []]);
    }
  },
  TIMEOUT_MS,
);

test(
  "a part of an older segment that is damaged is told when it is found",
  async () => {
    await using folder = await tempDir();
    const [older] = makeSegments(folder.path, "the-name", [[[said("1")], [said("2")]], [[said("3")]]]);
    // From here on nobody reads it at a start.
    await openFileLog(folder.path)[Symbol.asyncDispose]();
    const bytes = readFileSync(older!.path);
    writeFileSync(older!.path, turned(bytes, older!.records[1]!.end - 5));
    await using target = await openTarget({ flags: ["--data", folder.path, "--no-web"] });
    await using bob = await InsistentMember.arrive("Bob", target.port, new Evidence());
    expect(await bob.ask({ type: "history" })).toMatchObject({ events: [{ text: "1" }, { text: "3" }], more: false });
    await target.program.until(`A part of the history in ${folder.path} cannot be read`);
  },
  TIMEOUT_MS,
);

test("a room whose folder has parts of another history says which, and touches nothing", async () => {
  await using folder = await tempDir();
  await using other = await tempDir();
  makeSegments(folder.path, "ours", [[[said("1")]], [[said("2")]], [[said("3")]]]);
  const [, theirs] = makeSegments(other.path, "theirs", [[[said("a")]], [[said("b")]]]);
  const path = join(folder.path, "room-0000000000000002.log");
  cpSync(theirs!.path, path);
  const failed = await openTarget({ flags: ["--data", folder.path, "--no-web"] }).catch(String);
  expect(failed).toContain(
    `chatd: ${folder.path} holds parts of another history: room-0000000000000002.log. Move it to another folder.`,
  );
  expect(readFileSync(path).equals(readFileSync(theirs!.path))).toBeTrue();
});
