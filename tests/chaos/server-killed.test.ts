// chatd is killed at random moments while sixteen write: what was acked is kept, nothing is said twice, nobody misses anything.
import { expect, test } from "bun:test";
import { tempDir } from "../support/temp-dir.ts";
import { Chatd } from "./chatd.ts";
import { Company } from "./company.ts";
import { branch, luck, ROUNDS, TIMEOUT_MS, WRITERS } from "./settings.ts";
import { problemsOf } from "./verdict.ts";

/** Clients are back half a second after a kill: some kills come while they return, some in full work. */
const LIFE_MS_MAX = 1_400;
/** One of so many dies while it starts. */
const STILLBORN_OF = 8;
const STILLBORN_MS_MAX = 200;

test(
  `kill -9 at ${ROUNDS} random moments loses nothing that was acked, and doubles nothing`,
  async () => {
    const random = luck("server killed");
    await using directory = await tempDir();
    await using chatd = await Chatd.open(directory.path, branch(random));
    using company = new Company(chatd.port, WRITERS, branch(random));
    await company.join();
    let fruitful = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const acked = company.evidence.acks.length;
      await Bun.sleep(random.below(LIFE_MS_MAX));
      await chatd.kill();
      if (company.evidence.acks.length > acked) fruitful++;
      if (random.below(STILLBORN_OF) === 0) {
        const started = chatd.start();
        await Bun.sleep(random.below(STILLBORN_MS_MAX));
        await chatd.kill();
        await started;
      }
      await chatd.start();
    }
    await company.quiet();
    expect(await chatd.stop()).toBe(0);
    const { evidence, sent } = company;
    console.log(
      `  ${evidence.acks.length} acked in ${fruitful} of ${ROUNDS} lives, ${evidence.lines.size} events seen`,
    );
    expect(await problemsOf(directory.path, evidence, sent)).toEqual([]);
    expect(chatd.complaints).toEqual([]);
    // Kills that meet nobody at work would prove nothing.
    expect(fruitful).toBeGreaterThan(ROUNDS / 4);
  },
  TIMEOUT_MS,
);
