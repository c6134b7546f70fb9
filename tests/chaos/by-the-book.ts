// A small client written from docs/PROTOCOL.md alone, with nothing of lib/client: the server is not judged by our own client only.
import type { Socket } from "bun";
import type { RoomEvent } from "../../lib/protocol/message.ts";
import type { Random } from "../support/random.ts";
import type { Evidence, View } from "./evidence.ts";
import { textOf } from "./text.ts";
import type { Client } from "./writer.ts";

const WINDOW = 8;
const RETRY_MS = 150;
const CONVERSATION = new Set(["ping", "pong", "bye"]);

type Message = { readonly type: string; readonly re?: string } & Readonly<Record<string, unknown>>;

export class ByTheBook implements Client {
  readonly name: string;
  readonly view: View;
  sent = 0;
  readonly #evidence: Evidence;
  readonly #random: Random;
  /** Where to connect; asked anew each time. */
  readonly #port: () => number;
  readonly #run: string;
  /** Mark → text of what never came back, in order. */
  readonly #unacked = new Map<string, string>();
  #joined = Promise.withResolvers<void>();
  #place: { token: string; log: string; after: number } | undefined;
  #socket: Socket | undefined;
  #quiet = false;
  #closed = false;
  #in = false;

  constructor(options: { name: string; port: () => number; random: Random; evidence: Evidence }) {
    this.name = options.name;
    this.#port = options.port;
    this.#random = options.random;
    this.#evidence = options.evidence;
    this.view = options.evidence.view(options.name);
    this.#run = crypto.randomUUID().slice(0, 8);
  }

  get pending(): number {
    return this.#unacked.size;
  }

  join(): Promise<void> {
    this.#connect();
    return this.#joined.promise;
  }

  hush(): void {
    this.#quiet = true;
  }

  #connect(): void {
    if (this.#closed) return;
    const utf8 = new TextDecoder("utf-8", { fatal: true });
    let held = "";
    let over = false;
    const again = () => {
      if (over) return;
      over = true;
      this.#in = false;
      this.#socket = undefined;
      setTimeout(() => this.#connect(), RETRY_MS);
    };
    Bun.connect({
      hostname: "127.0.0.1",
      port: this.#port(),
      socket: {
        open: (socket) => {
          this.#socket = socket;
          this.#send({ type: "join", name: this.name, ...this.#place });
          // Both are allowed: to wait for the welcome, or to send on.
          if (this.#random.below(2) === 0) this.#begin();
        },
        data: (_socket, bytes) => {
          const lines = (held + utf8.decode(bytes, { stream: true })).split("\n");
          held = lines.pop()!;
          for (const line of lines) if (!over) this.#heard(JSON.parse(line) as Message, line);
        },
        close: again,
        connectError: again,
        error: again,
      },
    }).catch(again);
  }

  /** Sends again what was not acked, then goes on. */
  #begin(): void {
    if (this.#in) return;
    this.#in = true;
    for (const [re, text] of this.#unacked) this.#send({ type: "say", text, re });
    this.#fill();
  }

  #fill(): void {
    while (this.#in && this.#place && !this.#quiet && this.#unacked.size < WINDOW) {
      const text = textOf(this.name, ++this.sent);
      const re = `${this.#run}-${this.sent}`;
      this.#unacked.set(re, text);
      this.#send({ type: "say", text, re });
    }
  }

  /** What it sends is little: a wire that does not take all of it at once is as good as broken. */
  #send(message: Message): void {
    const bytes = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
    if (this.#socket && this.#socket.write(bytes) !== bytes.length) this.#socket.terminate();
  }

  #heard(message: Message, line: string): void {
    if (message.type === "welcome") return this.#welcomed(message, line);
    if (message.type === "ping") return this.#send({ type: "pong" });
    if (CONVERSATION.has(message.type)) return;
    if (typeof message["seq"] !== "number") {
      this.#evidence.problems.push(`${this.name} heard ${line}`);
      return;
    }
    const event = message as unknown as RoomEvent;
    const mark = event.type === "said" && event.from === this.name ? event.re : undefined;
    const place = this.#place!;
    if (event.seq > place.after) {
      place.after = event.seq;
      this.view.heard(event, line);
    } else {
      // Known already: what was said before it came in, or the answer to something that was sent again.
      this.#evidence.saw(this.name, event.seq, line);
      if (mark === undefined && event.seq > this.view.from!)
        this.#evidence.problems.push(`${this.name} heard twice: ${line}`);
    }
    if (mark === undefined || !this.#unacked.delete(mark)) return;
    this.#evidence.acked({ name: this.name, re: mark, seq: event.seq });
    this.#fill();
  }

  #welcomed(message: Message, line: string): void {
    const welcome = message as unknown as { token: string; log: string; seq: number; resumed: boolean };
    this.view.welcomed(welcome);
    if (welcome.resumed !== (this.#place !== undefined))
      this.#evidence.problems.push(`${this.name} was welcomed wrongly: ${line}`);
    const { token, log } = welcome;
    this.#place = { token, log, after: welcome.resumed ? this.#place!.after : welcome.seq };
    this.#joined.resolve();
    this.#begin();
    this.#fill();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#socket?.terminate();
  }
}
