// Compares what clients have seen and were promised with the log, and names everything that does not fit.
import { openFileLog } from "../../lib/log/open-file.ts";
import type { RoomEvent } from "../../lib/protocol/message.ts";
import type { Evidence, View } from "./evidence.ts";
import { numberOf, textOf } from "./text.ts";

/** Enough to see what is wrong. */
const PROBLEMS_SHOWN = 20;

/** An event as a log has it, by its number: read from the disk, or heard by somebody who asked for all of it. */
export type Stored = ReadonlyMap<number, StoredEvent>;

interface StoredEvent {
  readonly event: RoomEvent;
  readonly line: string;
}

/** `sent` says how many texts each writer has sent, all of them acked by now. */
export async function problemsOf(
  directory: string,
  evidence: Evidence,
  sent: ReadonlyMap<string, number>,
): Promise<string[]> {
  return mismatches(await readLog(directory), evidence, sent);
}

/** The same, where the log has been read already. */
export function mismatches(log: Stored, evidence: Evidence, sent: ReadonlyMap<string, number>): string[] {
  const problems = [
    ...evidence.problems,
    ...order(log),
    ...repeats(log),
    ...evidence.views.flatMap((view) => gaps(view, log)),
    ...bytes(evidence, log),
    ...promises(evidence, log),
    ...[...sent].flatMap(([name, count]) => texts(name, count, log)),
  ];
  return problems.slice(0, PROBLEMS_SHOWN);
}

async function readLog(directory: string): Promise<Stored> {
  await using log = openFileLog(directory);
  const events = new Map<number, StoredEvent>();
  const cursor = log.follow(0, { grown() {} });
  for (let batch = cursor.take(); batch; batch = cursor.take()) {
    for (const line of new TextDecoder().decode(batch.bytes).trimEnd().split("\n")) {
      const event = JSON.parse(line) as RoomEvent;
      events.set(event.seq, { event, line });
    }
  }
  cursor.stop();
  return events;
}

function order(log: Stored): string[] {
  const problems: string[] = [];
  let last: RoomEvent | undefined;
  for (const { event, line } of log.values()) {
    if (last && (event.seq <= last.seq || event.at < last.at)) problems.push(`the log goes back at ${line}`);
    last = event;
  }
  return problems;
}

function repeats(log: Stored): string[] {
  const problems: string[] = [];
  const heard = new Map<string, number>();
  for (const { event } of log.values()) {
    if (event.type !== "said" || event.re === undefined) continue;
    const request = `${event.from} ${event.re}`;
    const first = heard.get(request);
    if (first !== undefined) problems.push(`${request} was said at ${first} and again at ${event.seq}`);
    heard.set(request, event.seq);
  }
  return problems;
}

/** A view is everything that the log has between the view's welcome and its end. */
function gaps({ name, from, seqs, last }: View, log: Stored): string[] {
  if (from === undefined) return [`${name} has never come in`];
  const expected = [...log.keys()].filter((seq) => seq > from && seq <= last);
  const wrong = expected.findIndex((seq, index) => seqs[index] !== seq);
  if (wrong >= 0)
    return [`${name} saw ${String(seqs[wrong])} after ${seqs[wrong - 1] ?? from}, not ${expected[wrong]}`];
  if (seqs.length > expected.length) return [`${name} saw ${seqs.length - expected.length} events too many`];
  return [];
}

function bytes({ lines }: Evidence, log: Stored): string[] {
  return [...lines].flatMap(([seq, line]) =>
    log.get(seq)?.line === line ? [] : [`seen: ${line}, but in the log: ${log.get(seq)?.line ?? "nothing"}`],
  );
}

/** That its bytes are those in the log is seen from the views. */
function promises({ acks }: Evidence, log: Stored): string[] {
  const said = new Map<string, number>();
  for (const { event } of log.values()) if (event.type === "said") said.set(`${event.from} ${event.re}`, event.seq);
  return acks.flatMap(({ name, re, seq }) => {
    const kept = said.get(`${name} ${re}`);
    if (kept === undefined) return [`${name} ${re} was acked and is not in the log`];
    return seq === undefined || seq === kept ? [] : [`${name} ${re} was acked at ${seq} and is at ${kept}`];
  });
}

function texts(name: string, count: number, log: Stored): string[] {
  const problems: string[] = [];
  let next = 1;
  for (const { event } of log.values()) {
    if (event.type !== "said" || event.from !== name) continue;
    if (numberOf(event.text) !== next) problems.push(`${name} said ${event.text.slice(0, 20)} where ${next} was due`);
    else if (event.text !== textOf(name, next)) problems.push(`the text of ${name} ${next} has changed`);
    next = numberOf(event.text) + 1;
  }
  if (next !== count + 1) problems.push(`${name} said ${count} texts, and ${next - 1} are in the log`);
  return problems;
}
