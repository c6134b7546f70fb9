// The operator's output: what the server says about itself, for eyes or for a program. Not the room's log.
import { type ConsolaInstance, createConsola, type LogObject } from "consola/core";
import { scrub } from "../protocol/text.ts";
import { visibleJson } from "../protocol/visible.ts";

export type Report = ConsolaInstance;

export type ReportForm = "text" | "json";

/** A report that hands each entry to `write` as one line without its end. */
export function openReport(form: ReportForm, write: (line: string) => void): Report {
  return createConsola({
    level: 4,
    throttle: 0,
    reporters: [{ log: (entry) => write(form === "json" ? jsonLine(entry) : textLine(entry)) }],
  });
}

function textLine({ date, type, args }: LogObject): string {
  const label = type === "info" ? "" : `${type.toUpperCase()} `;
  return `[${clock(date)}] ${label}${wordsOf(args)}`;
}

/** Objects among the arguments are for programs: they become fields of the entry. */
function jsonLine({ date, type, args }: LogObject): string {
  const fields = args.filter((arg) => typeof arg === "object" && !(arg instanceof Error));
  const entry = { at: date.toISOString(), level: type, text: wordsOf(args), ...Object.assign({}, ...fields) };
  return visibleJson(JSON.stringify(entry));
}

function wordsOf(args: readonly unknown[]): string {
  return args
    .flatMap((arg) => (arg instanceof Error ? [`(${arg.message})`] : typeof arg === "string" ? [arg] : []))
    .map(scrub)
    .join(" ");
}

/** Local time of day, HH:MM:SS. */
export function clock(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}
