// A session: one peer's conversation, from its first line to its `bye`. Requests go to the room's turns, the log comes back.
import { newSecret } from "../access/secret.ts";
import type { Page } from "../log/log.ts";
import { decodeClient, encode } from "../protocol/codec.ts";
import {
  BACKLOG_BYTES_MAX,
  BACKLOG_STALL_MS,
  GONE_IDLE_MS,
  HISTORY_BYTES_MAX,
  HISTORY_PAGE,
  HISTORY_PAGE_MAX,
  JOIN_TIMEOUT_MS,
  LINE_BYTES_MAX,
  PING_IDLE_MS,
  UNSETTLED_MAX,
} from "../protocol/limits.ts";
import type { LineFault } from "../protocol/line.ts";
import {
  type Bye,
  type ByeCode,
  type ClientMessage,
  type Join,
  type Refusal,
  refuse,
  type ServerMessage,
} from "../protocol/message.ts";
import type { Connection, Receiver } from "../transport/connection.ts";
import type { Turnstile } from "../transport/turnstile.ts";
import { Bucket, type Rate } from "./bucket.ts";
import type { Buckets } from "./buckets.ts";
import { type Guest, type House, queryAsk, RequestAsk } from "./asks.ts";
import { Feed, type Reader, type Source } from "./feed.ts";
import { joinAsk } from "./join.ts";
import { proves } from "./proof.ts";
import { orderAsk } from "./queries.ts";
import type { Seat } from "./seats.ts";
import type { Ask } from "./turns.ts";

type History = Extract<ClientMessage, { type: "history" }>;

/** How far behind a peer may be with reading before its own requests have to wait. */
const ANSWERS_BYTES_MAX = BACKLOG_BYTES_MAX / 4;

/** What a session needs from the hub beyond what its asks need. */
export interface Home extends House, Source {
  readonly rate: Rate | undefined;
  /** Of addresses; nothing where everybody may join as often as they like. */
  readonly joins: Buckets | undefined;
  /** Where wires make room for others, over which nobody is in or asks to come in. */
  readonly turnstile: Pick<Turnstile, "settle" | "unsettle"> | undefined;
  left(session: Session): void;
  vacate(seat: Seat, why: "lost" | "slow"): void;
  /** The disk did not give what somebody asked for. */
  unreadable(error: unknown): void;
  fault(error: unknown): void;
}

const UNBOUND =
  "Keys are taken over encrypted connections only; ask for starttls first. A WebSocket has to be opened at the server's own address, or at a name that it knows.";
const UNREADABLE = "The server cannot read this part of its history at the moment; try again later.";

/** The same for everybody who is silent. */
const PING = encode({ type: "ping" });

export class Session implements Receiver, Guest, Reader {
  readonly connection: Connection;
  readonly host: boolean;
  over = false;
  /** Set from the moment that the join is decided. */
  seat: Seat | undefined;
  readonly #hub: Home;
  #bucket: Bucket | undefined;
  /** What a key has to sign; good for one join. */
  #nonce: string | undefined;
  /** Lines that were read and have to wait; the wire is paused while there are any. */
  #unread: string[] | undefined;
  #timer: Timer | undefined;
  #unsettled = 0;
  #hushed = false;
  /** The last ask may have a large answer. What comes next waits for it, so that answers never add up to more than a peer may leave unread. */
  #answering = false;
  /** It has sent a message, so it is a chat client. */
  #understood = false;
  /** Once it is inside. */
  #feed: Feed | undefined;
  readonly #since: number;
  #heardAt: number;
  #pinged = false;
  /** What the network had taken, and when that grew last. */
  #taken = 0;
  #takenAt = 0;

  constructor(hub: Home, connection: Connection, host: boolean) {
    this.#hub = hub;
    this.connection = connection;
    this.host = host;
    this.#since = this.#heardAt = hub.now();
    this.#bucket = hub.rate && !host ? new Bucket(hub.rate, this.#since) : undefined;
  }

  get address(): string {
    return this.connection.address;
  }

  unlimited(): void {
    this.#bucket = undefined;
  }

