// The register: which event each marked request has caused, and which ones set the topic. It repeats what the segments say,
// so no append waits for it, and it is made anew where it cannot be trusted.
import { Database, type Statement } from "bun:sqlite";
import { randomUUIDv7 } from "bun";
import { closeSync, existsSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { LogUnusable } from "./log.ts";
import { NO_TERM } from "./record.ts";

export const REGISTER_FILE = "room.db";
/** "chat" in ASCII: tells our file from other SQLite files. */
export const APPLICATION_ID = 0x63686174;
/** Version 2 had the same tables, and no terms in the segments. */
export const VERSION = 3;
/** What is noted stays in memory until there is so much of it: written together, it takes a fifth of the time. */
const FRESH_MAX = 128;
/** … or until so many events have come, which would have to be read again after a sudden end. */
const UNREAD_MAX = 10_000;

const TABLES = `
  create table requests (request text primary key, seq integer not null) strict, without rowid;
  create table topics (seq integer primary key, text text not null) strict;
`;
const META = `
  create table meta (key text primary key, value text not null) strict, without rowid;
  pragma application_id = ${APPLICATION_ID};
  pragma user_version = ${VERSION};
`;
/** Version 1 kept the events themselves here. */
const FROM_VERSION_1 = `
  drop index topics;
  create table topics (seq integer primary key, text text not null) strict;
  insert into topics select seq, line ->> '$.text' from events where type = 'topic';
  insert or replace into meta select 'through', max(seq) from events having max(seq) is not null;
  drop table events;
  delete from meta where key = 'adopting';
  pragma user_version = ${VERSION};
`;

/** An event as version 1 kept it. */
export interface OldEvent {
  readonly seq: number;
  readonly line: string;
}

export class Register {
  /** Of the log. */
  id: string;
  /** Everything up to this event is noted in the file … */
  through = 0;
  /** … in a log which has it in this term. */
  term = NO_TERM;
  readonly #path: string;
  readonly #db: Database;
  #statements: Statements | undefined;
  /** Not in the file yet. */
  #requests = new Map<string, number>();
  #topics: { readonly seq: number; readonly text: string }[] = [];

  /** Opens the register of the log in `directory`, and makes it where there is none. Throws what SQLite throws, or LogUnusable. */
  constructor(directory: string) {
    const path = join(directory, REGISTER_FILE);
    this.#path = path;
    makePrivate(path);
    this.#db = new Database(path, { create: true, strict: true });
    try {
      // Exclusive: a second process on the same folder is refused by the file's lock, which the kernel frees with the process.
      this.#db.run("pragma locking_mode = exclusive");
      const version = versionOf(this.#db, directory);
      // There is nothing to lose yet: whatever a loss of power leaves of a new one, it is empty, or found to be damaged.
      if (version === 0) this.#db.run("pragma synchronous = off");
      this.#db.run("pragma journal_mode = wal");
      if (version === 0) this.#db.transaction(() => this.#make())();
      if (version > 1) expectWhole(this.#db);
      this.id = this.#meta("log")!;
      if (version !== 1) this.#begin();
    } catch (error) {
      this.#db.close(true);
      throw error;
    }
  }

  /** The events of a log of version 1, which has no segments yet. `adopted` must follow. */
  *oldEvents(): Iterable<OldEvent> {
    if (!this.#statements) yield* this.#db.query<OldEvent, []>("select seq, line from events order by seq").iterate();
  }

  get isOld(): boolean {
    return this.#statements === undefined;
  }

  get isBeingAdopted(): boolean {
    return this.#meta("adopting") !== undefined;
  }

  /** From here on all segments in the folder are copies of what is here. */
  beginAdoption(): void {
    this.#set("adopting", "yes");
  }

  /** The events of version 1 are on disk in segments: they go, and the register stays. */
  adopted(): void {
    this.#db.transaction(() => this.#db.run(FROM_VERSION_1))();
    this.#db.run("vacuum");
    this.#begin();
  }

  #make(): void {
    this.#db.run(META);
    this.#db.run(TABLES);
    this.#set("log", randomUUIDv7());
  }

  /** From here on nothing is synced until the end. Should the machine go down before that, there is no telling what is in the file. */
  #begin(): void {
    const boot = bootOf(this.#path);
    const last = this.#meta("boot");
    this.#db.transaction(() => {
      if (last && last !== boot) {
        this.#db.run("drop table requests; drop table topics;");
        this.#db.run(TABLES);
        this.#set("through", "0");
      }
      this.#set("boot", boot);
      this.#db.run(`pragma user_version = ${VERSION}`);
    })();
    // Into the file itself: what is written behind its back from now on may be lost in any order.
    this.#db.run("pragma wal_checkpoint(truncate)");
    this.through = Number(this.#meta("through") ?? 0);
    this.term = Number(this.#meta("term") ?? NO_TERM);
    this.#db.run("pragma synchronous = off");
    this.#statements = {
      insertRequest: this.#db.prepare("insert or ignore into requests values (?, ?)"),
      insertTopic: this.#db.prepare("insert or ignore into topics values (?, ?)"),
      request: this.#db.prepare("select seq from requests where request = ?"),
    };
  }

  /** Forgets everything: it was the register of another log than `id`, or of one that went another way. */
  beginAnew(id: string): void {
    this.#db.transaction(() => {
      this.#db.run("delete from requests; delete from topics;");
      this.#set("log", id);
      this.#set("through", "0");
    })();
    this.id = id;
    this.through = 0;
  }

  noteRequest(request: string, seq: number): void {
    if (!this.#requests.has(request)) this.#requests.set(request, seq);
  }

  noteTopic(text: string, seq: number): void {
    this.#topics.push({ text, seq });
  }

  /** All that there is to note up to the event `seq`, which is of the term `term`, was noted. */
  noted(seq: number, term: number): void {
    if (this.#requests.size < FRESH_MAX && seq - this.through < UNREAD_MAX) return;
    try {
      this.#flush(seq, term);
    } catch {
      // The disk is full, perhaps. It stays in memory, and in the segments.
    }
  }

  #flush(seq: number, term: number): void {
    const { insertRequest, insertTopic } = this.#statements!;
    this.#db.transaction(() => {
      for (const [request, at] of this.#requests) insertRequest.run(request, at);
      for (const { text, seq: at } of this.#topics) insertTopic.run(at, text);
      this.#set("through", String(seq));
      this.#set("term", String(term));
    })();
    this.#requests.clear();
    this.#topics = [];
    this.through = seq;
    this.term = term;
  }

  /** The first event that the request has caused. */
  caused(request: string): number | undefined {
    return this.#statements?.request.get(request)?.seq ?? this.#requests.get(request);
  }

  topic(): string | undefined {
    const newest = this.#topics.at(-1);
    return newest
      ? newest.text
      : this.#db.query<{ text: string }, []>("select text from topics order by seq desc limit 1").get()?.text;
  }

  /** Ends it, with all that was noted up to the event `seq`, which is of the term `term`, on disk. */
  close(seq = this.through, term = this.term): void {
    try {
      if (this.isOld) return;
      this.#flush(seq, term);
      this.#db.run("pragma synchronous = full");
      this.#db.run("pragma wal_checkpoint(truncate)");
      this.#set("boot", "");
    } catch {
      // The disk is full, perhaps. All of it is in the segments.
    } finally {
      // It must end the statements, or SQLite goes on holding the file.
      this.#db.close(true);
    }
  }

  #meta(key: string): string | undefined {
    return this.#db.query<{ value: string }, [string]>("select value from meta where key = ?").get(key)?.value;
  }

  #set(key: string, value: string): void {
    this.#db.run("insert or replace into meta values (?, ?)", [key, value]);
  }
}

