// A connection of an attacker: bytes, from any of this machine's own addresses. Remembers nothing of what it hears but how much it was.
import type { Socket } from "bun";
import { frame, HANDSHAKE, request, TEXT } from "../transport/raw-websocket.ts";
import type { Target } from "./target.ts";

/** All that begin with 127 are this machine. The honest come from others. */
export function addressOf(index: number): string {
  return `127.64.${index >> 8}.${index & 255}`;
}

export interface AttackerOptions {
  readonly port: number;
  /** Which of the attackers' addresses it comes from. */
  readonly from?: number;
  /** Called with what it hears. */
  readonly hears?: (bytes: Buffer) => void;
}

export class Attacker implements Disposable {
  /** The server has ended it. */
  ended = false;
  heardBytes = 0;
  readonly #hears: (bytes: Buffer) => void;
  readonly #over = Promise.withResolvers<void>();
  #socket: Socket | undefined;
  #unsent: Uint8Array = new Uint8Array();
  #sent = Promise.withResolvers<void>();

  /** Throws where it is cut off at once. */
  static async connect({ port, from = 0, hears = () => {} }: AttackerOptions): Promise<Attacker> {
    const attacker = new Attacker(hears);
    const end = () => attacker.#end();
    const options = {
      hostname: "127.0.0.1",
      port,
      // Bun takes it, its types do not know it.
      localAddress: addressOf(from),
      // It never closes its own end.
      allowHalfOpen: true,
      socket: {
        data: (_: Socket, bytes: Buffer) => attacker.#heard(bytes),
        drain: () => attacker.#send(),
        end,
        close: end,
        error: end,
      },
    };
    attacker.#socket = await Bun.connect(options);
    return attacker;
  }

  private constructor(hears: (bytes: Buffer) => void) {
    this.#hears = hears;
  }

  /** Resolves once the server has ended it. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Resolves once the network has all of it, or it is over. */
  async write(...pieces: readonly (string | Uint8Array)[]): Promise<void> {
    this.#unsent = Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)));
    this.#sent = Promise.withResolvers();
    this.#send();
    await this.#sent.promise;
  }

  /** Reads nothing more. */
  stopReading(): void {
    this.#socket?.pause();
  }

  /** Cuts the connection with a reset, whatever is on its way. */
  [Symbol.dispose](): void {
    this.#socket?.terminate();
  }

  #send(): void {
    const taken = this.ended ? this.#unsent.length : (this.#socket?.write(this.#unsent) ?? 0);
    this.#unsent = taken < 0 ? new Uint8Array() : this.#unsent.subarray(taken);
    if (this.#unsent.length === 0) this.#sent.resolve();
  }

  #heard(bytes: Buffer): void {
    this.heardBytes += bytes.length;
    this.#hears(bytes);
  }

  #end(): void {
    this.ended = true;
    this.#over.resolve();
    this.#sent.resolve();
  }
}

/** A line of the protocol. */
export function line(message: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(message)}\n`;
}

/** What opens a WebSocket to the room. */
export function handshakeTo({ webPort }: Target): string {
  return request("GET /ws HTTP/1.1", { ...HANDSHAKE, Host: `127.0.0.1:${webPort}` });
}

export type Way = "TCP" | "WebSocket";

/** An attacker that has come in under `name`. */
export async function intruder(
  target: Target,
  name: string,
  { way = "TCP", from = 0, hears = () => {} }: { way?: Way } & Omit<AttackerOptions, "port"> = {},
): Promise<Attacker> {
  let heard = "";
  const { promise: welcomed, resolve } = Promise.withResolvers<void>();
  const attacker = await Attacker.connect({
    port: way === "TCP" ? target.port : target.webPort,
    from,
    hears(bytes) {
      hears(bytes);
      if (heard.includes('"welcome"')) return;
      heard += bytes.toString("latin1");
      if (heard.includes('"welcome"')) resolve();
    },
  });
  const join = line({ type: "join", name });
  if (way === "TCP") await attacker.write(join);
  else await attacker.write(handshakeTo(target), frame({ opcode: TEXT, payload: Buffer.from(join) }));
  await Promise.race([welcomed, attacker.over]);
  if (attacker.ended) throw new Error(`${name} was not let in: ${heard}`);
  return attacker;
}

/** So many attackers, some at a time; those that are cut off at once are not among them. */
export async function attackers(
  count: number,
  come: (index: number) => Promise<Attacker>,
): Promise<readonly Attacker[]> {
  const here: Attacker[] = [];
  let next = 0;
  const one = async () => {
    while (next < count) {
      const attacker = await come(next++).catch(() => undefined);
      if (attacker) here.push(attacker);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, AT_ONCE) }, one));
  return here;
}

const AT_ONCE = 100;
