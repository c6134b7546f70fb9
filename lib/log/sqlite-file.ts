// An SQLite file from outside: whose it is and who has it open, without SQLite, which would take locks and may write.
// The format: https://www.sqlite.org/fileformat2.html
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";

export interface SqliteHeader {
  readonly application: number;
  readonly version: number;
  /** How many entries its list of tables begins with; 0 for a file in which nothing is. */
  readonly tables: number;
}

const MAGIC = "SQLite format 3\0";
/** Up to the count of entries on the first page. */
const HEADER_BYTES = 108;
const WAL_MAGIC = 0x377f0682;
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** A write-ahead log has about a thousand pages before it is folded in. */
const FRAMES_MAX = 100_000;
/** SQLite locks bytes from here on, wherever the file ends. */
const LOCK_BYTE = 1_073_741_824;
const LOCK_BYTES = 512;

/** The header as it was committed last, which may still stand in the write-ahead log. `none`: there is nothing in it. `other`: it is no SQLite file. */
export function readHeader(path: string): SqliteHeader | "none" | "other" {
  if (!existsSync(path)) return "none";
  if (!isFile(path)) return "other";
  const wal = `${path}-wal`;
  const page = (isFile(wal) ? firstPageIn(wal) : undefined) ?? bytesAt(path, 0, HEADER_BYTES);
  if (page.length === 0) return "none";
  if (page.length < HEADER_BYTES || Buffer.from(page).toString("latin1", 0, MAGIC.length) !== MAGIC) return "other";
  const header = view(page);
  return { application: header.getUint32(68), version: header.getUint32(60), tables: header.getUint16(103) };
}

function firstPageIn(wal: string): Uint8Array | undefined {
  const header = view(bytesAt(wal, 0, WAL_HEADER_BYTES));
  // The last bit says how the checksums are written.
  if (header.byteLength < WAL_HEADER_BYTES || (header.getUint32(0) & ~1) !== WAL_MAGIC) return undefined;
  const frameBytes = FRAME_HEADER_BYTES + header.getUint32(8);
  let newest: Uint8Array | undefined;
  let committed: Uint8Array | undefined;
  for (let frame = 0; frame < FRAMES_MAX; frame++) {
    const bytes = bytesAt(wal, WAL_HEADER_BYTES + frame * frameBytes, FRAME_HEADER_BYTES + HEADER_BYTES);
    if (bytes.length < FRAME_HEADER_BYTES + HEADER_BYTES) break;
    const head = view(bytes);
    // What follows is left over from before the log began anew.
    if (head.getUint32(8) !== header.getUint32(16) || head.getUint32(12) !== header.getUint32(20)) break;
    if (head.getUint32(0) === 1) newest = bytes.subarray(FRAME_HEADER_BYTES);
    if (head.getUint32(4) > 0) committed = newest;
  }
  return committed;
}

/** The process that has locked the SQLite file `path`; nothing where there is none, or the system does not tell. */
export function lockedBy(path: string): number | undefined {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!file || !existsSync("/proc/locks")) return undefined;
  return keeperIn(readFileSync("/proc/locks", "utf8"), file.ino);
}

/** Who has locked the SQLite file with the inode `ino`, in the words of Linux: `1: POSIX  ADVISORY  WRITE 850 fe:00:21806 1073741824 1073742335`. */
export function keeperIn(locks: string, ino: bigint): number | undefined {
  const lines = /^\d+: POSIX +\S+ +(?:READ|WRITE) +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) /gm;
  for (const [, pid, inode, start] of locks.matchAll(lines)) {
    const from = Number(start) - LOCK_BYTE;
    if (BigInt(inode!) === ino && from >= 0 && from < LOCK_BYTES) return Number(pid);
  }
  return undefined;
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

export function bytesAt(path: string, offset: number, count: number): Uint8Array {
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(count);
    return bytes.subarray(0, readSync(file, bytes, 0, count, offset));
  } finally {
    closeSync(file);
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
