// What was done to keep order: every act, and what of it still holds: bans, mutes, withdrawn words, settings of the room.
import type { Database } from "bun:sqlite";

export interface Restriction {
  readonly id: number;
  readonly kind: "ban" | "mute";
  /** What its bearer was called. */
  readonly name: string;
  readonly identity: number | null;
  readonly address: string | null;
  /** The newest identity at that time: to those of before, the address means nothing. */
  readonly newest: number;
  readonly by: string;
  /** Seconds since 1970. */
  readonly at: number;
  /** How long it holds; for ever where it is not given. */
  readonly seconds: number | null;
  readonly text: string | null;
}

/** Withdrawn: what `names` (folded) have said from `since` (RFC 3339) on, up to the sequence number `before`. */
export interface Purge {
  readonly id: number;
  readonly names: readonly string[];
  readonly since: string;
  readonly before: number;
}

export interface ActRow {
  readonly id: number;
  readonly at: number;
  readonly act: string;
  readonly by: string;
  /** It was the host's. */
  readonly host: boolean;
  readonly name: string | null;
  readonly text: string | null;
  readonly seconds: number | null;
  /** What it takes to take it back. */
  readonly detail: string | null;
  /** It is not to be taken back. */
  readonly final: boolean;
  readonly undone: boolean;
}

/** More than these the oldest acts make way: what holds of them is kept apart. */
const ACTS_MAX = 10_000;

export class Acts {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  add(act: Omit<ActRow, "id" | "undone">): number {
    const { at, by, host, name, text, seconds, detail, final } = act;
    const { id } = this.#db
      .query<{ id: number }, (string | number | null)[]>(
        "insert into acts (at, act, by, host, name, text, seconds, detail, final) values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning id",
      )
      .get(at, act.act, by, Number(host), name, text, seconds, detail, Number(final))!;
    this.#db.run("delete from acts where id <= ?", [id - ACTS_MAX]);
    return id;
  }

  /** The newest acts, newest last. */
  newest(limit: number): ActRow[] {
    return this.#rows("select * from acts order by id desc limit ?", limit).toReversed();
  }

  /** The newest act that may be taken back and was not. */
  get last(): ActRow | undefined {
    return this.#rows("select * from acts where undone = 0 and final = 0 order by id desc limit ?", 1)[0];
  }

  /** It was never done. */
  remove(id: number): void {
    this.#db.run("delete from acts where id = ?", [id]);
  }

  #rows(sql: string, limit: number): ActRow[] {
    type Stored = { readonly [K in keyof ActRow]: ActRow[K] extends boolean ? number : ActRow[K] };
    return this.#db
      .query<Stored, [number]>(sql)
      .all(limit)
      .map((row) => ({ ...row, host: row.host !== 0, final: row.final !== 0, undone: row.undone !== 0 }));
  }

  setUndone(id: number, undone = true): void {
    this.#db.run("update acts set undone = ? where id = ?", [Number(undone), id]);
  }

  restrict(restriction: Omit<Restriction, "id">): Restriction {
    const { kind, name, identity, address, newest, by, at, seconds, text } = restriction;
    return this.#db
      .query<Restriction, (string | number | null)[]>(
        "insert into restrictions (kind, name, identity, address, newest, by, at, seconds, text) values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning *",
      )
      .get(kind, name, identity, address, newest, by, at, seconds, text)!;
  }

  lift(id: number): void {
    this.#db.run("delete from restrictions where id = ?", [id]);
  }

  get restrictions(): Restriction[] {
    return this.#db.query<Restriction, []>("select * from restrictions order by id").all();
  }

  purge(purge: Omit<Purge, "id">): Purge {
    const { id } = this.#db
      .query<{ id: number }, [string, string, number]>(
        "insert into purges (names, since, before) values (?, ?, ?) returning id",
      )
      .get(JSON.stringify(purge.names), purge.since, purge.before)!;
    return { ...purge, id };
  }

  /** It reaches up to the event `before`. */
  purgeUpTo(id: number, before: number): void {
    this.#db.run("update purges set before = ? where id = ?", [before, id]);
  }

  restore(id: number): void {
    this.#db.run("delete from purges where id = ?", [id]);
  }

  get purges(): Purge[] {
    return this.#db
      .query<Omit<Purge, "names"> & { readonly names: string }, []>("select * from purges order by id")
      .all()
      .map((row) => ({ ...row, names: JSON.parse(row.names) as string[] }));
  }

  setting(key: string): string | undefined {
    return this.#db.query<{ value: string }, [string]>("select value from settings where key = ?").get(key)?.value;
  }

  set(key: string, value: string): void {
    this.#db.run("insert or replace into settings values (?, ?)", [key, value]);
  }
}
