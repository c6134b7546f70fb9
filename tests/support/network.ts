// A network between a browser and a server on this machine, that a test can break and mend. Knows nothing of what passes.
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** `up`: all passes. `stalled`: nothing does, and nobody is told. `down`: who comes is turned away. */
type State = "up" | "stalled" | "down";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export class Network implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #sees: ((bytes: Buffer) => void) | undefined;
  #state: State = "up";
  /** How many connections came so far. */
  connections = 0;

  /** In front of the server that listens on `port`. `sees` is shown all that clients send and hear. */
  static async to(port: number, sees?: (bytes: Buffer) => void): Promise<Network> {
    const network = new Network(port, sees);
    await new Promise<void>((resolve) => network.#server.listen(0, "127.0.0.1", resolve));
    return network;
  }

  private constructor(port: number, sees: ((bytes: Buffer) => void) | undefined) {
    this.#sees = sees;
    this.#server = createServer((near) => this.#arrived(near, port));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Where the server's page is, by way of this network. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Breaks every connection, as both ends hear. New ones pass. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  /** From now on nothing passes, and no connection ends. */
  stall(): void {
    this.#state = "stalled";
    for (const { near, far } of this.#pairs) {
      near.unpipe(far).pause();
      far.unpipe(near).pause();
    }
  }

  /** Breaks every connection and lets no new one through. */
  takeDown(): void {
    this.#state = "down";
    this.cut();
  }

  /** All passes again, first what was held up. */
  heal(): void {
    const wasStalled = this.#state === "stalled";
    this.#state = "up";
    if (wasStalled) for (const pair of this.#pairs) flow(pair);
  }

  #arrived(near: Socket, port: number): void {
    this.connections++;
    near.on("error", () => {});
    if (this.#state === "down") return void near.resetAndDestroy();
    const far = connect(port, "127.0.0.1");
    const pair = { near, far };
    this.#pairs.add(pair);
    far.on("error", () => {});
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      end.setNoDelay(true);
      if (this.#sees) end.on("data", this.#sees);
      end.on("close", () => {
        if (this.#state === "stalled") return;
        other.destroySoon();
        this.#pairs.delete(pair);
      });
    }
    if (this.#state === "up") flow(pair);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** What one end says the other hears; an end that went away meanwhile takes the other with it. */
function flow({ near, far }: Pair): void {
  for (const [end, other] of [
    [near, far],
    [far, near],
  ] as const) {
    if (end.destroyed) other.destroySoon();
    else end.pipe(other);
  }
}
