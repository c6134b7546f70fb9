// How long to wait before the next try, so that a server that comes back is not run over by all its clients at once.

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Milliseconds before try number `tries` (0 is the first): between half a second and a bound that doubles up to 30 s. `random` is in 0..1. */
export function backoffMs(tries: number, random: number): number {
  const bound = Math.min(LONGEST_MS, 2 * FIRST_MS * 2 ** Math.min(tries, 16));
  return Math.round(FIRST_MS + random * (bound - FIRST_MS));
}
