// One member of a room, as cheap as a client can be: after its welcome, bytes go on as they come.
import type { Socket } from "bun";
import { Unreachable } from "../../lib/transport/connection.ts";
import type { Place } from "./servers.ts";

const WELCOME_MS = 60_000;
const LF = 0x0a;

/** How a member comes in, or back. */
export interface Join {
  readonly name: string;
  readonly token?: string | undefined;
  readonly log?: string | undefined;
  readonly after?: number | undefined;
}

/** What a benchmark looks at. Only `seq` is there on the bare server. */
export interface Welcome {
  readonly seq: number;
  readonly token?: string;
  readonly log?: string;
  readonly members?: readonly string[];
  readonly resumed?: boolean;
  readonly limits?: { readonly rate: { readonly per_s: number; readonly burst: number } | null };
}

/** The server has said no. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;

  constructor(code: string, text: string) {
    super(`${code}: ${text}`);
    this.code = code;
  }
}

export class Member {
  readonly name: string;
  /** From its first moment on: bytes that it has heard … */
  bytes = 0;
  /** … and whether its wire is gone. */
  ended = false;
  welcome!: Welcome;
  /** Called when the wire is gone, unless `cut` has cut it. */
  lost: (why: string) => void = () => {};
  readonly #hears: (bytes: Buffer) => void;
  readonly #welcomed = Promise.withResolvers<Welcome>();
  #isIn = false;
  #begun = "";
  #socket: Socket<Member> | undefined;
  /** Bun's write may take only the front of what it is given. The project's own outbox is not used: it is what is measured. */
  #outbox: Uint8Array[] = [];

  /** Comes in and waits for the welcome; what follows it goes to `hears`. Throws Refused and Unreachable. */
  static async join(at: Place, join: Join, hears: (bytes: Buffer) => void): Promise<Member> {
    const member = new Member(join.name, hears);
    const { hostname, port } = at;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`no welcome for ${join.name} in ${WELCOME_MS / 1_000} s`)),
      WELCOME_MS,
    );
    try {
      await Bun.connect({ hostname, port, data: member, socket: HANDLERS });
      member.send({ type: "join", ...join });
      member.welcome = await Promise.race([member.#welcomed.promise, late]);
      return member;
    } catch (error) {
      member.cut();
      if (!(error instanceof Error) || !("code" in error) || error instanceof Refused) throw error;
      throw new Unreachable(`${join.name} could not connect to ${hostname}:${port} (${String(error.code)}).`);
    } finally {
      clearTimeout(timer);
    }
  }

  private constructor(name: string, hears: (bytes: Buffer) => void) {
    this.name = name;
    this.#hears = hears;
    // Whoever joins hears of it; there may be nobody left who waits.
    this.#welcomed.promise.catch(() => {});
  }

  send(message: { readonly type: string; readonly [field: string]: unknown }): void {
    this.write(Buffer.from(`${JSON.stringify(message)}\n`));
  }

  /** Whole lines. */
  write(lines: Uint8Array): void {
    this.#outbox.push(lines);
    if (this.#outbox.length === 1) this.drain();
  }

  drain(): void {
    for (let next = this.#outbox[0]; next; next = this.#outbox[0]) {
      const taken = this.#socket?.write(next) ?? -1;
      if (taken < 0) return;
      if (taken < next.length) {
        this.#outbox[0] = next.subarray(taken);
        return;
      }
      this.#outbox.shift();
    }
  }

  /** Stops and goes on reading. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** Ends the wire as a broken network does. */
  cut(): void {
    this.lost = () => {};
    this.ended = true;
    this.#socket?.terminate();
  }

  opened(socket: Socket<Member>): void {
    socket.setNoDelay(true);
    this.#socket = socket;
  }

  received(bytes: Buffer): void {
    this.bytes += bytes.length;
    if (this.#isIn) this.#hears(bytes);
    else this.#waits(bytes);
  }

  closed(why = "its connection ended"): void {
    this.#welcomed.reject(new Error(`${this.name} is not in: ${why}`));
    if (this.ended) return;
    this.ended = true;
    this.lost(why);
  }

  /** Before the welcome only its own lines matter. */
  #waits(bytes: Buffer): void {
    const lf = bytes.indexOf(LF);
    this.#begun += bytes.toString("utf8", 0, lf < 0 ? bytes.length : lf);
    if (lf < 0) return;
    const message = JSON.parse(this.#begun) as { type: string; code: string; text: string } & Welcome;
    this.#begun = "";
    this.#isIn = message.type === "welcome";
    if (this.#isIn) this.#welcomed.resolve(message);
    if (message.type === "refused" || message.type === "bye")
      this.#welcomed.reject(new Refused(message.code, message.text));
    if (lf + 1 === bytes.length) return;
    const rest = bytes.subarray(lf + 1);
    if (this.#isIn) this.#hears(rest);
    else this.#waits(rest);
  }
}

const HANDLERS = {
  open: (socket: Socket<Member>) => socket.data.opened(socket),
  data: (socket: Socket<Member>, bytes: Buffer) => socket.data.received(bytes),
  drain: (socket: Socket<Member>) => socket.data.drain(),
  end: (socket: Socket<Member>) => socket.data.closed(),
  close: (socket: Socket<Member>) => socket.data.closed(),
  error(socket: Socket<Member>, error: Error) {
    socket.data.closed(error.stack ?? error.message);
    socket.terminate();
  },
  connectError() {},
};
