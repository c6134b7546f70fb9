// The WebSocket way to a room, for a browser. Knows nothing of rooms.
import { FIRST_LINE_BYTES_MAX, LINE_BYTES_MAX } from "../protocol/limits.ts";
import { type Connection, type Receiver, Unreachable } from "./connection.ts";
import { framesOf, hostBinding, isTooLong, linesIn } from "./frames.ts";
import { linger } from "./linger.ts";

export const DIAL_TIMEOUT_MS = 8_000;

/** How long lines may be handed over between two pictures. About as long is needed to draw what they change. */
const SLICE_MS = 12;
/** A page that has drawn nothing for so long is covered, or was hidden just now. */
const NO_PICTURE_MS = 100;
/** How often to look what the network has taken. A WebSocket does not tell. */
const LOOK_MS = 20;

const CLOSE_NORMAL = 1_000;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** What Bun's WebSocket can do more than a browser's. */
interface Extras {
  pause?(): unknown;
  resume?(): unknown;
  terminate?(): void;
}

/** Connects to a server within DIAL_TIMEOUT_MS. Throws Unreachable. */
export async function dialWebSocket(url: string, receiver: Receiver): Promise<Connection> {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const { host, hostname } = new URL(url);
  const socket = new WebSocket(url);
  const dialling = new AbortController();
  const timer = setTimeout(() => {
    reject(new Unreachable(`${host} does not answer. Is it on the same network?`));
    dialling.abort();
    socket.close();
  }, DIAL_TIMEOUT_MS);
  const { signal } = dialling;
  socket.addEventListener("open", () => resolve(new DialledWebSocket(socket, { host, hostname }, receiver)), {
    signal,
  });
  // Nobody may tell a page why.
  const failed = () =>
    reject(new Unreachable(`No connection to ${host}. Is the room still open, and this machine on its network?`));
  socket.addEventListener("close", failed, { signal });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    dialling.abort();
  }
}

class DialledWebSocket implements Connection {
  readonly address: string;
  readonly binding: string;
  readonly #socket: WebSocket & Extras;
  readonly #receiver: Receiver;
  #limitBytes = FIRST_LINE_BYTES_MAX;
  #sent = 0;
  /** Lines that came and were not handed over yet, from #next on. */
  #lines: string[] = [];
  #next = 0;
  #handing = false;
  /** The rest is handed over when the page has had its turn. */
  #soon = false;
  #paused = false;
  /** Nothing is heard any more. */
  #deaf = false;
  #finishing = false;
  /** The wire is gone; the owner hears so after the last line. */
  #gone = false;
  #told = false;

  constructor(socket: WebSocket, { host, hostname }: Pick<URL, "host" | "hostname">, receiver: Receiver) {
    this.#socket = socket;
    this.address = hostname;
    this.binding = hostBinding(host);
    this.#receiver = receiver;
    socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => this.#heard(data));
    socket.addEventListener("close", () => this.#closed());
  }

  get backlog(): number {
    return this.#gone ? 0 : this.#socket.bufferedAmount;
  }

  get taken(): number {
    return this.#sent - this.backlog;
  }

  send(bytes: Uint8Array): void {
    if (this.#finishing || this.#gone) return;
    for (const frame of framesOf(bytes, LINE_BYTES_MAX)) this.#socket.send(utf8.decode(frame));
    this.#sent += bytes.length;
  }

  async drained(): Promise<void> {
    while (this.backlog > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }

  pause(): void {
    this.#paused = true;
    // Where the peer cannot be made to wait, what it sends waits here.
    if (!this.#gone) this.#socket.pause?.();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#gone) this.#socket.resume?.();
    this.#handOver();
  }

  limitLines(bytes: number): void {
    this.#limitBytes = bytes;
  }

  finish(): void {
    if (this.#finishing || this.#gone) return;
    this.#finishing = this.#deaf = true;
    this.resume();
    // What is queued goes first.
    this.#socket.close(CLOSE_NORMAL);
    linger(this);
  }

  abort(): void {
    this.#deaf = this.#finishing = true;
    if (!this.#gone) {
      this.resume();
      if (this.#socket.terminate) this.#socket.terminate();
      else this.#socket.close();
    }
    this.#closed();
  }

  #heard(data: unknown): void {
    if (this.#deaf) return;
    // No room speaks in bytes.
    if (typeof data !== "string") return this.abort();
    for (const line of linesIn(data)) this.#lines.push(line);
    this.#handOver();
  }

  /** Hands over what has come, as far as it may and as long as the page can wait. */
  #handOver(): void {
    if (this.#handing || this.#soon) return;
    this.#handing = true;
    try {
      const since = performance.now();
      while (this.#next < this.#lines.length && !this.#paused && !this.#deaf) {
        this.#hand(this.#lines[this.#next++]!);
        if (performance.now() - since >= SLICE_MS) return this.#later();
      }
    } finally {
      this.#handing = false;
    }
    if (this.#paused && !this.#deaf) return;
    this.#lines = [];
    this.#next = 0;
    if (!this.#gone || this.#told) return;
    this.#told = true;
    queueMicrotask(() => this.#receiver.closed());
  }

  #hand(line: string): void {
    if (isTooLong(line, this.#limitBytes)) {
      this.#deaf = true;
      this.#receiver.broken("line-too-long");
    } else this.#receiver.received(line);
  }

  /** The rest comes when the page has drawn what it has by now. */
  #later(): void {
    this.#soon = true;
    afterPicture(() => {
      this.#soon = false;
      this.#handOver();
    });
  }

  #closed(): void {
    this.#gone = true;
    this.#handOver();
  }
}

/** Runs it after the next picture: browsers let a picture wait for a tenth of a second while there are messages to hear. Where nothing is drawn, after what else there is to do. */
function afterPicture(run: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", () => {
    port1.close();
    run();
  });
  port1.start();
  // A message to itself: it comes after the drawing, and is no timer, which would be slow in a hidden page.
  const go = () => port2.postMessage(undefined);
  if (globalThis.document?.visibilityState !== "visible") return go();
  let frame = 0;
  const timer = setTimeout(() => {
    cancelAnimationFrame(frame);
    go();
  }, NO_PICTURE_MS);
  frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    go();
  });
}
