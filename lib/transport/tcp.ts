// A TCP socket as a connection: the same for the end that listened and the end that dialled, in plain text or encrypted.
import type { Socket, SocketHandler } from "bun";
import { bracketed } from "../protocol/address.ts";
import { decodeStartTls, encode } from "../protocol/codec.ts";
import { FIRST_LINE_BYTES_MAX } from "../protocol/limits.ts";
import { LineSplitter } from "../protocol/line.ts";
import type { Bye, StartTls } from "../protocol/message.ts";
import type { Certificate } from "./certificate.ts";
import type { Arrival, Receiver } from "./connection.ts";
import { linger } from "./linger.ts";
import { Outbox, type Writer } from "./outbox.ts";

/** What Bun keeps beside a socket. Empty until the socket is open. */
export interface Wire {
  connection?: TcpConnection;
  /** Whose bytes it carries, encrypted: it brings them nothing itself. */
  carried?: TcpConnection;
}

/** What the end that listens has for a peer whose first line asks for encryption. */
export interface Offer {
  /** Nothing where it does not encrypt. */
  readonly certificate: Certificate | undefined;
  /** Bun's, for the socket that is encrypted. */
  readonly handlers: SocketHandler<Wire>;
  failed(error: unknown): void;
}

/** Where the wire leads, as this end knows beforehand. */
export interface WireEnd {
  /** On the end that listened. */
  readonly offer?: Offer;
  /** On the end that dialled: the server's port … */
  readonly port?: number;
  /** … and its pin, where the socket is encrypted. */
  readonly pin?: string;
}

const LF = 0x0a;
/** The first byte of a TLS hello. No line begins with it. */
const TLS_HANDSHAKE = 0x16;

export class TcpConnection implements Arrival, Writer {
  readonly address: string;
  #receiver: Receiver | undefined;
  #socket: Socket<Wire>;
  readonly #outbox = new Outbox(this);
  readonly #lines = new LineSplitter(FIRST_LINE_BYTES_MAX);
  readonly #port: number | undefined;
  #pin: string | undefined;
  /** Until the first line has come. */
  #offer: Offer | undefined;
  /** This end could be encrypted. */
  readonly #encrypts: boolean;
  /** The wire is neither plain nor encrypted yet: what is sent waits, and there is nobody to say goodbye to. */
  #shaking = false;
  #finishing = false;
  #closed = false;

  constructor(socket: Socket<Wire>, { offer, port, pin }: WireEnd) {
    this.#socket = socket;
    this.#offer = offer;
    this.#encrypts = offer?.certificate !== undefined;
    this.#port = port;
    this.#pin = pin;
    this.address = addressOf(socket);
    // Chat is small writes, each of which somebody waits for.
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
  }

  attach(receiver: Receiver): void {
    this.#receiver = receiver;
    if (this.#closed) receiver.closed();
  }

  get binding(): string | undefined {
    if (this.#pin !== undefined) return `tls:${this.#pin}`;
    if (this.#encrypts) return undefined;
    const { localAddress, localPort, remoteAddress } = this.#socket;
    return this.#port === undefined ? plainBinding(localAddress, localPort) : plainBinding(remoteAddress, this.#port);
  }

  get backlog(): number {
    return this.#outbox.backlog;
  }

  get taken(): number {
    return this.#outbox.taken;
  }

  /** Bun does not always tell of the end of a socket that is paused; a write does. */
  write(bytes: Uint8Array): number {
    const taken = this.#socket.write(bytes);
    if (taken < 0) queueMicrotask(() => this.abort());
    return taken;
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
    if (this.#shaking) return this.abort();
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
    if (this.#offer) return this.#begin(this.#offer, bytes);
    const fault = this.#lines.push(bytes, (line) => {
      if (!this.#deaf) this.#receiver?.received(line);
    });
    if (fault && !this.#deaf) this.#receiver?.broken(fault);
  }

  /** The first line has not come yet: it may ask for encryption, and then nothing may come with it. */
  #begin(offer: Offer, bytes: Uint8Array): void {
    if (bytes[0] === TLS_HANDSHAKE)
      return this.#turnAway('TLS begins here only after the line {"type":"starttls"} and its answer.');
    let asked: StartTls | undefined;
    const fault = this.#lines.push(bytes, (line) => {
      if (this.#offer) {
        this.#offer = undefined;
        asked = offer.certificate && decodeStartTls(line);
      }
      if (!asked && !this.#deaf) this.#receiver?.received(line);
    });
    if (asked && offer.certificate) {
      // Whoever has put it there could speak for the peer, if it were taken for what the peer says under encryption.
      if (bytes.indexOf(LF) !== bytes.length - 1)
        return this.#turnAway("Nothing may follow starttls before its answer has come.");
      return this.#encrypt(offer, offer.certificate, asked);
    }
    if (fault && !this.#deaf) this.#receiver?.broken(fault);
  }

  #turnAway(text: string): void {
    this.send(encode({ type: "bye", code: "bad-handshake", text } satisfies Bye));
    this.finish();
  }

  #encrypt({ handlers, failed }: Offer, { key, cert, pin }: Certificate, answer: StartTls): void {
    this.#outbox.push(encode(answer));
    // A peer that has just come takes one line; what waited here would go out encrypted.
    if (this.#outbox.backlog > 0) return this.abort();
    try {
      const data = { connection: this };
      const [carrier, socket] = this.#socket.upgradeTLS<Wire>({ data, tls: { key, cert }, socket: handlers });
      // Bun brings it the ciphertext, and the end too.
      carrier.data = { carried: this };
      this.#socket = socket;
    } catch (error) {
      failed(error);
      return this.abort();
    }
    this.#shaking = true;
    this.#pin = pin;
  }

  /** The handshake is over, well or not. */
  shaken(done: boolean): void {
    this.#shaking = false;
    if (!done) this.abort();
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

/** Of the peer that came last: a thousand who come from one network have one string of their address, and not a thousand. */
let latest = "";

/** The address of a peer that has come. */
export function addressOf({ remoteAddress }: { readonly remoteAddress: string | undefined }): string {
  const address = plainAddress(remoteAddress);
  if (address !== latest) latest = address;
  return latest;
}

/** An IPv4 peer of a dual-stack listener is the same peer as over IPv4. One that hung up before it was let in has no address. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return "gone";
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}
