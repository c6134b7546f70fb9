// The segments of a log, one after another: which one is written, and which one holds an event. Knows records, and nothing of what they say.
import { closeSync, fdatasyncSync, fsync, openSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { calledBack, Disk } from "./disk.ts";
import { keepAside, makeRoom, putAside, type SegmentFile, segmentPath, segmentsIn, syncFolder } from "./folder.ts";
import { LogUnusable } from "./log.ts";
import { isTorn, type LogRecord } from "./record.ts";
import { Segment } from "./segment.ts";
import { Spare } from "./spare.ts";
import { idOf } from "./title.ts";

/**
 * Bytes of a segment. Its room is made beforehand, of zeros: to write over what is there and sync it takes half as long as
 * to make a file longer (ext4, 190 kB: 0.5 and 1.1 ms), because nothing but the bytes has to go to the disk.
 */
const SEGMENT_BYTES = 4_194_304;
/** The same of a log's first one: most rooms are small, and a start must cost little. */
const FIRST_SEGMENT_BYTES = 524_288;
/** Segments that are read stay open, with what is known of their blocks. */
const OPEN_MAX = 4;

export class Segments implements Disposable {
  /** Of the log, on each of its segments. */
  readonly id: string;
  readonly #directory: string;
  readonly #disk = new Disk();
  /** Those that are not written any more. */
  readonly #older: SegmentFile[];
  /** The last ones of those that were read, the newest first. */
  readonly #opened: Segment[] = [];
  #active: Segment;
  readonly #spare: Spare;
  /** A segment that could not be begun. While its file is there, what is written to the one before it would not be found again. */
  #stillborn: string | undefined;
  /** A segment is new in the folder, or gone from it, and the folder is not synced. */
  #unlisted = true;
  /** There may be bytes behind the last record: of one that was not kept. */
  #doubtful = false;
  /** How many records of each segment are damaged. */
  readonly #damaged = new Map<string, number>();

  private constructor(directory: string, id: string, older: SegmentFile[], active: Segment) {
    this.#directory = directory;
    this.id = id;
    this.#older = older;
    this.#active = active;
    this.#damaged.set(active.path, active.damaged);
    this.#spare = new Spare(directory, SEGMENT_BYTES);
  }

  /** Opens the log in `directory`, or begins one, which is called `id` unless it says itself how it is called. */
  static open(directory: string, id: string): Segments {
    const files = segmentsIn(directory);
    const name = nameOf(files, id, directory);
    const newestFile = files.at(-1);
    // One that was never begun says nothing of where the one before it ends.
    const older = files.filter((file) => file === newestFile || !isStillborn(file));
    const aside: string[] = [];
    for (let newest = older.pop(); newest; newest = older.pop()) {
      const { path, after } = newest;
      const segment = Segment.open(path, after, FIRST_SEGMENT_BYTES);
      const { rest } = segment;
      // The front of a record is what its writer had got to when it ended: nobody was told of it.
      const unreadable = rest.length > 0 && !isTorn(rest);
      if (unreadable) segment.damaged++;
      if (!segment.isEmpty || segment.id !== undefined) {
        if (unreadable) keepAside(path, rest);
        segment.clear();
        return new Segments(directory, name, older, segment).#missing(aside);
      }
      segment[Symbol.dispose]();
      if (unreadable) {
        putAside(path);
        aside.push(path);
        // It was begun, and nothing came of it.
      } else rmSync(path);
    }
    const path = segmentPath(directory, 0);
    makeRoom(path, FIRST_SEGMENT_BYTES);
    return new Segments(directory, name, [], Segment.create(path, name, FIRST_SEGMENT_BYTES, 0)).#missing(aside);
  }

  /** All of what was in these files is lost. */
  #missing(paths: readonly string[]): this {
    for (const path of paths) this.#damaged.set(`${path}, aside`, 1);
    return this;
  }

  /** The newest event. */
  get head(): number {
    return this.#active.last;
  }

  /** Records that were damaged, as far as it was looked. */
  get damaged(): number {
    let sum = 0;
    for (const count of this.#damaged.values()) sum += count;
    return sum;
  }

  /** Keeps a record: resolves once it would survive a loss of power. Throws where the disk fails; then it is not there. One at a time. */
  async append(record: Uint8Array, content: Pick<LogRecord, "last" | "lines">): Promise<void> {
    try {
      this.#write(record);
      await this.#disk.sync(this.#active.file);
      if (this.#unlisted) await this.#list();
      if (this.#active.isGone)
        throw new LogUnusable(
          `${this.#active.path} was taken away while it was written. Close the room, put a copy of the folder back where there is one, and open the room again.`,
        );
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    this.#count(record, content);
    // Not thought of until this one is half full.
    if (this.#active.end > this.#active.capacity / 2) this.#spare.want();
  }

  /** The same, while everybody waits. */
  appendNow(record: Uint8Array, content: Pick<LogRecord, "last" | "lines">): void {
    this.#write(record);
    fdatasyncSync(this.#active.file);
    this.#count(record, content);
  }

  #write(record: Uint8Array): void {
    // After a sync that failed, too: the kernel may call clean what never reached the disk. What is cut off is written anew.
    if (this.#doubtful) this.#active.cut();
    this.#forgetStillborn();
    if (this.#active.end + record.length > this.#active.capacity && !this.#active.isEmpty) this.#roll();
    this.#doubtful = true;
    this.#active.write(record);
  }

  #count(record: Uint8Array, content: Pick<LogRecord, "last" | "lines">): void {
    this.#doubtful = false;
    this.#active.count(content, record.length);
  }

  /** It may be whole in the file, and nobody must see it after a sudden end. */
  #takeBack(): void {
    try {
      if (this.#doubtful) this.#active.cut();
    } catch {
      // It is tried again before the next one is written.
    }
  }

  #roll(): void {
    const { last } = this.#active;
    const next = segmentPath(this.#directory, last);
    this.#stillborn = next;
    this.#spare.use(next);
    const segment = Segment.create(next, this.id, SEGMENT_BYTES, last);
    this.#stillborn = undefined;
    const { path, after } = this.#active;
    this.#older.push({ path, after });
    this.#remember(this.#active);
    this.#active = segment;
    this.#unlisted = true;
  }

  #forgetStillborn(): void {
    if (this.#stillborn === undefined) return;
    rmSync(this.#stillborn, { force: true });
    this.#stillborn = undefined;
    this.#unlisted = true;
  }

  /** A new file is only kept once its folder is synced too. */
  async #list(): Promise<void> {
    const folder = openSync(this.#directory, "r");
    try {
      await calledBack((back) => fsync(folder, back));
    } finally {
      closeSync(folder);
    }
    this.#unlisted = false;
  }

  /** The same, while everybody waits. */
  listNow(): void {
    syncFolder(this.#directory);
    this.#unlisted = false;
  }

  /** The segment that holds the event `seq`, from 1 to the head; where that one is gone, the one before it, or else the first. */
  holding(seq: number): Segment {
    if (seq > this.#active.after) return this.#active;
    const at = Math.max(
      0,
      this.#older.findLastIndex((older) => older.after < seq),
    );
    const older = this.#older[at];
    if (!older) return this.#active;
    const { path, after } = older;
    const known = this.#opened.find((segment) => segment.path === path);
    const segment = known ?? Segment.open(path, after, 0, this.#older[at + 1]?.after ?? this.#active.after);
    if (!known) this.#damaged.set(path, segment.damaged);
    this.#remember(segment);
    return segment;
  }

  #remember(segment: Segment): void {
    const at = this.#opened.indexOf(segment);
    if (at >= 0) this.#opened.splice(at, 1);
    this.#opened.unshift(segment);
    if (this.#opened.length > OPEN_MAX) this.#opened.pop()?.[Symbol.dispose]();
  }

  /** Ends it, and takes back what was not kept. */
  async close(): Promise<void> {
    try {
      await this.#spare.end();
      if (this.#doubtful) {
        this.#active.cut();
        await this.#disk.sync(this.#active.file);
      }
    } finally {
      this[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    for (const segment of [this.#active, ...this.#opened]) segment[Symbol.dispose]();
  }
}

function isStillborn({ path, after }: SegmentFile): boolean {
  if (idOf(path) !== undefined) return false;
  using segment = Segment.open(path, after, 0);
  return segment.isEmpty && segment.rest.length === 0;
}

/** The name of the log whose segments these are, `id` where they do not say it. Throws LogUnusable where they are of several. */
function nameOf(segments: readonly SegmentFile[], id: string, directory: string): string {
  const named = segments.flatMap(({ path }) => {
    const name = idOf(path);
    return name === undefined ? [] : [{ path, name }];
  });
  const count = (wanted: string) => named.filter(({ name }) => name === wanted).length;
  const most = named.toSorted((one, other) => count(other.name) - count(one.name))[0]?.name;
  const own = most === undefined || count(id) > 0 ? id : most;
  const others = named.filter(({ name }) => name !== own).map(({ path }) => basename(path));
  if (others.length === 0) return own;
  throw new LogUnusable(
    `${directory} holds parts of another history: ${others.join(", ")}. Move ${others.length === 1 ? "it" : "them"} to another folder.`,
  );
}
