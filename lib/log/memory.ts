// The log of a room that keeps nothing: gone with the process.
import { randomUUIDv7 } from "bun";
import type { Fact, RoomEvent } from "../protocol/message.ts";
import { type Batch, type Cursor, type Log, OLDER_BYTES, type Page, type Waiting } from "./log.ts";
import { type Clock, requestKey, requestOf, Stamper } from "./stamp.ts";
import { Tail } from "./tail.ts";

/** A reader that is behind gets events up to a multiple of so many at most. */
const OLDER_EVENTS = 1_000;

const utf8 = new TextEncoder();

export class MemoryLog implements Log {
  readonly id = randomUUIDv7();
  readonly damaged = 0;
  readonly #tail = new Tail(0, (after) => this.#older(after));
  readonly #stamper: Stamper;
  /** The line of the event with sequence number N stands at N - 1. */
  readonly #lines: string[] = [];
  /** Sequence numbers of what was said, ascending. */
  readonly #said: number[] = [];
  readonly #caused = new Map<string, number>();
  #topic: string | undefined;

  constructor(now: Clock = Date.now) {
    this.#stamper = new Stamper(now);
  }

  get head(): number {
    return this.#tail.head;
  }

  continues(id: string, after: number): boolean {
    return id === this.id && after <= this.head;
  }

  async append(facts: readonly Fact[]): Promise<readonly RoomEvent[]> {
    if (facts.length === 0) return [];
    const after = this.head;
    const events = this.#stamper.stamp(facts, after);
    let text = "";
    for (const event of events) {
      const line = JSON.stringify(event);
      text += `${line}\n`;
      this.#lines.push(line);
      if (event.type === "said") this.#said.push(event.seq);
      if (event.type === "topic") this.#topic = event.text;
      const request = requestOf(event);
      if (request !== undefined && !this.#caused.has(request)) this.#caused.set(request, event.seq);
    }
    this.#tail.push({ after, last: after + events.length, bytes: utf8.encode(text) });
    return events;
  }

  notify(): void {
    this.#tail.notify();
  }

  follow(after: number, waiting: Waiting): Cursor {
    return this.#tail.follow(after, waiting);
  }

  #older(after: number): Batch {
    let text = "";
    let bytes = 0;
    let last = after;
    const end = Math.min(this.head, after - (after % OLDER_EVENTS) + OLDER_EVENTS);
    while (last < end && bytes < OLDER_BYTES) {
      const line = this.#lines[last]!;
      text += `${line}\n`;
      bytes += Buffer.byteLength(line);
      last++;
    }
    return { after, last, bytes: utf8.encode(text) };
  }

  said(before: number, limit: number, bytesMax: number): Page {
    let at = this.#said.length;
    while (at > 0 && this.#said[at - 1]! >= before) at--;
    const lines: string[] = [];
    let bytes = 0;
    while (at > 0 && lines.length < limit) {
      const line = this.#lines[this.#said[at - 1]! - 1]!;
      bytes += Buffer.byteLength(line);
      if (bytes > bytesMax && lines.length > 0) break;
      lines.push(line);
      at--;
    }
    return { lines: lines.toReversed(), more: at > 0 };
  }

  caused(author: string, re: string): string | undefined {
    const seq = this.#caused.get(requestKey(author, re));
    return seq === undefined ? undefined : this.#lines[seq - 1];
  }

  topic(): string | undefined {
    return this.#topic;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
