// The segments of a log, one after another: which one is written, and which one holds an event. Knows records, and nothing of what they say.
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { Disk } from "./disk.ts";
import type { LogRecord } from "./record.ts";
import { Segment } from "./segment.ts";

/**
 * Bytes of a segment. Its room is made beforehand, of zeros: to write over what is there and sync it takes half as long as
 * to make a file longer (ext4, 190 kB: 0.5 and 1.1 ms), because nothing but the bytes has to go to the disk.
 */
const SEGMENT_BYTES = 4_194_304;
/** The same of a log's first one: most rooms are small, and a start must cost little. */
const FIRST_SEGMENT_BYTES = 524_288;
/** Segments that are read stay open, with what is known of their blocks. */
const OPEN_MAX = 4;

const NAME = /^room-(\d{16})\.log$/;
const SPARE = "room-spare";

/** A segment that is not written any more, or may not be. */
export interface Older {
  readonly path: string;
  /** Its events follow this number. */
  readonly after: number;
}

export class Segments implements Disposable {
  /** Of the log, on each of its segments. */
  readonly id: string;
  readonly #directory: string;
  readonly #disk = new Disk();
  readonly #older: Older[];
  /** The last ones of those that were read, the newest first. */
  readonly #opened: Segment[] = [];
  #active: Segment;
  /** Room for the next segment: under way, made, or not to be had. Not thought of until this one is half full. */
  #spare: Promise<void> | "made" | "none" | undefined;
  /** A segment is new in the folder, and the folder is not synced. */
  #unlisted = true;
  /** There may be bytes behind the last record: of one that was not kept. */
  #doubtful = false;

  private constructor(directory: string, id: string, older: Older[], active: Segment) {
    this.#directory = directory;
    this.id = id;
    this.#older = older;
    this.#active = active;
    rmSync(join(directory, SPARE), { force: true });
  }

  /** Whether the folder holds a log. */
  static exist(directory: string): boolean {
    return segmentsIn(directory).length > 0;
  }

  /** Takes the log in the folder away. */
  static remove(directory: string): void {
    for (const { path } of segmentsIn(directory)) rmSync(path);
  }

  /** Opens the log in `directory`, or begins one, which is called `id` unless it says itself how it is called. */
  static open(directory: string, id: string): Segments {
    const older = segmentsIn(directory);
    for (let newest = older.pop(); newest; newest = older.pop()) {
      const { path, after } = newest;
      const segment = Segment.open(path, after, FIRST_SEGMENT_BYTES);
      if (!segment.isEmpty || segment.id !== undefined)
        return new Segments(directory, segment.id ?? id, older, segment);
      // It was begun, and nothing came of it.
      segment[Symbol.dispose]();
      rmSync(path);
    }
    const path = pathOf(directory, 0);
    makeRoom(path, FIRST_SEGMENT_BYTES);
    return new Segments(directory, id, [], Segment.create(path, id, FIRST_SEGMENT_BYTES, 0));
  }

  /** The newest event. */
  get head(): number {
    return this.#active.last;
  }

  /** Records that were damaged, as far as it was looked. */
  get damaged(): number {
    return this.#opened.reduce((sum, { damaged }) => sum + damaged, this.#active.damaged);
  }

  /** Keeps a record: resolves once it would survive a loss of power. Throws where the disk fails; then it is not there. One at a time. */
  async append(record: Uint8Array, content: Pick<LogRecord, "last" | "lines">): Promise<void> {
    try {
      this.#write(record);
      await this.#disk.sync(this.#active.file);
      if (this.#unlisted) await this.#list();
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    this.#count(record, content);
    if (this.#spare === undefined && this.#active.end > this.#active.capacity / 2) this.#spare = this.#makeSpare();
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
    const next = pathOf(this.#directory, last);
    this.#useSpare(next);
    const segment = Segment.create(next, this.id, SEGMENT_BYTES, last);
    const { path, after } = this.#active;
    this.#older.push({ path, after });
    this.#remember(this.#active);
    this.#active = segment;
    this.#unlisted = true;
  }

  /** Makes the spare the file `next`. Where there is none, that one grows as it is written; where it is not ready, the one after has it. */
  #useSpare(next: string): void {
    const spare = this.#spare;
    if (spare instanceof Promise) return;
    this.#spare = undefined;
    try {
      if (spare === "made") renameSync(join(this.#directory, SPARE), next);
    } catch {
      // Somebody took it away, perhaps. A disk that fails says so when the file is made.
    }
  }

  /** A new file is only kept once its folder is synced too. */
  async #list(): Promise<void> {
    const folder = await open(this.#directory, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    this.#unlisted = false;
  }

  /** The same, while everybody waits. */
  listNow(): void {
    const folder = openSync(this.#directory, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    this.#unlisted = false;
  }

  async #makeSpare(): Promise<void> {
    const path = join(this.#directory, SPARE);
    try {
      if (!(await hasRoom(this.#directory))) {
        this.#spare = "none";
        return;
      }
      const file = await open(path, "w", 0o600);
      try {
        const zeros = new Uint8Array(FIRST_SEGMENT_BYTES);
        for (let at = 0; at < SEGMENT_BYTES; at += zeros.length) await file.write(zeros, 0, zeros.length, at);
        await file.datasync();
      } finally {
        await file.close();
      }
      this.#spare = "made";
    } catch {
      // The disk is full, perhaps: the next segment has to grow, and that says so.
      this.#spare = "none";
      await rm(path, { force: true }).catch(() => {});
    }
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
      await this.#spare;
      if (this.#doubtful) {
        this.#active.cut();
        await this.#disk.sync(this.#active.file);
      }
    } finally {
      rmSync(join(this.#directory, SPARE), { force: true });
      this[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    for (const segment of [this.#active, ...this.#opened]) segment[Symbol.dispose]();
  }
}

/** Whether a spare leaves room for what is written meanwhile. */
async function hasRoom(directory: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize >= 2 * SEGMENT_BYTES;
}

/** The segments in a folder, in order. */
export function segmentsIn(directory: string): Older[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => NAME.test(name))
    .toSorted()
    .map((name) => ({ path: join(directory, name), after: Number(NAME.exec(name)![1]) - 1 }));
}

function pathOf(directory: string, after: number): string {
  return join(directory, `room-${String(after + 1).padStart(16, "0")}.log`);
}

/** Fills a file with zeros. Where there is no room for that, it is a file without room. */
function makeRoom(path: string, bytes: number): void {
  try {
    writeFileSync(path, new Uint8Array(bytes), { mode: 0o600 });
  } catch {
    writeFileSync(path, "", { mode: 0o600 });
  }
}
