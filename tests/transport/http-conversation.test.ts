// Requests for the page over one connection, as no browser would write them too: what is answered, and when the connection ends.
import { expect, jest, test } from "bun:test";
import { listenWebSocket } from "../../lib/transport/listen-websocket.ts";
import type { Site } from "../../lib/transport/site.ts";
import { Turnstile } from "../../lib/transport/turnstile.ts";
import { BARE_SITE } from "../support/bare-site.ts";
import { HANDSHAKE, RawPeer, request } from "./raw-websocket.ts";
import { Ear } from "./transport.suite.ts";

const HOST = { Host: "127.0.0.1" };
const BIG = 16 * 1_048_576;

const SITE: Site = {
  ...BARE_SITE,
  answer({ method, url }) {
    const { pathname } = new URL(url);
    if (pathname === "/big") return new Response(new Uint8Array(BIG));
    if (pathname === "/moved") return new Response(null, { status: 302, headers: { location: "/" } });
    if (pathname === "/same") return new Response(null, { status: 304 });
    return new Response(`${method} ${pathname}`);
  },
};

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** A door, and a peer of bytes at it. */
async function meet(site = SITE) {
  const failures: Error[] = [];
  const turnstile = new Turnstile();
  const at = { hostname: "127.0.0.1", port: 0 };
  const listener = listenWebSocket(
    at,
    site,
    () => new Ear(),
    (error) => void failures.push(error),
    turnstile,
  );
  const raw = new RawPeer(listener.port);
  return {
    raw,
    listener,
    turnstile,
    failures,
    heard: () => raw.heard.toString("latin1"),
    async [Symbol.asyncDispose]() {
      raw[Symbol.dispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}

/** Statuses of all answers so far. */
function statuses(heard: string): number[] {
  return [...heard.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
}

test("requests over one connection are answered in order, however they came", async () => {
  await using met = await meet();
  const wanted = ["/a", "/b", "/moved", "/same", "/c"];
  const asked = wanted.map((path) => request(`GET ${path} HTTP/1.1`, HOST)).join("");
  for (const piece of [asked.slice(0, 30), asked.slice(30, 90), asked.slice(90)]) {
    met.raw.write(piece);
    await turn();
  }
  await met.raw.until(() => met.heard().includes("GET /c"));
  expect(statuses(met.heard())).toEqual([200, 200, 302, 304, 200]);
  expect([...met.heard().matchAll(/GET \/\w/g)].join()).toBe("GET /a,GET /b,GET /c");
  expect([met.raw.ended, met.heard().includes("connection: close")]).toEqual([false, false]);
});

test("HEAD is answered as GET is, without the body", async () => {
  await using met = await meet();
  met.raw.write(request("HEAD /long HTTP/1.1", HOST), request("GET /end HTTP/1.1", HOST));
  await met.raw.until(() => met.heard().includes("GET /end"));
  expect(met.heard()).toContain(`content-length: ${"HEAD /long".length}\r\n`);
  expect(met.heard()).not.toContain("HEAD /long");
});

test.each([
  ["asks to", request("GET /a HTTP/1.1", { ...HOST, Connection: "close" }), 200],
  ["is of HTTP/1.0", request("GET /a HTTP/1.0", HOST), 200],
  ["has a body", request("POST /a HTTP/1.1", { ...HOST, "Content-Length": "5" }) + "GET /", 200],
  [
    "has a body in chunks",
    request("POST /a HTTP/1.1", { ...HOST, "Transfer-Encoding": "chunked" }) + "5\r\nhello",
    200,
  ],
  ["is none", "hello?", 400],
  ["names no version", "GET /a\r\n\r\n", 400],
  ["has an endless head", `GET /a HTTP/1.1\r\nX: ${"x".repeat(17_000)}`, 431],
  ["has a hundred headers", `GET /a HTTP/1.1\r\n${"X: x\r\n".repeat(101)}\r\n`, 431],
])("a connection ends after the answer where the request %s", async (_, sent, status) => {
  await using met = await meet();
  met.raw.write(sent, request("GET /smuggled HTTP/1.1", HOST));
  await met.raw.until(({ ended }) => ended);
  expect([statuses(met.heard()), met.failures]).toEqual([[status], []]);
  expect(met.heard()).toContain("connection: close\r\n");
});

test("what came behind the handshake of a WebSocket is heard by it", async () => {
  const ear = new Ear();
  const at = { hostname: "127.0.0.1", port: 0 };
  const failed = (error: Error) => {
    throw error;
  };
  await using listener = listenWebSocket(at, SITE, () => ear, failed);
  using raw = new RawPeer(listener.port);
  raw.write(
    Buffer.concat([
      Buffer.from(request("GET /ws HTTP/1.1", HANDSHAKE)),
      // "hi", masked with zeros.
      Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]),
    ]),
  );
  await ear.until(({ lines }) => lines.length > 0);
  expect(ear.lines).toEqual(["hi"]);
});

test("who asks for more than a page's worth before the first answer is cut off", async () => {
  let answer: (response: Response) => void = () => {};
  const slow: Site = { ...SITE, answer: () => new Promise<Response>((resolve) => (answer = resolve)) };
  await using met = await meet(slow);
  met.raw.write(request("GET /a HTTP/1.1", HOST).repeat(1_000));
  await met.raw.until(({ ended }) => ended);
  answer(new Response("late"));
  expect([statuses(met.heard()), met.turnstile.wires]).toEqual([[], 0]);
});

test("a peer that takes nothing of its answer is cut off some time later", async () => {
  jest.useFakeTimers();
  try {
    await using met = await meet();
    met.raw.socket.pause();
    met.raw.write(request("GET /big HTTP/1.1", HOST));
    // The network takes megabytes before it takes no more.
    while (met.raw.socket.bytesRead === 0) await turn();
    for (let turns = 0; turns < 100; turns++) await turn();
    const began = performance.now();
    for (let second = 1; second <= 12; second++) {
      jest.spyOn(performance, "now").mockImplementation(() => began + second * 1_000);
      jest.advanceTimersByTime(1_000);
    }
    while (met.turnstile.wires > 0) await turn();
    expect(met.failures).toEqual([]);
  } finally {
    jest.restoreAllMocks();
    jest.useRealTimers();
  }
});

test("a stream without an end goes on until the peer is gone, and then stops", async () => {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  let isOver = false;
  let say: (text: string) => void = () => {};
  const streaming: Site = {
    ...SITE,
    answer: () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start: (stream) => void (say = (text) => stream.enqueue(Buffer.from(text))),
          cancel() {
            isOver = true;
            end();
          },
        }),
        { headers: { "content-type": "text/event-stream" } },
      ),
  };
  await using met = await meet(streaming);
  met.raw.write(request("GET /alive HTTP/1.1", HOST));
  await met.raw.until(() => met.heard().includes("\r\n\r\n"));
  for (const word of ["one", "two"]) {
    say(word);
    await met.raw.until(() => met.heard().endsWith(word));
  }
  expect(isOver).toBe(false);
  met.raw[Symbol.dispose]();
  await over;
});
