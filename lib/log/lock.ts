// The lock on a log's folder: one process has it at a time, and the kernel frees it with the process. Knows nothing of logs.
import { Database } from "bun:sqlite";
import { closeSync, existsSync, openSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { isDamage } from "./unusable.ts";

export const LOCK_FILE = "room.lock";
/** Two who come at the same moment may each see the other before one of them has it. */
const PATIENCE_MS = 100;

export class Lock implements Disposable {
  readonly #db: Database;

  /** Takes the lock on `directory`. Throws what SQLite throws: where another has it, SQLITE_BUSY. */
  constructor(directory: string) {
    const path = join(directory, LOCK_FILE);
    // Only where there is none: to open and close a file that is in use would drop this process's locks on it.
    if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
    // Nobody who has it has written this.
    else if (statSync(path).size > 0) truncateSync(path);
    this.#db = new Database(path);
    try {
      this.#db.run(`pragma busy_timeout = ${PATIENCE_MS}`);
      // Nothing is ever committed: the file stays empty, and no journal lies beside it.
      this.#db.run("pragma journal_mode = memory");
      this.#db.run("begin exclusive");
    } catch (error) {
      this.#db.close();
      // An empty file is not damaged: it could not be read.
      throw isDamage(error) ? Object.assign(new Error("unreadable lock", { cause: error }), { code: "EIO" }) : error;
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
