// The compiled chatd's WebSocket door: the same room as over TCP, over frames.
import { expect, test } from "bun:test";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { CHAT, type Home, home } from "../support/binaries.ts";
import { peer } from "../support/peer.ts";
import { CLOSE, frame, HANDSHAKE, RawPeer, request, TEXT } from "../transport/raw-websocket.ts";

/** A room with its WebSocket door, and where that is. */
async function openRoom(place: Home) {
  const chatd = await place.chatd("--ephemeral", "--web-port", "0");
  const listening = JSON.parse(chatd.program.out[0]!) as { web_port: number };
  return { chatd, port: listening.web_port, [Symbol.asyncDispose]: () => chatd[Symbol.asyncDispose]() };
}

test("members over WebSocket and over TCP are in one room", async () => {
  await using place = await home();
  await using room = await openRoom(place);
  await using ada = place.run([CHAT, room.chatd.at, "-n", "Ada"]);
  await ada.until("In lobby");
  const bob = await peer((receiver) => dialWebSocket(`ws://127.0.0.1:${room.port}/ws`, receiver), "bob");
  expect((await bob.join("Bob"))["members"]).toEqual(["Ada", "Bob"]);
  bob.send({ type: "say", text: "Grüße, 世界 👋" });
  await ada.until("Bob > Grüße, 世界 👋");
  ada.say("hello Bob");
  await bob.until("said");
  expect(await bob.until("said")).toMatchObject({ from: "Ada", text: "hello Bob" });
  bob.send({ type: "leave" });
  expect(await bob.until("bye")).toMatchObject({ code: "left" });
  await bob.end();
  await ada.until("Bob left.");
});

test("whoever is inside when the room closes hears why, then the close code 1000, and the room ends in time", async () => {
  await using place = await home();
  await using room = await openRoom(place);
  using raw = new RawPeer(room.port);
  raw.write(request("GET /ws HTTP/1.1", { ...HANDSHAKE, Host: `127.0.0.1:${room.port}` }));
  expect(await raw.status()).toBe(101);
  raw.heard = raw.heard.subarray(raw.heard.indexOf("\r\n\r\n") + 4);
  raw.write(frame({ opcode: TEXT, payload: Buffer.from('{"type":"join","name":"Ada"}') }));
  await raw.until(({ frames }) => frames.length > 0);
  room.chatd.program.kill("SIGTERM");
  expect(await raw.closeCode()).toBe(1000);
  const last = raw.frames.filter(({ opcode }) => opcode !== CLOSE).at(-1)!;
  expect(JSON.parse(last.payload.toString())).toMatchObject({ type: "bye", code: "shutdown" });
  // It does not wait for a peer that keeps its own end open.
  expect(await room.chatd.program.exited()).toBe(0);
});
