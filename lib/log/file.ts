// The log in files: synced before anyone is told. Knows nothing of who may say what.
import { decodeStored } from "../protocol/codec.ts";
import type { Fact, RoomEvent } from "../protocol/message.ts";
import {
  type Batch,
  type Cursor,
  type Log,
  LogUnusable,
  OLDER_BYTES,
  type Page,
  StorageFailed,
  type Waiting,
} from "./log.ts";
import { encodeRecord, isSaid, linesAfter, linesOf, type LogRecord, newTerm, NO_TERM } from "./record.ts";
import type { Register } from "./register.ts";
import type { Segments } from "./segments.ts";
import { type Clock, requestKey, requestOf, Stamper } from "./stamp.ts";
import { Tail } from "./tail.ts";
import { unusable } from "./unusable.ts";

/** Whether any event of a record may have to be noted. A text cannot hold it: there, each quote has a backslash. */
const NOTED = ['"re":"', '"type":"topic"'] as const;

/** How a log is called: the term in which it was opened, and the first event of that term. */
const ID = /^([0-9a-f]{1,12})\.(\d{1,16})$/;

export interface FileLogParts {
  readonly directory: string;
  readonly segments: Segments;
  readonly register: Register;
  readonly lock: Disposable;
}

export class FileLog implements Log {
  readonly id: string;
  readonly #directory: string;
  readonly #lock: Disposable;
  readonly #term = newTerm();
  /** The term of the newest event. */
  #headTerm: number;
  /** A term and an event that the log is known to have of it: after a start, everybody comes back with the same. */
  #known: { readonly term: number; readonly through: number };
  readonly #segments: Segments;
  readonly #register: Register;
  readonly #tail: Tail;
  readonly #stamper: Stamper;
  /** Nothing was said after this event. */
  #quietSince: number;
  /** The newest page, for all those who come while nothing is said. */
  #newest: { readonly limit: number; readonly bytesMax: number; readonly page: Page } | undefined;

  /** The register knows of events that are not there. */
  readonly #shortened: boolean;

  constructor({ directory, segments, register, lock }: FileLogParts, now: Clock) {
    this.#directory = directory;
    this.#segments = segments;
    this.#register = register;
    this.#lock = lock;
    const { head, id } = segments;
    this.id = `${this.#term.toString(16)}.${head + 1}`;
    this.#quietSince = head;
    this.#tail = new Tail(head, (after) => this.#older(after));
    const newest = this.#from(head);
    this.#headTerm = newest?.term ?? NO_TERM;
    this.#known = { term: this.#headTerm, through: head };
    const line = newest && linesOf(newest).at(-1);
    this.#stamper = new Stamper(now, line === undefined ? undefined : decodeStored(line));
    const { through, term } = register;
    this.#shortened = register.id === id && through > head;
    if (register.id !== id || (through > 0 && !this.#wentThrough(through, term))) register.beginAnew(id);
    this.#catchUp();
  }

  /**
   * Whether the log has the event `seq` of the term `term`, and with it all that came before it then: a term is written by
   * one process, on what it has found. An event that was damaged is known by the next one.
   */
  #wentThrough(seq: number, term: number): boolean {
    if (term === this.#known.term && seq <= this.#known.through) return true;
    const found = this.#from(seq);
    if (found?.term !== term) return false;
    this.#known = { term, through: found.last };
    return true;
  }

  /** The first whole record that ends with the event `seq` or a later one. */
  #from(seq: number): LogRecord | undefined {
    for (let at = seq; at <= this.head;) {
      const segment = this.#segments.holding(at);
      const block = segment.blockOf(at);
      const found = segment.records(block).find(({ last }) => last >= seq);
      if (found) return found;
      at = segment.lastBefore(block + 1) + 1;
    }
    return undefined;
  }

  continues(id: string, after: number): boolean {
    if (after > this.head) return false;
    if (id === this.id) return true;
    // As a log was called before there were terms.
    if (id === this.#segments.id) return this.#wentThrough(after, NO_TERM);
    const [, term = "", first] = ID.exec(id) ?? [];
    return first !== undefined && this.#wentThrough(Math.max(after, Number(first)), Number.parseInt(term, 16));
  }

  /** Notes what came after the register was written last. */
  #catchUp(): void {
    let { through } = this.#register;
    while (through < this.head) {
      const segment = this.#segments.holding(through + 1);
      const records = segment.records(segment.blockOf(through + 1), segment.blocks);
      for (const record of records) {
        const text = Buffer.from(record.lines).toString();
        if (record.last > through && NOTED.some((sign) => text.includes(sign)))
          for (const line of linesOf(record)) this.#note(decodeStored(line));
      }
      through = segment.last;
      this.#register.noted(through, records.at(-1)?.term ?? NO_TERM);
    }
  }

  #note(event: RoomEvent): void {
    const request = requestOf(event);
    if (request !== undefined) this.#register.noteRequest(request, event.seq);
    if (event.type === "topic") this.#register.noteTopic(event.text, event.seq);
  }

