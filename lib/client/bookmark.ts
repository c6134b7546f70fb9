// A member's place in the room's log: which events are known, which are told now, which are kept until all are here. Pure.
import type { Join, RoomEvent, Welcome } from "../protocol/message.ts";
import type { Heard } from "./notice.ts";

/** What is to be told now. */
export interface Due {
  readonly events: readonly Heard<RoomEvent>[];
  /**
   * Set where, with these events, all from before this connection's welcome is here: of the first arrival, of the way back,
   * or of a way back that led to another log.
   */
  readonly complete?: "first" | "back" | "anew";
}

const NOTHING: Due = { events: [] };

export class Bookmark {
  #log: string | undefined;
  /** Everything up to here was told, or is kept. */
  #after: number | undefined;
  /** The log's end at the last welcome. */
  #head = 0;
  /** What comes after the last welcome goes on from `#after`; else it is a fresh start. */
  #resumed = false;
  /** Events that came on the way back, until all of them are here, over as many connections as that takes. */
  #kept: Heard<RoomEvent>[] | undefined;
  /** The way back has led to another log. */
  #anew = false;

  /** There was a welcome once. */
  get begun(): boolean {
    return this.#log !== undefined;
  }

  /** On the way back: what comes is kept. */
  get behind(): boolean {
    return this.#kept !== undefined;
  }

  /** What a join says to go on from here. */
  get cursor(): Pick<Join, "after" | "log"> {
    return this.#after === undefined ? {} : { after: this.#after, log: this.#log };
  }

  arrived({ log, seq, resumed }: Pick<Welcome, "log" | "seq" | "resumed">): Due {
    const first = !this.begun;
    // The connection broke before anything came but the welcome: nothing is gone that was ever seen.
    const firstAgain = this.#after === undefined;
    this.#log = log;
    this.#head = seq;
    this.#resumed = resumed;
    // Until all is here, what is told would be out of order.
    if (!first) this.#kept ??= [];
    if (!resumed) {
      this.#after = undefined;
      if (!first && !firstAgain) {
        this.#anew = true;
        this.#kept = [];
      }
    }
    return this.#dueAt(this.#after ?? 0) ?? NOTHING;
  }

  /** Nothing where the event is known already: the server's answer to what was sent again. */
  happened(heard: Heard<RoomEvent>): Due | undefined {
    const { seq } = heard.message;
    if (this.#after !== undefined && seq <= this.#after) return undefined;
    this.#after = seq;
    if (!this.#kept) return { events: [heard] };
    this.#kept.push(heard);
    return this.#dueAt(seq) ?? NOTHING;
  }

  /** What a fresh start begins with is here: nothing from before the welcome comes any more. */
  startComplete(): Due {
    if (this.#resumed) return NOTHING;
    this.#after = Math.max(this.#after ?? 0, this.#head);
    return this.#due();
  }

  /** What was missed ends with the event that the log ended with at the welcome. */
  #dueAt(seq: number): Due | undefined {
    return this.#kept && this.#resumed && seq >= this.#head ? this.#due() : undefined;
  }

  #due(): Due {
    const kept = this.#kept;
    const way = this.#anew ? "anew" : "back";
    this.#kept = undefined;
    this.#anew = false;
    return { events: kept ?? [], complete: kept ? way : "first" };
  }
}
