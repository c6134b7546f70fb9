// An attack on a compiled chatd while honest members are in its room.
import { Honest } from "./honest.ts";
import { historyFolder, openTarget, type Target, type TargetOptions } from "./target.ts";

/** For an attack that is given: `SLOW_TESTS=1` makes all of them ten times as long. */
export const SECONDS = Bun.env["SLOW_TESTS"] ? 30 : 3;
export const TIMEOUT_MS = 100_000 + SECONDS * 2_000;

/** What the honest say of it, as sentences. */
export async function besieged(
  options: TargetOptions,
  attack: (target: Target, until: () => boolean) => Promise<void>,
): Promise<readonly string[]> {
  await using history = await historyFolder();
  const { flags = [] } = options;
  await using target = await openTarget({ ...options, flags: ["--data", history.path, ...flags] });
  await using honest = await Honest.arrive(target);
  const end = performance.now() + SECONDS * 1_000;
  await attack(target, () => performance.now() >= end);
  // Not the promise: the members stay until it is there.
  return await honest.verdict();
}
