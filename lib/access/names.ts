// Whose name is whose: public keys, the identities that they prove, the names that these own, and what they may do.
import type { Database } from "bun:sqlite";
import { LINK_S, NAME_LAPSES_S, NAMES_PER_KEY_MAX } from "../protocol/limits.ts";
import { hashSecret, newSecret } from "./secret.ts";

/** Names that are owned, in all: whoever makes up keys and names by the thousand must not fill the disk. */
const OWNED_MAX = 100_000;

/** An owned name is used on a day, not in a second: an owner who comes and goes writes once a day. */
const USED_S = 86_400;

export interface Owned {
  readonly identity: number;
  readonly name: string;
}

export class Names {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Whose key it is; nothing where nobody has come with it yet. */
  identityOf(key: string): number | undefined {
    return this.#db.query<{ identity: number }, [string]>("select identity from keys where key = ?").get(key)?.identity;
  }

  /** The identity of a key that is new here. */
  add(key: string): number {
    return this.#db.transaction(() => {
      const { id } = this.#db.query<{ id: number }, []>("insert into identities default values returning id").get()!;
      this.#db.run("insert into keys values (?, ?)", [key, id]);
      return id;
    })();
  }

  /** The identity that came last. They are counted, and none is given again when it is forgotten. */
  get newest(): number {
    return (
      this.#db.query<{ seq: number }, []>("select seq from sqlite_sequence where name = 'identities'").get()?.seq ?? 0
    );
  }

  /** Who owns a name that has one of these looks: somebody other than `except`, where a look of theirs is somebody else's too. */
  ownerOf(looks: readonly string[], nowS: number, except?: number): Owned | undefined {
    for (const look of looks) {
      const owned = this.#db
        .query<Owned & { used: number }, [string]>(
          "select identity, name, used from looks join names using (fold) where look = ?",
        )
        .get(look);
      if (owned && owned.identity !== except && nowS - owned.used < NAME_LAPSES_S) return owned;
    }
    return undefined;
  }

  /** The identity uses the name, which is free or its own: from now on it is its own. */
  use(identity: number, fold: string, name: string, looks: readonly string[], nowS: number): void {
    const known = this.#db
      .query<{ used: number; name: string }, [string, number]>(
        "select used, name from names where fold = ? and identity = ?",
      )
      .get(fold, identity);
    if (known && known.name === name && Math.abs(nowS - known.used) < USED_S) return;
    if (this.ownerOf(looks, nowS, identity)) return;
    this.#db.transaction(() => {
      // Whoever else had it has let it lapse.
      for (const look of looks) {
        const lapsed = this.#db.query<{ fold: string }, [string]>("select fold from looks where look = ?").get(look);
        if (lapsed) this.#forget(lapsed.fold);
      }
      this.#forget(fold);
      const { owned } = this.#db.query<{ owned: number }, []>("select count(*) as owned from names").get()!;
      if (owned >= OWNED_MAX) return;
      this.#db.run("insert into names values (?, ?, ?, ?)", [fold, identity, name, nowS]);
      for (const look of looks) this.#db.run("insert into looks values (?, ?)", [look, fold]);
      const surplus = this.#db
        .query<{ fold: string }, [number, string, number]>(
          "select fold from names where identity = ? and fold <> ? order by used desc limit -1 offset ?",
        )
        .all(identity, fold, NAMES_PER_KEY_MAX - 1);
      for (const each of surplus) this.#forget(each.fold);
    })();
  }

  /** Forgets the names that have lapsed, and the keys that nothing depends on. */
  prune(nowS: number): void {
    this.#db.transaction(() => {
      this.#db.run("delete from names where used <= ?", [nowS - NAME_LAPSES_S]);
      this.#db.run("delete from looks where fold not in (select fold from names)");
      this.#db.run(
        `delete from keys where ${["names", "roles", "links", "restrictions"]
          .map((table) => `identity not in (select identity from ${table} where identity is not null)`)
          .join(" and ")}`,
      );
      this.#db.run("delete from identities where id not in (select identity from keys)");
    })();
  }

  #forget(fold: string): void {
    this.#db.run("delete from names where fold = ?", [fold]);
    this.#db.run("delete from looks where fold = ?", [fold]);
  }

  /** What the identity may do beyond, or less than, what everybody may. */
  roleOf(identity: number): string | undefined {
    return this.#db.query<{ role: string }, [number]>("select role from roles where identity = ?").get(identity)?.role;
  }

  setRole(identity: number, role: string | undefined): void {
    if (role === undefined) this.#db.run("delete from roles where identity = ?", [identity]);
    else this.#db.run("insert or replace into roles values (?, ?)", [identity, role]);
  }

  /** A code that adds another key to the identity, once. */
  newLink(identity: number, nowS: number): { readonly code: string; readonly until: number } {
    const code = newSecret();
    const until = nowS + LINK_S;
    this.#db.transaction(() => {
      // One at a time, and none that nobody can use any more.
      this.#db.run("delete from links where identity = ? or until <= ?", [identity, nowS]);
      this.#db.run("insert into links values (?, ?, ?)", [hashSecret(code), identity, until]);
    })();
    return { code, until };
  }

  /** Whose code it is; nothing where it is wrong, used or too old. */
  linkedBy(code: string, nowS: number): number | undefined {
    const found = this.#db
      .query<{ identity: number; until: number }, [string]>("select identity, until from links where hash = ?")
      .get(hashSecret(code));
    return found && found.until > nowS ? found.identity : undefined;
  }

  /** Uses up `code`: the key is that identity's from now on. */
  link(code: string, key: string, identity: number): void {
    this.#db.transaction(() => {
      this.#db.run("delete from links where hash = ?", [hashSecret(code)]);
      this.#db.run("insert or replace into keys values (?, ?)", [key, identity]);
    })();
  }
}