interface Statements {
  readonly insertRequest: Statement<unknown, [string, number]>;
  readonly insertTopic: Statement<unknown, [number, string]>;
  readonly request: Statement<{ seq: number }, [string]>;
}

/**
 * Names this very file in the time since this machine was started: a copy that was made while it was written is no more to be
 * believed than what a loss of power has left. Where nobody tells, none is like another.
 */
function bootOf(path: string): string {
  const file = "/proc/sys/kernel/random/boot_id";
  return existsSync(file) ? `${readFileSync(file, "utf8").trim()} ${statSync(path).ino}` : randomUUIDv7();
}

/** Throws as SQLite does, where it would find damage only later. */
function expectWhole(db: Database): void {
  const found = db.query<{ quick_check: string }, []>("pragma quick_check(1)").get()!.quick_check;
  if (found !== "ok") throw Object.assign(new Error(found), { code: "SQLITE_CORRUPT" });
}

/** Makes the file where there is none, for its owner's eyes only; SQLite gives what it puts beside it the same mode. */
function makePrivate(file: string): void {
  // Only where there is none: to open and close a file that is in use would drop this process's locks on it.
  if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
}

/** The version of the register that is there, 0 where there is none. Only reads, so that a file that is not ours stays as it is. */
function versionOf(db: Database, directory: string): number {
  const { user_version: version } = db.query<{ user_version: number }, []>("pragma user_version").get()!;
  const { application_id: application } = db.query<{ application_id: number }, []>("pragma application_id").get()!;
  const { tables } = db.query<{ tables: number }, []>("select count(*) as tables from sqlite_schema").get()!;
  if (version === 0 && application === 0 && tables === 0) return 0;
  if (application !== APPLICATION_ID)
    throw new LogUnusable(
      `${join(directory, REGISTER_FILE)} is not a chat history. Choose another folder with --data.`,
    );
  if (version > VERSION)
    throw new LogUnusable(
      `The history in ${directory} was written by a newer chatd. Update chatd, or choose another folder with --data.`,
    );
  return version;
}
