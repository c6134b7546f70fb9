// A WebSocket peer made of bytes, for what no honest client sends. Knows nothing of rooms.
import { connect, type Socket } from "node:net";

export interface FrameShape {
  readonly opcode: number;
  readonly payload?: Uint8Array;
  /** The last of its message; that is the usual. */
  readonly fin?: boolean;
  /** RSV1 is 4, RSV2 2, RSV3 1. */
  readonly rsv?: number;
  readonly masked?: boolean;
  /** The eight bytes of a length that is not the payload's. */
  readonly declared?: bigint;
}

export const TEXT = 1;
export const BINARY = 2;
export const CONTINUATION = 0;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const MASK = [0x12, 0x34, 0x56, 0x78] as const;

export function frame({ opcode, payload = Buffer.alloc(0), fin = true, rsv = 0, masked = true, declared }: FrameShape) {
  const { length } = payload;
  const bit = masked ? 0x80 : 0;
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  if (declared === undefined && length < 126) head.push(bit | length);
  else if (declared === undefined && length < 65_536) head.push(bit | 126, length >> 8, length & 0xff);
  else {
    const long = Buffer.alloc(8);
    long.writeBigUInt64BE(declared ?? BigInt(length));
    head.push(bit | 127, ...long);
  }
  const body = masked ? payload.map((byte, index) => byte ^ MASK[index % 4]!) : payload;
  return Buffer.concat([Buffer.from(head), masked ? Buffer.from(MASK) : Buffer.alloc(0), body]);
}

export interface HeardFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The server's frames, which are neither masked nor in fragments. */
export function framesIn(bytes: Buffer): readonly HeardFrame[] {
  const frames: HeardFrame[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const short = bytes[at + 1]!;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (at + head > bytes.length) break;
    const length =
      short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (at + head + length > bytes.length) break;
    frames.push({ opcode: bytes[at]! & 0x0f, payload: bytes.subarray(at + head, at + head + length) });
    at += head + length;
  }
  return frames;
}

export const HANDSHAKE = {
  Host: "127.0.0.1",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version": "13",
} as const;

export function request(line: string, headers: Readonly<Record<string, string>>): string {
  return `${[line, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join("\r\n")}\r\n\r\n`;
}

/** A TCP connection that remembers what it was told. */
export class RawPeer implements Disposable {
  readonly socket: Socket;
  heard: Buffer = Buffer.alloc(0);
  ended = false;
  readonly #watchers = new Set<() => void>();

  /** `localAddress` is where it comes from: all that begin with 127 are this machine. */
  constructor(port: number, localAddress = "127.0.0.1") {
    // It keeps its own end open: whether the server closes is what is to be seen.
    this.socket = connect({ port, host: "127.0.0.1", localAddress, allowHalfOpen: true });
    this.socket.on("data", (bytes: Buffer) => {
      this.heard = Buffer.concat([this.heard, bytes]);
      this.#changed();
    });
    const end = () => {
      this.ended = true;
      this.#changed();
    };
    this.socket.on("end", end).on("close", end).on("error", end);
  }

  write(...bytes: readonly (string | Uint8Array)[]): void {
    for (const each of bytes) this.socket.write(each);
  }

  /** Resolves once `done` is true of what was heard. */
  async until(done: (peer: this) => boolean): Promise<void> {
    if (done(this)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (done(this)) resolve();
    };
    this.#watchers.add(look);
    await promise;
    this.#watchers.delete(look);
  }

  /** The status of the first answer. */
  async status(): Promise<number> {
    await this.until(({ heard, ended }) => heard.includes("\r\n\r\n") || ended);
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.heard.toString("latin1"))?.[1]);
  }

  /** Opens the WebSocket; from here on only frames are in `heard`. */
  async upgrade(headers: Readonly<Record<string, string>> = HANDSHAKE): Promise<void> {
    this.write(request("GET /ws HTTP/1.1", headers));
    const status = await this.status();
    if (status !== 101) throw new Error(`The server answered ${status}.`);
    this.heard = this.heard.subarray(this.heard.indexOf("\r\n\r\n") + 4);
  }

  get frames(): readonly HeardFrame[] {
    return framesIn(this.heard);
  }

  /** With which code the server closes; nothing where it hangs up without. */
  async closeCode(): Promise<number | undefined> {
    const close = () => this.frames.find(({ opcode }) => opcode === CLOSE);
    await this.until(({ ended }) => ended || close() !== undefined);
    return close()?.payload.readUInt16BE(0);
  }

  #changed(): void {
    for (const look of this.#watchers) look();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