  received(line: string): void {
    this.#heardAt = this.#hub.now();
    this.#pinged = false;
    if (this.#unread) this.#unread.push(line);
    else if (!this.#handle(line)) this.#wait(line);
  }

  broken(fault: LineFault): void {
    const text =
      fault === "bad-utf8" ? "The line is not valid UTF-8." : "The line is too long; the limits stand in `welcome`.";
    this.end(fault, text);
  }

  closed(): void {
    this.#stop();
    this.#hub.left(this);
  }

  /** Takes nothing more; what was taken is still answered. */
  hush(): void {
    this.#hushed = true;
    this.connection.pause();
  }

  /** Answers whether the line's time has come. */
  #handle(line: string): boolean {
    if (this.over) return true;
    if (this.#hushed || this.#answering) return false;
    if (this.#unsettled >= UNSETTLED_MAX || this.connection.backlog > ANSWERS_BYTES_MAX) return false;
    const now = this.#hub.now();
    const waitMs = this.#bucket?.take(now) ?? 0;
    if (waitMs > 0) return this.#later(waitMs);
    const message = decodeClient(line);
    if (message.type === "join" && !this.seat && !this.host) {
      // Who comes and goes all the time is a cost to everyone.
      const waitMs = this.#hub.joins?.take(this.address, now) ?? 0;
      if (waitMs > 0) return this.#later(waitMs);
    }
    if (message.type === "refused") this.#refused(message);
    else {
      this.#understood = true;
      this.#asked(message, Buffer.byteLength(line));
    }
    return true;
  }

  /** The line waits for so long. */
  #later(waitMs: number): false {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#catchUp();
    }, waitMs);
    return false;
  }

  #wait(line: string): void {
    this.#unread = [line];
    this.connection.pause();
    if (this.connection.backlog > ANSWERS_BYTES_MAX) void this.connection.drained().then(() => this.#catchUp());
  }

  /** Goes on with what waits, as far as it may. */
  #catchUp(): void {
    const unread = this.#unread;
    if (!unread) return;
    let done = 0;
    while (done < unread.length && this.#handle(unread[done]!)) done++;
    unread.splice(0, done);
    if (this.#unread !== unread) return;
    if (unread.length === 0) {
      this.#unread = undefined;
      this.connection.resume();
    } else if (this.connection.backlog > ANSWERS_BYTES_MAX) void this.connection.drained().then(() => this.#catchUp());
  }

  #refused(refusal: Refusal): void {
    if (refusal.code === "bad-json" && !this.#understood)
      return this.end(
        "bad-handshake",
        'This is a chat room. Join it with `chat`, or send {"type":"join","name":"…"} as the first line.',
      );
    this.send(refusal);
  }

  #asked(message: ClientMessage, bytes: number): void {
    switch (message.type) {
      case "ping":
        return this.send({ type: "pong", re: message.re });
      case "pong":
        return;
      case "history":
        // Where nothing has to be answered before, reading does not wait for the disk.
        if (this.#unsettled === 0 && this.#isInside) return this.#readBack(message);
        this.#answering = true;
        return this.#submit(
          queryAsk(
            this,
            message.re,
            () => message,
            (asked) => this.#readBack(asked),
          ),
        );
      case "members":
        this.#answering = true;
        return this.#submit(
          queryAsk(
            this,
            message.re,
            ({ members }) => members.map(({ name, identity }) => ({ name, isVerified: identity !== undefined })),
            (members) => this.#members(members, message.re),
          ),
        );
      case "challenge":
        this.#nonce = newSecret();
        return this.send({ type: "challenge", nonce: this.#nonce, log: this.#hub.log.id, re: message.re });
      case "join":
        return this.#join(message);
      case "say":
      case "whisper":
      case "rename":
      case "topic":
      case "kick":
      case "leave":
      case "ban":
      case "unban":
      case "mute":
      case "unmute":
      case "op":
      case "deop":
      case "slow":
      case "lock":
      case "unlock":
      case "purge":
      case "undo":
        return this.#submit(new RequestAsk(this.#hub, this, message, bytes));
      case "bans":
      case "audit":
      case "invite":
      case "invites":
      case "uninvite":
      case "link":
        this.#answering = true;
        return this.#submit(orderAsk(this.#hub, this, message));
    }
  }

  #join(join: Join): void {
    const nonce = this.#nonce;
    this.#nonce = undefined;
    const { key, signature = "", name, room, re } = join;
    if (key !== undefined) {
      const { binding } = this.connection;
      if (binding === undefined) return this.send(refuse("bad-signature", UNBOUND, re));
      const claim = { nonce: nonce ?? "", binding, log: this.#hub.log.id, room, name };
      if (nonce === undefined || !proves(key, signature, claim))
        return this.send(
          refuse("bad-signature", "The signature does not prove the key; ask for a new `challenge` and sign it.", re),
        );
    }
    // From here on it is a guest, not a stranger.
    this.#hub.turnstile?.settle(this.connection);
    this.connection.limitLines(LINE_BYTES_MAX);
    this.#answering = true;
    this.#submit(joinAsk(this.#hub, this, join, key));
  }

  #members(seen: readonly { readonly name: string; readonly isVerified: boolean }[], re: string | undefined): void {
    const members = seen.map(({ name }) => name);
    const verified = seen.filter(({ isVerified }) => isVerified).map(({ name }) => name);
    this.#feed?.catchUpNow();
    this.send({ type: "members", members, ...(verified.length > 0 && { verified }), re });
  }

  #submit(ask: Ask): void {
    this.#unsettled++;
    this.#hub.turns.submit(ask);
  }

