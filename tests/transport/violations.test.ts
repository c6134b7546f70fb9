// What breaks the WebSocket protocol costs whoever sends it the connection, with the right code, and nobody else anything.
import { describe, expect, test } from "bun:test";
import { LINE_BYTES_MAX } from "../../lib/protocol/limits.ts";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { listenWebSocket } from "../../lib/transport/listen-websocket.ts";
import { BARE_SITE } from "../support/bare-site.ts";
import { brief, testHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";
import { BINARY, CLOSE, CONTINUATION, frame, HANDSHAKE, PING, PONG, RawPeer, request, TEXT } from "./raw-websocket.ts";

const text = (words: string) => Buffer.from(words);
const bytes = (...values: number[]) => Buffer.from(values);
const closing = (code: number, reason: Uint8Array = bytes()) => Buffer.concat([bytes(code >> 8, code & 0xff), reason]);
const JOIN = text('{"type":"join","name":"Mallory"}\n');
const start = frame({ opcode: TEXT, payload: text("{"), fin: false });
const piece = (payload: Uint8Array, fin: boolean) => frame({ opcode: CONTINUATION, payload, fin });

/** What is sent, and the code that it is answered with. */
const VIOLATIONS: readonly (readonly [what: string, code: number, sent: readonly Uint8Array[]])[] = [
  ["a frame without a mask", 1002, [frame({ opcode: TEXT, payload: text("{}"), masked: false })]],
  ["a text that is no UTF-8", 1007, [frame({ opcode: TEXT, payload: bytes(0x7b, 0xff, 0x7d) })]],
  [
    "a text that is no UTF-8, in fragments",
    1007,
    [start, piece(bytes(0xc3), false), piece(bytes(0x28), false), piece(text("}"), true)],
  ],
  ["a text that ends within a character", 1007, [frame({ opcode: TEXT, payload: bytes(0x7b, 0xf0, 0x9f, 0x91) })]],
  ["half a surrogate pair", 1007, [frame({ opcode: TEXT, payload: bytes(0xed, 0xa0, 0x80) })]],
  ...[4, 2, 1].map(
    (rsv, index) =>
      [`a frame with RSV${index + 1}`, 1002, [frame({ opcode: TEXT, payload: text("{}"), rsv })]] as const,
  ),
  ...[3, 7, 11, 15].map(
    (opcode) => [`the reserved opcode ${opcode}`, 1002, [frame({ opcode, payload: text("{}") })]] as const,
  ),
  ["the end of a message that never began", 1002, [piece(text("{}"), true)]],
  ["a message within another one", 1002, [start, frame({ opcode: TEXT, payload: text("{}") })]],
  ["a ping in fragments", 1002, [frame({ opcode: PING, payload: text("?"), fin: false })]],
  ["a ping of 126 bytes", 1002, [frame({ opcode: PING, payload: Buffer.alloc(126, "x") })]],
  ["a message of 70 kB", 1009, [frame({ opcode: TEXT, payload: Buffer.alloc(70_000, "x") })]],
  [
    "a message of one byte more than a line",
    1009,
    [frame({ opcode: TEXT, payload: Buffer.alloc(LINE_BYTES_MAX + 3, "x") })],
  ],
  ["a message that is to have a terabyte", 1009, [frame({ opcode: TEXT, declared: 2n ** 40n })]],
  ["a length with its highest bit", 1009, [frame({ opcode: TEXT, declared: 2n ** 63n + 5n })]],
  [
    "fragments that add up to more than a line",
    1009,
    [start, ...Array.from({ length: 70 }, (_, index) => piece(Buffer.alloc(1_000, "x"), index === 69))],
  ],
  ["bytes instead of text", 1003, [frame({ opcode: BINARY, payload: text("{}") })]],
  ["a close of one byte", 1002, [frame({ opcode: CLOSE, payload: bytes(3) })]],
  ["a close with code 1005", 1002, [frame({ opcode: CLOSE, payload: closing(1005) })]],
  ["a close with code 0", 1002, [frame({ opcode: CLOSE, payload: closing(0) })]],
  ["a close with a reason that is no UTF-8", 1007, [frame({ opcode: CLOSE, payload: closing(1000, bytes(0xff)) })]],
];

/** A room behind a WebSocket door, and an honest member in it. */
async function openRoom() {
  const room = await testHub();
  const at = { hostname: "127.0.0.1", port: 0 };
  const listener = listenWebSocket(at, BARE_SITE, room.hub.accept, (error) => void room.broke.push(String(error)));
  const honest = await peer((receiver) => dialWebSocket(`ws://127.0.0.1:${listener.port}/ws`, receiver), "honest");
  await honest.join("Ada");
  return {
    room,
    honest,
    port: listener.port,
    async [Symbol.asyncDispose]() {
      honest.connection.abort();
      await listener[Symbol.asyncDispose]();
      await room[Symbol.asyncDispose]();
    },
  };
}

describe("whoever sends", () => {
  test.each(VIOLATIONS)("%s hears %i and is gone, and the others lose nothing", async (_, code, sent) => {
    await using door = await openRoom();
    const { room, honest } = door;
    using offender = new RawPeer(door.port);
    await offender.upgrade();
    offender.write(frame({ opcode: TEXT, payload: JOIN }));
    await honest.until("entered");
    honest.send({ type: "say", text: "before" });
    await honest.until("said");
    offender.write(...sent, frame({ opcode: TEXT, payload: text('{"type":"say","text":"still here"}') }));
    honest.send({ type: "say", text: "meanwhile" });
    expect(await offender.closeCode()).toBe(code);
    await offender.until(({ ended }) => ended);
    await room.until(() => room.hub.connections === 1);
    honest.send({ type: "say", text: "after" });
    await honest.rest();
    expect(brief(honest.heard.filter(({ type }) => type === "said"))).toEqual([
      "said Ada: before",
      "said Ada: meanwhile",
      "said Ada: after",
    ]);
    expect([honest.ends, room.broke]).toEqual([0, []]);
  });

  test("a message in fragments, with a ping between them, is understood", async () => {
    await using door = await openRoom();
    using odd = new RawPeer(door.port);
    await odd.upgrade();
    odd.write(
      frame({ opcode: TEXT, payload: JOIN.subarray(0, 9), fin: false }),
      frame({ opcode: PING, payload: text("?") }),
      piece(JOIN.subarray(9), true),
    );
    await door.honest.until("entered");
    await odd.until(({ frames }) => frames.some(({ payload }) => payload.includes('"welcome"')));
    expect(odd.frames[0]).toEqual({ opcode: PONG, payload: text("?") });
  });

  test("a close hears its own code, and is gone at once", async () => {
    await using door = await openRoom();
    using leaving = new RawPeer(door.port);
    await leaving.upgrade();
    leaving.write(frame({ opcode: CLOSE, payload: closing(1001, text("going away")) }));
    expect(await leaving.closeCode()).toBe(1001);
    await door.room.until(() => door.room.hub.connections === 1);
  });
});

describe("a handshake", () => {
  const without = (name: string) => Object.fromEntries(Object.entries(HANDSHAKE).filter(([header]) => header !== name));
  const get = "GET /ws HTTP/1.1";
  test.each([
    ["without a key", 426, request(get, without("Sec-WebSocket-Key"))],
    ["with a key that is none", 426, request(get, { ...HANDSHAKE, "Sec-WebSocket-Key": "x" })],
    ["of another version", 426, request(get, { ...HANDSHAKE, "Sec-WebSocket-Version": "8" })],
    ["without a version", 426, request(get, without("Sec-WebSocket-Version"))],
    ["without an upgrade", 426, request(get, without("Upgrade"))],
    ["that would upgrade to something else", 426, request(get, { ...HANDSHAKE, Upgrade: "h2c" })],
    ["by POST", 426, request("POST /ws HTTP/1.1", { ...HANDSHAKE, "Content-Length": "0" })],
    ["at another path", 404, request("GET /other HTTP/1.1", HANDSHAKE)],
    ["that is no HTTP", 400, '{"type":"join","name":"Ada"}\n\r\n\r\n'],
  ])("%s is refused with %i", async (_, status, sent) => {
    await using door = await openRoom();
    using stranger = new RawPeer(door.port);
    stranger.write(sent);
    expect(await stranger.status()).toBe(status);
    expect(door.room.hub.connections).toBe(1);
  });
});
