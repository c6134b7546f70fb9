// The log in a file: SQLite, synced before anyone is told. Knows nothing of who may say what.
import { Database, type Statement } from "bun:sqlite";
import { randomUUIDv7 } from "bun";
import { closeSync, existsSync, fdatasync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { decodeStored } from "../protocol/codec.ts";
import type { Fact, RoomEvent } from "../protocol/message.ts";
import {
  type Batch,
  type Cursor,
  type Log,
  LogUnusable,
  OLDER_BYTES,
  OLDER_EVENTS,
  type Page,
  StorageFailed,
} from "./log.ts";
import { type Clock, requestKey, requestOf, Stamper } from "./stamp.ts";
import { Tail } from "./tail.ts";

export const LOG_FILE = "room.db";
/** "chat" in ASCII: tells our file from other SQLite files. */
const APPLICATION_ID = 0x63686174;
const SCHEMA_VERSION = 1;
/** Pages of 4 KiB after which SQLite moves the write-ahead log into the file, which takes two more syncs. */
const CHECKPOINT_PAGES = 4_096;

const SCHEMA = `
  create table meta (key text primary key, value text not null) strict, without rowid;
  create table events (seq integer primary key, type text not null, line text not null) strict;
  create index said on events (seq) where type = 'said';
  create index topics on events (seq) where type = 'topic';
  create table requests (request text primary key, seq integer not null) strict, without rowid;
  pragma application_id = ${APPLICATION_ID};
  pragma user_version = ${SCHEMA_VERSION};
`;

const utf8 = new TextEncoder();
const synced = promisify(fdatasync);

/** Opens the log in the folder `directory`, and makes it where there is none. Throws LogUnusable. */
export function openSqliteLog(directory: string, now: Clock = Date.now): SqliteLog {
  let db: Database | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    makePrivate(join(directory, LOG_FILE));
    db = new Database(join(directory, LOG_FILE), { create: true, strict: true });
    // Exclusive: a second process on the same folder is refused by the file's lock, which the kernel frees with the process.
    db.run("pragma locking_mode = exclusive");
    const old = isLog(db, directory);
    db.run("pragma journal_mode = wal");
    // Normal: SQLite syncs around a checkpoint and nothing else; each append syncs the write-ahead log itself, off this thread.
    db.run("pragma synchronous = normal");
    db.run(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    prepareSchema(db, old);
    return new SqliteLog(db, directory, now);
  } catch (error) {
    db?.close(true);
    throw unusable(error, directory);
  }
}

/** Makes the file where there is none, for its owner's eyes only; SQLite gives what it puts beside it the same mode. */
function makePrivate(file: string): void {
  // Only where there is none: to open and close a file that is in use would drop this process's locks on it.
  if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
}

/** Whether the file is a log already or a new one. Only reads, so that a file that is not ours stays as it is. */
function isLog(db: Database, directory: string): boolean {
  const { user_version: version } = db.query<{ user_version: number }, []>("pragma user_version").get()!;
  const { application_id: application } = db.query<{ application_id: number }, []>("pragma application_id").get()!;
  const { tables } = db.query<{ tables: number }, []>("select count(*) as tables from sqlite_schema").get()!;
  if (version === 0 && application === 0 && tables === 0) return false;
  if (application !== APPLICATION_ID)
    throw new LogUnusable(`${join(directory, LOG_FILE)} is not a chat history. Choose another folder with --data.`);
  if (version > SCHEMA_VERSION)
    throw new LogUnusable(
      `The history in ${directory} was written by a newer chatd. Update chatd, or choose another folder with --data.`,
    );
  return true;
}

function prepareSchema(db: Database, old: boolean): void {
  // The first write, also on a log that exists: it makes sure that the write-ahead log is there.
  db.run("begin immediate");
  if (!old) {
    db.run(SCHEMA);
    db.run("insert into meta values ('log', ?)", [randomUUIDv7()]);
  }
  db.run("insert or replace into meta values ('opened', datetime())");
  db.run("commit");
}

function unusable(error: unknown, directory: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const say = (text: string) => new LogUnusable(text, { cause: error });
  if (code.startsWith("SQLITE_BUSY"))
    return say(`Another chatd keeps its history in ${directory}. Stop it first, or choose another folder with --data.`);
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code))
    return say(
      `The history in ${directory} is damaged. Move the folder away to begin a new one (keep it: most of it can be read with sqlite3's .recover).`,
    );
  if (/^SQLITE_FULL|ENOSPC/.test(code))
    return say(`The disk that holds ${directory} is full. Make room, or choose another folder with --data.`);
  if (/^(SQLITE_(CANTOPEN|READONLY|PERM|IOERR)|EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOENT)/.test(code))
    return say(`The folder ${directory} cannot be written. Check its permissions, or choose another one with --data.`);
  return error;
}

interface Row {
  seq: number;
  line: string;
}

