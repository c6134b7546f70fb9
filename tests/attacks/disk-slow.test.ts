// A disk that takes its time: whatever is said takes as long, and nothing else does.
import { expect, test } from "bun:test";
import { median, ms } from "../bench/figures.ts";
import { Evidence } from "../chaos/evidence.ts";
import { canTrace, tamper } from "../support/fail-syncs.ts";
import { Honest } from "./honest.ts";
import { InsistentMember } from "./insistent-member.ts";
import { openTarget } from "./target.ts";

const TIMEOUT_MS = 30_000;
const SYNC_MS = 200;
const QUESTIONS = 15;
const traceable = await canTrace();
if (!traceable) console.log("disk-slow: skipped, strace is not here, or may trace nobody");

test.skipIf(!traceable)(
  "while each sync takes 200 ms, words take as long, and pings, history and those who come back do not wait for it",
  async () => {
    await using target = await openTarget();
    await using honest = await Honest.arrive(target);
    const [pings, pages, words]: number[][] = [[], [], []];
    {
      await using reader = await InsistentMember.arrive("Asker", target.port, new Evidence());
      await using talker = await InsistentMember.arrive("Talker", target.port, new Evidence());
      await using _ = await tamper(target.program.pid, "fdatasync", `delay_exit=${SYNC_MS * 1_000}`);
      // The first one finds that the disk is slow.
      await talker.say();
      // Without a pause, so that there is always a sync under way.
      talker.talk();
      for (let count = 0; count < QUESTIONS; count++) {
        pings!.push(await reader.timed({ type: "ping" }));
        pages!.push(await reader.timed({ type: "history", limit: 500 }));
        if (count % 3 === 0) words!.push(await reader.timed({ type: "say", text: "Is it slow?" }));
        if (count % 5 === 0) expect(await reader.comeBack(target.port)).toMatchObject({ resumed: true });
      }
      await talker.hush();
    }
    console.log(
      `  words ${ms(median(words!))} ms, pings ${ms(median(pings!))} ms, history ${ms(median(pages!))} ms (medians)`,
    );
    expect(median(words!)).toBeGreaterThanOrEqual(SYNC_MS);
    expect(Math.max(median(pings!), median(pages!))).toBeLessThan(SYNC_MS / 2);
    // What comes while one turn is synced waits for that, and then for its own.
    expect(await honest.verdict({ diskMs: 2 * SYNC_MS })).toEqual([]);
  },
  TIMEOUT_MS,
);
