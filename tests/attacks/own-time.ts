// How long something takes that two processes do together, without what the machine let them wait for a processor: attackers and
// whatever else runs on this machine need not be on the machine of a room. Knows nothing of what is done.
import { waitedMs } from "../bench/process-cost.ts";

export class OwnTime {
  readonly #pid: number;

  /** Of this process and the one with this `pid`. */
  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Begins now. What it answers tells how many milliseconds of their own have passed. */
  start(): () => number {
    const begun = this.#now();
    return () => Math.max(0, this.#now() - begun);
  }

  #now(): number {
    return performance.now() - (waitedMs(this.#pid) ?? 0) - (waitedMs(process.pid) ?? 0);
  }
}
