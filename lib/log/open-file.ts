// Opens the log in a folder: makes it where there is none, adopts one of an older form, and says in words why it cannot be used.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { FileLog } from "./file.ts";
import { LogUnusable } from "./log.ts";
import { encodeRecord } from "./record.ts";
import { putAside, Register, REGISTER_FILE } from "./register.ts";
import { Segments } from "./segments.ts";
import type { Clock } from "./stamp.ts";

/** UTF-16 units of lines that one record takes of a log that had no records. */
const ADOPTED_UNITS = 262_144;

/** Opens the log in the folder `directory`, and makes it where there is none. Throws LogUnusable. */
export function openFileLog(directory: string, now: Clock = Date.now): FileLog {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const register = openRegister(directory);
    try {
      if (register.isOld) adopt(register, directory);
      const segments = Segments.open(directory, register.id);
      try {
        return new FileLog(register, segments, now);
      } catch (error) {
        segments[Symbol.dispose]();
        throw error;
      }
    } catch (error) {
      register.close(register.through);
      throw error;
    }
  } catch (error) {
    throw unusable(error, directory);
  }
}

function openRegister(directory: string): Register {
  try {
    return new Register(directory);
  } catch (error) {
    if (!isDamage(error) || !Segments.exist(directory)) throw error;
    // What it said stands in the segments.
    putAside(directory);
    return new Register(directory);
  }
}

/** Makes segments of the events that version 1 kept in what is the register now. */
function adopt(register: Register, directory: string): void {
  // They are of an adoption that came to no end, or of a log that is newer than this.
  if (Segments.exist(directory) && !register.isBeingAdopted)
    throw new LogUnusable(
      `${directory} holds two histories: an older one in ${REGISTER_FILE}, a newer one in room-….log. Move one of them away.`,
    );
  register.beginAdoption();
  Segments.remove(directory);
  const segments = Segments.open(directory, register.id);
  try {
    let text = "";
    let last = 0;
    const write = () => {
      const { record, lines } = encodeRecord(text, last);
      segments.appendNow(record, { last, lines });
      text = "";
    };
    for (const { seq, line } of register.oldEvents()) {
      text += `${line}\n`;
      last = seq;
      if (text.length >= ADOPTED_UNITS) write();
    }
    if (text !== "") write();
    segments.listNow();
  } finally {
    segments[Symbol.dispose]();
  }
  register.adopted();
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function isDamage(error: unknown): boolean {
  return /^SQLITE_(NOTADB|CORRUPT)/.test(codeOf(error));
}

function unusable(error: unknown, directory: string): unknown {
  const code = codeOf(error);
  const say = (text: string) => new LogUnusable(text, { cause: error });
  if (code.startsWith("SQLITE_BUSY"))
    return say(`Another chatd keeps its history in ${directory}. Stop it first, or choose another folder with --data.`);
  if (isDamage(error))
    return say(
      `${join(directory, REGISTER_FILE)} is damaged. Move the folder away to begin a new history (keep it: most of it can be read with sqlite3's .recover).`,
    );
  if (/^SQLITE_FULL|ENOSPC/.test(code))
    return say(`The disk that holds ${directory} is full. Make room, or choose another folder with --data.`);
  if (/^(SQLITE_(CANTOPEN|READONLY|PERM|IOERR)|EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOENT|EISDIR)/.test(code))
    return say(`The folder ${directory} cannot be written. Check its permissions, or choose another one with --data.`);
  return error;
}
