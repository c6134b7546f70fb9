// The clock of this machine: right as far as can be told without asking anybody. Pure.
import type { Finding } from "./finding.ts";

export interface ClockSeen {
  /** All in milliseconds since 1970. */
  readonly now: number;
  /** When this program was last changed. */
  readonly changedAt: number | undefined;
  /** The newest event in the history. */
  readonly newestAt: number | undefined;
  /** How much further than the time that has passed the clock went while the doctor was at work. */
  readonly jumpedMs: number;
}

/** Clocks that are set from the network are corrected by as much now and then. */
const SLIP_MS = 1_000;
/** Times that stand still for longer confuse everybody. */
const FROZEN_MS = 60_000;
/** Nobody runs a program for so long without a newer one. */
const FUTURE_MS = 15 * 365 * 86_400_000;
/** A chatd that is at work may have written an event since the history was read. */
const JUMP_MS = 250;

export function judgeClock(seen: ClockSeen, platform: string = process.platform): Finding {
  const { now, changedAt, newestAt, jumpedMs } = seen;
  const behindMs = newestAt === undefined ? 0 : newestAt - now;
  const name = "clock";
  const measured = {
    now: timeOf(now),
    behind_newest_ms: Math.max(0, Math.round(behindMs)),
    jumped_ms: Math.round(jumpedMs),
  };
  const set = { advice: "Set the clock, best from the network:", commands: [setClock(platform)] };
  if (changedAt !== undefined && now < changedAt)
    return {
      name,
      measured,
      status: "problem",
      text: `It says ${dayOf(now)}, and this chatd was made on ${dayOf(changedAt)}.`,
      ...set,
    };
  if (behindMs > SLIP_MS)
    return {
      name,
      measured,
      status: behindMs > FROZEN_MS ? "problem" : "warning",
      text: `It is ${lengthOf(behindMs)} behind the newest event in the history. Times never go back, so until then all that is said gets the time of that event.`,
      advice:
        "Set the clock, best from the network. If it is right, it was wrong when that event was written: wait, or begin a new history with --data.",
      commands: set.commands,
    };
  if (changedAt !== undefined && now - changedAt > FUTURE_MS)
    return {
      name,
      measured,
      status: "warning",
      text: `It says ${dayOf(now)}, long after this chatd was made. If that is too late, all that is said later stands at that time.`,
      ...set,
    };
  if (Math.abs(jumpedMs) > JUMP_MS)
    return {
      name,
      measured,
      status: "warning",
      text: `It jumped by ${lengthOf(Math.abs(jumpedMs))} ${jumpedMs > 0 ? "forwards" : "back"} while the doctor was at work: something sets it.`,
      advice: "See what that is; two programs that set one clock fight each other.",
      commands: [setClock(platform)],
    };
  return { name, measured, status: "ok", text: `${dayOf(now)}, ${timeOf(now).slice(11, 16)} UTC; it goes on evenly.` };
}

/** What it shows may be no time that can be written. */
function timeOf(at: number): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? String(at) : time.toISOString();
}

function dayOf(at: number): string {
  return timeOf(at).slice(0, 10);
}

function setClock(platform: string): string {
  if (platform === "win32") return "w32tm /resync";
  return platform === "darwin" ? "sudo sntp -sS time.apple.com" : "sudo timedatectl set-ntp true";
}

const STEPS = [
  [365 * 86_400, "year"],
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
] as const;

export function lengthOf(ms: number): string {
  const seconds = ms / 1_000;
  const [length, unit] = STEPS.find(([length]) => seconds >= 2 * length) ?? [1, "second"];
  const count = seconds < 10 && length === 1 ? Number(seconds.toFixed(1)) : Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
