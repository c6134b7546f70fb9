// WebSocket keeps what every wire promises, and some promises of its own.
import { expect, jest, test } from "bun:test";
import { LINE_BYTES_MAX } from "../../lib/protocol/limits.ts";
import { type Accept, type Connection, Unreachable } from "../../lib/transport/connection.ts";
import { DIAL_TIMEOUT_MS, dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { type AcceptWebSocket, listenWebSocket } from "../../lib/transport/listen-websocket.ts";
import type { Site } from "../../lib/transport/site.ts";
import { Turnstile } from "../../lib/transport/turnstile.ts";
import { BARE_SITE } from "../support/bare-site.ts";
import { CLOSE, CONTINUATION, frame, HANDSHAKE, PING, RawPeer, request, TEXT } from "./raw-websocket.ts";
import { type Door, Ear, send, transportSuite } from "./transport.suite.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 } as const;

function fail(error: Error): never {
  throw error;
}

async function open(accept: Accept, site = BARE_SITE): Promise<Door & { readonly port: number }> {
  const listener = listenWebSocket(LOCAL, site, accept, fail);
  const { port } = listener;
  return {
    port,
    dial: (receiver) => dialWebSocket(`ws://127.0.0.1:${port}/ws`, receiver),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

transportSuite("WebSocket", { fills: true, carries: "lines", binding: /^host:127\.0\.0\.1:\d+$/ }, open);

/** A door, a peer of bytes that came through it, and the server's end of its wire. */
async function meet() {
  const ear = new Ear();
  const { promise: arrived, resolve } = Promise.withResolvers<Connection>();
  const door = await open((connection) => {
    resolve(connection);
    return ear;
  });
  const raw = new RawPeer(door.port);
  await raw.upgrade();
  return {
    raw,
    ear,
    wire: await arrived,
    async [Symbol.asyncDispose]() {
      raw[Symbol.dispose]();
      await door[Symbol.asyncDispose]();
    },
  };
}

test("both ends are bound by the server's name as it was dialled, in lower case", async () => {
  const { promise: arrived, resolve } = Promise.withResolvers<Connection>();
  await using door = await open((connection) => {
    resolve(connection);
    return new Ear();
  });
  const wire = await dialWebSocket(`ws://LocalHost:${door.port}/ws`, new Ear());
  expect([wire.binding, (await arrived).binding]).toEqual(Array(2).fill(`host:localhost:${door.port}`));
  wire.abort();
});

test("what binds a wire is the Host that was asked for, however it was written", async () => {
  const { promise: arrived, resolve } = Promise.withResolvers<Connection>();
  await using door = await open((connection) => {
    resolve(connection);
    return new Ear();
  });
  using raw = new RawPeer(door.port);
  raw.write(request("GET /ws HTTP/1.1", { ...HANDSHAKE, Host: "Chat.Example.ORG" }));
  expect((await arrived).binding).toBe("host:chat.example.org");
});

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Resolves when it is the page's turn: after what waits already. */
function pageTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", () => {
    port1.close();
    resolve();
  });
  port1.start();
  port2.postMessage(undefined);
  return promise;
}

test("what is sent at once is one frame of text, however many lines it has", async () => {
  await using met = await meet();
  send(met.wire, "one", "two", "Grüße, 世界 👋");
  send(met.wire, "four");
  await met.raw.until(({ frames }) => frames.length === 2);
  expect(met.raw.frames.map(({ opcode, payload }) => [opcode, payload.toString()])).toEqual([
    [TEXT, "one\ntwo\nGrüße, 世界 👋\n"],
    [TEXT, "four\n"],
  ]);
});

test("the same bytes go to everyone as the same text, also when others were sent between", async () => {
  const wires: Connection[] = [];
  await using door = await open((connection) => {
    wires.push(connection);
    return new Ear();
  });
  const ears = [new Ear(), new Ear(), new Ear()];
  for (const ear of ears) await door.dial(ear);
  const [one, two] = ["one\n", "two\n"].map((text) => Buffer.from(text));
  for (const bytes of [one!, two!, one!]) for (const wire of wires) wire.send(bytes);
  for (const ear of ears) await ear.until(({ lines }) => lines.length === 3);
  expect(ears.map(({ lines }) => lines)).toEqual(ears.map(() => ["one", "two", "one"]));
});