export class SqliteLog implements Log {
  readonly id: string;
  readonly #db: Database;
  readonly #walFile: number;
  readonly #tail: Tail;
  readonly #stamper: Stamper;
  readonly #insertEvent: Statement<unknown, [number, string, string]>;
  readonly #insertRequest: Statement<unknown, [string, number]>;
  readonly #selectAfter: Statement<Row, [number, number, number]>;
  readonly #selectSaid: Statement<Row, [number, number]>;
  readonly #selectRequest: Statement<Row, [string]>;
  /** A sync failed: what it should have kept may be in the file or not, and must not be believed. */
  #doubtful = false;

  constructor(db: Database, directory: string, now: Clock) {
    this.#db = db;
    this.id = db.query<{ value: string }, []>("select value from meta where key = 'log'").get()!.value;
    const newest = db.query<Row, []>("select seq, line from events order by seq desc limit 1").get();
    this.#tail = new Tail(newest?.seq ?? 0, (after) => this.#older(after));
    this.#stamper = new Stamper(now, newest ? decodeStored(newest.line) : undefined);
    this.#insertEvent = db.prepare("insert into events values (?, ?, ?)");
    this.#insertRequest = db.prepare("insert or ignore into requests values (?, ?)");
    this.#selectAfter = db.prepare("select seq, line from events where seq > ? and seq <= ? order by seq limit ?");
    this.#selectSaid = db.prepare(
      "select seq, line from events where type = 'said' and seq < ? order by seq desc limit ?",
    );
    this.#selectRequest = db.prepare(
      "select seq, line from events where seq = (select seq from requests where request = ?)",
    );
    this.#walFile = openSync(join(directory, `${LOG_FILE}-wal`), "r+");
    syncFolder(directory);
  }

  get head(): number {
    return this.#tail.head;
  }

  async append(facts: readonly Fact[]): Promise<readonly RoomEvent[]> {
    if (facts.length === 0) return [];
    const after = this.head;
    const events = this.#stamper.stamp(facts, after);
    let text: string;
    try {
      if (this.#doubtful) this.#settle();
      text = this.#write(events);
    } catch (error) {
      throw new StorageFailed("The log could not be written.", { cause: error });
    }
    try {
      await synced(this.#walFile);
    } catch (error) {
      this.#doubtful = true;
      throw new StorageFailed("The log could not be synced.", { cause: error });
    }
    this.#tail.push({ after, last: after + events.length, bytes: utf8.encode(text) });
    return events;
  }

  #write(events: readonly RoomEvent[]): string {
    let text = "";
    this.#db.run("begin");
    try {
      for (const event of events) {
        const line = JSON.stringify(event);
        text += `${line}\n`;
        this.#insertEvent.run(event.seq, event.type, line);
        const request = requestOf(event);
        if (request !== undefined) this.#insertRequest.run(request, event.seq);
      }
      this.#db.run("commit");
    } catch (error) {
      if (this.#db.inTransaction) this.#db.run("rollback");
      throw error;
    }
    return text;
  }

  /**
   * Takes back what was written and not synced, and writes the file anew. After a failed sync the kernel may call pages
   * clean that never reached the disk, so the write-ahead log cannot be trusted by syncing it again.
   */
  #settle(): void {
    this.#db.run("delete from events where seq > ?", [this.head]);
    this.#db.run("delete from requests where seq > ?", [this.head]);
    const done = this.#db.query<{ busy: number }, []>("pragma wal_checkpoint(truncate)").get();
    if (done?.busy !== 0) throw new Error("The checkpoint did not finish.");
    this.#doubtful = false;
  }

  follow(after: number, grown: () => void): Cursor {
    return this.#tail.follow(after, grown);
  }

  #older(after: number): Batch {
    let text = "";
    let bytes = 0;
    let last = after;
    for (const row of this.#selectAfter.iterate(after, this.head, OLDER_EVENTS)) {
      text += `${row.line}\n`;
      bytes += Buffer.byteLength(row.line);
      last = row.seq;
      if (bytes >= OLDER_BYTES) break;
    }
    return { after, last, bytes: utf8.encode(text) };
  }

  said(before: number, limit: number, bytesMax: number): Page {
    const lines: string[] = [];
    let bytes = 0;
    let more = false;
    for (const { line } of this.#selectSaid.iterate(Math.min(before, this.head + 1), limit + 1)) {
      bytes += Buffer.byteLength(line);
      more = lines.length === limit || (bytes > bytesMax && lines.length > 0);
      if (more) break;
      lines.push(line);
    }
    return { lines: lines.toReversed(), more };
  }

  caused(author: string, re: string): string | undefined {
    const row = this.#selectRequest.get(requestKey(author, re));
    return row && row.seq <= this.head ? row.line : undefined;
  }

  topic(): string | undefined {
    const row = this.#db
      .query<Row, [number]>("select seq, line from events where type = 'topic' and seq <= ? order by seq desc limit 1")
      .get(this.head);
    const event = row && decodeStored(row.line);
    return event?.type === "topic" ? event.text : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#doubtful) this.#settle();
    } finally {
      // Closing moves the write-ahead log into the file and syncs it. It must end the statements, or SQLite goes on holding the file.
      this.#db.close(true);
      closeSync(this.#walFile);
    }
  }
}

/** A new file is only kept once its folder is synced too. */
function syncFolder(directory: string): void {
  const folder = openSync(directory, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
