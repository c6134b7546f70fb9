// A TCP socket as a connection: the same for the end that listened and the end that dialled.
import type { Socket } from "bun";
import { bracketed } from "../protocol/address.ts";
import { FIRST_LINE_BYTES_MAX } from "../protocol/limits.ts";
import { LineSplitter } from "../protocol/line.ts";
import type { Connection, Receiver } from "./connection.ts";
import { linger } from "./linger.ts";
import { Outbox } from "./outbox.ts";

/** What Bun keeps beside a socket. Empty until the socket is open. */
export interface Wire {
  connection?: TcpConnection;
}

export class TcpConnection implements Connection {
  readonly address: string;
  #receiver: Receiver | undefined;
  readonly #socket: Socket<Wire>;
  readonly #dialledPort: number | undefined;
  readonly #outbox: Outbox;
  readonly #lines = new LineSplitter(FIRST_LINE_BYTES_MAX);
  #finishing = false;
  #closed = false;

  /** `dialledPort`: the server's port, where the server is the peer. */
  constructor(socket: Socket<Wire>, dialledPort?: number) {
    this.#socket = socket;
    this.#dialledPort = dialledPort;
    this.#outbox = new Outbox(socket);
    this.address = plainAddress(socket.remoteAddress);
    // Chat is small writes, each of which somebody waits for.
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
  }

  /** From here on `receiver` hears what comes, and that it is over, also if it is already. */
  attach(receiver: Receiver): void {
    this.#receiver = receiver;
    if (this.#closed) receiver.closed();
  }

  get binding(): string {
    const { localAddress, localPort, remoteAddress } = this.#socket;
    return this.#dialledPort === undefined
      ? plainBinding(localAddress, localPort)
      : plainBinding(remoteAddress, this.#dialledPort);
  }

  get backlog(): number {
    return this.#outbox.backlog;
  }

  get taken(): number {
    return this.#outbox.taken;
  }

  send(bytes: Uint8Array): void {
    if (!this.#finishing && !this.#closed) this.#outbox.push(bytes);
  }

  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  pause(): void {
    if (!this.#closed) this.#socket.pause();
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume();
  }

  limitLines(bytes: number): void {
    this.#lines.limitBytes = bytes;
  }

  finish(): void {
    if (this.#finishing || this.#closed) return;
    this.#finishing = true;
    this.resume();
    if (this.#outbox.backlog === 0) this.#shutdown();
    linger(this);
  }

  abort(): void {
    if (!this.#closed) this.#socket.terminate();
  }

  /** Only the writing half: closing both would make the kernel throw away what the peer has not read yet, if it still sends. */
  #shutdown(): void {
    this.#socket.shutdown();
  }

  /** What still arrives is ignored. */
  get #deaf(): boolean {
    return this.#finishing || this.#closed;
  }

  data(bytes: Uint8Array): void {
    if (this.#deaf) return;
    const fault = this.#lines.push(bytes, (line) => {
      if (!this.#deaf) this.#receiver?.received(line);
    });
    if (fault && !this.#deaf) this.#receiver?.broken(fault);
  }

  drain(): void {
    if (this.#outbox.drain() && this.#finishing) this.#shutdown();
  }

  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#outbox.clear();
    this.#receiver?.closed();
  }
}

/** Bun's handlers for such a socket; `open` differs between the two ends. They never throw and are never async: a rejection there would end the process. */
export const tcpHandlers = {
  data(socket: Socket<Wire>, bytes: Uint8Array) {
    socket.data.connection?.data(bytes);
  },
  drain(socket: Socket<Wire>) {
    socket.data.connection?.drain();
  },
  end(socket: Socket<Wire>) {
    socket.data.connection?.closed();
  },
  close(socket: Socket<Wire>) {
    socket.data.connection?.closed();
  },
};

/** What both ends know of a wire in plain text: where its server is. The zone of an address has a name at one end only. */
function plainBinding(address: string | undefined, port: number): string {
  return `plain:${bracketed(plainAddress(address).replace(/%.*$/, ""))}:${port}`;
}

/** An IPv4 peer of a dual-stack listener is the same peer as over IPv4. One that hung up before it was let in has no address. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return "gone";
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}
