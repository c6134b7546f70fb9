// A relay that cuts: each byte goes on by itself, in both directions. Knows nothing of what passes.
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class ByteRelay implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** How many bytes have passed. */
  carried = 0;

  /** In front of the server that listens on `port`. */
  static async to(port: number): Promise<ByteRelay> {
    const relay = new ByteRelay(port);
    await new Promise<void>((resolve) => relay.#server.listen(0, "127.0.0.1", resolve));
    return relay;
  }

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      this.#pass(near, far);
      this.#pass(far, near);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    to.setNoDelay(true);
    from.on("error", () => {});
    let waiting = Promise.resolve();
    from.on("data", (bytes: Buffer) => {
      waiting = waiting.then(async () => {
        for (let at = 0; at < bytes.length; at++) {
          this.carried++;
          to.write(bytes.subarray(at, at + 1));
          await new Promise<void>((resolve) => void setImmediate(resolve));
        }
      });
    });
    from.on("close", () => void waiting.then(() => to.end()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
