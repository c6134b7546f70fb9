// Times, days and spans as people say them, in the place where they are.

/** Local time of day. */
export function timeOf(at: string | Date): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** Local day, for a line between two of them. */
export function dayOf(at: string): string {
  // To make one takes a hundred times as long as to use it. It knows no zone: whoever travels has other days, not another format.
  days ??= new Intl.DateTimeFormat("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
  const date = new Date(at);
  return days.format(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()));
}

let days: Intl.DateTimeFormat | undefined;

/** How long, as people say it. */
export function spanOf(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
