// A segment: one file of the log, which holds the events from one number on. It is written at its end, and read in blocks.
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { isTalk, type LogRecord, nextRecord, readRecord } from "./record.ts";
import { idIn, titleOf } from "./title.ts";

/** Bytes after which the next record begins a new block: as much as is read to find one event. */
const BLOCK_BYTES = 65_536;
/** A file is read whole in pieces of so much. */
const PIECE_BYTES = 4 * BLOCK_BYTES;
const ZEROS = new Uint8Array(BLOCK_BYTES);
const NOTHING = new Uint8Array();

/** Whole records in a row. */
interface Block {
  readonly offset: number;
  /** Its events follow this number. */
  readonly after: number;
  /** Something was said in it. */
  talk: boolean;
}

export class Segment implements Disposable {
  readonly path: string;
  /** Whose log it is a part of. Nothing where the file does not say it any more, or not yet. */
  readonly id: string | undefined;
  /** Open for reading and writing. */
  readonly file: number;
  /** Bytes up to which it is written before the next segment begins. */
  readonly capacity: number;
  /** Bytes that the records take, the title included. What follows them in the file is nothing. */
  end: number;
  /** Its events follow this number. */
  readonly after: number;
  /** The newest event in it; `after` where there is none. */
  last: number;
  /** Records that could not be read, and were stepped over. */
  damaged = 0;
  /** What follows the last record, up to the last byte that is not zero: nothing that can be read. */
  rest: Uint8Array = NOTHING;
  readonly #blocks: Block[] = [];

  private constructor(path: string, id: string | undefined, file: number, capacity: number, after: number) {
    this.path = path;
    this.id = id;
    this.file = file;
    this.capacity = capacity;
    this.end = id === undefined ? 0 : titleOf(id).length;
    this.after = this.last = after;
  }