test("a goodbye is the close code 1000, after all that was sent", async () => {
  await using met = await meet();
  send(met.wire, "one");
  met.raw.write(frame({ opcode: TEXT, payload: Buffer.from("hello") }));
  await met.ear.until(({ lines }) => lines.length === 1);
  send(met.wire, "two");
  met.wire.finish();
  // Whoever says goodbye is told of the end when that is done.
  expect(met.ear.ends).toBe(0);
  expect(await met.raw.closeCode()).toBe(1000);
  expect(met.ear.ends).toBe(1);
  expect(met.raw.frames.map(({ payload }) => payload.toString()).slice(0, -1)).toEqual(["one\n", "two\n"]);
});

test("a goodbye waits for a peer that reads late, and nothing overtakes what waits", async () => {
  await using met = await meet();
  met.raw.socket.pause();
  const line = "x".repeat(99_999);
  let sent = 0;
  for (; met.wire.backlog < 1_000_000; sent++) send(met.wire, line);
  met.wire.finish();
  send(met.wire, "too late");
  for (let turns = 0; turns < 10; turns++) await turn();
  expect([met.wire.backlog > 0, met.ear.ends]).toEqual([true, 0]);
  met.raw.socket.resume();
  expect(await met.raw.closeCode()).toBe(1000);
  const { frames } = met.raw;
  expect([frames.length, frames.slice(0, sent).every(({ payload }) => payload.length === 100_000)]).toEqual([
    sent + 1,
    true,
  ]);
  await met.ear.until(({ ends }) => ends === 1);
  // The end was not told before the network had all of it.
  expect(met.wire.taken).toBe(sent * 100_000);
});

test("a peer that hangs up during the goodbye is gone, also when its lines had to wait", async () => {
  await using met = await meet();
  met.raw.socket.pause();
  while (met.wire.backlog < 1_000_000) send(met.wire, "x".repeat(99_999));
  met.wire.pause();
  met.wire.finish();
  met.raw.write(frame({ opcode: CLOSE }));
  await met.ear.until(({ ends }) => ends === 1);
});

test("a peer that has stopped to read and pings does not seem to read", async () => {
  await using met = await meet();
  met.raw.socket.pause();
  while (met.wire.backlog < 1_000_000) send(met.wire, "x".repeat(99_999));
  const ping = frame({ opcode: PING, payload: Buffer.alloc(100) });
  const pings = [...Array.from({ length: 10 }, () => ping), frame({ opcode: TEXT, payload: Buffer.from("done") })];
  let before = -1;
  // The network may have room for the answers at first.
  for (let round = 1; round <= 5 && met.wire.taken !== before; round++) {
    before = met.wire.taken;
    met.raw.write(...pings);
    await met.ear.until(({ lines }) => lines.length === round);
  }
  const { taken, backlog } = met.wire;
  expect(taken).toBe(before);
  send(met.wire, "one more");
  expect([met.wire.taken, met.wire.backlog]).toEqual([taken, backlog + 9]);
});

test.each([
  ["pings", frame({ opcode: PING })],
  ["pieces of a message", frame({ opcode: CONTINUATION, fin: false })],
])("a peer that floods with %s has to wait, and then goes on", async (_, flood) => {
  await using met = await meet();
  const many = Buffer.concat(Array.from({ length: 100_000 }, () => flood));
  met.raw.write(frame({ opcode: TEXT, payload: Buffer.from("one\nt"), fin: false }), many, many);
  met.raw.write(frame({ opcode: CONTINUATION, payload: Buffer.from("wo\n") }));
  const begun = performance.now();
  await met.ear.until(({ lines }) => lines.length === 2);
  expect(met.ear.lines).toEqual(["one", "two"]);
  expect(performance.now() - begun).toBeGreaterThan(900);
  // Only the newest of pings that came together are answered.
  expect(met.raw.frames.length).toBeLessThan(200);
});

