// What was asked and not answered yet, in the order of asking.
import { authorOf, type RoomEvent, type RoomRequest } from "../protocol/message.ts";
import { foldName } from "../protocol/name.ts";

/** How many requests those who need not wait for answers, pipes and programs, may have under way at once. */
export const UNDER_WAY_MAX = 100;

/** A request that bears a mark, by which its answer is known. */
export type Marked = RoomRequest & { readonly re: string };

export class Pending {
  readonly #requests = new Map<string, Marked>();
  /** Marks of those that went out over the present connection or an earlier one. */
  readonly #sent = new Set<string>();
  /** Folds of all names that this member has had: what it asked under an earlier one is still its own. */
  readonly #names = new Set<string>();
  /** Marks are unique for a name for ever, also across processes. */
  readonly #marks = Array.from(crypto.getRandomValues(new Uint8Array(6)), twoDigits).join("");
  #count = 0;
  #waiting: (() => void)[] = [];

  get size(): number {
    return this.#requests.size;
  }

  newMark(): string {
    return `${this.#marks}-${++this.#count}`;
  }

  add(request: RoomRequest): Marked {
    const marked = { ...request, re: request.re ?? this.newMark() };
    this.#requests.set(marked.re, marked);
    return marked;
  }

  /** The member has this name now. */
  calledMe(name: string): void {
    this.#names.add(foldName(name));
  }

  /** An event came: it may be the answer to a request. Others may use the same mark. */
  echoed(event: RoomEvent): void {
    const author = authorOf(event);
    if (event.re === undefined || author === undefined || !this.#names.has(foldName(author))) return;
    if (this.answered(event.re) && event.type === "renamed") this.calledMe(event.to);
  }

  /** Something came back with this mark. Answers the request that it was for. */
  answered(re: string): Marked | undefined {
    const request = this.#requests.get(re);
    this.#requests.delete(re);
    this.#sent.delete(re);
    if (this.#requests.size === 0) this.#wake();
    return request;
  }

  sent(re: string): void {
    this.#sent.add(re);
  }

  /** Everything, in order. */
  get requests(): readonly Marked[] {
    return [...this.#requests.values()];
  }

  /** What has never gone out, so that it has had no effect. */
  get unsent(): readonly Marked[] {
    return this.requests.filter(({ re }) => !this.#sent.has(re));
  }

  /** What has gone out: nobody can tell whether it had an effect. */
  get unanswered(): readonly Marked[] {
    return this.requests.filter(({ re }) => this.#sent.has(re));
  }

  /** After a broken connection: forgets, and answers, what was sent and cannot be sent again without perhaps doing it twice. */
  unsure(): Marked[] {
    const requests = this.unanswered.filter((request) => !isKnownAgain(request));
    for (const { re } of requests) this.answered(re);
    return requests;
  }

  /** Resolves once nothing is pending, or `clear` was called. */
  settled(): Promise<void> {
    return this.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves at once while fewer than UNDER_WAY_MAX are pending, else like `settled`. */
  async bounded(): Promise<void> {
    if (this.size >= UNDER_WAY_MAX) await this.settled();
  }

  clear(): void {
    this.#requests.clear();
    this.#sent.clear();
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** What ends up in the log under its mark; the server answers its repetition with the event that it has. */
function isKnownAgain(request: Marked): boolean {
  switch (request.type) {
    case "say":
    case "topic":
    case "rename":
    case "kick":
    case "ban":
    case "unban":
    case "mute":
    case "unmute":
    case "op":
    case "deop":
    case "slow":
    case "lock":
    case "unlock":
    case "purge":
    case "undo":
      return true;
    case "whisper":
    case "history":
    case "members":
    case "bans":
    case "audit":
    case "invite":
    case "invites":
    case "uninvite":
    case "link":
    case "leave":
      return false;
  }
}

function twoDigits(byte: number): string {
  return byte.toString(36).padStart(2, "0");
}
