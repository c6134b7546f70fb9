// A relay between clients and chatd that cuts connections at random bytes, in the ways that networks and programs do.
import type { Socket } from "bun";
import { Outbox } from "../../lib/transport/outbox.ts";
import type { Random } from "../support/random.ts";

/** Mostly within the first lines, where joining and resuming happen; sometimes far into the conversation. */
const BYTES_BEFORE_CUT = [600, 6_000, 60_000, 600_000] as const;
/**
 * How a cut is done. `reset`: both ends hear an RST. `close`: both hear a goodbye, and what is on its way is thrown away.
 * `half`: only the end that the bytes were going to hears a goodbye, and the other one what that end makes of it.
 * `front`, `back`: only the client, only the server hears an RST; the other one a goodbye once what was sent is through.
 */
const CUTS = ["reset", "close", "half", "front", "back"] as const;
type Cut = (typeof CUTS)[number];

/** One end of a relayed connection. */
interface End {
  readonly socket: Socket<Wire>;
  readonly outbox: Outbox;
}

interface Way {
  /** Bytes that may still pass. */
  left: number;
  /** Says goodbye once its outbox is empty. */
  ending: boolean;
}

interface Wire {
  pair: Pair;
  side: "client" | "server";
}

export class Relay implements Disposable {
  /** How often each cut was done. */
  readonly cuts: Record<Cut, number> = { reset: 0, close: 0, half: 0, front: 0, back: 0 };
  readonly #random: Random;
  readonly #listener: Bun.TCPSocketListener<Wire>;
  readonly #pairs = new Set<Pair>();
  #cutting = false;
  /** Called after each cut. */
  changed: () => void = () => {};

  /** In front of the chatd that listens on `port`. */
  constructor(port: number, random: Random) {
    this.#random = random;
    const handlers = socketHandlers();
    this.#listener = Bun.listen<Wire>({
      hostname: "127.0.0.1",
      port: 0,
      allowHalfOpen: true,
      data: undefined as unknown as Wire,
      socket: {
        ...handlers,
        open: (socket) => {
          const pair = new Pair(this);
          this.#pairs.add(pair);
          socket.data = { pair, side: "client" };
          pair.opened(socket);
          Bun.connect<Wire>({
            hostname: "127.0.0.1",
            port,
            allowHalfOpen: true,
            data: { pair, side: "server" },
            socket: { ...handlers, open: (socket) => pair.opened(socket), connectError: () => pair.cut("reset") },
          }).catch(() => pair.cut("reset"));
        },
      },
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  get total(): number {
    return Object.values(this.cuts).reduce((sum, count) => sum + count, 0);
  }

  /** Whether connections are cut: from now on, and those that are open. */
  set cutting(is: boolean) {
    this.#cutting = is;
    for (const pair of this.#pairs) pair.budget();
  }

  /** How many bytes pass until the cut. */
  bytesLeft(): number {
    return this.#cutting ? this.#random.below(this.#random.pick(BYTES_BEFORE_CUT)) : Infinity;
  }

  pickCut(): Cut {
    return this.#random.pick(CUTS);
  }

  counted(cut: Cut): void {
    this.cuts[cut]++;
    this.changed();
  }

  closed(pair: Pair): void {
    this.#pairs.delete(pair);
  }

  [Symbol.dispose](): void {
    this.#listener.stop(true);
    for (const pair of this.#pairs) pair.cut("reset");
  }
}

/** A client's connection and the one to chatd that belongs to it. */
class Pair {
  readonly #relay: Relay;
  readonly #ends: { client?: End; server?: End } = {};
  readonly #toClient: Way = { left: 0, ending: false };
  readonly #toServer: Way = { left: 0, ending: false };
  /** What the client sent before chatd was reached. */
  #early: Uint8Array[] = [];
  #cut = false;

  constructor(relay: Relay) {
    this.#relay = relay;
    this.budget();
  }

  budget(): void {
    this.#toClient.left = this.#relay.bytesLeft();
    this.#toServer.left = this.#relay.bytesLeft();
  }

  opened(socket: Socket<Wire>): void {
    const { side } = socket.data;
    socket.setNoDelay(true);
    if (this.#cut && side === "server") return socket.terminate();
    this.#ends[side] = { socket, outbox: new Outbox(socket) };
    if (side === "client") return;
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) this.data("client", bytes);
    if (this.#toServer.ending) this.#shutDown("server");
  }

  /** `bytes` came from `side`. */
  data(side: Wire["side"], bytes: Uint8Array): void {
    if (this.#cut) return;
    const other = side === "client" ? "server" : "client";
    const end = this.#ends[other];
    if (!end) return void this.#early.push(bytes.slice());
    const way = this.#wayTo(other);
    end.outbox.push(bytes.subarray(0, way.left));
    way.left -= bytes.length;
    if (way.left <= 0) this.cut(this.#relay.pickCut(), other);
  }

  /** `side` has said its last: so does the relay to the other one. */
  ended(side: Wire["side"]): void {
    const other = side === "client" ? "server" : "client";
    this.#wayTo(other).ending = true;
    this.#shutDown(other);
  }

  drained(side: Wire["side"]): void {
    if (this.#ends[side]?.outbox.drain() && this.#wayTo(side).ending) this.#ends[side]?.socket.shutdown();
  }

  closed(side: Wire["side"]): void {
    this.#ends[side]?.outbox.clear();
    delete this.#ends[side];
    this.ended(side);
    if (!this.#ends.client && !this.#ends.server) this.#relay.closed(this);
  }

  /** Ends the connection in this way; `to` is where the last byte went. */
  cut(cut: Cut, to: Wire["side"] = "client"): void {
    if (this.#cut) return;
    this.#cut = true;
    const { client, server } = this.#ends;
    switch (cut) {
      case "reset":
        client?.socket.terminate();
        server?.socket.terminate();
        break;
      case "close":
        client?.socket.end();
        server?.socket.end();
        break;
      case "half":
        this.ended(to === "client" ? "server" : "client");
        break;
      case "front":
        client?.socket.terminate();
        break;
      case "back":
        server?.socket.terminate();
        break;
    }
    this.#relay.counted(cut);
  }

  #wayTo(side: Wire["side"]): Way {
    return side === "client" ? this.#toClient : this.#toServer;
  }

  #shutDown(side: Wire["side"]): void {
    const end = this.#ends[side];
    if (end && end.outbox.backlog === 0) end.socket.shutdown();
  }
}

function socketHandlers() {
  return {
    data: ({ data: { pair, side } }: Socket<Wire>, bytes: Uint8Array) => pair.data(side, bytes),
    drain: ({ data: { pair, side } }: Socket<Wire>) => pair.drained(side),
    end: ({ data: { pair, side } }: Socket<Wire>) => pair.ended(side),
    close: ({ data: { pair, side } }: Socket<Wire>) => pair.closed(side),
    error: (socket: Socket<Wire>) => socket.terminate(),
  };
}
