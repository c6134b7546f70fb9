// A disk that fails while people talk: each error, at each step of an append, always or once. What it does not take is
// refused and never seen, all else goes on, it heals by itself, and what was acknowledged is there after a sudden end.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openFileLog } from "../../lib/log/open-file.ts";
import { Evidence } from "../chaos/evidence.ts";
import { problemsOf } from "../chaos/verdict.ts";
import { everything } from "../log/reading.ts";
import { canTrace, tamper } from "../support/fail-syncs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { InsistentMember } from "./insistent-member.ts";
import { openTarget } from "./target.ts";

const TIMEOUT_MS = 60_000;
const NAMES = ["Ada", "Bob", "Cleo"];
const FIRST_SEGMENT = "room-0000000000000001.log";
const traceable = await canTrace();
if (!traceable) console.log("disk-fails: skipped, strace is not here, or may trace nobody");

const ERRORS = ["EIO", "ENOSPC", "EDQUOT", "EROFS"] as const;
/** What an append does: it writes, and syncs. */
const CALLS = ["pwrite64", "fdatasync"] as const;

test.skipIf(!traceable)(
  "whatever the disk says, at whatever step: nothing is acknowledged that may be lost, and nothing refused is seen",
  async () => {
    await using folder = await tempDir();
    const directory = join(folder.path, "data");
    const evidence = new Evidence();
    const sent = new Map<string, number>();
    {
      await using target = await openTarget({ flags: ["--data", directory, "--rate", "off", "--no-web"] });
      await using closing = new AsyncDisposableStack();
      const members: InsistentMember[] = [];
      for (const name of NAMES) members.push(closing.use(await InsistentMember.arrive(name, target.port, evidence)));
      const [ada, bob] = members as [InsistentMember, InsistentMember, InsistentMember];
      const watcher = closing.use(await InsistentMember.arrive("Watcher", target.port, evidence));
      const { pid } = target.program;
      for (const member of members) member.talk();
      let never = 0;
      for (const error of ERRORS)
        for (const call of CALLS) {
          {
            await using _ = await tamper(pid, call, `error=${error}`);
            for (let count = 0; count < 2; count++) {
              const text = `never ${++never}`;
              expect(await watcher.ask({ type: "say", text })).toMatchObject({ code: "storage-failed" });
              // It was taken back: a sudden end would not bring it either.
              expect(readFileSync(join(directory, FIRST_SEGMENT)).includes(`"${text}"`)).toBeFalse();
            }
            const refusals = members.map((member) => member.refusals.length);
            await evidence.until(() => members.every((member, index) => member.refusals.length > refusals[index]!));
            expect((await bob.ask({ type: "ping" })).type).toBe("pong");
            expect((await bob.ask({ type: "history" })).type).toBe("history");
            expect(await watcher.comeBack(target.port)).toMatchObject({ resumed: true });
          }
          const counts = members.map((member) => member.sent);
          await evidence.until(() => members.every((member, index) => member.sent > counts[index]!));
        }
      // Once, in the midst of good ones.
      for (const call of CALLS) {
        await using _ = await tamper(pid, call, "error=EIO:when=3+5");
        const refusals = ada.refusals.length;
        await evidence.until(() => ada.refusals.length > refusals + 2);
      }
      await target.program.until("The history can be written again.");
      for (const member of members) await member.hush();
      for (const { name, refusals, sent: count } of members) {
        expect(new Set(refusals)).toEqual(new Set(["storage-failed"]));
        sent.set(name, count);
      }
      expect(target.program.err).toEqual([]);
      target.program.kill("SIGKILL");
      await target.program.exited();
    }
    expect(await problemsOf(directory, evidence, sent)).toEqual([]);
    await using log = openFileLog(directory);
    expect(everything(log).filter((line) => line.includes("never"))).toEqual([]);
    expect(log.damaged).toBe(0);
  },
  TIMEOUT_MS,
);
