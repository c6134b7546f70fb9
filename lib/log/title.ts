// The title of a segment: its first line, which names the log that it is a part of.
import { closeSync, openSync, readSync } from "node:fs";

/** The form that this program writes. */
export const FORM = 2;
const TITLE = new RegExp(`^chatd log ${FORM} (\\S+) [0-9a-f]{8}\\n`);
const BYTES_MAX = 128;

/** The name of the log, and its CRC-32: a name that is another by one bit would be another log's. */
export function titleOf(id: string): Uint8Array {
  return Buffer.from(`chatd log ${FORM} ${id} ${Bun.hash.crc32(id).toString(16).padStart(8, "0")}\n`);
}

/** The form of the segment that begins with `title`, be it one that this program does not read. */
export function formIn(title: string): number | undefined {
  const [, form] = /^chatd log (\d{1,9}) /.exec(title) ?? [];
  return form === undefined ? undefined : Number(form);
}

/** The name in the title of a segment that begins with `bytes`. Nothing where it does not say it, any more or yet. */
export function idIn(bytes: Buffer): string | undefined {
  const [whole, id] = TITLE.exec(bytes.toString("latin1", 0, BYTES_MAX)) ?? [];
  return id !== undefined && Buffer.from(titleOf(id)).toString() === whole ? id : undefined;
}

/** The same of the file `path`. */
export function idOf(path: string): string | undefined {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(BYTES_MAX);
    readSync(file, bytes, 0, bytes.length, 0);
    return idIn(bytes);
  } finally {
    closeSync(file);
  }
}
