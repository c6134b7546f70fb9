// A disk that fails while a room is opened: one sentence says what is wrong and what to do, and the history is as it was.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { openFileLog } from "../../lib/log/open-file.ts";
import { everything, said } from "../log/reading.ts";
import { CHATD, home } from "../support/binaries.ts";
import { canTrace } from "../support/fail-syncs.ts";

const TIMEOUT_MS = 20_000;
const EXIT_MS = 15_000;
const FILES = ["", "/room.db", "/room.db-wal", "/room.lock", "/room-0000000000000001.log", "/room-spare"];
const traceable = await canTrace();
if (!traceable) console.log("disk-opening: skipped, strace is not here, or may trace nobody");

/** Opens a room whose folder answers `calls` with `error`, from the `when`th on, and ends it. What it said, and its exit code. */
async function opened(calls: string, error: string, when: string): Promise<{ code: number; err: readonly string[] }> {
  await using place = await home();
  const directory = join(place.path, "data");
  let lines: string[];
  {
    await using log = openFileLog(directory);
    await log.append([said("one"), said("two")]);
    lines = everything(log);
  }
  const paths = FILES.flatMap((file) => ["-P", `${directory}${file}`]);
  const inject = ["-e", "signal=none", "-e", `trace=${calls}`, "-e", `inject=${calls}:error=${error}:when=${when}`];
  const strace = ["strace", "-f", "-qq", "-o", "/dev/null", ...paths, ...inject];
  await using chatd = place.run([...strace, CHATD, "--port", "0", "--no-web", "--data", directory]);
  // Where it opens all the same, it closes again.
  chatd.say("EXIT");
  const code = await chatd.exited(EXIT_MS);
  expect(chatd.err.join("\n")).not.toMatch(/\bat \S+:\d+:\d+|Error:|SQLITE|errno/);
  await using log = openFileLog(directory);
  expect(everything(log).slice(0, 2)).toEqual(lines);
  expect(log.damaged).toBe(0);
  return { code, err: chatd.err.map((line) => line.replaceAll(directory, "DIR")) };
}

const FAILS = "The disk that holds DIR fails. Check it";
const FULL = "The disk that holds DIR is full. Make room, or";
const USED_UP = "Your share of the disk that holds DIR is used up. Make room, ask for more, or";
const READ_ONLY = "The disk that holds DIR can only be read. Make it writable, or";
const FEW_FILES = "The system lets chatd open too few files. Raise the limit (ulimit -n), or close other programs.";
const PERMISSIONS = "The folder DIR cannot be written. Check its permissions, or";

describe.skipIf(!traceable)("a room that cannot be opened because of", () => {
  test.each<[error: string, calls: string, sentence: string]>([
    ["EIO", "openat", FAILS],
    ["EIO", "pread64", FAILS],
    ["EIO", "pwrite64", FAILS],
    ["EIO", "fdatasync", FAILS],
    ["EIO", "getdents64", FAILS],
    ["ENOSPC", "pwrite64", FULL],
    ["EDQUOT", "pwrite64", USED_UP],
    ["EDQUOT", "fdatasync", USED_UP],
    ["EROFS", "openat", READ_ONLY],
    ["EROFS", "pwrite64", READ_ONLY],
    ["EMFILE", "openat", FEW_FILES],
    ["EACCES", "openat", PERMISSIONS],
    ["EUCLEAN", "getdents64", "The history in DIR cannot be used (EUCLEAN). Check the disk, or"],
  ])(
    "%s (%s) says so",
    async (error, calls, sentence) => {
      const { code, err } = await opened(calls, error, "1+");
      expect(err).toEqual([expect.stringMatching(/^chatd: /)]);
      expect(err[0]).toContain(sentence);
      expect(code).toBe(1);
    },
    TIMEOUT_MS,
  );
});

test.skipIf(!traceable)(
  "a disk that fails at one step of the opening alone costs nothing, whether the room opens or says why not",
  async () => {
    for (const [calls, error, when] of [
      ["openat", "EIO", "2"],
      ["openat", "ENOSPC", "4"],
      ["pread64", "EIO", "3"],
      ["pwrite64", "EIO", "2"],
      ["pwrite64", "ENOSPC", "4"],
      ["fdatasync", "EIO", "2"],
    ] as const) {
      const { code, err } = await opened(calls, error, when);
      if (code !== 0) expect(err).toEqual([expect.stringMatching(/^chatd: .*\.$/)]);
    }
  },
  TIMEOUT_MS,
);
