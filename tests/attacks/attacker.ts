// A connection of an attacker: bytes, from any of this machine's own addresses. Keeps nothing of what it hears but how much it was.
import type { Socket } from "bun";

/** All that begin with 127 are this machine. */
export function addressOf(index: number): string {
  return `127.64.${index >> 8}.${index & 255}`;
}

export interface AttackerOptions {
  readonly port: number;
  /** Its address. */
  readonly from?: string;
  /** Never reads. */
  readonly deaf?: boolean;
  /** Called with what it hears. */
  readonly hears?: (bytes: Buffer) => void;
}

export class Attacker implements Disposable {
  /** The server, or whatever is between, has ended it. */
  ended = false;
  heardBytes = 0;
  #socket!: Socket;
  readonly #over = Promise.withResolvers<void>();
  #unsent: Uint8Array | undefined;
  #drained = Promise.withResolvers<void>();

  /** Throws where there is no way in. */
  static async connect({ port, from = addressOf(0), deaf = false, hears }: AttackerOptions): Promise<Attacker> {
    const attacker = new Attacker();
    const end = () => {
      attacker.ended = true;
      attacker.#over.resolve();
      attacker.#drained.resolve();
    };
    const options = {
      hostname: "127.0.0.1",
      port,
      // Bun knows it, its types do not.
      localAddress: from,
      allowHalfOpen: true,
      socket: {
        data: (_: Socket, bytes: Buffer) => {
          attacker.heardBytes += bytes.length;
          hears?.(bytes);
        },
        drain: () => attacker.#go(),
        end,
        close: end,
        error: end,
      },
    };
    attacker.#socket = await Bun.connect(options);
    if (deaf) attacker.#socket.pause();
    return attacker;
  }

  /** Resolves once the network has all of it, or the wire is gone. */
  async write(...pieces: readonly (string | Uint8Array)[]): Promise<void> {
    this.#unsent = Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array)));
    this.#drained = Promise.withResolvers<void>();
    this.#go();
    await this.#drained.promise;
  }

  #go(): void {
    if (!this.#unsent || this.ended) return this.#drained.resolve();
    const taken = this.#socket.write(this.#unsent);
    this.#unsent = taken < 0 ? undefined : this.#unsent.subarray(taken);
    if (!this.#unsent?.length) this.#drained.resolve();
  }

  pause(): void {
    this.#socket.pause();
  }

  /** Says nothing more, and goes on to listen. */
  shutdown(): void {
    this.#socket.shutdown();
  }

  /** Resolves once it was ended. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Cuts it, as a reset. */
  reset(): void {
    this.#socket.terminate();
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}
