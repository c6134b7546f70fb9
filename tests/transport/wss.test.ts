// A WebSocket over https keeps what every wire promises.
import { afterAll, beforeAll } from "bun:test";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { listenWebSocket } from "../../lib/transport/listen-websocket.ts";
import { BARE_SITE } from "../support/bare-site.ts";
import { testCertificate } from "../support/certificate.ts";
import { transportSuite } from "./transport.suite.ts";

const NAME = "NODE_TLS_REJECT_UNAUTHORIZED";
const before = process.env[NAME];
const certificate = await testCertificate();

// A browser would ask its user about a certificate that nobody vouches for.
beforeAll(() => void (process.env[NAME] = "0"));
afterAll(() => {
  if (before === undefined) delete process.env[NAME];
  else process.env[NAME] = before;
});

transportSuite("wss", { fills: true, carries: "lines", binding: /^host:127\.0\.0\.1:\d+$/ }, async (accept) => {
  const listener = listenWebSocket({ hostname: "127.0.0.1", port: 0, certificate }, BARE_SITE, accept, (error) => {
    throw error;
  });
  return {
    dial: (receiver) => dialWebSocket(`wss://127.0.0.1:${listener.port}/ws`, receiver),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
});
