// Runs every conversation in this folder over every transport. How they are written stands in transcript.ts.
import { describe, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Access } from "../../lib/access/access.ts";
import { Hub } from "../../lib/hub/hub.ts";
import { MemoryLog } from "../../lib/log/memory.ts";
import { RATE_BURST, RATE_PER_S } from "../../lib/protocol/limits.ts";
import type { Accept, Dial } from "../../lib/transport/connection.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { listenTcp } from "../../lib/transport/listen-tcp.ts";
import { listenWebSocket } from "../../lib/transport/listen-websocket.ts";
import { BARE_SITE } from "../support/bare-site.ts";
import { testCertificate, trusting } from "../support/certificate.ts";
import { pipeTo } from "../support/hub.ts";
import { play, readTranscript } from "./transcript.ts";

const certificate = await testCertificate();

interface Door extends AsyncDisposable {
  readonly dial: Dial;
}

/** Needs a wire that carries bytes of any kind, cut anywhere. */
const OF_BYTES = "bytes.txt";
const CARRY_LINES: ReadonlySet<string> = new Set(["WebSocket"]);

/** Each way into a room; a new transport is one more row. */
const TRANSPORTS: Readonly<Record<string, (accept: Accept) => Door>> = {
  pipe: (accept) => ({ dial: pipeTo(accept), async [Symbol.asyncDispose]() {} }),
  TCP(accept) {
    const listener = listenTcp({ hostname: "127.0.0.1", port: 0 }, accept, fail);
    const to = { hostname: "127.0.0.1", port: listener.port };
    return {
      dial: (receiver) => dialTcp(to, receiver),
      [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
    };
  },
  TLS(accept) {
    const at = { hostname: "127.0.0.1", port: 0, certificate };
    const listener = listenTcp(at, accept, fail);
    return {
      dial: (receiver) => dialTcp({ ...at, port: listener.port }, receiver, trusting(certificate.pin)),
      [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
    };
  },
  WebSocket(accept) {
    const listener = listenWebSocket({ hostname: "127.0.0.1", port: 0 }, BARE_SITE, accept, fail);
    return {
      dial: (receiver) => dialWebSocket(`ws://127.0.0.1:${listener.port}/ws`, receiver),
      [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
    };
  },
};

function fail(error: unknown): never {
  throw error;
}

const conversations = readdirSync(import.meta.dir)
  .filter((file) => file.endsWith(".txt"))
  .toSorted();

describe.each(Object.keys(TRANSPORTS))("over %s", (transport) => {
  const sendable = conversations.filter((file) => file !== OF_BYTES || !CARRY_LINES.has(transport));
  test.each(sendable)("%s goes as it is written", async (file) => {
    const hub = await Hub.open(new MemoryLog(), {
      rate: { perSecond: RATE_PER_S, burst: RATE_BURST },
      access: Access.open(undefined),
      server: "chatd test",
      broke: (_, error) => fail(error),
    });
    await using door = TRANSPORTS[transport]!(hub.accept);
    const steps = readTranscript(readFileSync(join(import.meta.dir, file), "utf8"));
    // The host has its own door, whatever the others come through.
    await play(steps, (name) => (name === "host" ? pipeTo(hub.acceptHost) : door.dial));
  });
});
