// How long something takes that two processes do together, without what the machine let them wait for a processor: attackers and
// whatever else runs on this machine need not be on the machine of a room. Where nothing else does (QUIET_MACHINE=1), all of
// the time is counted. Knows nothing of what is done.
import { waitedMs } from "../bench/process-cost.ts";

/** Whoever runs the tests vouches for it: then the bar is what people would notice, the disk included. */
export const IS_QUIET_MACHINE = Boolean(Bun.env["QUIET_MACHINE"]);

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
    if (IS_QUIET_MACHINE) return performance.now();
    return performance.now() - (waitedMs(this.#pid) ?? 0) - (waitedMs(process.pid) ?? 0);
  }
}