test("a peer that closes while its lines wait has them heard first", async () => {
  await using met = await meet();
  met.wire.pause();
  met.raw.write(
    frame({ opcode: TEXT, payload: Buffer.from("one\ntwo") }),
    frame({ opcode: TEXT, payload: Buffer.from("three\n") }),
    frame({ opcode: CLOSE, payload: Buffer.from([3, 0xe8]) }),
  );
  for (let turns = 0; turns < 10; turns++) await turn();
  met.wire.resume();
  await met.ear.until(({ ends }) => ends === 1);
  expect(met.ear.lines).toEqual(["one", "two", "three"]);
});

test("a line of as many bytes as a line may have fits into a frame, with CR and LF", async () => {
  await using met = await meet();
  met.wire.limitLines(LINE_BYTES_MAX);
  const line = "x".repeat(LINE_BYTES_MAX);
  met.raw.write(frame({ opcode: TEXT, payload: Buffer.from(`${line}\r\n`) }));
  await met.ear.until(({ lines }) => lines.length === 1);
  expect(met.ear.lines).toEqual([line]);
});

test("whoever accepts is told the address that was dialled", async () => {
  const { promise: dialled, resolve } = Promise.withResolvers<URL>();
  const accept: AcceptWebSocket = (_connection, _tooMany, url) => {
    resolve(url);
    return new Ear();
  };
  await using listener = listenWebSocket(LOCAL, BARE_SITE, accept, fail);
  const wire = await dialWebSocket(`ws://127.0.0.1:${listener.port}/ws?server=%C3%A4.example&port=3001`, new Ear());
  expect(Object.fromEntries((await dialled).searchParams)).toEqual({ server: "ä.example", port: "3001" });
  wire.abort();
});

test("the site is asked first whether it refuses, also for the WebSocket, and answers the rest", async () => {
  const accepted: URL[] = [];
  const site: Site = {
    ...BARE_SITE,
    refuse: (asked) => (asked.headers.has("origin") ? new Response("Not from there.", { status: 403 }) : undefined),
    answer: (asked) => new Response(`${asked.method} ${new URL(asked.url).pathname}`),
  };
  await using listener = listenWebSocket(
    LOCAL,
    site,
    (_connection, _tooMany, url) => {
      accepted.push(url);
      return new Ear();
    },
    fail,
  );
  const at = `http://127.0.0.1:${listener.port}`;
  const statusOf = async (path: string, headers: Record<string, string>) =>
    fetch(`${at}${path}`, { headers }).then(({ status }) => status);
  expect(await (await fetch(`${at}/page`)).text()).toBe("GET /page");
  expect(await statusOf("/page", { origin: "http://evil.example" })).toBe(403);
  using evil = new RawPeer(listener.port);
  evil.write(request("GET /ws HTTP/1.1", { ...HANDSHAKE, Origin: "http://evil.example" }));
  expect(await evil.status()).toBe(403);
  const plain = await fetch(`${at}/ws`);
  expect([plain.status, plain.headers.get("upgrade"), accepted]).toEqual([426, "websocket", []]);
  expect(await plain.text()).toMatch(/^[A-Z].*\.\n$/);
  expect(plain.headers.get("site")).toBe("ours");
});

test("a site that throws costs one answer, and the operator is told", async () => {
  const failures: string[] = [];
  const site: Site = {
    ...BARE_SITE,
    answer() {
      throw new Error("a bug");
    },
  };
  await using listener = listenWebSocket(
    LOCAL,
    site,
    () => new Ear(),
    (error) => void failures.push(error.message),
  );
  const answer = await fetch(`http://127.0.0.1:${listener.port}/`);
  expect([answer.status, await answer.text(), failures]).toEqual([500, "Something broke on the server.\n", ["a bug"]]);
  expect(answer.headers.get("site")).toBe("ours");
});

