// Makes the segments of a log by hand, as small as a test wants them: an engine fills megabytes before it begins another one.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeRecord, NO_TERM } from "../../lib/log/record.ts";
import { Segment } from "../../lib/log/segment.ts";
import { Stamper } from "../../lib/log/stamp.ts";
import type { Fact } from "../../lib/protocol/message.ts";

export interface MadeSegment {
  readonly path: string;
  /** Its events follow this number … */
  readonly after: number;
  /** … and end with this one. */
  readonly last: number;
  readonly records: readonly MadeRecord[];
}

export interface MadeRecord {
  /** Where it stands in the file. */
  readonly offset: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** Room behind the last record, as a segment has it that was not filled. */
const ROOM = 200;

export function segmentPath(directory: string, after: number): string {
  return join(directory, `room-${`${after + 1}`.padStart(16, "0")}.log`);
}

/** Makes in `directory` a segment of each of `segments`, whose records are what one append brought. */
export function makeSegments(
  directory: string,
  id: string,
  segments: readonly (readonly (readonly Fact[])[])[],
): MadeSegment[] {
  const stamper = new Stamper(() => Date.UTC(2026, 0, 2));
  let last = 0;
  return segments.map((appends) => {
    const [after, path] = [last, segmentPath(directory, last)];
    rmSync(path, { force: true });
    Segment.create(path, id, 0, after)[Symbol.dispose]();
    const pieces: Uint8Array[] = [readFileSync(path)];
    let offset = pieces[0]!.length;
    const records = appends.map((facts) => {
      const lines = stamper.stamp(facts, last).map((event) => JSON.stringify(event));
      last += facts.length;
      const { record } = encodeRecord(lines.map((line) => `${line}\n`).join(""), last, NO_TERM);
      pieces.push(record);
      return { offset, end: (offset += record.length), lines };
    });
    writeFileSync(path, Buffer.concat([...pieces, new Uint8Array(ROOM)]));
    return { path, after, last, records };
  });
}

/** All lines of made segments, in order. */
export function linesIn(segments: readonly MadeSegment[]): string[] {
  return segments.flatMap(({ records }) => records.flatMap(({ lines }) => lines));
}
