// The bar itself: what it says of a chatd that nobody attacks, and of one that does not stand.
import { expect, test } from "bun:test";
import { Honest } from "./honest.ts";
import { openTarget } from "./target.ts";

const TIMEOUT_MS = 30_000;

test(
  "nobody notices anything where nobody attacks",
  async () => {
    await using target = await openTarget();
    await using honest = await Honest.arrive(target);
    expect(await honest.verdict()).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "a chatd that stands still is told from one that does not, and so is one that ends",
  async () => {
    await using target = await openTarget();
    await using honest = await Honest.arrive(target);
    target.program.kill("SIGSTOP");
    await Bun.sleep(1_500);
    target.program.kill("SIGCONT");
    const still = await honest.verdict();
    expect(still.join("\n")).toMatch(/^the echo took \S+ ms .* not 250\na newcomer took \S+ ms to get in .* not 1000$/);
    target.program.kill("SIGKILL");
    await target.program.exited();
    expect(await honest.verdict()).toEqual(["chatd has ended"]);
  },
  TIMEOUT_MS,
);
