// The guest list: whose name is whose, who may come in, who may not, and what was done to keep order. Survives restarts.
// Knows no messages and no members; times are seconds since 1970, and are handed in.
import { Database } from "bun:sqlite";
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { Acts } from "./acts.ts";
import { INVITE_S, INVITE_USES } from "../protocol/limits.ts";
import { Invitations, type Made, type Wish } from "./invitations.ts";
import { Names } from "./names.ts";

export const ACCESS_FILE = "access.db";
/** "door" in ASCII: tells our file from other SQLite files. */
export const APPLICATION_ID = 0x646f6f72;
export const VERSION = 1;
/** Another process on the same list is `chatd invite`, which is done in a moment. */
const BUSY_MS = 2_000;

const TABLES = `
  create table identities (id integer primary key autoincrement) strict;
  create table keys (key text primary key, identity integer not null) strict, without rowid;
  create index keys_of on keys (identity);
  create table names (fold text primary key, identity integer not null, name text not null, used integer not null) strict, without rowid;
  create index names_of on names (identity);
  create table looks (look text primary key, fold text not null) strict, without rowid;
  create index looks_of on looks (fold);
  create table roles (identity integer primary key, role text not null) strict;
  create table links (hash text primary key, identity integer not null, until integer not null) strict, without rowid;
  create table invitations (id integer primary key autoincrement, hash text not null unique, scope text not null, until integer not null, uses integer not null, by text not null) strict;
  create table restrictions (id integer primary key, kind text not null, name text not null, identity integer, address text, newest integer not null, by text not null, at integer not null, seconds integer, text text) strict;
  create table purges (id integer primary key, names text not null, since text not null, before integer not null) strict;
  create table acts (id integer primary key, at integer not null, act text not null, by text not null, host integer not null, name text, text text, seconds integer, detail text, final integer not null, undone integer not null default 0) strict;
  create table settings (key text primary key, value text not null) strict, without rowid;
  pragma application_id = ${APPLICATION_ID};
  pragma user_version = ${VERSION};
`;

/** The guest list cannot be used; the message says why and what to do, for the host to read. */
export class AccessUnusable extends Error {
  override readonly name = "AccessUnusable";
}

export class Access implements Disposable {
  readonly names: Names;
  readonly invitations: Invitations;
  readonly acts: Acts;
  /** Nobody was ever on it. */
  readonly isNew: boolean;
  readonly #db: Database;

  private constructor(db: Database, isNew: boolean) {
    this.#db = db;
    this.isNew = isNew;
    this.names = new Names(db);
    this.invitations = new Invitations(db);
    this.acts = new Acts(db);
  }

  /** Opens the list in `directory`, and makes it where there is none; without a directory, one that ends with the process. Throws AccessUnusable. */
  static open(directory: string | undefined): Access {
    const path = directory === undefined ? ":memory:" : join(directory, ACCESS_FILE);
    let db: Database | undefined;
    try {
      // For its owner's eyes only; SQLite gives what it puts beside it the same mode.
      if (directory !== undefined && !existsSync(path)) closeSync(openSync(path, "a", 0o600));
      db = new Database(path, { create: true, strict: true });
      db.run(`pragma busy_timeout = ${BUSY_MS}`);
      const version = versionOf(db, path);
      db.run("pragma journal_mode = wal");
      // A name that was first used in the second before a loss of power is no loss; an act is, see `together`.
      db.run("pragma synchronous = normal");
      if (version === 0) db.transaction(() => db!.run(TABLES))();
      return new Access(db, version === 0);
    } catch (error) {
      db?.close();
      throw error instanceof AccessUnusable ? error : new AccessUnusable(sentence(error, path), { cause: error });
    }
  }

  /**
   * Does all that `run` does to the list, or nothing of it. Once it returns, a loss of power changes nothing about it: whoever
   * was banned stays so. Throws what SQLite throws where the disk does not take it.
   */
  together<T>(run: () => T): T {
    this.#db.run("pragma synchronous = full");
    try {
      return this.#db.transaction(run)();
    } finally {
      this.#db.run("pragma synchronous = normal");
    }
  }

  /** Makes an invitation, and notes that `by` has done so. It is on disk. Throws what SQLite throws. */
  invite(
    { scope, seconds = INVITE_S, uses }: Wish,
    by: { readonly name: string; readonly host: boolean },
    nowS: number,
  ): Made {
    const until = nowS + seconds;
    const times = uses ?? (scope === "operator" ? 1 : INVITE_USES);
    return this.together(() => {
      const { id, secret } = this.invitations.add({ scope, until, uses: times, by: by.name });
      this.acts.add({
        at: nowS,
        act: "invited",
        by: by.name,
        host: by.host,
        name: null,
        text: `invitation ${id}: ${scope}, ${times} ${times === 1 ? "use" : "uses"}`,
        seconds: null,
        detail: null,
        final: false,
      });
      return { id, secret, scope, until, uses: times };
    });
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

function versionOf(db: Database, path: string): number {
  const { user_version: version } = db.query<{ user_version: number }, []>("pragma user_version").get()!;
  const { application_id: application } = db.query<{ application_id: number }, []>("pragma application_id").get()!;
  const { tables } = db.query<{ tables: number }, []>("select count(*) as tables from sqlite_schema").get()!;
  if (version === 0 && application === 0 && tables === 0) return 0;
  if (application !== APPLICATION_ID)
    throw new AccessUnusable(`${path} is not chatd's guest list. Move it away, or choose another folder with --data.`);
  if (version > VERSION)
    throw new AccessUnusable(
      `${path} was written by a newer chatd. Update chatd, or choose another folder with --data.`,
    );
  if (db.query<{ quick_check: string }, []>("pragma quick_check(1)").get()!.quick_check !== "ok")
    throw Object.assign(new Error("quick_check"), { code: "SQLITE_CORRUPT" });
  return version;
}

function sentence(error: unknown, path: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (/CORRUPT|NOTADB/.test(code))
    return `${path} is damaged: who is banned and whose name is whose cannot be read. Put back a copy of it, or move it away to begin with an empty one.`;
  if (/FULL|ENOSPC|EDQUOT/.test(code))
    return `${path} cannot be written: the disk is full. Make room, or choose another folder with --data.`;
  if (/BUSY|LOCKED/.test(code))
    return `${path} is in use by another program. End that one, or choose another folder with --data.`;
  return `${path} cannot be used${code && ` (${code})`}. Is the folder yours to write? Choose another one with --data.`;
}
