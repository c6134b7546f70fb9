// What becomes of a wire after our goodbye. Runs in any JavaScript.
import type { Connection } from "./connection.ts";

/** How long a peer may take nothing, or leave its end open, after we said goodbye. The network may hold megabytes that are on their way. */
const LINGER_MS = 10_000;

/** … and how often it may take that long again, as long as it takes something. */
const LINGER_ROUNDS = 6;

/** Cuts a wire that was told goodbye: a peer that takes what is queued has all the time it needs; one that does not would stay for ever. */
export function linger(wire: Pick<Connection, "taken" | "abort">, rounds = LINGER_ROUNDS): void {
  const before = wire.taken;
  const timer: unknown = setTimeout(() => {
    if (wire.taken > before && rounds > 1) linger(wire, rounds - 1);
    else wire.abort();
  }, LINGER_MS);
  // Nobody's process stays alive for it. A browser has only numbers for timers, and no process.
  if (typeof timer === "object") (timer as { unref(): void }).unref();
}
