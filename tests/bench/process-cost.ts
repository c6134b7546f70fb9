// What a process on this machine has cost so far, where the system tells it (/proc); elsewhere nothing.
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";

/** Linux counts processor time for its users in hundredths of a second, on every usual machine. */
const TICKS_PER_S = 100;

/** User and system time. */
export function cpuSeconds(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The name may hold spaces and brackets; what follows it does not.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields && (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** How long its main thread could have gone on and had no processor, in milliseconds. */
export function waitedMs(pid: number): number | undefined {
  const nanoseconds = read(`/proc/${pid}/task/${pid}/schedstat`)?.split(" ")[1];
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1_000_000;
}

/** Memory that is resident now. */
export function rssBytes(pid: number): number | undefined {
  return status(pid, "VmRSS");
}

/** The most that was ever resident. */
export function peakRssBytes(pid: number): number | undefined {
  return status(pid, "VmHWM");
}

/** From here on the most is counted anew. */
export function forgetPeakRss(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** What it has open: paths of files, and what stands for all else, as `socket:[1234]`. */
export function openFiles(pid: number): readonly string[] | undefined {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((file) => target(`${folder}/${file}`));
  } catch {
    return undefined;
  }
}

/** What a link leads to; nothing where it is gone by now. */
function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}

function status(pid: number, field: string): number | undefined {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kib === undefined ? undefined : Number(kib) * 1_024;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
