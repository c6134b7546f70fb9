// What a browser remembers: its key, names and their tokens, whether this tab was in a room, what it had not sent, and what its reader likes.
import * as v from "valibot";
import { KeptKey } from "../../client/signer.ts";
import { foldName } from "../../protocol/name.ts";

/** Where the room is. The page of a room knows; only `chat --gui` has more than one to choose from. */
export interface Place {
  readonly server: string;
  readonly port: string;
  /** Of the server's key, where a link names it. The program remembers it, so no browser need. */
  readonly pin?: string | undefined;
}

const Goal = v.object({ server: v.string(), port: v.string(), name: v.string() });
/** A place, and the name to have there. */
export type Goal = v.InferOutput<typeof Goal> & Pick<Place, "pin">;

const Unsent = v.object({ text: v.string(), action: v.optional(v.boolean()), re: v.string() });
/** Words that are not known to be on disk. Under the same mark they may be sent again. */
export type Unsent = v.InferOutput<typeof Unsent>;

const Visit = v.object({ goal: Goal, unsent: v.array(Unsent), draft: v.string() });
const Likes = v.object({ sound: v.boolean(), notify: v.boolean() });
export type Likes = v.InferOutput<typeof Likes>;

/** The parts of the Storage interface that are used. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class Memory {
  readonly #tab: Shelf | undefined;
  readonly #browser: Shelf | undefined;

  /** What `tab` holds ends with the tab, what `browser` holds is there for all tabs. A browser may refuse either. */
  constructor(tab: Shelf | undefined, browser: Shelf | undefined) {
    this.#tab = tab;
    this.#browser = browser;
  }

  /** What this tab was doing when it was reloaded. */
  get visit(): v.InferOutput<typeof Visit> | undefined {
    return read(this.#tab, "chat visit", Visit);
  }

  set visit(visit: v.InferOutput<typeof Visit> | undefined) {
    write(this.#tab, "chat visit", visit);
  }

  /** The invitation that this tab came with. */
  get invite(): string | undefined {
    return read(this.#tab, "chat invite", v.string());
  }

  set invite(secret: string | undefined) {
    write(this.#tab, "chat invite", secret);
  }

  /** Proves that names are this browser's. */
  get key(): KeptKey | undefined {
    return read(this.#browser, "chat key", KeptKey);
  }

  set key(key: KeptKey) {
    write(this.#browser, "chat key", key);
  }

  /** Where this browser is, or was when it was closed; nothing where its reader has left. */
  get inside(): Goal | undefined {
    return read(this.#browser, "chat inside", Goal);
  }

  set inside(goal: Goal | undefined) {
    write(this.#browser, "chat inside", goal);
  }

  /** What was typed into the form last. */
  get last(): Goal | undefined {
    return read(this.#browser, "chat last", Goal);
  }

  set last(goal: Goal) {
    write(this.#browser, "chat last", goal);
  }

  get likes(): Likes {
    return read(this.#browser, "chat likes", Likes) ?? { sound: false, notify: false };
  }

  set likes(likes: Likes) {
    write(this.#browser, "chat likes", likes);
  }

  /** Proves that the name was this browser's. */
  tokenFor(goal: Goal): string | undefined {
    return read(this.#browser, tokenKey(goal), v.string());
  }

  keepToken(goal: Goal, token: string | undefined): void {
    write(this.#browser, tokenKey(goal), token);
  }
}

function tokenKey({ server, port, name }: Goal): string {
  return `chat token ${server}:${port} ${foldName(name)}`;
}

/** What cannot be read was forgotten. */
function read<S extends v.GenericSchema>(shelf: Shelf | undefined, key: string, schema: S) {
  try {
    const text = shelf?.getItem(key);
    return text ? v.parse(schema, JSON.parse(text)) : undefined;
  } catch {
    return undefined;
  }
}

/** A browser that keeps nothing costs the memory, not the chat. */
function write(shelf: Shelf | undefined, key: string, value: unknown): void {
  try {
    if (value === undefined) shelf?.removeItem(key);
    else shelf?.setItem(key, JSON.stringify(value));
  } catch {
    // Full, or forbidden.
  }
}
