// Everybody in the room of a chaos test: sixteen writers, those who only watch, and one client by the book.
import type { Random } from "../support/random.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { ByTheBook } from "./by-the-book.ts";
import { Evidence, type View } from "./evidence.ts";
import { QUIET_MS, within } from "./settings.ts";
import { type Client, Writer } from "./writer.ts";

const WATCHERS = 2;

export class Company implements Disposable {
  readonly evidence = new Evidence();
  readonly #clients: Client[];

  /** All dial `port`. */
  constructor(port: number, writers: number, random: Random) {
    const { evidence } = this;
    const dial = (receiver: Parameters<typeof dialTcp>[1]) => dialTcp({ hostname: "127.0.0.1", port }, receiver);
    const member = (name: string, quiet: boolean) => new Writer({ name, dial, random, evidence }, quiet);
    this.#clients = [
      ...Array.from({ length: WATCHERS }, (_, index) => member(`watcher${index}`, true)),
      ...Array.from({ length: writers }, (_, index) => member(`writer${index}`, false)),
      new ByTheBook({ name: "book", port: () => port, random, evidence }),
    ];
  }

  /** How many texts each has sent. */
  get sent(): Map<string, number> {
    return new Map(this.#clients.map(({ name, sent }) => [name, sent]));
  }

  async join(): Promise<void> {
    for (const client of this.#clients) await client.join();
  }

  /** Nobody says anything new. Resolves once all was acked and everybody, the `others` too, has seen it. */
  async quiet(others: readonly View[] = []): Promise<void> {
    for (const client of this.#clients) client.hush();
    const { evidence } = this;
    const settled = () => this.#clients.every(({ pending }) => pending === 0);
    await within(QUIET_MS, () => `not acked: ${this.#unfinished()}`, evidence.until(settled));
    const views = [...this.#clients.map(({ view }) => view), ...others];
    const last = Math.max(...views.map((view) => view.last));
    const seen = () => views.every((view) => view.last >= last);
    await within(QUIET_MS, () => `not all saw ${last}: ${this.#unfinished()}`, evidence.until(seen));
  }

  #unfinished(): string {
    const state = this.#clients.map(({ name, pending, view }) => `${name} ${pending} pending, at ${view.last}`);
    return [...state, ...this.evidence.problems.slice(0, 10)].join("; ");
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client[Symbol.dispose]();
  }
}
