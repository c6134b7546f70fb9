// The teller: what a server says becomes notices, in the order of the log, each thing once. Knows no wire.
import type { Join, RoomEvent, ServerMessage, Welcome } from "../protocol/message.ts";
import { Bookmark, type Due } from "./bookmark.ts";
import type { Notice } from "./notice.ts";
import type { Marked, Pending } from "./pending.ts";

export interface TellerOptions {
  readonly pending: Pending;
  readonly now: () => number;
  readonly told: (notice: Notice) => void;
}

export class Teller {
  /** What the member is called, as of the last welcome and what happened since. */
  name = "";
  readonly #options: TellerOptions;
  readonly #bookmark = new Bookmark();
  /** The log's end at the last welcome. */
  #seq = 0;
  #lostAt = 0;

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  /** What a join says to go on from here. */
  get cursor(): Pick<Join, "after" | "log"> {
    return this.#bookmark.cursor;
  }

  /** Answers what is due once somebody knows that the member is in. `unproved`: the key was left out. */
  arrived(welcome: Welcome, line: string, unproved: boolean): Due {
    const due = this.#bookmark.arrived(welcome);
    this.#seq = welcome.seq;
    this.name = welcome.name;
    this.#options.pending.calledMe(welcome.name);
    this.#tell(welcome, line);
    if (unproved) this.#options.told({ type: "unproved" });
    return due;
  }

  /** Answers whether with this all is here that was said before the welcome. */
  happened(event: RoomEvent, line: string): boolean {
    this.#options.pending.echoed(event);
    const due = this.#bookmark.happened({ type: "heard", message: event, line });
    if (!due) return false;
    // A change that is older than the welcome is in the welcome's name already, unless a restart of the server undid it.
    if (event.type === "renamed" && event.name === this.name && event.seq > this.#seq) this.name = event.to;
    return this.tellDue(due);
  }

  answered(message: ServerMessage, line: string): void {
    this.#tell(message, line, message.re === undefined ? undefined : this.#options.pending.answered(message.re));
  }

  /** Of a fresh start, all is here. */
  startComplete(): boolean {
    return this.tellDue(this.#bookmark.startComplete());
  }

  tellDue({ events, complete }: Due): boolean {
    const { now, told } = this.#options;
    if (complete === "back" || complete === "anew")
      told({
        type: "back",
        awayMs: now() - this.#lostAt,
        missed: events.map(({ message }) => message),
        resumed: complete === "back",
      });
    for (const heard of events) told(heard);
    return complete !== undefined;
  }

  /** The wire is gone on which the member was in. */
  lost(): void {
    if (!this.#bookmark.behind) this.#lostAt = this.#options.now();
  }

  #tell(message: ServerMessage, line: string, request?: Marked): void {
    this.#options.told({ type: "heard", message, line, ...(request && { request }) });
  }
}
