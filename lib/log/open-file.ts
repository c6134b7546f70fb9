// Opens the log in a folder: makes it where there is none, adopts one of an older form, and says in words why it cannot be used.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { FileLog } from "./file.ts";
import { makeFolder, putAside, segmentsIn } from "./folder.ts";
import { Lock } from "./lock.ts";
import { LogUnusable } from "./log.ts";
import { encodeRecord, NO_TERM } from "./record.ts";
import { Register, REGISTER_FILE } from "./register.ts";
import { Segments } from "./segments.ts";
import type { Clock } from "./stamp.ts";
import { isDamage, unusable } from "./unusable.ts";

/** UTF-16 units of lines that one record takes of a log that had no records. */
const ADOPTED_UNITS = 262_144;

/** Opens the log in the folder `directory`, and makes it where there is none. Throws LogUnusable. */
export function openFileLog(directory: string, now: Clock = Date.now): FileLog {
  try {
    makeFolder(directory);
    using opening = new DisposableStack();
    const lock = opening.use(new Lock(directory));
    const register = opening.adopt(openRegister(directory), (opened) => opened.close());
    if (register.isOld) adopt(register, directory);
    const segments = opening.use(Segments.open(directory, register.id));
    segments.listNow();
    const log = new FileLog({ directory, segments, register, lock }, now);
    opening.move();
    return log;
  } catch (error) {
    throw unusable(error, directory);
  }
}

function openRegister(directory: string): Register {
  try {
    return new Register(directory);
  } catch (error) {
    if (!isDamage(error) || segmentsIn(directory).length === 0) throw error;
    // What it said stands in the segments.
    putAside(join(directory, REGISTER_FILE));
    return new Register(directory);
  }
}

/** Makes segments of the events that version 1 kept in what is the register now. */
function adopt(register: Register, directory: string): void {
  // They are of an adoption that came to no end, or of a log that is newer than this.
  if (segmentsIn(directory).length > 0 && !register.isBeingAdopted)
    throw new LogUnusable(
      `${directory} holds two histories: an older one in ${REGISTER_FILE}, a newer one in room-….log. Move one of them away.`,
    );
  register.beginAdoption();
  for (const { path } of segmentsIn(directory)) rmSync(path);
  const segments = Segments.open(directory, register.id);
  try {
    let text = "";
    let last = 0;
    const write = () => {
      const { record, lines } = encodeRecord(text, last, NO_TERM);
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
