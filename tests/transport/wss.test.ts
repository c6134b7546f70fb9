// A WebSocket over https keeps what every wire promises, and its door stands what is no https.
import { afterAll, beforeAll, expect, jest, test } from "bun:test";
import { connect } from "node:net";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { Turnstile } from "../../lib/transport/turnstile.ts";
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

/** The door of a page with nothing in it. */
function open(turnstile = new Turnstile()) {
  const failures: Error[] = [];
  const door = { hostname: "127.0.0.1", port: 0, certificate };
  const nobody = () => ({ received() {}, broken() {}, closed() {} });
  const listener = listenWebSocket(door, BARE_SITE, nobody, (error) => void failures.push(error), turnstile);
  return { port: listener.port, failures, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

/** What comes back for these bytes until the other end hangs up. */
function answerTo(port: number, bytes: string | Uint8Array): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let heard = "";
  const socket = connect(port, "127.0.0.1", () => void socket.write(bytes));
  socket.on("data", (bytes) => void (heard += bytes.toString("latin1")));
  socket.on("error", () => {});
  socket.on("close", () => resolve(heard));
  return promise;
}

const files = () => [...new Bun.Glob("*").scanSync({ cwd: "/proc/self/fd", onlyFiles: false })].length;

test("plain http and other noise at the door of https are hung up on, and leave nothing open", async () => {
  await using door = open();
  const noise = ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\0".repeat(20), '{"type":"starttls"}\n'];
  const round = () => Promise.all(noise.map((bytes) => answerTo(door.port, bytes)));
  const before = (await round(), files());
  for (let again = 0; again < 10; again++) expect((await round()).join("")).not.toMatch(/HTTP|Nothing is here/);
  while (files() > before) await new Promise<void>((resolve) => void setImmediate(resolve));
  const page = await fetch(`https://127.0.0.1:${door.port}/`, { tls: { rejectUnauthorized: false } });
  expect([page.status, door.failures]).toEqual([404, []]);
});

test("nothing older than TLS 1.2 is spoken there", async () => {
  await using door = open();
  const body = [3, 2, ...new Uint8Array(32), 0, 0, 4, 0xc0, 0x13, 0, 0x2f, 1, 0];
  const message = [1, 0, 0, body.length, ...body];
  const answer = await answerTo(door.port, Uint8Array.from([0x16, 3, 1, 0, message.length, ...message]));
  // A fatal alert: protocol_version.
  expect([answer.charCodeAt(0), ...Buffer.from(answer, "latin1").subarray(-2)]).toEqual([0x15, 2, 70]);
});

test("hands that are never shaken are known at the turnstile there, and let go after ten seconds", async () => {
  const turnstile = new Turnstile();
  jest.useFakeTimers();
  try {
    await using door = open(turnstile);
    const halves = ["", Uint8Array.of(0x16), Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3)];
    const answers = Promise.all(halves.map((bytes) => answerTo(door.port, bytes)));
    while (turnstile.wires < halves.length) await new Promise<void>((resolve) => void setImmediate(resolve));
    const began = performance.now();
    jest.spyOn(performance, "now").mockImplementation(() => began + 10_000);
    jest.advanceTimersByTime(1_000);
    expect(await answers).toEqual(["", "", ""]);
    expect([turnstile.wires, door.failures]).toEqual([0, []]);
  } finally {
    jest.restoreAllMocks();
    jest.useRealTimers();
  }
});
