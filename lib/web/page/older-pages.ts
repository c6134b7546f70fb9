// What is older than what is here, page by page: when to ask for the next one, and what its answer adds. Knows no wire.
import { seen } from "../../client/view.ts";
import type { RoomEvent, RoomRequest } from "../../protocol/message.ts";
import type { Timeline } from "./timeline.ts";

/** How many older messages are fetched at once. */
const PAGE = 200;

type History = Extract<RoomRequest, { type: "history" }>;

export class OlderPages {
  readonly #timeline: Timeline;
  readonly #ask: (question: History) => string;
  /** Nothing before this event is in the log. */
  #first: number | undefined;
  /** They were wanted when nobody could be asked, or when there was nothing yet that they could be older than. */
  #wanted = false;
  /** The mark of the question that is under way. */
  #asked: string | undefined;

  /** `ask` answers the mark of the question. */
  constructor(timeline: Timeline, ask: (question: History) => string) {
    this.#timeline = timeline;
    this.#ask = ask;
  }

  /** The reader is near the oldest that is here. */
  want(isLive: boolean): void {
    const { oldest } = this.#timeline;
    this.#wanted = oldest === undefined || !isLive;
    if (oldest === undefined || !isLive || oldest === this.#first || this.#asked !== undefined) return;
    this.#asked = this.#ask({ type: "history", before: oldest, limit: PAGE });
  }

  /** Something came, so what was wanted may be asked for now. */
  wantAgain(isLive: boolean): void {
    if (this.#wanted) this.want(isLive);
  }

  /** Answers whether `re` is the mark of the question that is under way. */
  isAsked(re: string | undefined): boolean {
    return re !== undefined && re === this.#asked;
  }

  /** The answer has come. */
  came(events: readonly RoomEvent[], more: boolean, before: number, me: string): void {
    this.#asked = undefined;
    // A page that repeats what is here would lead in a circle.
    const older = events.filter(({ seq }) => seq < before);
    this.#timeline.prepend(
      older.flatMap((event) => seen(event, me) ?? []),
      me,
    );
    if (!more || older.length === 0) this.#first = this.#timeline.oldest;
  }

  /** No answer comes any more. */
  giveUp(): void {
    this.#asked = undefined;
  }

  /** The room has another log: what is older than what is here is not in it. */
  anew(): void {
    this.#first = this.#timeline.oldest;
    this.giveUp();
  }
}
