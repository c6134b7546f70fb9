// The page from the sources in front of a room that says what a test puts in its mouth: none of a room's rules hold there.
import { LINE_BYTES_MAX, TEXT_BYTES_MAX } from "../../lib/protocol/limits.ts";
import type { Accept, Connection } from "../../lib/transport/connection.ts";
import { listenWebSocket } from "../../lib/transport/listen-websocket.ts";
import { guardOf } from "../../lib/web/guard.ts";
import { openSite } from "../../lib/web/site.ts";
import { someLimits } from "../support/limits.ts";
import type { Heard } from "../support/peer.ts";

const utf8 = new TextEncoder();

export interface Page extends AsyncDisposable {
  readonly url: string;
}

/** The page as chatd serves it, in front of whoever accepts its wires. */
export function openPage(accept: Accept): Page {
  const site = openSite({
    path: "/ws",
    base: "/",
    settings: { form: false },
    guard: guardOf({ names: [], origins: [] }),
  });
  const listener = listenWebSocket({ hostname: "127.0.0.1", port: 0 }, site, accept, (error) => {
    throw error;
  });
  return {
    url: `http://127.0.0.1:${listener.port}/`,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

/** How a room answers, until a test says otherwise. */
export interface Script {
  /** A line as it is, or whatever JSON can hold. */
  join(join: Heard): readonly unknown[];
  say(say: Heard): readonly unknown[];
  history(history: Heard): readonly unknown[];
}

export class ScriptedRoom implements Page {
  readonly url: string;
  /** What came, whoever said it. */
  readonly heard: Heard[] = [];
  /** The last event's number. */
  seq = 100;
  /** Times of events: one second apart. */
  now = Date.now() - 600_000;
  script: Script = {
    join: ({ name }) => [this.welcome({ name })],
    say: ({ text, action, re }) => [this.event({ type: "said", from: this.#name, text, action, re })],
    history: ({ re }) => [{ type: "history", events: [], more: false, re }],
  };
  readonly #page: Page;
  readonly #connections = new Set<Connection>();
  #name = "";
  #joined = Promise.withResolvers<void>();

  constructor() {
    this.#page = openPage((connection) => {
      this.#connections.add(connection);
      connection.limitLines(LINE_BYTES_MAX);
      return {
        received: (line) => this.#answer(JSON.parse(line) as Heard),
        broken: () => connection.abort(),
        closed: () => this.#connections.delete(connection),
      };
    });
    this.url = this.#page.url;
  }

  /** Resolves when the next join was answered. */
  joined(): Promise<void> {
    return this.#joined.promise;
  }

  /** Says something to whoever is there. */
  tell(...messages: readonly unknown[]): void {
    const lines = messages.map((message) => (typeof message === "string" ? message : JSON.stringify(message)));
    const bytes = utf8.encode(lines.map((line) => `${line}\n`).join(""));
    for (const connection of this.#connections) connection.send(bytes);
  }

  /** Says goodbye to whoever is there, and hangs up. */
  dismiss(code: string, text: string, more: object = {}): void {
    this.tell({ type: "bye", code, text, ...more });
    for (const connection of this.#connections) connection.finish();
  }

  cut(): void {
    for (const connection of this.#connections) connection.abort();
  }

  /** Takes the next number and time. */
  event(event: object): Heard {
    this.now += 1_000;
    return { type: "", ...event, seq: ++this.seq, at: new Date(this.now).toISOString() };
  }

  welcome(more: object = {}): Heard {
    return {
      type: "welcome",
      room: "lobby",
      name: "Ada",
      token: "t",
      log: "log",
      seq: this.seq,
      members: ["Ada", "Bob"],
      verified: ["Bob"],
      limits: { ...someLimits, text_bytes: TEXT_BYTES_MAX, ping_ms: 30_000, gone_ms: 75_000 },
      server: "made up",
      protocol: 1,
      resumed: false,
      ...more,
    };
  }

  #answer(message: Heard): void {
    this.heard.push(message);
    const { type, re } = message;
    if (type === "join") {
      this.#name = String(message["name"]);
      this.tell(...this.script.join(message));
      this.#joined.resolve();
      this.#joined = Promise.withResolvers<void>();
    } else if (type === "say") this.tell(...this.script.say(message));
    else if (type === "history") this.tell(...this.script.history(message));
    else if (type === "members") this.tell({ type, members: ["Ada", "Bob"], re });
    else if (type === "challenge") this.tell({ type, nonce: "n", log: "log", re });
    else if (type === "ping") this.tell({ type: "pong", re });
    else if (type === "leave") this.dismiss("left", "Goodbye.");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await this.#page[Symbol.asyncDispose]();
  }
}
