// What this machine tells a program about itself, beyond its command line.
import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";

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

/**
 * Makes `secrets` unreadable among the arguments of this process, as everybody on this machine may list them. They were to
 * be seen until now, and where the system keeps the arguments elsewhere they still are.
 */
export function hideArguments(secrets: readonly string[]): void {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    // The second field, a name in brackets, may hold anything; the 48th is where the arguments begin.
    const start = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[48 - 3]);
    const shown = readFileSync("/proc/self/cmdline");
    const memory = openSync("/proc/self/mem", "r+");
    try {
      for (const secret of secrets)
        for (let at = shown.indexOf(secret); at >= 0; at = shown.indexOf(secret, at + 1))
          writeSync(memory, "*".repeat(Buffer.byteLength(secret)), start + at);
    } finally {
      closeSync(memory);
    }
  } catch {
    // Not a Linux, or one that does not let it.
  }
}
