// A room for tests: a clock that is set by hand, a disk that fails and waits on demand, a door of each kind.
import { Access } from "../../lib/access/access.ts";
import { type HubOptions, Hub } from "../../lib/hub/hub.ts";
import type { Batch, Cursor, Log, Page, Waiting } from "../../lib/log/log.ts";
import { StorageFailed } from "../../lib/log/log.ts";
import { MemoryLog } from "../../lib/log/memory.ts";
import type { Fact, RoomEvent } from "../../lib/protocol/message.ts";
import type { Accept, Connection, Dial, Receiver } from "../../lib/transport/connection.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { Turnstile } from "../../lib/transport/turnstile.ts";
import { listenTcp } from "../../lib/transport/listen-tcp.ts";
import { dialPipe } from "../../lib/transport/pipe.ts";
import { type Heard, type Peer, peer } from "./peer.ts";

/** A memory log whose disk does what the test says. */
export class TestLog implements Log {
  readonly #log = new MemoryLog();
  readonly damaged = 0;
  /** The disk takes nothing. */
  failing = false;
  /** The disk cannot be read either. */
  unreadable = false;
  /** How many appends there were, those that failed included. */
  appends = 0;
  /** Readers that have not been stopped. */
  readers = 0;
  #gate: Promise<void> | undefined;
  #open: (() => void) | undefined;

  get id(): string {
    return this.#log.id;
  }

  get head(): number {
    return this.#log.head;
  }

  continues(id: string, after: number): boolean {
    this.#read();
    return this.#log.continues(id, after);
  }

  /** From now on appends wait, until `release`. */
  hold(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    this.#open = resolve;
  }

  release(): void {
    this.#gate = undefined;
    this.#open?.();
  }

  async append(facts: readonly Fact[]): Promise<readonly RoomEvent[]> {
    if (facts.length === 0) return [];
    this.appends++;
    await this.#gate;
    if (this.failing) throw new StorageFailed("The test's disk is full.");
    return this.#log.append(facts);
  }

  notify(): void {
    this.#log.notify();
  }

  follow(after: number, waiting: Waiting): Cursor {
    const cursor = this.#log.follow(after, waiting);
    this.readers++;
    let stopped = false;
    return {
      take: (): Batch | undefined => cursor.take(),
      stop: () => {
        if (!stopped) this.readers--;
        stopped = true;
        cursor.stop();
      },
    };
  }

  said(before: number, limit: number, bytesMax: number): Page {
    this.#read();
    return this.#log.said(before, limit, bytesMax);
  }

  caused(author: string, re: string): string | undefined {
    this.#read();
    return this.#log.caused(author, re);
  }

  topic(): string | undefined {
    return this.#log.topic();
  }

  #read(): void {
    if (this.unreadable) throw new Error("The test's disk cannot be read.");
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export interface TestHub extends AsyncDisposable {
  readonly hub: Hub;
  readonly turnstile: Turnstile;
  readonly log: TestLog;
  /** What the operator was told. */
  readonly broke: string[];
  /** Everything that happened, in order. */
  readonly events: RoomEvent[];
  /** Dials the room inside the process. */
  readonly dial: Dial;
  /** The host's own wire. */
  readonly dialHost: Dial;
  /** Dials the room over TCP, for what only a network does. */
  readonly dialNet: Dial;
  /** Where it listens on this machine. */
  readonly port: number;
  /** Bytes that wait for each peer of the network. */
  backlogs(): number[];
  /** Lets `seconds` pass, one sweep a second. */
  pass(seconds: number): void;
  /** A member called `name` that has come in. */
  member(name: string, more?: Readonly<Record<string, unknown>>): Promise<Peer>;
  /** Resolves once `done` is true; looks again in each turn of the event loop, for what no message tells. */
  until(done: () => boolean): Promise<void>;
}

/** What `clients` bounds comes over the network. */
export interface TestHubOptions extends Partial<HubOptions> {
  readonly clients?: number | undefined;
}

export async function testHub({ clients, ...options }: TestHubOptions = {}): Promise<TestHub> {
  const log = new TestLog();
  const broke: string[] = [];
  const events: RoomEvent[] = [];
  let now = 0;
  const turnstile = new Turnstile({ wires: clients, perAddress: options.perAddress });
  const hub = await Hub.open(log, {
    access: Access.open(undefined),
    turnstile,
    server: "chatd test",
    happened: (event) => void events.push(event),
    broke: (what) => void broke.push(what),
    mended: (what) => void broke.push(what),
    now: () => now,
    ...options,
  });
  const connections: Connection[] = [];
  const accept: Accept = (connection, tooMany) => {
    connections.push(connection);
    return hub.accept(connection, tooMany);
  };
  const at = { hostname: "127.0.0.1", port: 0 };
  const listener = listenTcp(at, accept, (error) => void broke.push(String(error)), turnstile);
  const dial = pipeTo(hub.accept);
  return {
    hub,
    turnstile,
    log,
    broke,
    events,
    dial,
    dialHost: pipeTo(hub.acceptHost),
    port: listener.port,
    dialNet: (receiver) => dialTcp({ hostname: "127.0.0.1", port: listener.port }, receiver),
    backlogs: () => connections.map(({ backlog }) => backlog),
    pass(seconds) {
      for (let second = 0; second < seconds; second++) {
        now += 1_000;
        hub.sweep();
      }
    },
    async member(name, more) {
      const member = await peer(dial, name);
      await member.join(name, more);
      return member;
    },
    async until(done) {
      while (!done()) await new Promise<void>((resolve) => void setImmediate(resolve));
    },
    async [Symbol.asyncDispose]() {
      log.release();
      await listener[Symbol.asyncDispose]();
    },
  };
}

/** A wire to `accept` inside the process, in the shape of one that takes time. */
export function pipeTo(accept: Accept): Dial {
  return (receiver: Receiver): Promise<Connection> => Promise.resolve(dialPipe(accept, receiver));
}

/** What was told, in short: `said Ada: hello`, `exited Bob lost`. */
export function brief(messages: readonly (Heard | RoomEvent)[]): string[] {
  return messages.map((message) => {
    const { type, name, from, text, why, to, code, re } = message as Readonly<Record<string, string | undefined>>;
    switch (type) {
      case "said":
        return `said ${from}: ${text}`;
      case "exited":
        return `exited ${name} ${why}`;
      case "entered":
        return `entered ${name}`;
      case "renamed":
        return `renamed ${name} ${to}`;
      case "refused":
      case "bye":
        return `${type} ${code}${re === undefined ? "" : ` ${re}`}`;
      default:
        return type ?? "nothing";
    }
  });
}
