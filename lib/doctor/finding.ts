// What a check has found, for people and for programs, and what all findings come to. Pure.
import { visibleJson } from "../protocol/visible.ts";

/** From well to worse. */
export const STATUSES = ["ok", "warning", "problem"] as const;
export type Status = (typeof STATUSES)[number];

/** A figure or a fact, for programs. */
type Measured = number | string | boolean | null | readonly string[];

export interface Finding {
  readonly name: string;
  readonly status: Status;
  /** What is so. */
  readonly text: string;
  /** What to do next; there is some wherever the status is not ok. */
  readonly advice?: string | undefined;
  /** To be typed as they stand. */
  readonly commands?: readonly string[];
  /** Under names of their own, units last. */
  readonly measured?: Readonly<Record<string, Measured>>;
}

/** A part of what one check has found. */
export type Part = Omit<Finding, "name">;

/** One finding of several parts, the worst of them first. */
export function joined(name: string, parts: readonly Part[]): Finding {
  const sorted = parts.toSorted((a, b) => STATUSES.indexOf(b.status) - STATUSES.indexOf(a.status));
  const advice = [...new Set(sorted.flatMap((part) => part.advice ?? []))].join(" ");
  const commands = sorted.flatMap((part) => part.commands ?? []);
  return {
    name,
    status: sorted[0]?.status ?? "ok",
    text: sorted.map(({ text }) => text).join(" "),
    ...(advice !== "" && { advice }),
    ...(commands.length > 0 && { commands }),
    measured: Object.assign({}, ...parts.map(({ measured }) => measured)) as NonNullable<Finding["measured"]>,
  };
}

/** No problem: the room opens and is reached, as far as can be seen. */
export function isWell(findings: readonly Finding[]): boolean {
  return findings.every(({ status }) => status !== "problem");
}

/** All of it as one sentence. `open`: the room is open already. */
export function verdict(findings: readonly Finding[], open: boolean): string {
  const problems = findings.filter(({ status }) => status === "problem").length;
  const warnings = findings.filter(({ status }) => status === "warning").length;
  const counted = [...count(problems, "problem"), ...count(warnings, "warning")].join(" and ");
  if (problems > 0) return `${counted}: mend first what is marked as a problem, then ask again.`;
  const room = open ? "the room is open" : "the room can open";
  if (warnings > 0) return `No problem and ${counted}: ${room}. Read what is marked as a warning.`;
  return `All is well: ${room}.`;
}

function count(number: number, what: string): readonly string[] {
  if (number === 0) return [];
  return [`${number} ${what}${number === 1 ? "" : "s"}`];
}

/** What `chatd doctor --json` prints. */
export function jsonOf(findings: readonly Finding[], open: boolean): string {
  const checks = findings.map(({ name, status, text, advice, commands, measured }) => ({
    name,
    status,
    text,
    advice,
    commands,
    ...measured,
  }));
  return visibleJson(JSON.stringify({ ok: isWell(findings), text: verdict(findings, open), checks }));
}