test("a peer that hangs up while the page is made costs nothing, whether that has an end or not", async () => {
  for (const type of ["text/html", "text/event-stream"]) {
    const failures: string[] = [];
    const asked = Promise.withResolvers<void>();
    const made = Promise.withResolvers<Response>();
    const site: Site = {
      ...BARE_SITE,
      answer() {
        asked.resolve();
        return made.promise;
      },
    };
    const turnstile = new Turnstile();
    const failed = (error: Error) => void failures.push(error.message);
    await using listener = listenWebSocket(LOCAL, site, () => new Ear(), failed, turnstile);
    const hasty = new RawPeer(listener.port);
    hasty.write(request("GET / HTTP/1.1", { Host: "localhost" }));
    await asked.promise;
    hasty[Symbol.dispose]();
    const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));
    while (turnstile.wires > 0) await nextTurn();
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", note);
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from("hello"));
        if (type === "text/html") controller.close();
      },
    });
    made.resolve(new Response(body, { headers: { "content-type": type } }));
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    process.off("unhandledRejection", note);
    expect([type, unhandled, failures]).toEqual([type, [], []]);
  }
});

test("a receiver that throws costs its peer the connection, and nobody else", async () => {
  const failures: string[] = [];
  const ears: Ear[] = [];
  await using listener = listenWebSocket(
    LOCAL,
    BARE_SITE,
    () => {
      const ear = new Ear();
      ear.heard = (line) => {
        if (line === "bad") throw new Error("a bug");
      };
      ears.push(ear);
      return ear;
    },
    (error) => void failures.push(error.message),
  );
  using unlucky = new RawPeer(listener.port);
  await unlucky.upgrade();
  const lucky = new Ear();
  const wire = await dialWebSocket(`ws://127.0.0.1:${listener.port}/ws`, lucky);
  unlucky.write(frame({ opcode: TEXT, payload: Buffer.from("bad\nworse") }));
  expect(await unlucky.closeCode()).toBe(1011);
  send(wire, "good");
  await Promise.race(ears.map((ear) => ear.until(({ lines }) => lines.includes("good"))));
  expect([failures, lucky.ends, ears.map(({ lines }) => lines)]).toEqual([["a bug"], 0, [["bad"], ["good"]]]);
  wire.abort();
});

test("a listener that stops takes no new peers, and those who are here stay", async () => {
  const arrived = new Ear();
  const listener = listenWebSocket(LOCAL, BARE_SITE, () => arrived, fail);
  const url = `ws://127.0.0.1:${listener.port}/ws`;
  const ear = new Ear();
  const wire = await dialWebSocket(url, ear);
  using early = new RawPeer(listener.port);
  const handshake = request("GET /ws HTTP/1.1", HANDSHAKE);
  early.write(handshake.slice(0, 50));
  send(wire, "one");
  await arrived.until(({ lines }) => lines.length === 1);
  listener.stop();
  expect(await dialWebSocket(url, new Ear()).catch((error: unknown) => error)).toBeInstanceOf(Unreachable);
  early.write(handshake.slice(50));
  expect(await early.status()).toBeNaN();
  send(wire, "two");
  await arrived.until(({ lines }) => lines.length === 2);
  let empty = false;
  const emptied = listener.emptied().then(() => (empty = true));
  await turn();
  expect(empty).toBe(false);
  await listener[Symbol.asyncDispose]();
  await Promise.all([emptied, listener.emptied(), ear.until(({ ends }) => ends > 0)]);
  expect([arrived.ends, ear.ends]).toEqual([1, 1]);
});

test("a port that is taken cannot be opened", async () => {
  await using first = await open(() => new Ear());
  expect(() => listenWebSocket({ ...LOCAL, port: first.port }, BARE_SITE, () => new Ear(), fail)).toThrow(
    expect.objectContaining({ code: "EADDRINUSE" }),
  );
});

test("an IPv4 peer of a door for both families has its IPv4 address", async () => {
  const { promise: address, resolve } = Promise.withResolvers<string>();
  await using listener = listenWebSocket(
    { hostname: "::", port: 0 },
    BARE_SITE,
    (wire) => {
      resolve(wire.address);
      return new Ear();
    },
    fail,
  );
  const wire = await dialWebSocket(`ws://127.0.0.1:${listener.port}/ws`, new Ear());
  expect(await address).toBe("127.0.0.1");
  wire.abort();
});

