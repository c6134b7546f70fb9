// What was asked and not answered yet, in the order of asking.
import type { ClientMessage } from "../protocol/message.ts";

/** A request that bears a mark, by which its answer is known. */
export type Marked = Exclude<ClientMessage, { type: "join" | "ping" | "pong" }> & { readonly re: string };

export class Pending {
  readonly #requests = new Map<string, Marked>();
  /** Marks of those that went out over the present connection or an earlier one. */
  readonly #sent = new Set<string>();
  #waiting: (() => void)[] = [];

  get size(): number {
    return this.#requests.size;
  }

  add(request: Marked): void {
    this.#requests.set(request.re, request);
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

  /** After a broken connection: forgets, and answers, what was sent and cannot be sent again without perhaps doing it twice. */
  unsure(): Marked[] {
    const requests = this.requests.filter((request) => this.#sent.has(request.re) && !isKnownAgain(request));
    for (const { re } of requests) this.answered(re);
    return requests;
  }

  /** Resolves once nothing is pending, or `clear` was called. */
  settled(): Promise<void> {
    return this.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
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
      return true;
    case "whisper":
    case "history":
    case "members":
    case "leave":
      return false;
  }
}