  /** One of the session's asks has had its turn. */
  settled(): void {
    this.#unsettled--;
    if (this.#unsettled === 0) this.#answering = false;
    if (this.#unsettled === 0 && !this.seat) this.#hub.turnstile?.unsettle(this.connection);
    this.#catchUp();
  }

  get #isInside(): boolean {
    const { seat } = this;
    return seat?.session === this && this.#hub.room.has(seat.member);
  }

  /** In turn with those who are behind: a page may be half a megabyte, and many may ask for one at the same time. */
  #readBack(asked: History): void {
    this.#answering = true;
    this.#unsettled++;
    const step = () => {
      const bytes = this.over ? 0 : this.#history(asked);
      this.settled();
      return bytes;
    };
    this.#hub.catchUp.add({ step });
  }

  /** Answers how many bytes that were. */
  #history(asked: History): number {
    const page = this.#page(asked);
    this.#feed?.catchUpNow();
    if (!page) {
      this.send(refuse("storage-failed", UNREADABLE, asked.re));
      return 0;
    }
    // Put together from the lines as they are stored: the same bytes as when they were live.
    const mark = asked.re === undefined ? "" : `,"re":${JSON.stringify(asked.re)}`;
    const line = `{"type":"history","events":[${this.#hub.order.purges.shown(page.lines).join(",")}],"more":${page.more}${mark}}`;
    this.sendLines([line]);
    return line.length;
  }

  /** Nothing where the disk does not give it: whoever asked can do without. */
  #page({ before = Number.MAX_SAFE_INTEGER, limit = HISTORY_PAGE }: History): Page | undefined {
    try {
      return this.#hub.log.said(before, Math.min(limit, HISTORY_PAGE_MAX), HISTORY_BYTES_MAX);
    } catch (error) {
      this.#hub.unreadable(error);
      return undefined;
    }
  }

  /** Lets the log come in from `after` on. */
  follow(after: number): void {
    // It may have gone while its join had its turn.
    if (this.over) return;
    this.#feed = new Feed(this.#hub, this, after);
    this.#feed.step();
  }

  get told(): number {
    return this.#feed?.told ?? 0;
  }

  send(message: ServerMessage): void {
    this.sendBytes(encode(message));
  }

  sendLines(lines: readonly string[]): void {
    if (lines.length > 0) this.sendBytes(Buffer.from(`${lines.join("\n")}\n`));
  }

  sendBytes(bytes: Uint8Array): void {
    if (this.over) return;
    this.connection.send(bytes);
    if (this.connection.backlog > BACKLOG_BYTES_MAX) this.#slow();
  }

  /** Says why it is over, and lets the peer hear it, after all that happened until now if it can take that. */
  end(code: ByeCode, text: string, more: Pick<Bye, "re" | "retry_ms"> = {}): void {
    if (this.over) return;
    this.over = true;
    this.#feed?.catchUpNow();
    this.connection.send(encode({ type: "bye", code, text, ...more } satisfies Bye));
    this.#stop();
    this.connection.finish();
    this.#hub.left(this);
  }

  /** Once a second: who has gone silent, and who does not read. */
  sweep(nowMs: number): void {
    const { backlog, taken } = this.connection;
    if (backlog === 0 || taken !== this.#taken) {
      this.#taken = taken;
      this.#takenAt = nowMs;
    } else if (nowMs - this.#takenAt >= BACKLOG_STALL_MS) return this.#slow();
    const idleMs = nowMs - this.#heardAt;
    if (!this.seat && nowMs - this.#since >= JOIN_TIMEOUT_MS)
      return this.end("timeout", `Nobody joined within ${JOIN_TIMEOUT_MS / 1_000} s.`);
    if (idleMs < PING_IDLE_MS) return;
    if (this.#unread) {
      // What waits was sent, so its sender cannot answer; whether there still is one, a write tells.
      this.#heardAt = nowMs;
      return this.sendBytes(PING);
    }
    if (idleMs >= GONE_IDLE_MS) return this.#gone();
    if (this.#pinged) return;
    this.#pinged = true;
    this.sendBytes(PING);
  }

  #gone(): void {
    if (this.host) return;
    const { seat } = this;
    this.end("timeout", "You did not answer for too long.");
    // It has been silent for longer than a name is kept.
    if (seat) this.#hub.vacate(seat, "lost");
  }

  #slow(): void {
    const { seat } = this;
    this.end("slow", "You were too far behind with reading; come back to get the rest.", { retry_ms: 1_000 });
    if (seat) this.#hub.vacate(seat, "slow");
  }

  fault(error: unknown): void {
    this.#feed?.stop();
    this.#hub.fault(error);
    this.end("internal", "Something broke on the server; please try again.", { retry_ms: 1_000 });
  }

  #stop(): void {
    this.over = true;
    this.#feed?.stop();
    this.#unread = undefined;
    clearTimeout(this.#timer);
  }
}
