// Turns: what arrives together is decided in order, kept in one append, and told only then. The one writer of a room.
import type { Log } from "../log/log.ts";
import { requestKey, requestOf } from "../log/stamp.ts";
import { TURN_BYTES_MAX } from "../protocol/limits.ts";
import type { Fact, RoomEvent } from "../protocol/message.ts";
import type { Rights } from "../room/member.ts";
import { apply, type Room } from "../room/room.ts";

/** Something that wants its turn. Its methods are called once each, in order; only `decide` may throw, where the log cannot be read. */
export interface Ask {
  /** Bytes that it may add to the turn, or have for an answer. */
  readonly bytes: number;
  /** It lets somebody in: it waits for those who are in already. */
  readonly isEntrance?: boolean;
  /** What whoever enters by it may do. */
  readonly rights?: Rights | undefined;
  /** The fact it makes true on the fold as it is now, earlier asks of the same turn included; nothing for no fact. */
  decide(room: Room): Fact | undefined;
  /** The fold has taken in the fact just decided. Nothing of it may be shown yet. */
  applied?(room: Room): void;
  /** All of the turn is on disk. Either this or `failed` follows. `seq` is the log's position right after this ask. */
  settled(event: RoomEvent | undefined, seq: number): void;
  /** The turn is not on disk, and `room` is as it was before, also where this ask, decided or not, added nothing to it. */
  failed(room: Room): void;
}

export interface TurnsOptions {
  /** Whether nobody is harmed if `events`, which are on disk, are told with what comes next. */
  mayWait(events: readonly RoomEvent[]): boolean;
  /** Hears of every event once it is on disk. */
  happened(event: RoomEvent): void;
  /** Hears of what went wrong here, for the operator … */
  broke(what: string, error: unknown): void;
  /** … and that the disk takes what it did not take. */
  mended(what: string): void;
  /** Milliseconds from any start that never go back. */
  now(): number;
}

/** What a request has caused before: an event, as its line, or something that this very turn decided. */
export interface Caused {
  readonly line: string | undefined;
}

/** What a turn has decided so far. */
interface Decided {
  readonly facts: Fact[];
  /** For each ask, the index of its fact, or -1. */
  readonly made: number[];
  /** For each fact, what takes it back. */
  readonly undo: (() => void)[];
}

/**
 * While many talk, a turn waits for a part of the time that it took to tell of the one before: those who were just told
 * answer, and whatever comes in that time shares one sync, and one write for each listener, with what is there already. A
 * part this small costs little where nobody comes; where two groups take turns, it makes one turn of theirs.
 */
const GATHER_PART = 0.2;
const GATHER_MS_MAX = 4;

/** A disk that has taken nothing is well again once it takes something so long after that: a full one takes what is small enough. */
const MENDED_MS = 1_000;

export class Turns {
  readonly #room: Room;
  readonly #log: Log;
  readonly #options: TurnsOptions;
  #inbox: Ask[] = [];
  /** Those that let somebody in. A thousand who come back at once must not hold up who talks. */
  #entrances: Ask[] = [];
  #running: Promise<void> | undefined;
  /** Bytes that are in the inbox. */
  #waitingBytes = 0;
  /** The next turn begins no sooner, unless it is full. */
  #gatherUntil = 0;
  /** Marked requests that this turn has heard already; the log does not know them yet. */
  readonly #heard = new Set<string>();
  #finishing = false;
  /** When the disk did not take a turn last; nothing where it is well again. The operator hears of that once. */
  #failedAt: number | undefined;

  constructor(room: Room, log: Log, options: TurnsOptions) {
    this.#room = room;
    this.#log = log;
    this.#options = options;
  }

