// A WebSocket that a server has accepted, as a connection: frames of text, each of which holds whole lines.
import type { ServerWebSocket } from "bun";
import { BACKLOG_BYTES_MAX, FIRST_LINE_BYTES_MAX } from "../protocol/limits.ts";
import type { Connection, Receiver } from "./connection.ts";
import { hostBinding, isTooLong, linesIn } from "./frames.ts";
import { linger } from "./linger.ts";
import { plainAddress } from "./tcp.ts";

const CLOSE_NORMAL = 1_000;

/** What Bun keeps beside a socket. */
export interface Wire {
  readonly url: URL;
  /** As the request's head names it. */
  readonly host: string;
  connection?: WebSocketConnection;
}

export class WebSocketConnection implements Connection {
  readonly address: string;
  #receiver: Receiver | undefined;
  readonly #socket: ServerWebSocket<Wire>;
  readonly #texts: LastText;
  #limitBytes = FIRST_LINE_BYTES_MAX;
  #sent = 0;
  #taken = 0;
  #waiting: (() => void)[] = [];
  #broken = false;
  #finishing = false;
  #closed = false;

  constructor(socket: ServerWebSocket<Wire>, texts: LastText) {
    this.#socket = socket;
    this.#texts = texts;
    this.address = plainAddress(socket.remoteAddress);
  }

  /** From here on `receiver` hears what comes, and that it is over. */
  attach(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  get binding(): string {
    return hostBinding(this.#socket.data.host);
  }

  get backlog(): number {
    return this.#closed ? 0 : this.#sent - this.taken;
  }

  /** What waits in Bun is more than what was sent: frames have heads, and pings of the peer are answered. That must not make untaken what was taken. */
  get taken(): number {
    if (!this.#closed) this.#taken = Math.max(this.#taken, this.#sent - this.#socket.getBufferedAmount());
    return this.#taken;
  }

  send(bytes: Uint8Array): void {
    if (this.#finishing || this.#closed || bytes.length === 0) return;
    // Nothing is sent in part, so nothing needs an outbox.
    if (this.#socket.sendText(this.#texts.of(bytes)) === 0) return this.abort();
    this.#sent += bytes.length;
    this.#wake();
  }

  drained(): Promise<void> {
    return this.backlog === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  pause(): void {
    if (!this.#closed && !this.#finishing) this.#socket.pause();
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume();
  }

  limitLines(bytes: number): void {
    this.#limitBytes = bytes;
  }

  finish(): void {
    if (this.#finishing || this.#closed) return;
    this.#finishing = true;
    this.resume();
    linger(this);
    if (this.backlog === 0) this.#socket.close(CLOSE_NORMAL);
  }

  abort(): void {
    if (!this.#closed) this.#socket.terminate();
  }

  /** A frame has come. */
  heard(frame: string): void {
    for (const line of linesIn(frame)) {
      if (this.#broken || this.#finishing || this.#closed) return;
      if (isTooLong(line, this.#limitBytes)) {
        this.#broken = true;
        this.#receiver?.broken("line-too-long");
      } else this.#receiver?.received(line);
    }
  }

  /** Bun answers each ping, also to a peer that reads no answers. */
  checkFlood(): void {
    if (this.#socket.getBufferedAmount() > 2 * BACKLOG_BYTES_MAX) this.abort();
  }

  /** The network can take more. Bun says so also when it has not taken all. */
  drain(): void {
    this.#wake();
    // Only now: Bun forgets a socket with its goodbye, and nobody could cut off a peer that does not take what is queued.
    if (this.#finishing && !this.#closed && this.backlog === 0) this.#socket.close(CLOSE_NORMAL);
  }

  /** The wire is gone. */
  closed(): void {
    this.#closed = true;
    this.#wake();
  }

  /** … and now its owner hears so. */
  tellEnd(): void {
    this.#receiver?.closed();
  }

  #wake(): void {
    if (this.#waiting.length === 0 || this.backlog > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** The text of the bytes that were sent last: a batch goes to everyone, and is decoded once. */
export class LastText {
  #bytes: Uint8Array | undefined;
  #text = "";
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

  of(bytes: Uint8Array): string {
    if (bytes !== this.#bytes) {
      this.#text = this.#utf8.decode(bytes);
      this.#bytes = bytes;
    }
    return this.#text;
  }
}
