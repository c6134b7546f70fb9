// Turns: what arrives together is decided in order, kept in one append, and told only then. The one writer of a room.
import { type Log, StorageFailed } from "../log/log.ts";
import { requestKey, requestOf } from "../log/stamp.ts";
import { TURN_BYTES_MAX } from "../protocol/limits.ts";
import type { Fact, RoomEvent } from "../protocol/message.ts";
import { apply, type Room } from "../room/room.ts";

/** Something that wants its turn. Its methods are called once each, in order; only `decide` may throw, where the log cannot be read. */
export interface Ask {
  /** Bytes that it may add to the turn. */
  readonly bytes: number;
  /** Of the host's own console. */
  readonly host: boolean;
  /** The fact it makes true on the fold as it is now, earlier asks of the same turn included; nothing for no fact. */
  decide(room: Room): Fact | undefined;
  /** The fold has taken in the fact just decided. Nothing of it may be shown yet. */
  applied?(room: Room): void;
  /** All of the turn is on disk. Either this or `failed` follows. `seq` is the log's position right after this ask. */
  settled(event: RoomEvent | undefined, seq: number): void;
  /** The turn is not on disk, and `room` is as it was before, also where this ask, decided or not, added nothing to it. */
  failed(room: Room): void;
}

/** Hears of what went wrong here, for the operator. */
export type Broke = (what: string, error: unknown) => void;

/** What a request has caused before: an event, as its line, or something that this very turn decided. */
export interface Caused {
  readonly line: string | undefined;
}

export class Turns {
  readonly #room: Room;
  readonly #log: Log;
  readonly #broke: Broke;
  readonly #happened: (event: RoomEvent) => void;
  #inbox: Ask[] = [];
  #running: Promise<void> | undefined;
  /** Marked requests that this turn has heard already; the log does not know them yet. */
  readonly #heard = new Set<string>();
  #finishing = false;

  /** `happened` hears of every event once it is on disk, `broke` of what went wrong. */
  constructor(room: Room, log: Log, happened: (event: RoomEvent) => void, broke: Broke) {
    this.#room = room;
    this.#log = log;
    this.#happened = happened;
    this.#broke = broke;
  }

  /** Gives `ask` its place: in the next turn, after all that were submitted before. */
  submit(ask: Ask): void {
    if (this.#finishing) return;
    this.#inbox.push(ask);
    // Immediates run after all sockets that were readable have been read, so one turn takes what they all brought.
    this.#running ??= new Promise((resolve) => setImmediate(() => resolve(this.#run())));
  }

  /** What `author`'s request `re` has caused already. */
  repeated(author: string, re: string): Caused | undefined {
    if (this.#heard.has(requestKey(author, re))) return { line: undefined };
    const line = this.#log.caused(author, re);
    return line === undefined ? undefined : { line };
  }

  /** Takes one more turn of what waits and forgets the rest, which nobody was told of: a slow disk must not keep the room from closing. */
  async finish(): Promise<void> {
    this.#inbox = [...this.#take()];
    this.#finishing = true;
    await this.idle();
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // While one turn is synced, what arrives waits and is the next.
    while (this.#inbox.length > 0) await this.#turn(this.#take());
    this.#running = undefined;
  }

  #take(): readonly Ask[] {
    let bytes = 0;
    let count = 0;
    for (const ask of this.#inbox) {
      if (count > 0 && bytes + ask.bytes > TURN_BYTES_MAX) break;
      bytes += ask.bytes;
      count++;
    }
    return this.#inbox.splice(0, count);
  }

  async #turn(asks: readonly Ask[]): Promise<void> {
    const facts: Fact[] = [];
    const undo: (() => void)[] = [];
    /** For each ask, the index of its fact, or -1. */
    const made: number[] = [];
    let seq = this.#log.head;
    let events: readonly RoomEvent[];
    try {
      for (const ask of asks) {
        const fact = ask.decide(this.#room);
        made.push(fact ? facts.length : -1);
        if (!fact) continue;
        facts.push(fact);
        const request = requestOf(fact);
        if (request !== undefined) this.#heard.add(request);
        undo.push(apply(this.#room, fact, ask.host));
        ask.applied?.(this.#room);
      }
      events = await this.#log.append(facts);
    } catch (error) {
      for (const takeBack of undo.toReversed()) takeBack();
      const cause = error instanceof StorageFailed ? (error.cause ?? error) : error;
      this.#broke("The history could not be written; nothing was said.", cause);
      for (const ask of asks) this.#guarded(() => ask.failed(this.#room));
      return;
    } finally {
      this.#heard.clear();
    }
    asks.forEach((ask, index) => {
      const event = events[made[index]!];
      seq = event?.seq ?? seq;
      this.#guarded(() => ask.settled(event, seq));
      if (event) this.#guarded(() => this.#happened(event));
    });
  }

  /** One peer's fault must not keep the others from being told. */
  #guarded(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#broke("Somebody could not be told what happened.", error);
    }
  }
}
