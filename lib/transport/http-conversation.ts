// A connection over which the page is asked for: one request after another, until one of them opens a WebSocket. Knows nothing of what the site has.
import type { Socket } from "bun";
import { JOIN_TIMEOUT_MS } from "../protocol/limits.ts";
import type { Entrant } from "./turnstile.ts";
import { HeadReader, type HeadFault, lists, type RequestHead } from "./http-request.ts";
import { linger } from "./linger.ts";
import { Outbox } from "./outbox.ts";
import type { Site } from "./site.ts";
import { addressOf } from "./tcp.ts";

/** What a request may be for, besides the site. */
export interface Surroundings {
  readonly site: Site;
  /** A request has come. */
  asked(conversation: HttpConversation): void;
  /** It opens a WebSocket: from here on the socket belongs to whoever this is. `rest` came behind the request. */
  upgraded(conversation: HttpConversation, request: Request, rest: Uint8Array): void;
  failed(error: unknown): void;
}

/** How long an answer may wait for a peer that takes nothing of it. */
const STALL_MS = 10_000;
/** What RFC 6455 adds to a key. */
const SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const utf8 = new TextEncoder();
const NOTHING = new Uint8Array();

const FAULTS: Readonly<Record<HeadFault, string>> = {
  400: "That is no HTTP request.",
  431: "The head of the request is too long.",
};

export class HttpConversation implements Entrant {
  readonly address: string;
  readonly socket: Socket<unknown>;
  readonly #around: Surroundings;
  readonly #outbox: Outbox;
  readonly #heads = new HeadReader();
  /** A request is being answered; the next one waits. */
  #answering = false;
  /** What comes now is ignored. */
  #deaf = false;
  #gone = false;
  /** When it began to wait for the next request … */
  #since: number;
  /** … or when the network has taken something of the answer last, and how much that was. */
  #takenAt = 0;
  #taken = 0;
  /** What is read for the answer, where that has no end. */
  #body: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(socket: Socket<unknown>, around: Surroundings, nowMs: number) {
    this.socket = socket;
    this.#around = around;
    this.#outbox = new Outbox(socket);
    this.#since = nowMs;
    this.address = addressOf(socket);
  }

  get taken(): number {
    return this.#outbox.taken;
  }

  abort(): void {
    if (!this.#gone) this.socket.terminate();
  }

  /** Takes no more requests; the one that is being answered is answered. */
  stop(): void {
    if (!this.#answering) this.abort();
    this.#deaf = true;
  }

  data(bytes: Uint8Array): void {
    if (this.#deaf) return;
    this.#heads.push(bytes);
    if (!this.#answering) this.#next();
    // Nobody needs to ask that much at once.
    if (this.#answering && this.#heads.isFull && !this.#deaf) this.abort();
  }

  drain(): void {
    this.#outbox.drain();
  }

  closed(): void {
    this.#gone = true;
    this.#outbox.clear();
    this.#body?.cancel().catch(() => {});
  }

  /** To be called about once a second: a request, or taking an answer, may not last for ever. */
  sweep(nowMs: number): void {
    const { backlog, taken } = this.#outbox;
    if (backlog === 0 || taken !== this.#taken) {
      this.#taken = taken;
      this.#takenAt = nowMs;
    }
    const isLate = this.#answering ? nowMs - this.#takenAt >= STALL_MS : nowMs - this.#since >= JOIN_TIMEOUT_MS;
    if (isLate) this.abort();
  }

  #next(): void {
    const head = this.#heads.take();
    if (head === undefined) return;
    this.#answering = true;
    void this.#answer(head).catch((error: unknown) => {
      this.#around.failed(error);
      this.abort();
    });
  }

  async #answer(head: RequestHead | HeadFault): Promise<void> {
    const { site } = this.#around;
    if (typeof head === "number") {
      this.#deaf = true;
      return this.#send(site.sentence(head, FAULTS[head]), "GET");
    }
    this.#around.asked(this);
    const { method, headers, isCurrent } = head;
    const hasBody = headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) !== 0;
    // Nobody has anything to post here.
    if (!isCurrent || hasBody || lists(headers.get("connection"), "close")) this.#deaf = true;
    let response: Response | undefined;
    try {
      const request = new Request(`http://localhost${head.target}`, { method, headers });
      response = site.refuse(request);
      if (!response && new URL(request.url).pathname === site.path) {
        const accepted = acceptKey(head);
        if (accepted !== undefined) return this.#upgrade(request, accepted);
        response = site.sentence(426, "Here is a chat room's WebSocket; a browser's page or a program may open it.", {
          upgrade: "websocket",
        });
      }
      response ??= await site.answer(request);
    } catch (error) {
      this.#around.failed(error);
      response = site.sentence(500, "Something broke on the server.");
    }
    await this.#send(response, method);
  }

  #upgrade(request: Request, accepted: string): void {
    this.#outbox.push(
      utf8.encode(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accepted}\r\n\r\n`,
      ),
    );
    // A peer that has asked and read nothing of the answers before is none that would read a room.
    if (this.#outbox.backlog > 0) return this.abort();
    this.#gone = true;
    this.#around.upgraded(this, request, this.#heads.rest);
  }

  async #send(response: Response, method: string): Promise<void> {
    const { status, headers } = response;
    const isEmpty = status === 204 || status === 304;
    const bytes = isEmpty ? NOTHING : await sizedBody(response);
    const isHead = method === "HEAD";
    if (!bytes) this.#deaf = true;
    if (this.#gone) {
      // What was read as a whole has nothing left to cancel.
      if (!bytes) await response.body?.cancel();
      return;
    }
    const lines = [...headers, ["date", new Date().toUTCString()], ["connection", this.#deaf ? "close" : "keep-alive"]];
    if (bytes && !isEmpty) lines.push(["content-length", String(bytes.length)]);
    const top = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const body = isHead ? NOTHING : (bytes ?? NOTHING);
    this.#outbox.push(Buffer.concat([utf8.encode(`HTTP/1.1 ${status} \r\n${top}\r\n`), body]));
    if (!bytes && isHead) await response.body?.cancel();
    else if (!bytes) await this.#stream(response.body!.getReader());
    await this.#outbox.drained();
    if (this.#gone) return;
    if (this.#deaf) {
      this.socket.shutdown();
      return linger(this);
    }
    this.#since = performance.now();
    // Others have their turn, however many requests came together.
    setImmediate(() => {
      this.#answering = false;
      if (!this.#gone) this.#next();
    });
  }

  async #stream(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    this.#body = reader;
    for (;;) {
      const { value } = await reader.read();
      if (value === undefined || this.#gone) return;
      this.#outbox.push(value);
      await this.#outbox.drained();
    }
  }
}

/** All of the answer's body; nothing where it has no end. */
async function sizedBody(response: Response): Promise<Uint8Array | undefined> {
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) return undefined;
  return new Uint8Array(await response.arrayBuffer());
}

/** What the handshake of RFC 6455 is answered with; nothing where it is none. */
function acceptKey({ method, isCurrent, headers }: RequestHead): string | undefined {
  const key = headers.get("sec-websocket-key") ?? "";
  const isHandshake =
    method === "GET" &&
    isCurrent &&
    lists(headers.get("upgrade"), "websocket") &&
    lists(headers.get("connection"), "upgrade") &&
    headers.get("sec-websocket-version") === "13" &&
    /^[A-Za-z0-9+/]{22}==$/.test(key);
  return isHandshake ? new Bun.CryptoHasher("sha1").update(key + SALT).digest("base64") : undefined;
}
