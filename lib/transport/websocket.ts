// A WebSocket that a server has accepted, as a connection: frames of text, each of which holds whole lines.
import type { Socket } from "bun";
import { FIRST_LINE_BYTES_MAX, LINE_BYTES_MAX } from "../protocol/limits.ts";
import type { Arrival, Receiver } from "./connection.ts";
import { FrameReader, OPCODE, type Spoken } from "./frame-reader.ts";
import { closeFrame, frameOf, type LastFrame } from "./frame-writer.ts";
import { hostBinding, isTooLong, linesIn } from "./frames.ts";
import { linger } from "./linger.ts";
import { Outbox, type Writer } from "./outbox.ts";
import { addressOf } from "./tcp.ts";

/** A longer message is answered with close code 1009. A line may end with CR and LF. */
const FRAME_BYTES_MAX = LINE_BYTES_MAX + 2;

/** Frames a second that are no message: beyond them the server stops reading for a while. A message may come in some pieces. */
const FUTILE_PER_S = 100;
const REST_MS = 1_000;

const CLOSE_NORMAL = 1_000;
const CLOSE_INTERNAL = 1_011;

export class WebSocketConnection implements Arrival, Spoken, Writer {
  readonly address: string;
  readonly binding: string | undefined;
  readonly #socket: Socket<unknown>;
  readonly #outbox: Outbox;
  readonly #lastFrame: LastFrame;
  readonly #reader = new FrameReader(FRAME_BYTES_MAX);
  #receiver: Receiver | undefined;
  #limitBytes = FIRST_LINE_BYTES_MAX;
  #sent = 0;
  #taken = 0;
  /** The answer to the newest ping, where one has come. */
  #pong: Uint8Array | undefined;
  /** When frames that are no message were begun to be counted, and how many there were before. */
  #countedAt = 0;
  #counted = 0;
  /** It sends too many of them. */
  #resting = false;
  #paused = false;
  /** Its lines are heard no more. */
  #broken = false;
  /** The code of our goodbye, which comes after all that was sent … */
  #closeCode: number | undefined;
  /** … and is on its way. */
  #goodbye = false;
  #gone = false;
  #told = false;

  /** `host` is what the request's head has named, where that proves anything. */
  constructor(socket: Socket<unknown>, host: string | undefined, lastFrame: LastFrame) {
    this.#socket = socket;
    this.#outbox = new Outbox(this);
    this.binding = host === undefined ? undefined : hostBinding(host);
    this.#lastFrame = lastFrame;
    this.address = addressOf(socket);
  }

  attach(receiver: Receiver): void {
    this.#receiver = receiver;
    if (this.#told) receiver.closed();
  }

  get backlog(): number {
    return this.#gone ? 0 : this.#sent - this.taken;
  }

  /** What waits is more than what was sent: frames have heads, and pings of the peer are answered. That must not make untaken what was taken. */
  get taken(): number {
    if (!this.#gone) this.#taken = Math.max(this.#taken, this.#sent - this.#outbox.backlog);
    return this.#taken;
  }

  send(bytes: Uint8Array): void {
    if (this.#deaf || bytes.length === 0) return;
    this.#sent += bytes.length;
    this.#outbox.push(this.#lastFrame.of(bytes));
  }

  /** Bun does not always tell of the end of a socket that is paused; a write does. */
  write(bytes: Uint8Array): number {
    const taken = this.#socket.write(bytes);
    if (taken < 0) queueMicrotask(() => this.abort());
    return taken;
  }

  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  pause(): void {
    this.#paused = true;
    if (!this.#deaf) this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#gone && !this.#resting) this.#socket.resume();
  }

  limitLines(bytes: number): void {
    this.#limitBytes = bytes;
  }

  finish(): void {
    this.#finish(CLOSE_NORMAL);
  }

  abort(): void {
    if (!this.#gone) this.#socket.terminate();
  }

  /** Something broke here; its peer pays for it, and nobody else. */
  fail(): void {
    if (this.#deaf) this.abort();
    else this.#finish(CLOSE_INTERNAL);
  }

  /** Bytes have come. */
  data(bytes: Uint8Array): void {
    // Also after our own goodbye: there may be an answer to it.
    const fault = this.#reader.push(bytes, this);
    this.#answerPing();
    this.#restIfDue();
    if (fault === undefined || this.#deaf) return;
    this.#finish(fault);
    this.#tellEnd();
  }

  text(message: string): void {
    for (const line of linesIn(message)) {
      if (this.#broken || this.#deaf) return;
      if (isTooLong(line, this.#limitBytes)) {
        this.#broken = true;
        this.#receiver?.broken("line-too-long");
      } else this.#receiver?.received(line);
    }
  }

  ping(payload: Uint8Array): void {
    if (!this.#deaf) this.#pong = frameOf(OPCODE.pong, payload);
  }

  /** The peer says goodbye, and reads nothing more but the answer. */
  close(code: number | undefined): void {
    if (!this.#goodbye && this.#outbox.backlog === 0) this.#outbox.push(closeFrame(code));
    this.#socket.end();
  }

  /** The network can take more. */
  drain(): void {
    if (this.#outbox.drain() && this.#closeCode !== undefined) this.#sayGoodbye(this.#closeCode);
  }

  /** The wire is gone. */
  closed(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#outbox.clear();
    this.#tellEnd();
  }

  /** What still arrives is ignored, and what is sent goes nowhere. */
  get #deaf(): boolean {
    return this.#closeCode !== undefined || this.#gone;
  }

  #finish(code: number): void {
    if (this.#deaf) return;
    this.#closeCode = code;
    this.resume();
    if (this.#outbox.backlog === 0) this.#sayGoodbye(code);
    linger(this);
  }

  /** Only when all is sent: a peer that takes nothing is cut off, and what it has not taken is no loss to it. */
  #sayGoodbye(code: number): void {
    if (!this.#goodbye) {
      this.#goodbye = true;
      this.#outbox.push(closeFrame(code));
    }
    // Only the writing half: closing both would make the kernel throw away what the peer has not read yet, if it still sends.
    if (this.#outbox.backlog > 0) return;
    this.#socket.shutdown();
    // Whoever says goodbye is told of the end when that is done, not in the midst of it.
    queueMicrotask(() => this.#tellEnd());
  }

  /** Of pings that came together, RFC 6455 lets only the last be answered. */
  #answerPing(): void {
    const pong = this.#pong;
    this.#pong = undefined;
    if (pong && !this.#deaf) this.#outbox.push(pong);
  }

  #restIfDue(): void {
    const { futile } = this.#reader;
    if (futile - this.#counted <= FUTILE_PER_S || this.#resting) return;
    const now = performance.now();
    const isFlood = now - this.#countedAt < REST_MS;
    this.#countedAt = now;
    this.#counted = futile;
    if (!isFlood || this.#gone) return;
    this.#resting = true;
    this.#socket.pause();
    setTimeout(() => {
      this.#resting = false;
      if (!this.#paused) this.resume();
    }, REST_MS).unref();
  }

  #tellEnd(): void {
    if (this.#told) return;
    this.#told = true;
    this.#receiver?.closed();
  }
}
