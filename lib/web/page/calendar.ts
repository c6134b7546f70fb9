// Days and minutes where the reader is. No day is kept: the reader may travel, and midnight comes.
import { dayOf, timeOf } from "../../client/when.ts";

/** Names the local day; equal for two moments of one day. */
export function dayKey(at: Date | string): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** Names the local minute; equal for two moments of one minute. */
export function minuteKey(at: string): number {
  return Math.floor(Date.parse(at) / 60_000);
}

/** The day of `at` as people say it at `now`. */
export function dayLabel(at: string, now: Date): string {
  const key = dayKey(at);
  if (key === dayKey(now)) return "Today";
  // By the calendar: a day of a change of clocks has 23 or 25 hours.
  if (key === dayKey(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1))) return "Yesterday";
  return dayOf(at);
}

/** Local hours and minutes. */
export function clockOf(at: string): string {
  return timeOf(at).slice(0, 5);
}

/** Everything about the moment, for who wants to know exactly. */
export function exactly(at: string): string {
  return `${dayOf(at)}, ${timeOf(at)} ${zoneOf(new Date(at))}`;
}

/** Names of zones, by their distance from UTC: to ask for one takes as long as to draw a row. */
const zones = new Map<number, string>();

function zoneOf(date: Date): string {
  const offset = date.getTimezoneOffset();
  const known = zones.get(offset);
  if (known !== undefined) return known;
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(date);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  zones.set(offset, name);
  return name;
}

/** Milliseconds until the local day is another. */
export function untilMidnightMs(now: Date): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime() - now.getTime();
}