  /** Gives `ask` its place, after all of its kind that were submitted before: in the next turn, unless that is full of them. */
  submit(ask: Ask): void {
    if (this.#finishing) return;
    (ask.isEntrance ? this.#entrances : this.#inbox).push(ask);
    this.#waitingBytes += ask.bytes;
    this.#running ??= this.#run();
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
    this.#entrances = [];
    this.#finishing = true;
    await this.idle();
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    do {
      await this.#gathered();
      // While one turn is synced, what arrives waits and is the next.
      await this.#turn(this.#take());
    } while (this.#inbox.length + this.#entrances.length > 0);
    this.#running = undefined;
  }

  /** Resolves when a turn may begin. Immediates run after all sockets that were readable have been read, so it takes what they all brought. */
  #gathered(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        const full = this.#finishing || this.#waitingBytes >= TURN_BYTES_MAX;
        const restMs = full ? 0 : this.#gatherUntil - this.#options.now();
        if (restMs <= 0) resolve();
        else if (restMs > 1) setTimeout(look, 1);
        else setImmediate(look);
      };
      setImmediate(look);
    });
  }

  #take(): readonly Ask[] {
    const before = this.#waitingBytes;
    const asks = this.#front(this.#inbox, TURN_BYTES_MAX);
    if (this.#entrances.length === 0) return asks;
    return [...asks, ...this.#front(this.#entrances, TURN_BYTES_MAX - (before - this.#waitingBytes))];
  }

  /** Takes the first of those that wait: as many as have `bytesMax`, but at least one, so that none waits for ever. */
  #front(waiting: Ask[], bytesMax: number): readonly Ask[] {
    let bytes = 0;
    let count = 0;
    for (const ask of waiting) {
      if (count > 0 && bytes + ask.bytes > bytesMax) break;
      bytes += ask.bytes;
      count++;
    }
    this.#waitingBytes -= bytes;
    return waiting.splice(0, count);
  }

  /** Decides what each asks for, keeps it, and tells. */
  async #turn(asks: readonly Ask[]): Promise<void> {
    const decided: Decided = { facts: [], made: [], undo: [] };
    const { head } = this.#log;
    let events: readonly RoomEvent[];
    try {
      this.#decide(asks, decided);
      events = await this.#log.append(decided.facts);
    } catch (error) {
      for (const takeBack of decided.undo.toReversed()) takeBack();
      return this.#tellFailed(asks, error);
    } finally {
      this.#heard.clear();
    }
    if (this.#failedAt !== undefined && events.length > 0) this.#tellMended(this.#failedAt);
    const start = this.#options.now();
    this.#tell(asks, decided.made, events, head);
    const end = this.#options.now();
    this.#gatherUntil = asks.length > 1 ? end + Math.min((end - start) * GATHER_PART, GATHER_MS_MAX) : 0;
  }

  /** Adds to `decided` what each ask makes true. A function of its own: loops in an async one take longer to compile. */
  #decide(asks: readonly Ask[], { facts, made, undo }: Decided): void {
    this.#room.now = this.#options.now();
    for (const ask of asks) {
      const fact = ask.decide(this.#room);
      made.push(fact ? facts.length : -1);
      if (!fact) continue;
      facts.push(fact);
      const request = requestOf(fact);
      if (request !== undefined) this.#heard.add(request);
      undo.push(apply(this.#room, fact, ask.rights));
      ask.applied?.(this.#room);
    }
  }

  #tell(asks: readonly Ask[], made: readonly number[], events: readonly RoomEvent[], head: number): void {
    if (events.length > 0 && !this.#options.mayWait(events)) this.#log.notify();
    let seq = head;
    for (const [index, ask] of asks.entries()) {
      const event = events[made[index]!];
      seq = event?.seq ?? seq;
      try {
        ask.settled(event, seq);
        if (event) this.#options.happened(event);
      } catch (error) {
        this.#couldNotTell(error);
      }
    }
  }

  #tellFailed(asks: readonly Ask[], error: unknown): void {
    if (this.#failedAt === undefined) this.#options.broke("The history could not be written; nothing was said.", error);
    this.#failedAt = this.#options.now();
    for (const ask of asks) {
      try {
        ask.failed(this.#room);
      } catch (fault) {
        this.#couldNotTell(fault);
      }
    }
  }

  #tellMended(failedAt: number): void {
    if (this.#options.now() - failedAt < MENDED_MS) return;
    this.#failedAt = undefined;
    this.#options.mended("The history can be written again.");
  }

  /** One peer's fault must not keep the others from being told. */
  #couldNotTell(error: unknown): void {
    this.#options.broke("Somebody could not be told what happened.", error);
  }
}
