// Proofs of keys that somebody in the middle passes on: where a wire does not prove which server its peer meant, no key is taken.
import { expect, test } from "bun:test";
import { connect, createServer, type AddressInfo } from "node:net";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { listenTcp } from "../../lib/transport/listen-tcp.ts";
import { listenWebSocket } from "../../lib/transport/listen-websocket.ts";
import { guardOf } from "../../lib/web/guard.ts";
import { openSite } from "../../lib/web/site.ts";
import { testCertificate, trusting } from "../support/certificate.ts";
import { testHub } from "../support/hub.ts";
import { joinWith, newKey } from "../support/key.ts";
import { peer } from "../support/peer.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 } as const;
const NO_KEY = { type: "refused", code: "bad-signature" };

/** A room with all its doors. */
async function openRoom() {
  const room = await testHub();
  const certificate = await testCertificate();
  const failed = (error: Error) => void room.broke.push(String(error));
  const tcp = listenTcp({ ...LOCAL, certificate }, room.hub.accept, failed);
  const known = { names: ["attic"], origins: ["https://chat.example.org"] };
  const site = openSite({ path: "/ws", base: "/", settings: {}, guard: guardOf(known), known });
  const web = listenWebSocket(LOCAL, site, room.hub.accept, failed);
  return {
    port: tcp.port,
    webPort: web.port,
    pin: certificate.pin,
    async [Symbol.asyncDispose]() {
      await tcp[Symbol.asyncDispose]();
      await web[Symbol.asyncDispose]();
      await room[Symbol.asyncDispose]();
    },
  };
}

/** Passes everything on, both ways, as it comes. */
async function relayTo(port: number) {
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: own } = server.address() as AddressInfo;
  return { port: own, [Symbol.dispose]: () => void server.close() };
}

test("a proof for the WebSocket of another server, passed on with the host that it was dialled by, is not taken", async () => {
  await using room = await openRoom();
  using evil = await relayTo(room.webPort);
  for (const [index, host] of ["127.0.0.1", "localhost"].entries()) {
    const victim = await peer((receiver) => dialWebSocket(`ws://${host}:${evil.port}/ws`, receiver), "victim");
    const refused = await joinWith(victim, await newKey(), `Ada${index}`);
    expect(refused).toMatchObject(NO_KEY);
    expect(refused["text"]).toContain("name that it knows");
    // Without a key, everybody may come in by whatever way there is.
    expect(await victim.join(`Ada${index}`)).not.toHaveProperty("verified");
    victim.connection.abort();
  }
});

test("a WebSocket at the server's own address takes keys", async () => {
  await using room = await openRoom();
  for (const [index, host] of ["127.0.0.1", "localhost"].entries()) {
    const who = await peer((receiver) => dialWebSocket(`ws://${host}:${room.webPort}/ws`, receiver), host);
    expect(await joinWith(who, await newKey(), `Ada${index}`)).toMatchObject({ type: "welcome" });
    who.connection.abort();
  }
});

test("a server that encrypts takes no key in plain text, and says what to do", async () => {
  await using room = await openRoom();
  const at = { ...LOCAL, port: room.port };
  const plain = await peer((receiver) => dialTcp(at, receiver), "plain");
  const refused = await joinWith(plain, await newKey(), "Ada");
  expect(refused).toMatchObject(NO_KEY);
  expect(refused["text"]).toStartWith("Keys are taken over encrypted connections only; ask for starttls first.");
  expect(await plain.join("Ada")).not.toHaveProperty("verified");
  const encrypted = await peer((receiver) => dialTcp(at, receiver, trusting(room.pin)), "encrypted");
  expect(await joinWith(encrypted, await newKey(), "Bea")).toMatchObject({ type: "welcome", verified: ["Bea"] });
  plain.connection.abort();
  encrypted.connection.abort();
});
