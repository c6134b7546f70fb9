// How long something holds, as people type it and as they read it.
import { DURATION_S_MAX } from "./limits.ts";

const UNITS = [
  { seconds: 604_800, name: "week", typed: /^w(eeks?)?$/ },
  { seconds: 86_400, name: "day", typed: /^d(ays?)?$/ },
  { seconds: 3_600, name: "hour", typed: /^h(ours?)?$/ },
  { seconds: 60, name: "minute", typed: /^m(in(utes?)?)?$/ },
  { seconds: 1, name: "second", typed: /^s(ec(onds?)?)?$/ },
] as const;

export const HOW_TO_TYPE = "Write a time as 90s, 10m, 2h, 1d or 1w, and at most a year.";

/** "90s", "10m", "2h", "1d", "1w" in seconds. Nothing where `text` is no time, `wrong` where it looks like one and is none that may be. */
export function readDuration(text: string): number | "wrong" | undefined {
  const [, number, letters = ""] = /^(\d+)([a-z]*)$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const unit = UNITS.find(({ typed }) => typed.test(letters.toLowerCase()));
  const seconds = Number(number) * (unit?.seconds ?? 0);
  return seconds > 0 && seconds <= DURATION_S_MAX ? seconds : "wrong";
}

/** "10 minutes", "2 hours": in the largest unit that is whole. */
export function durationOf(seconds: number): string {
  const { seconds: size, name } = UNITS.find((unit) => seconds >= unit.seconds && seconds % unit.seconds === 0) ?? {
    seconds: 1,
    name: "second",
  };
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
