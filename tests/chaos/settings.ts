// How long the chaos tests run, and with which luck: CHAOS_ROUNDS (20 where not given) and CHAOS_SEED (printed by each test).
import { type Random, random } from "../support/random.ts";

export const ROUNDS = Number(process.env["CHAOS_ROUNDS"] ?? 20);
export const WRITERS = 16;
/** Some for the start and the quiet end, and what a round may take on a busy machine. */
export const TIMEOUT_MS = 20_000 + ROUNDS * 4_000;
/** A room that is left in peace has answered everything after this long. */
export const QUIET_MS = 15_000;

export function luck(test: string): Random {
  const seed = Number(process.env["CHAOS_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  console.log(`${test}: CHAOS_SEED=${seed} CHAOS_ROUNDS=${ROUNDS}`);
  return random(seed);
}

/** Luck of its own for one part of a test: how often the others draw depends on time, and the moments of a seed must not. */
export function branch(luck: Random): Random {
  return random(luck.below(2 ** 31));
}

/** Throws a sentence where `promise` takes too long, so that a test that hangs says on what. */
export async function within<T>(ms: number, what: () => string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`After ${ms} ms: ${what()}`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
