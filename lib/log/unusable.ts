// Why a log cannot be used, in words for the host: what is wrong, and what to do.
import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { SPARE_FILE } from "./folder.ts";
import { LogUnusable } from "./log.ts";
import { REGISTER_FILE } from "./register.ts";

/** More than a disk takes that has only the rest of a page. */
const PROBE = new Uint8Array(8_192);
const ELSEWHERE = "choose another folder with --data.";

/** What went wrong with the log in `directory`, as a sentence; the error itself where it is none of a disk. */
export function unusable(error: unknown, directory: string): unknown {
  if (error instanceof LogUnusable) return error;
  const code = codeOf(error);
  const asked = /^SQLITE_(CANTOPEN|READONLY|IOERR)/.test(code) ? reasonOf(directory) : undefined;
  const sentence = sentenceOf(asked ?? code, directory);
  return sentence === undefined ? error : new LogUnusable(sentence, { cause: error });
}

/** Whether SQLite has found damage. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(NOTADB|CORRUPT)/.test(codeOf(error));
}

function sentenceOf(code: string, directory: string): string | undefined {
  if (code.startsWith("SQLITE_BUSY"))
    return `Another chatd keeps its history in ${directory}. Stop it first, or ${ELSEWHERE}`;
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code))
    return `${join(directory, REGISTER_FILE)} is damaged. Move the folder away to begin a new history (keep it: most of it can be read with sqlite3's .recover).`;
  if (/^(SQLITE_FULL|ENOSPC)/.test(code)) return `The disk that holds ${directory} is full. Make room, or ${ELSEWHERE}`;
  if (code === "EDQUOT")
    return `Your share of the disk that holds ${directory} is used up. Make room, ask for more, or ${ELSEWHERE}`;
  if (code === "EFBIG")
    return `The files in ${directory} may not become as large as they have to. Raise the limit (ulimit -f), or ${ELSEWHERE}`;
  if (/^(EMFILE|ENFILE)/.test(code))
    return "The system lets chatd open too few files. Raise the limit (ulimit -n), or close other programs.";
  if (code === "EROFS") return `The disk that holds ${directory} can only be read. Make it writable, or ${ELSEWHERE}`;
  if (/^(EIO|SQLITE_IOERR)/.test(code))
    return `The disk that holds ${directory} fails. Check it and its cables (dmesg says more), keep a copy of the folder, or ${ELSEWHERE}`;
  if (/^(SQLITE_(CANTOPEN|READONLY|PERM)|EACCES|EPERM|ENOTDIR|EEXIST|ENOENT|EISDIR|ERR_FS_EISDIR|ELOOP)/.test(code))
    return `The folder ${directory} cannot be written. Check its permissions, or choose another one with --data.`;
  if (/^(SQLITE_|E[A-Z0-9]+$)/.test(code))
    return `The history in ${directory} cannot be used (${code}). Check the disk, or ${ELSEWHERE}`;
  return undefined;
}

/** SQLite does not say what the system has said to it: whoever tries the same hears it. */
function reasonOf(directory: string): string | undefined {
  const path = join(directory, SPARE_FILE);
  try {
    const file = openSync(path, "w", 0o600);
    try {
      writeSync(file, PROBE, 0, PROBE.length, 0);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    unlinkSync(path);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