  get head(): number {
    return this.#tail.head;
  }

  get damaged(): number {
    return Math.max(this.#segments.damaged, this.#shortened ? 1 : 0);
  }

  async append(facts: readonly Fact[]): Promise<readonly RoomEvent[]> {
    if (facts.length === 0) return [];
    const after = this.head;
    const events = this.#stamper.stamp(facts, after);
    const last = after + events.length;
    const { record, lines } = encodeRecord(textOf(events), last, this.#term);
    try {
      await this.#segments.append(record, { last, lines });
    } catch (error) {
      const why = unusable(error, this.#directory);
      throw new StorageFailed(why instanceof LogUnusable ? why.message : "The log could not be written.", {
        cause: error,
      });
    }
    this.#kept(events);
    this.#tail.push({ after, last, bytes: lines });
    return events;
  }

  /** Takes note of what is on disk now. */
  #kept(events: readonly RoomEvent[]): void {
    for (const event of events) {
      this.#note(event);
      if (event.type !== "said") continue;
      this.#quietSince = event.seq;
      this.#newest = undefined;
    }
    this.#headTerm = this.#term;
    this.#register.noted(events.at(-1)!.seq, this.#term);
  }

  notify(): void {
    this.#tail.notify();
  }

  follow(after: number, waiting: Waiting): Cursor {
    return this.#tail.follow(after, waiting);
  }

  #older(after: number): Batch {
    let last = after;
    let bytes: Uint8Array = new Uint8Array();
    // Where all that comes next was damaged, it is what comes after that.
    while (bytes.length === 0 && last < this.head) {
      const segment = this.#segments.holding(last + 1);
      const block = segment.blockOf(last + 1);
      const stop = segment.stopOf(block, OLDER_BYTES);
      const records = segment.records(block, stop).filter((record) => record.last > after);
      bytes = Buffer.concat(records.map((record) => linesAfter(record.lines, record.last, after)));
      last = segment.lastBefore(stop);
    }
    return { after, last, bytes };
  }

  said(before: number, limit: number, bytesMax: number): Page {
    if (before <= this.#quietSince) return this.#page(before, limit, bytesMax);
    const newest = this.#newest;
    if (newest?.limit === limit && newest.bytesMax === bytesMax) return newest.page;
    const page = this.#page(before, limit, bytesMax);
    this.#newest = { limit, bytesMax, page };
    return page;
  }

  #page(before: number, limit: number, bytesMax: number): Page {
    const page: string[] = [];
    let bytes = 0;
    for (const line of this.#saidBefore(Math.min(before, this.head + 1))) {
      bytes += Buffer.byteLength(line);
      if (page.length === limit || (bytes > bytesMax && page.length > 0))
        return { lines: page.toReversed(), more: true };
      page.push(line);
    }
    return { lines: page.toReversed(), more: false };
  }

  /** What was said before the event `seq`, as lines, the newest first. */
  *#saidBefore(seq: number): Iterable<string> {
    for (let upTo = seq - 1; upTo > 0;) {
      const segment = this.#segments.holding(upTo);
      // What was before it is gone.
      if (segment.after >= upTo) return;
      for (let block = segment.blockOf(upTo); block >= 0; block--) {
        if (!segment.isTalk(block)) continue;
        for (const record of segment.records(block).toReversed()) {
          const lines = linesOf(record);
          const first = record.last - lines.length + 1;
          for (let index = Math.min(record.last, upTo) - first; index >= 0; index--)
            if (isSaid(lines[index]!)) yield lines[index]!;
        }
      }
      upTo = segment.after;
    }
  }

  caused(author: string, re: string): string | undefined {
    const request = requestKey(author, re);
    const seq = this.#register.caused(request);
    const line = seq === undefined ? undefined : this.#line(seq);
    // The register may be of a log that went another way.
    return line !== undefined && requestOf(decodeStored(line)) === request ? line : undefined;
  }

  /** The event `seq`, unless it was damaged. */
  #line(seq: number): string | undefined {
    const record = this.#from(seq);
    return record && linesOf(record).at(seq - record.last - 1);
  }

  topic(): string | undefined {
    return this.#register.topic();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#segments.close();
    } finally {
      this.#register.close(this.head, this.#headTerm);
      this.#lock[Symbol.dispose]();
    }
  }
}

/** The events as lines, each ended by LF. */
function textOf(events: readonly RoomEvent[]): string {
  const lines = events.map((event) => JSON.stringify(event));
  // What ends the last one, too, comes from joining: to add it to the text would copy all of that.
  lines.push("");
  return lines.join("\n");
}
