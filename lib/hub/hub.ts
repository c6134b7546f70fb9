// The hub: the room of this process, its log, and everyone who is connected. Knows no sockets and no flags.
import type { Access } from "../access/access.ts";
import type { Log } from "../log/log.ts";
import {
  FAILED_SECRETS_PER_MIN,
  GONE_IDLE_MS,
  HISTORY_PAGE_MAX,
  JOINS_PER_CONNECTION,
  LINE_BYTES_MAX,
  NAME_CODE_POINTS_MAX,
  NAME_KEPT_MS,
  PING_IDLE_MS,
  TEXT_BYTES_MAX,
  TEXT_LINES_MAX,
} from "../protocol/limits.ts";
import { encode } from "../protocol/codec.ts";
import {
  type Bye,
  type ByeCode,
  type Fact,
  type Limits,
  type RefusalCode,
  refuse,
  type RoomEvent,
} from "../protocol/message.ts";
import { isComingOrGoing, Room } from "../room/room.ts";
import type { Connection, Receiver } from "../transport/connection.ts";
import type { Turnstile, TooMany } from "../transport/turnstile.ts";
import { byeOf, type Expulsion } from "./asks.ts";
import type { Rate } from "./bucket.ts";
import { Buckets } from "./buckets.ts";
import { CatchUp } from "./catch-up.ts";
import { Door } from "./door.ts";
import { Order } from "./order.ts";
import { type Seat, Seats } from "./seats.ts";
import { type Home, Session } from "./session.ts";
import { Turns } from "./turns.ts";

export interface HubOptions {
  /** The guest list. */
  readonly access: Access;
  /** Only who is invited comes in. */
  readonly isPrivate?: boolean;
  /** Messages of one session; nothing for no bound. */
  readonly rate?: Rate | undefined;
  /** Connections of one address, which bound how often it may join; nothing for no bound. */
  readonly perAddress?: number | undefined;
  /** Through which they come: it may let those go first who are not in. */
  readonly turnstile?: Pick<Turnstile, "settle" | "unsettle"> | undefined;
  /** What `welcome.server` says. */
  readonly server: string;
  /** Hears of everything that happened in the room, once it is on disk. */
  readonly happened?: (event: RoomEvent) => void;
  /** Hears of what broke here, for the operator … */
  readonly broke: (what: string, error: unknown) => void;
  /** … and of what works again. */
  readonly mended?: (what: string) => void;
  /** Milliseconds from any start that never go back. */
  readonly now?: () => number;
  /** Milliseconds since 1970, as this machine believes. */
  readonly clock?: () => number;
}

/** Names that lapse and keys that nothing depends on are forgotten once a day. */
const PRUNE_MS = 86_400_000;

export class Hub implements Home {
  readonly #options: HubOptions;
  readonly log: Log;
  readonly room = new Room();
  readonly seats = new Seats();
  readonly turns: Turns;
  readonly catchUp = new CatchUp();
  readonly access: Access;
  readonly order: Order;
  readonly door: Door;
  readonly tries = new Buckets({ perSecond: FAILED_SECRETS_PER_MIN / 60, burst: FAILED_SECRETS_PER_MIN });
  readonly joins: Buckets | undefined;
  readonly limits: Limits;
  readonly server: string;
  readonly rate: Rate | undefined;
  readonly turnstile: HubOptions["turnstile"];
  readonly now: () => number;
  readonly #sessions = new Set<Session>();
  #closing = false;
  #prunedAt = 0;
  /** When the operator heard last that something could not be read. */
  #unreadableAt = -UNREADABLE_MS;

  private constructor(log: Log, options: HubOptions) {
    this.log = log;
    this.#options = options;
    this.server = options.server;
    this.rate = options.rate;
    this.turnstile = options.turnstile;
    this.joins = options.perAddress === undefined ? undefined : new Buckets(joinsOf(options.perAddress));
    this.now = options.now ?? (() => performance.now());
    const { access, isPrivate = false } = options;
    const { room, seats, tries } = this;
    const clocks = { now: this.now, clockS: () => this.clockS() };
    this.access = access;
    this.order = new Order({ access, room, seats, clocks });
    this.door = new Door({ access, order: this.order, tries, clocks, isPrivate });
    this.turns = new Turns(this.room, log, {
      mayWait: (events) => this.room.isLarge && events.every(isComingOrGoing),
      happened: options.happened ?? (() => {}),
      broke: options.broke,
      mended: options.mended ?? (() => {}),
      now: this.now,
    });
    this.limits = {
      line_bytes: LINE_BYTES_MAX,
      text_bytes: TEXT_BYTES_MAX,
      text_lines: TEXT_LINES_MAX,
      name_chars: NAME_CODE_POINTS_MAX,
      rate: options.rate ? { per_s: options.rate.perSecond, burst: options.rate.burst } : null,
      history: HISTORY_PAGE_MAX,
      ping_ms: PING_IDLE_MS,
      gone_ms: GONE_IDLE_MS,
    };
  }

  /** Opens the room on `log`: nobody is inside, whoever was when the last process ended. Throws StorageFailed. */
  static async open(log: Log, options: HubOptions): Promise<Hub> {
    const hub = new Hub(log, options);
    hub.room.topic = log.topic();
    hub.access.names.prune(hub.clockS());
    hub.order.finishPurges(log.head + 1);
    await log.append([{ type: "opened" }]);
    return hub;
  }

