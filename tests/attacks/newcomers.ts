// Somebody new each second, from another address than the attackers': through the door for programs, or with a browser's requests.
import { within } from "../chaos/settings.ts";
import type { OwnTime } from "./own-time.ts";
import { frame, HANDSHAKE, RawPeer, request, TEXT } from "../transport/raw-websocket.ts";

/** All that begin with 127 are this machine. */
const ADDRESS = "127.0.0.2";
const EVERY_MS = 1_000;
/** Longer than anyone may take, so that a verdict can tell how much longer. */
const GIVEN_UP_MS = 5_000;

export interface NewcomersOptions {
  readonly port: number;
  readonly webPort: number;
  /** Where it is noted that one did not get in. */
  readonly problems: string[];
  readonly ownTime: OwnTime;
}

export class Newcomers {
  readonly entranceMs: number[] = [];
  readonly #port: number;
  readonly #webPort: number;
  readonly #problems: string[];
  readonly #ownTime: OwnTime;
  #count = 0;
  #timer: Timer | undefined;
  readonly #under = new Set<Promise<void>>();

  constructor({ port, webPort, problems, ownTime }: NewcomersOptions) {
    this.#port = port;
    this.#webPort = webPort;
    this.#problems = problems;
    this.#ownTime = ownTime;
  }

  begin(): void {
    this.#come();
    this.#timer = setInterval(() => this.#come(), EVERY_MS);
  }

  /** Nobody new comes; resolves once those who are on their way are in and gone again. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#under);
  }

  #come(): void {
    const name = `new${++this.#count}`;
    const [what, enter] = this.#count % 2 === 1 ? ["chat", this.#overTcp] : ["a browser", this.#overWeb];
    const elapsed = this.#ownTime.start();
    const entered = () => void this.entranceMs.push(elapsed());
    const coming = within(GIVEN_UP_MS, () => "nothing", enter.call(this, name, entered)).catch((error: unknown) => {
      this.#problems.push(
        `${name} did not get in with ${what}: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
    this.#under.add(coming);
    void coming.finally(() => this.#under.delete(coming));
  }

  async #overTcp(name: string, entered: () => void): Promise<void> {
    using newcomer = new RawPeer(this.#port, ADDRESS);
    newcomer.write(`${JSON.stringify({ type: "join", name })}\n`);
    await welcomed(newcomer);
    entered();
    newcomer.write('{"type":"leave"}\n');
    await newcomer.until(({ ended }) => ended);
  }

  /** Gets the page, then opens its WebSocket, as a browser does. */
  async #overWeb(name: string, entered: () => void): Promise<void> {
    const headers = { Host: `127.0.0.1:${this.#webPort}` };
    using page = new RawPeer(this.#webPort, ADDRESS);
    page.write(request("GET / HTTP/1.1", headers));
    const status = await page.status();
    if (status !== 200) throw new Error(`the page was answered with ${status}`);
    using socket = new RawPeer(this.#webPort, ADDRESS);
    await socket.upgrade({ ...HANDSHAKE, ...headers });
    socket.write(frame({ opcode: TEXT, payload: Buffer.from(JSON.stringify({ type: "join", name })) }));
    await welcomed(socket);
    entered();
    socket.write(frame({ opcode: TEXT, payload: Buffer.from('{"type":"leave"}') }));
    await socket.until(({ ended }) => ended);
  }
}

async function welcomed(peer: RawPeer): Promise<void> {
  const isWelcomed = () => peer.heard.includes('"type":"welcome"');
  await peer.until(({ ended }) => isWelcomed() || ended);
  if (!isWelcomed()) throw new Error(`the room said ${JSON.stringify(peer.heard.toString())}`);
}