test("a dial that fails says in a sentence what to do", async () => {
  const door = await open(() => new Ear());
  await door[Symbol.asyncDispose]();
  const failure = await door.dial(new Ear()).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Unreachable);
  expect((failure as Error).message).toBe(
    `No connection to 127.0.0.1:${door.port}. Is the room still open, and this machine on its network?`,
  );
});

test("a dial that takes too long is given up, and hangs up if it gets through later", async () => {
  const arrived = new Ear();
  await using door = await open(() => arrived);
  const ear = new Ear();
  jest.useFakeTimers();
  let failure: unknown;
  try {
    const dialled = door.dial(ear).catch((error: unknown) => error);
    jest.advanceTimersByTime(DIAL_TIMEOUT_MS);
    failure = await dialled;
  } finally {
    jest.useRealTimers();
  }
  expect(failure).toBeInstanceOf(Unreachable);
  expect(String(failure)).toContain(`127.0.0.1:${door.port} does not answer.`);
  // Whoever comes later is served as ever.
  const late = await door.dial(new Ear());
  send(late, "late");
  await arrived.until(({ lines }) => lines.length > 0);
  expect([arrived.lines, ear.lines, ear.ends]).toEqual([["late"], [], 0]);
  late.abort();
});

test("many lines at once leave the page its turn, and keep their order and their end", async () => {
  await using door = await open((wire) => {
    const lines = Array.from({ length: 200 }, (_, index) => `${index}`);
    send(wire, ...lines.slice(0, 150));
    send(wire, ...lines.slice(150));
    wire.finish();
    return new Ear();
  });
  const ear = new Ear();
  let [turns, first, last] = [0, 0, 0];
  ear.heard = (line) => {
    if (line === "0") first = turns;
    last = turns;
    const begun = performance.now();
    while (performance.now() - begun < 0.5);
  };
  const dialled = door.dial(ear);
  for (; ear.ends === 0; turns++) await pageTurn();
  await dialled;
  expect(ear.lines).toEqual(Array.from({ length: 200 }, (_, index) => `${index}`));
  // That were 100 ms of work, in two frames: at most a dozen of them in one go.
  expect(last - first).toBeGreaterThan(5);
});

test("lines that came already wait while reading is paused, and the end waits for them", async () => {
  const lines = Array.from({ length: 100 }, (_, index) => `${index}`);
  await using door = await open((wire) => {
    send(wire, ...lines);
    wire.finish();
    return new Ear();
  });
  const ear = new Ear();
  let wire: Connection | undefined;
  ear.heard = (line) => {
    if (line === "9" || line === "59") wire!.pause();
  };
  wire = await door.dial(ear);
  await ear.until(({ lines }) => lines.length === 10);
  for (let turns = 0; turns < 10; turns++) await pageTurn();
  expect([ear.lines.length, ear.ends]).toEqual([10, 0]);
  wire.resume();
  await ear.until(({ lines }) => lines.length === 60);
  for (let turns = 0; turns < 10; turns++) await pageTurn();
  expect([ear.lines.length, ear.ends]).toEqual([60, 0]);
  wire.resume();
  await ear.until(({ ends }) => ends > 0);
  expect(ear.lines).toEqual(lines);
});

test("nothing is heard after one's own goodbye, also where the rest was to come later", async () => {
  await using door = await open((wire) => {
    send(wire, ...Array.from({ length: 100 }, (_, index) => `${index}`));
    return new Ear();
  });
  const ear = new Ear();
  let wire: Connection | undefined;
  ear.heard = (line) => {
    const begun = performance.now();
    while (performance.now() - begun < 1);
    if (line === "50") wire!.finish();
  };
  wire = await door.dial(ear);
  await ear.until(({ ends }) => ends > 0);
  expect(ear.lines.at(-1)).toBe("50");
});
