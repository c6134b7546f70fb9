// Invitations: secrets that let their bearers in, for a time and so many times. Only hashes are kept.
import type { Database } from "bun:sqlite";
import type { Scope } from "../protocol/moderation.ts";
import { hashSecret, newSecret } from "./secret.ts";

export interface InvitationRow {
  readonly id: number;
  readonly scope: string;
  /** Seconds since 1970. */
  readonly until: number;
  /** How often it may still be used. */
  readonly uses: number;
  readonly by: string;
}

/** What an invitation is to be. */
export interface Wish {
  readonly scope: Scope;
  readonly seconds?: number | undefined;
  readonly uses?: number | undefined;
}

/** One that was just made. */
export interface Made extends Pick<InvitationRow, "id" | "until" | "uses"> {
  readonly scope: Scope;
  /** It is told this once. */
  readonly secret: string;
}

export class Invitations {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Its secret is told this once. */
  add(invitation: Omit<InvitationRow, "id">): { readonly id: number; readonly secret: string } {
    const secret = newSecret();
    const { scope, until, uses, by } = invitation;
    const { id } = this.#db
      .query<{ id: number }, [string, string, number, number, string]>(
        "insert into invitations (hash, scope, until, uses, by) values (?, ?, ?, ?, ?) returning id",
      )
      .get(hashSecret(secret), scope, until, uses, by)!;
    return { id, secret };
  }

  /** What the secret is good for at the moment; nothing where it is wrong, expired, used up or called back. */
  find(secret: string, nowS: number): InvitationRow | undefined {
    const found = this.#db
      .query<InvitationRow, [string]>("select id, scope, until, uses, by from invitations where hash = ?")
      .get(hashSecret(secret));
    return found && found.until > nowS && found.uses > 0 ? found : undefined;
  }

  /** One more has come with it; `uses` is -1 for one who did not get in after all. */
  use(id: number, uses = 1): void {
    this.#db.run("update invitations set uses = uses - ? where id = ?", [uses, id]);
  }

  /** Those that are good for something at the moment. */
  all(nowS: number): InvitationRow[] {
    return this.#db
      .query<InvitationRow, [number]>(
        "select id, scope, until, uses, by from invitations where until > ? and uses > 0 order by id",
      )
      .all(nowS);
  }

  /** Calls back those with which `by` would make others what they are no more. */
  removeAll(by: string, scope: Scope): void {
    this.#db.run("delete from invitations where by = ? and scope = ?", [by, scope]);
  }

  /** Calls it back. Answers whether there was one. */
  remove(id: number): boolean {
    return this.#db.run("delete from invitations where id = ?", [id]).changes > 0;
  }
}
