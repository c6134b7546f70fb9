// What a folder holds of a log, for somebody who must not touch it: reads its files, opens none for writing, takes no lock.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { decodeStored } from "../protocol/codec.ts";
import { type SegmentFile, segmentsIn } from "./folder.ts";
import { LOCK_FILE } from "./lock.ts";
import { type LogRecord, linesOf, nextRecord, readRecord } from "./record.ts";
import { APPLICATION_ID, REGISTER_FILE, VERSION } from "./register.ts";
import { bytesAt, isFile, lockedBy, readHeader } from "./sqlite-file.ts";
import { FORM, formIn } from "./title.ts";

export interface LogSurvey {
  /** Whether this program can go on with it. `foreign`: where the register should be is somebody else's file. */
  readonly form: "none" | "older" | "current" | "newer" | "foreign";
  /** The newest event, as far as it can be read: its number, and its time in milliseconds since 1970. */
  readonly newest: { readonly seq: number; readonly at: number } | undefined;
  /** The names of the files that it is made of, and the bytes that they take. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** The process that has it open. Nothing where there is none, or the system does not tell. */
  readonly keeper: number | undefined;
}

/** A segment that is larger is none of ours. */
const SEGMENT_BYTES_MAX = 268_435_456;
const TITLE_BYTES = 32;

/** Throws what the file system throws where the folder cannot be read. */
export function surveyLog(directory: string): LogSurvey {
  const files = readdirSync(directory).filter((name) =>
    /^room(-(\d{16}\.log|spare)|\.lock|\.db(-wal|-shm)?)$/.test(name),
  );
  // To open what is no file may take for ever.
  const segments = segmentsIn(directory).filter(({ path }) => isFile(path));
  return {
    form: formOf(directory, segments),
    newest: newestIn(segments),
    files,
    bytes: files.reduce(
      (sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    ),
    // An older chatd has its lock in the register.
    keeper: lockedBy(join(directory, LOCK_FILE)) ?? lockedBy(join(directory, REGISTER_FILE)),
  };
}

function formOf(directory: string, segments: readonly SegmentFile[]): LogSurvey["form"] {
  const forms = segments.map(({ path }) => formIn(Buffer.from(bytesAt(path, 0, TITLE_BYTES)).toString("latin1")) ?? 0);
  if (Math.max(0, ...forms) > FORM) return "newer";
  const held = segments.length > 0 ? "current" : "none";
  const register = readHeader(join(directory, REGISTER_FILE));
  if (register === "none") return held;
  // One that is damaged is made anew where there are segments.
  if (register === "other") return segments.length > 0 ? held : "foreign";
  const { application, version, tables } = register;
  if (application === 0 && version === 0 && tables === 0) return held;
  if (application !== APPLICATION_ID) return "foreign";
  if (version > VERSION) return "newer";
  return version < VERSION ? "older" : "current";
}

/** The newest event that can be read in the newest segment that holds one. */
function newestIn(segments: readonly SegmentFile[]): LogSurvey["newest"] {
  for (const { path } of segments.toReversed()) {
    if (statSync(path).size > SEGMENT_BYTES_MAX) return undefined;
    const record = lastRecord(readFileSync(path));
    if (!record) continue;
    const at = timeIn(linesOf(record).at(-1) ?? "");
    return at === undefined ? undefined : { seq: record.last, at };
  }
  return undefined;
}

function lastRecord(bytes: Uint8Array): LogRecord | undefined {
  let last: LogRecord | undefined;
  for (;;) {
    const at = last?.end ?? 0;
    const record = readRecord(bytes, at) ?? nextRecord(bytes, at);
    if (!record || record.last <= (last?.last ?? 0)) return last;
    last = record;
  }
}

/** Whoever has written the file, it may say anything. */
function timeIn(line: string): number | undefined {
  try {
    const { at }: { readonly at?: unknown } = decodeStored(line);
    const ms = typeof at === "string" ? Date.parse(at) : Number.NaN;
    return Number.isNaN(ms) ? undefined : ms;
  } catch {
    return undefined;
  }
}
