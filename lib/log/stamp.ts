// From fact to event: sequence number, time and line, the same in every engine.
import { authorOf, type Fact, type RoomEvent } from "../protocol/message.ts";
import { foldName } from "../protocol/name.ts";

/** Milliseconds since 1970. */
export type Clock = () => number;

/** Stamps facts one after another; times never go back along the sequence, whatever the machine's clock does. */
export class Stamper {
  #at = 0;
  readonly #now: Clock;

  constructor(now: Clock, last?: RoomEvent) {
    this.#now = now;
    if (last) this.#at = Date.parse(last.at);
  }

  /** Events for `facts`, the first of them with the sequence number after `head`. */
  stamp(facts: readonly Fact[], head: number): RoomEvent[] {
    this.#at = Math.max(this.#at, this.#now());
    const at = new Date(this.#at).toISOString();
    return facts.map((fact, index) => ({ ...fact, seq: head + 1 + index, at }));
  }
}

/**
 * The key under which the request that caused `fact` is remembered, so that it has no effect when it comes again.
 * Nothing for what may be repeated: coming, going, and requests that bear no mark.
 */
export function requestOf(fact: Fact): string | undefined {
  const author = authorOf(fact);
  const repeatable = fact.type === "entered" || (fact.type === "exited" && fact.why !== "kicked");
  return author === undefined || fact.re === undefined || repeatable ? undefined : requestKey(author, fact.re);
}

/** Names that differ by case alone are one author. */
export function requestKey(author: string, re: string): string {
  return `${foldName(author)} ${re}`;
}