  /** A peer has come over a wire. */
  readonly accept = (connection: Connection, tooMany?: TooMany): Receiver =>
    tooMany ? this.#turnAway(connection, tooMany, TOO_MANY[tooMany]) : this.#admit(connection, false);

  /** The host's own console has come. */
  readonly acceptHost = (connection: Connection): Receiver => this.#admit(connection, true);

  #admit(connection: Connection, host: boolean): Receiver {
    if (this.#closing) return this.#turnAway(connection, "shutdown", "The server is closing.");
    const session = new Session(this, connection, host);
    this.#sessions.add(session);
    return session;
  }

  /** The session's wire is gone. Its seat is kept for a while, unless it was given up. */
  left(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    this.turnstile?.unsettle(session.connection);
    const { seat } = session;
    if (!seat || seat.session !== session) return;
    seat.session = undefined;
    seat.lostAt = this.now();
    // At the end nobody is left inside anyway, and a room that opens again at once has lost nobody.
    if (session.host && !this.#closing) this.vacate(seat, "left");
  }

  /** Gives the seat of someone who does not come back to nobody, and lets the room know. */
  vacate(seat: Seat, why: "lost" | "slow" | "left"): void {
    this.turns.submit({
      bytes: 0,
      // Meanwhile its owner may have come back, or have been kicked.
      decide: (room) =>
        !seat.session && room.has(seat.member) ? { type: "exited", name: seat.member.name, why } : undefined,
      settled: (event) => event && this.seats.remove(seat),
      failed: () => void (seat.lostAt = this.now()),
    });
  }

  /** Lets everybody hear of what is in force already. */
  announce(fact: Fact): void {
    this.turns.submit({ bytes: 0, decide: () => fact, settled() {}, failed() {} });
  }

  /** Puts out members who are still inside, each with an event of its own. */
  expel(seats: readonly Seat[], { code, by, text }: Expulsion): void {
    for (const seat of seats) {
      this.turns.submit({
        bytes: 0,
        decide: (room) =>
          room.has(seat.member) ? { type: "exited", name: seat.member.name, why: "kicked", by } : undefined,
        settled: (event) => event && this.unseat(seat, byeOf(code, by, text)),
        // Whoever may not be here must go, whether or not the log could note it yet.
        failed: () => seat.session?.end(code, byeOf(code, by, text).text),
      });
    }
  }

  /** The member of `seat` is no longer in the room: tells it so. */
  unseat(seat: Seat, bye: Pick<Bye, "code" | "text" | "re">): void {
    this.seats.remove(seat);
    const { session } = seat;
    seat.session = undefined;
    session?.end(bye.code, bye.text, { re: bye.re });
  }

  /** To be called about once a second: pings, deadlines, the seats of those who did not come back, and what could wait to be told. */
  sweep(): void {
    const now = this.now();
    // Who came to a large room, and who went.
    this.log.notify();
    if (now - this.#prunedAt >= PRUNE_MS) this.#prune(now);
    this.tries.sweep(now);
    this.joins?.sweep(now);
    for (const session of this.#sessions) session.sweep(now);
    for (const seat of this.seats) if (!seat.session && now - seat.lostAt >= NAME_KEPT_MS) this.vacate(seat, "lost");
  }

  #prune(now: number): void {
    this.#prunedAt = now;
    try {
      this.access.names.prune(this.clockS());
    } catch {
      // Tomorrow, then.
    }
  }

  /** Time of day for what is not in the log. */
  wallClock(): string {
    return new Date(this.#clock()).toISOString();
  }

  /** Seconds since 1970. */
  clockS(): number {
    return Math.floor(this.#clock() / 1_000);
  }

  #clock(): number {
    return this.#options.clock?.() ?? Date.now();
  }

  fault(error: unknown): void {
    this.#options.broke("A session ended because of a fault in this program.", error);
  }

  unreadable(error: unknown): void {
    const now = this.now();
    // Whoever reads asks again and again.
    if (now - this.#unreadableAt < UNREADABLE_MS) return;
    this.#unreadableAt = now;
    this.#options.broke("A part of the history could not be read.", error);
  }

  get connections(): number {
    return this.#sessions.size;
  }

  /** Finishes the turn that is under way, says goodbye to everyone, and takes nobody in. The log stays open. */
  async close(): Promise<void> {
    this.#closing = true;
    // A busy room would never be idle.
    for (const session of this.#sessions) session.hush();
    await this.turns.finish();
    for (const session of this.#sessions) session.end("shutdown", "The server is closing.", { retry_ms: 1_000 });
  }

  /** Says no at the door, and hears nothing. */
  #turnAway(connection: Connection, code: (RefusalCode & ByeCode) | "shutdown", text: string): Receiver {
    if (code !== "shutdown") connection.send(encode(refuse(code, text)));
    connection.send(encode({ type: "bye", code, text, retry_ms: 5_000 } satisfies Bye));
    connection.finish();
    return { received() {}, broken() {}, closed() {} };
  }
}

function joinsOf(connections: number): Rate {
  const burst = connections * JOINS_PER_CONNECTION;
  return { perSecond: burst / 60, burst };
}

/** How often at most the operator hears that something cannot be read. */
const UNREADABLE_MS = 60_000;

const TOO_MANY: Readonly<Record<TooMany, string>> = {
  full: "The room is full; try again later.",
  "too-many-connections": "Too many connections from your address; close one of them.",
};
