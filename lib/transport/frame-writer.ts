// What a WebSocket's server says, as frames (RFC 6455). Knows nothing of sockets and lines.
import { OPCODE } from "./frame-reader.ts";

/** The frame of the bytes that were sent last: a batch goes to everyone, and is framed once. */
export class LastFrame {
  #bytes: Uint8Array | undefined;
  #frame: Uint8Array = new Uint8Array();

  of(bytes: Uint8Array): Uint8Array {
    if (bytes !== this.#bytes) {
      this.#frame = frameOf(OPCODE.text, bytes);
      this.#bytes = bytes;
    }
    return this.#frame;
  }
}

/** A whole message as a server sends it: in one frame, without a mask. */
export function frameOf(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.allocUnsafeSlow(2 + lengthBytes + length);
  frame[0] = 0x80 | opcode;
  frame[1] = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127;
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2);
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.set(payload, 2 + lengthBytes);
  return frame;
}

export function closeFrame(code: number | undefined): Uint8Array {
  return frameOf(OPCODE.close, code === undefined ? new Uint8Array() : new Uint8Array([code >> 8, code & 0xff]));
}
