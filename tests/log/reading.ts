// What tests put into a log, and how they read it.
import type { Batch, Cursor, Log } from "../../lib/log/log.ts";
import { decodeStored } from "../../lib/protocol/codec.ts";
import type { Fact } from "../../lib/protocol/message.ts";

const utf8 = new TextDecoder();

export const said = (text: string, re?: string, from = "Ada"): Fact => ({ type: "said", from, text, re });
export const many = (count: number, text = "line"): Fact[] =>
  Array.from({ length: count }, (_, n) => said(`${text} ${n}`));
export const linesOf = (batches: readonly Batch[]): string[] =>
  batches.flatMap(({ bytes }) => utf8.decode(bytes).split("\n").slice(0, -1));
export const textsOf = (lines: readonly string[]): string[] =>
  lines.map((line) => {
    const event = decodeStored(line);
    return event.type === "said" ? event.text : event.type;
  });

/** All that a cursor has to give now. */
export function drained(cursor: Cursor): Batch[] {
  const batches: Batch[] = [];
  for (let batch = cursor.take(); batch; batch = cursor.take()) {
    if (batch.last <= batch.after)
      throw new Error(`A batch that leads from ${batch.after} to ${batch.last} has no end.`);
    batches.push(batch);
  }
  return batches;
}

/** The whole log, or what follows `after`, as who comes late reads it. */
export function everything(log: Log, after = 0): string[] {
  const cursor = log.follow(after, { grown() {} });
  const batches = drained(cursor);
  cursor.stop();
  return linesOf(batches);
}
