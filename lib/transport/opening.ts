// How a wire that was dialled begins: it asks for encryption, and finds out whether whoever dialled may trust the answer. Nothing else is sent before.
import type { Socket } from "bun";
import { decodeServer, decodeStartTls, encode } from "../protocol/codec.ts";
import { FIRST_LINE_BYTES_MAX } from "../protocol/limits.ts";
import { scrub } from "../protocol/text.ts";
import { type Connection, type Receiver, type Trust, Unreachable, Untrusted } from "./connection.ts";
import { pinOf } from "./pin.ts";
import { TcpConnection, tcpHandlers, type Wire } from "./tcp.ts";

/** What Bun keeps beside a socket that was dialled. */
export interface DialledWire extends Wire {
  opening?: Opening;
}

export interface OpeningOptions {
  readonly port: number;
  /** The server, as people write it. */
  readonly place: string;
  readonly receiver: Receiver;
  readonly trust: Trust;
}

const LF = 0x0a;
/** The first byte of a TLS alert: so answers who wants TLS from the first byte. */
const TLS_ALERT = 0x15;
/** Refusals at the door: they say nothing of encryption. */
const CLOSED_DOOR: ReadonlySet<string> = new Set(["full", "too-many-connections"]);
const IS_IT = "Is it a chatd, and is the port right?";

export class Opening {
  readonly #options: OpeningOptions;
  readonly #settled = Promise.withResolvers<Connection>();
  #socket: Socket<DialledWire>;
  /** What has come of the answer. */
  #head: Uint8Array = new Uint8Array();
  #answered = false;

  constructor(socket: Socket<DialledWire>, options: OpeningOptions) {
    this.#socket = socket;
    this.#options = options;
    // The socket may break before anybody waits for it.
    this.#settled.promise.catch(() => {});
    // Into a socket that is new, a line goes as a whole.
    socket.write(encode({ type: "starttls" }));
  }

  /** The wire, once it is known what it is. Throws Unreachable, or Untrusted. */
  get settled(): Promise<Connection> {
    return this.#settled.promise;
  }

  data(bytes: Uint8Array): void {
    if (this.#answered) return;
    const head = (this.#head = Buffer.concat([this.#head, bytes]));
    if (head[0] === TLS_ALERT)
      return this.#fail(
        this.#unreachable(`It speaks TLS from the first byte, as a web server (https) does. Is the port right?`),
      );
    const end = head.indexOf(LF);
    if (end < 0 && head.length <= FIRST_LINE_BYTES_MAX) return;
    this.#answered = true;
    this.#head = new Uint8Array();
    // Whatever cannot be understood here is for the receiver, as all that comes in plain text.
    const line = end < 0 ? "" : new TextDecoder().decode(head.subarray(0, end));
    if (decodeStartTls(line)) return end + 1 < head.length ? this.#injected() : this.#encrypt();
    const answer = decodeServer(line);
    if (answer?.type === "bye" || (answer?.type === "refused" && CLOSED_DOOR.has(answer.code)))
      return this.#plain(head, `It says, and not encrypted: ${scrub(answer.text)}`);
    this.#plain(answer?.type === "refused" ? head.subarray(end + 1) : head);
  }

  /** Goes on in plain text, with `heard` as the first that the receiver hears. `closed`: what a door says that lets nobody in. */
  #plain(heard: Uint8Array, closed?: string): void {
    try {
      this.#options.trust.plain();
    } catch (error) {
      // Who knows better is not sent away for good by a door that is closed for a while.
      return this.#fail(closed !== undefined && error instanceof Untrusted ? this.#unreachable(closed) : error);
    }
    this.#opened(this.#socket, new TcpConnection(this.#socket, this.#options)).data(heard);
  }

  /** Only the one who sent it knows what is behind the answer, and it was not sent under encryption. */
  #injected(): void {
    this.#fail(
      new Untrusted(
        `${this.#options.place}: Plain text came where encryption should begin, so somebody may be between you and the server. Nothing of yours was sent. Try again from another network.`,
      ),
    );
  }

  #encrypt(): void {
    try {
      const [carrier, socket] = this.#socket.upgradeTLS<DialledWire>({
        data: { opening: this },
        // What vouches for a server is its pin, not an authority: `trust` judges it below.
        tls: { rejectUnauthorized: false },
        socket: { ...dialledHandlers, handshake: (socket) => this.#shaken(socket) },
      });
      // Bun brings it the ciphertext, and the end too.
      carrier.data = {};
      this.#socket = socket;
    } catch (error) {
      this.#fail(error);
    }
  }

  #shaken(socket: Socket<DialledWire>): void {
    if (!isComplete(socket)) return this.closed();
    try {
      const certificate = socket.getPeerX509Certificate();
      const pin = pinOf(certificate);
      this.#options.trust.encrypted(pin);
      this.#opened(socket, new TcpConnection(socket, { pin }));
    } catch (error) {
      this.#fail(error);
    }
  }

  #opened(socket: Socket<DialledWire>, connection: TcpConnection): TcpConnection {
    socket.data = { connection };
    connection.attach(this.#options.receiver);
    this.#settled.resolve(connection);
    return connection;
  }

  /** The wire is gone before it was known what it is. */
  closed(): void {
    this.#fail(
      this.#unreachable(
        this.#answered
          ? `It agreed to encrypt and then did not. ${IS_IT}`
          : `It closed the connection without a word. ${IS_IT}`,
      ),
    );
  }

  /** Nobody waits any longer. */
  giveUp(): void {
    this.#fail(this.#unreachable(`It answers nothing. ${IS_IT}`));
  }

  #unreachable(text: string): Unreachable {
    return new Unreachable(`${this.#options.place}: ${text}`);
  }

  #fail(error: unknown): void {
    this.#answered = true;
    this.#settled.reject(error);
    this.#socket.terminate();
  }
}

/**
 * Whether the server has proved that the certificate is its own. Bun does not tell by itself: what it says of a handshake is
 * "no" also where the certificate is for another name, and the certificate is shown also where the proof was wrong. Keys can
 * be exported of a handshake that is complete, and of no other.
 */
function isComplete(socket: Socket<DialledWire>): boolean {
  try {
    socket.exportKeyingMaterial(32, "EXPORTER-chat", new Uint8Array());
    return true;
  } catch {
    return false;
  }
}

/** Bun's handlers for a socket that was dialled. */
export const dialledHandlers = {
  ...tcpHandlers,
  data(socket: Socket<DialledWire>, bytes: Uint8Array) {
    const { connection, opening } = socket.data;
    if (connection) connection.data(bytes);
    else opening?.data(bytes);
  },
  close(socket: Socket<DialledWire>) {
    const { connection, opening } = socket.data;
    if (connection) connection.closed();
    else opening?.closed();
  },
  error(socket: Socket<DialledWire>) {
    socket.terminate();
  },
};
