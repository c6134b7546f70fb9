// The port of the log: the room's memory, in order, append-only. Knows nothing of who may say what.
import type { Fact, RoomEvent } from "../protocol/message.ts";

/** Events in the log's order, as they go over the wire: the same bytes for everyone, live and later. */
export interface Batch {
  /** The events follow this sequence number … */
  readonly after: number;
  /** … and end with this one. */
  readonly last: number;
  /** One event a line, each ended by LF. Shared by all readers: never changed. */
  readonly bytes: Uint8Array;
}

/** Events that were said, oldest first, as lines without LF. */
export interface Page {
  readonly lines: readonly string[];
  /** There are older ones. */
  readonly more: boolean;
}

/** Whoever waits for more of the log. An object and not a function, because there is one for each member of a large room. */
export interface Waiting {
  /** There is more. Must not throw. */
  grown(): void;
}

/** A reader's place in the log. Holds a number between two batches and nothing else, so a slow reader keeps no events alive. */
export interface Cursor {
  /** The next batch; nothing where all was taken. A reader that keeps up gets the one that all others get, one that is behind a larger one. */
  take(): Batch | undefined;
  /** Whoever waits is not called any more. */
  stop(): void;
}

/** The disk would not take it; the message says why, for the host to read. Nothing of the append is in the log, and the log goes on as it was. */
export class StorageFailed extends Error {
  override readonly name = "StorageFailed";
}

/** The log cannot be opened; the message says why and what to do, for the host to read. */
export class LogUnusable extends Error {
  override readonly name = "LogUnusable";
}

export interface Log extends AsyncDisposable {
  /** Names this log, as it goes on from here. Whoever has followed it may come back with it; nobody else reads anything in it. */
  readonly id: string;
  /** Sequence number of the newest event that is on disk; 0 when there is none. Nothing beyond it is ever shown. */
  readonly head: number;
  /** Appends of earlier that are damaged and were stepped over, as far as they were looked at: what is in them is lost. */
  readonly damaged: number;

  /**
   * Whether everything up to `after` that the log called `id` has told is in this log, so that whoever was told may go on
   * here. A log that was opened again is called otherwise; one that has lost its end, or is a copy of an older day, says no
   * to who knows more, also once it has as many events again.
   */
  continues(id: string, after: number): boolean;

  /**
   * Keeps all of `facts`, in order, or none. Resolves once they would survive a loss of power, and only then are they
   * visible to any reader. One append at a time. Throws StorageFailed.
   */
  append(facts: readonly Fact[]): Promise<readonly RoomEvent[]>;

  /**
   * Calls those who have taken everything and wait for more. Apart from `append`, so that the disk can be at work on the
   * next one while they are told, and so that what can wait is told together with what comes next.
   */
  notify(): void;

  /**
   * A cursor that gives everything after `after`, then what comes, without gap or repeat. Once it has given all there was,
   * the first `notify` after there is more calls `waiting`.
   */
  follow(after: number, waiting: Waiting): Cursor;

  /** At most `limit` of the newest `said` with a sequence number below `before`, cut at `bytesMax` bytes. */
  said(before: number, limit: number, bytesMax: number): Page;

  /** The event that this author's request `re` has already caused, as its line: the first one, should there be several. */
  caused(author: string, re: string): string | undefined;

  /** The newest topic. */
  topic(): string | undefined;
}

/** About how much a reader that is behind gets at once; more only where a single append was larger. */
export const OLDER_BYTES = 262_144;
