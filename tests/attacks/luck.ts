// With which luck lines are made up, and how many: FUZZ_SEED (each test prints its own; the same in every run, unless it is
// given, or is "new") and FUZZ_LINES (100,000 where not given).
import * as fc from "fast-check";

const LINES = Number(Bun.env["FUZZ_LINES"] ?? 100_000);
/** What has failed is made smaller for no longer than this after the beginning; far more than all lines take. */
const PATIENCE_MS = 40_000 + LINES;
/** Of one test. */
export const TIMEOUT_MS = PATIENCE_MS + 20_000;
/** What a person reads of a failure. */
const SHOWN_CHARS = 2_000;

/** `share` of all lines. */
export function linesOf(share: number): number {
  return Math.max(1, Math.round(LINES * share));
}

export function seedOf(test: string): number {
  const given = Bun.env["FUZZ_SEED"] ?? Bun.hash.crc32(test);
  const seed = given === "new" ? crypto.getRandomValues(new Int32Array(1))[0]! : Number(given) | 0;
  console.log(`${test}: FUZZ_SEED=${seed} FUZZ_LINES=${LINES}`);
  return seed;
}

/**
 * Checks `holds` on so many runs. What makes it fail is made as small as may be, and is in the message: FUZZ_SEED brings it
 * back.
 */
export async function forAll<A>(
  test: string,
  made: fc.Arbitrary<A>,
  runs: number,
  holds: (given: A) => void | Promise<void>,
): Promise<void> {
  const seed = seedOf(test);
  const property = fc.asyncProperty(made, async (given) => holds(given));
  const { failed, counterexample, errorInstance } = await fc.check(property, {
    seed,
    numRuns: Math.ceil(runs),
    interruptAfterTimeLimit: PATIENCE_MS,
    markInterruptAsFailure: true,
  });
  if (!failed) return;
  const shown = JSON.stringify(counterexample?.[0]) ?? "nothing";
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  throw new Error(`FUZZ_SEED=${seed}\n${shown.slice(0, SHOWN_CHARS)}\n${why.slice(0, SHOWN_CHARS)}`);
}

/** So many of them, without a check. */
export function some<A>(test: string, made: fc.Arbitrary<A>, count: number): A[] {
  return fc.sample(made, { seed: seedOf(test), numRuns: count });
}
