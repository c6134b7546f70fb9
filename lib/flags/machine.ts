// What this machine tells a program about itself, beyond its command line.
import { existsSync, readFileSync } from "node:fs";

/** Whether nohup has said that the end of the terminal means nothing: a handler of ours would take that back. */
export function hangUpIsIgnored(): boolean {
  try {
    const ignored = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
    return (BigInt(`0x${ignored}`) & 1n) === 1n;
  } catch {
    return false;
  }
}

const LIMITS = "/proc/self/limits";

/** Whether the system tells how many files this process may have open. */
export function tellsOpenFileLimit(): boolean {
  return existsSync(LIMITS);
}

/** How many files this process may have open. Where the system does not tell, a cautious guess. */
export function openFileLimit(): number {
  try {
    const limit = /^Max open files\s+(\S+)/m.exec(readFileSync(LIMITS, "utf8"))?.[1];
    return limit === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(limit);
  } catch {
    return 2_048;
  }
}
