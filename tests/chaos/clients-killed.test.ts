// Clients are killed at random moments and come back under their names: what they were promised is kept, nothing is said twice.
import { expect, test } from "bun:test";
import { tempDir } from "../support/temp-dir.ts";
import { Chatd } from "./chatd.ts";
import { ClientProcess } from "./client-process.ts";
import { Company } from "./company.ts";
import { branch, luck, ROUNDS, TIMEOUT_MS, WRITERS } from "./settings.ts";
import { problemsOf } from "./verdict.ts";

/** How many die together. */
const VICTIMS_MAX = 4;
/** Between two kills: some meet a client that starts, some one that comes in, some one at work. */
const PAUSE_MS_MAX = 400;

test(
  `clients killed in ${ROUNDS} rounds leave no gap and no double`,
  async () => {
    const random = luck("clients killed");
    await using directory = await tempDir();
    await using chatd = await Chatd.open(directory.path, branch(random));
    using company = new Company(chatd.port, 0, branch(random));
    const { evidence } = company;
    await company.join();
    await using stack = new AsyncDisposableStack();
    const writers = Array.from({ length: WRITERS }, (_, index) =>
      stack.use(new ClientProcess({ name: `writer${index}`, directory: directory.path, port: chatd.port, evidence })),
    );
    // From now on each has a token, so that it can take its name back at any moment.
    for (const writer of writers) writer.start();
    await Promise.all(writers.map((writer) => writer.arrived()));
    let kills = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await Bun.sleep(random.below(PAUSE_MS_MAX));
      const victims = new Set(Array.from({ length: 1 + random.below(VICTIMS_MAX) }, () => random.pick(writers)));
      await Promise.all([...victims].map((writer) => writer.kill()));
      for (const writer of victims) writer.start();
      kills += victims.size;
    }
    await Promise.all(writers.map((writer) => writer.quiet()));
    await company.quiet(writers.map(({ view }) => view));
    for (const writer of writers) await writer.kill();
    expect(await chatd.stop()).toBe(0);
    console.log(`  ${kills} kills, ${evidence.acks.length} acks, ${evidence.lines.size} events seen`);
    const sent = new Map([...company.sent, ...writers.map(({ name, sent }) => [name, sent] as const)]);
    expect(await problemsOf(directory.path, evidence, sent)).toEqual([]);
    expect(chatd.complaints).toEqual([]);
  },
  TIMEOUT_MS,
);
