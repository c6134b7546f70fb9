// A relay cuts connections at random bytes while sixteen write: nothing that was acked is lost or doubled, nobody misses anything.
import { expect, test } from "bun:test";
import { tempDir } from "../support/temp-dir.ts";
import { Chatd } from "./chatd.ts";
import { Company } from "./company.ts";
import { Relay } from "./relay.ts";
import { branch, luck, ROUNDS, TIMEOUT_MS, within, WRITERS } from "./settings.ts";
import { problemsOf } from "./verdict.ts";

const CUTS = ROUNDS * 15;

test(
  `${CUTS} connections cut at random bytes lose nothing that was acked, and double nothing`,
  async () => {
    const random = luck("connections cut");
    await using directory = await tempDir();
    await using chatd = await Chatd.open(directory.path, branch(random));
    using relay = new Relay(chatd.port, branch(random));
    using company = new Company(relay.port, WRITERS, branch(random));
    // Uncut, because a name whose first welcome is lost is kept for half a minute for nobody.
    await company.join();
    relay.cutting = true;
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    relay.changed = () => relay.total >= CUTS && resolve();
    await within(TIMEOUT_MS, () => `${relay.total} of ${CUTS} cuts`, enough);
    relay.cutting = false;
    await company.quiet();
    expect(await chatd.stop()).toBe(0);
    const { evidence, sent } = company;
    console.log(`  ${evidence.acks.length} acked, ${evidence.lines.size} events seen, cuts`, relay.cuts);
    expect(await problemsOf(directory.path, evidence, sent)).toEqual([]);
    expect(chatd.complaints).toEqual([]);
    expect(evidence.acks.length).toBeGreaterThan(CUTS);
  },
  TIMEOUT_MS,
);