  /** Begins a segment, in a file that may have been filled with zeros to give it its room. */
  static create(path: string, id: string, capacity: number, after: number): Segment {
    const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      writeAll(file, titleOf(id), 0);
      return new Segment(path, id, file, capacity, after);
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /**
   * Opens a segment whose events follow `after`, and looks at all that is in it. It has the capacity of its file, at least
   * `capacity`. Where the next segment's events follow `until`, it ends with that one: what is missing there is lost, and
   * what is there beyond it was never acknowledged.
   */
  static open(path: string, after: number, capacity: number, until?: number): Segment {
    const file = openSync(path, "r+");
    try {
      const { size } = fstatSync(file);
      const bytes = readFilled(file, size);
      const segment = new Segment(path, idIn(bytes), file, Math.max(size, capacity), after);
      segment.#look(bytes, until ?? Number.MAX_SAFE_INTEGER);
      if (until === undefined) segment.rest = bytes.slice(segment.end);
      else if (segment.last < until) {
        segment.damaged++;
        segment.last = until;
      }
      return segment;
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /** Whether somebody has taken its file away: what is written to it is gone with the process. */
  get isGone(): boolean {
    return fstatSync(this.file).nlink === 0;
  }

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  #look(bytes: Uint8Array, until: number): void {
    for (;;) {
      let record = readRecord(bytes, this.end);
      if (!record || record.last <= this.last) {
        // Behind the last one is nothing, or one that was never acknowledged; before another one is damage.
        record = nextRecord(bytes, this.end);
        if (!record || record.last <= this.last) return;
        this.damaged++;
      }
      if (record.last > until) return;
      this.#count(record);
    }
  }

  /** Makes zeros of the rest, so that nobody takes what is left of it for anything once it is written over in part. */
  clear(): void {
    writeAll(this.file, new Uint8Array(this.rest.length), this.end);
    this.rest = NOTHING;
  }

  /** Writes a record at the end. It counts once `count` is told. */
  write(record: Uint8Array): void {
    writeAll(this.file, record, this.end);
  }

  /** The record that was written last is on disk. */
  count(record: Pick<LogRecord, "last" | "lines">, bytes: number): void {
    this.#count({ ...record, offset: this.end, end: this.end + bytes });
  }

  #count(record: Omit<LogRecord, "term">): void {
    const newest = this.#blocks.at(-1);
    if (!newest || record.offset - newest.offset >= BLOCK_BYTES)
      this.#blocks.push({ offset: record.offset, after: this.last, talk: false });
    const block = this.#blocks.at(-1)!;
    block.talk ||= isTalk(record);
    this.end = record.end;
    this.last = record.last;
  }

  /** Cuts off what was written and does not count. */
  cut(): void {
    ftruncateSync(this.file, this.end);
  }

  /** How many blocks there are. They are numbered from 0. */
  get blocks(): number {
    return this.#blocks.length;
  }

  /** The block that holds the event `seq`, or would hold it if it were not lost. */
  blockOf(seq: number): number {
    let [low, high] = [0, this.#blocks.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#blocks[middle]!.after < seq) low = middle;
      else high = middle;
    }
    return low;
  }

  isTalk(block: number): boolean {
    return this.#blocks[block]?.talk ?? false;
  }

  /** Where to stop a read of about `bytes` from `block` on: near a multiple that does not depend on where it began. */
  stopOf(block: number, bytes: number): number {
    const most = Math.max(1, Math.floor(bytes / BLOCK_BYTES));
    const end = Math.min(this.#blocks.length, block - (block % most) + most);
    let stop = block + 1;
    // A block ends with a whole record, so it is a little longer than it has to be, or much.
    while (stop < end && this.#endOf(stop) - this.#blocks[block]!.offset <= bytes + BLOCK_BYTES) stop++;
    return stop;
  }

  #endOf(block: number): number {
    return this.#blocks[block + 1]?.offset ?? this.end;
  }

  /** The newest event before the block `block`, be it lost. */
  lastBefore(block: number): number {
    return this.#blocks[block]?.after ?? this.last;
  }

  /** The records of the blocks from `block` up to, but without, `until`. */
  records(block: number, until = block + 1): LogRecord[] {
    const start = this.#blocks[block]?.offset ?? this.end;
    const end = this.#endOf(until - 1);
    const bytes = new Uint8Array(end - start);
    readSync(this.file, bytes, 0, bytes.length, start);
    const records: LogRecord[] = [];
    for (let at = 0; at < bytes.length;) {
      const record = readRecord(bytes, at) ?? nextRecord(bytes, at);
      if (!record) break;
      records.push(record);
      at = record.end;
    }
    return records;
  }

  [Symbol.dispose](): void {
    closeSync(this.file);
  }
}

/** From where on `bytes` are zeros. */
function endOf(bytes: Uint8Array): number {
  let end = bytes.length;
  for (let size = 0; end > 0; end -= size) {
    size = Math.min(ZEROS.length, end);
    if (Buffer.compare(bytes.subarray(end - size, end), ZEROS.subarray(0, size)) !== 0) break;
  }
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

/** All of a file but the zeros at its end: most of a segment is zeros, and memory that is touched takes longer than the disk. */
function readFilled(file: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  const piece = Buffer.allocUnsafe(Math.min(size, PIECE_BYTES));
  let end = 0;
  for (let at = 0; at < size;) {
    const count = readSync(file, piece, 0, Math.min(piece.length, size - at), at);
    // Somebody has cut it meanwhile.
    if (count === 0) break;
    const filled = piece.subarray(0, endOf(piece.subarray(0, count)));
    // What came between were zeros, if it was anything.
    if (filled.length > 0) {
      bytes.fill(0, end, at);
      bytes.set(filled, at);
      end = at + filled.length;
    }
    at += count;
  }
  return bytes.subarray(0, end);
}

/** Writes all of it or throws: a disk that is nearly full takes the front. */
function writeAll(file: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, at + done);
}
