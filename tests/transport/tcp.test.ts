// TCP keeps what every wire promises, and some promises of its own.
import { expect, jest, test } from "bun:test";
import { type Connection, Unreachable } from "../../lib/transport/connection.ts";
import { DIAL_TIMEOUT_MS, dialTcp } from "../../lib/transport/dial-tcp.ts";
import { listenTcp } from "../../lib/transport/listen-tcp.ts";
import { peer } from "../support/peer.ts";
import { testHub } from "../support/hub.ts";
import { type Door, Ear, send, transportSuite } from "./transport.suite.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 } as const;
const utf8 = new TextEncoder();

async function open(accept: Parameters<typeof listenTcp>[1]): Promise<Door & { readonly port: number }> {
  const listener = listenTcp(LOCAL, accept, (error) => {
    throw error;
  });
  const { port } = listener;
  return {
    port,
    dial: (receiver) => dialTcp({ ...LOCAL, port }, receiver),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

transportSuite("TCP", { fills: true, carries: "bytes", binding: /^plain:127\.0\.0\.1:\d+$/ }, open);

test("a conversation may be cut at every byte", async () => {
  await using room = await testHub({ clients: 1_000 });
  const text = "Grüße, 世界 👋";
  const conversation = (name: string) =>
    utf8.encode(
      `${JSON.stringify({ type: "join", name })}\r\n${JSON.stringify({ type: "say", text, re: `re-${name}` })}\n`,
    );
  const cuts = Array.from({ length: conversation("cut-100").length + 1 }, (_, at) => ({ at, name: `cut-${100 + at}` }));
  const peers = await Promise.all(cuts.map(({ name }) => peer(room.dialNet, name)));
  cuts.forEach(({ at, name }, index) => peers[index]!.connection.send(conversation(name).subarray(0, at)));
  // Once somebody who came later has been answered, the room has read the first pieces.
  const last = await peer(room.dialNet, "last");
  last.say('{"type":"ping"}');
  await last.until("pong");
  cuts.forEach(({ at, name }, index) => peers[index]!.connection.send(conversation(name).subarray(at)));
  for (const [index, { name }] of cuts.entries()) {
    const mine = async (): Promise<unknown> => {
      const said = await peers[index]!.until("said");
      return said["from"] === name ? [said["text"], said["re"]] : mine();
    };
    expect(await mine()).toEqual([text, `re-${name}`]);
  }
  for (const each of [last, ...peers]) each.connection.abort();
});

test("a peer that has said its last is gone at once, though it would go on reading", async () => {
  const arrived = new Ear();
  await using door = await open(() => arrived);
  const { promise: hungUp, resolve } = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: door.port,
    allowHalfOpen: true,
    socket: { data() {}, close: () => resolve() },
  });
  socket.write("one\ntwo");
  socket.shutdown();
  await arrived.until(({ ends }) => ends > 0);
  await hungUp;
  expect([arrived.lines, arrived.ends]).toEqual([["one"], 1]);
});

test("a peer that reads the goodbye and keeps its own end open is cut off some time later", async () => {
  await using door = await open((wire) => {
    const ear = new Ear();
    ear.heard = (line) => {
      send(wire, line, "bye");
      wire.finish();
    };
    return ear;
  });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let heard = "";
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: door.port,
    allowHalfOpen: true,
    socket: {
      data: (_, bytes) => void (heard += bytes.toString()),
      end: () => end(),
      close: () => resolve(),
    },
  });
  jest.useFakeTimers();
  try {
    socket.write("hello\n");
    await ended;
    jest.advanceTimersByTime(30_000);
  } finally {
    jest.useRealTimers();
  }
  await closed;
  expect(heard).toBe("hello\nbye\n");
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
  await arrived.until(({ ends }) => ends > 0);
  expect([arrived.lines, ear.lines, ear.ends]).toEqual([[], [], 0]);
});

test("a dial that fails says in a sentence what to do", async () => {
  const closed = listenTcp(
    LOCAL,
    () => new Ear(),
    () => {},
  );
  const { port } = closed;
  await closed[Symbol.asyncDispose]();
  const why = async (hostname: string) =>
    dialTcp({ hostname, port }, new Ear()).then(
      () => "connected",
      (error: unknown) => (error instanceof Unreachable ? error.message : error),
    );
  expect(await why("127.0.0.1")).toBe(
    `Nothing answers at 127.0.0.1:${port}. Is chatd running there, and is the port right?`,
  );
  expect(await why("no-such-machine.invalid")).toBe(
    "There is no machine called no-such-machine.invalid. Check the spelling, or use its IP address.",
  );
});

test("a listener that stops takes no new peers, and those who are here stay", async () => {
  const arrived = new Ear();
  await using listener = listenTcp(
    LOCAL,
    () => arrived,
    () => {},
  );
  const ear = new Ear();
  const wire = await dialTcp({ ...LOCAL, port: listener.port }, ear);
  send(wire, "one");
  await arrived.until(({ lines }) => lines.length === 1);
  listener.stop();
  const late = await dialTcp({ ...LOCAL, port: listener.port }, new Ear()).catch((error: unknown) => error);
  expect(late).toBeInstanceOf(Unreachable);
  send(wire, "two");
  await arrived.until(({ lines }) => lines.length === 2);
  await listener[Symbol.asyncDispose]();
  await ear.until(({ ends }) => ends > 0);
  expect([arrived.ends, ear.ends]).toEqual([1, 1]);
});

test("an IPv4 peer of a door for both families has its IPv4 address", async () => {
  const { promise: address, resolve } = Promise.withResolvers<string>();
  await using listener = listenTcp(
    { hostname: "::", port: 0 },
    (wire) => {
      resolve(wire.address);
      return new Ear();
    },
    () => {},
  );
  const wire = await dialTcp({ hostname: "127.0.0.1", port: listener.port }, new Ear());
  expect(await address).toBe("127.0.0.1");
  wire.abort();
});

test.each([
  ["127.0.0.1", "plain:127.0.0.1:"],
  ["::1", "plain:[::1]:"],
  ["::ffff:127.0.0.1", "plain:127.0.0.1:"],
])("both ends of a wire in plain text to %s are bound by the server's address", async (hostname, start) => {
  const { promise: arrived, resolve } = Promise.withResolvers<Connection>();
  await using listener = listenTcp(
    { hostname: "::", port: 0 },
    (wire) => {
      resolve(wire);
      return new Ear();
    },
    () => {},
  );
  const wire = await dialTcp({ hostname, port: listener.port }, new Ear());
  expect([wire.binding, (await arrived).binding]).toEqual(Array(2).fill(`${start}${listener.port}`));
  wire.abort();
});

test("a peer that hangs up before it is let in comes and goes like any other", async () => {
  const failures: Error[] = [];
  const ears: Ear[] = [];
  await using listener = listenTcp(
    LOCAL,
    () => {
      const ear = new Ear();
      ears.push(ear);
      return ear;
    },
    (error) => void failures.push(error),
  );
  // This process stands still meanwhile, so all of them are gone before it looks.
  const hangUp = `
    for (let peer = 0; peer < 20; peer++)
      (await Bun.connect({ hostname: "127.0.0.1", port: ${listener.port}, socket: { data() {} } })).terminate();
    process.exit(0);`;
  expect(Bun.spawnSync([process.execPath, "-e", hangUp]).exitCode).toBe(0);
  const last = await dialTcp({ ...LOCAL, port: listener.port }, new Ear());
  send(last, "last");
  while (!ears.some(({ lines }) => lines.includes("last")))
    await new Promise<void>((resolve) => void setImmediate(resolve));
  expect(failures).toEqual([]);
  expect(ears.filter(({ ends }) => ends === 1).length).toBe(ears.length - 1);
  last.abort();
});

test("a port that is taken cannot be opened", async () => {
  await using first = await open(() => new Ear());
  expect(() =>
    listenTcp(
      { ...LOCAL, port: first.port },
      () => new Ear(),
      () => {},
    ),
  ).toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
});

test("a receiver that throws costs its peer the connection, and nobody else", async () => {
  const failures: string[] = [];
  const ears: Ear[] = [];
  await using listener = listenTcp(
    LOCAL,
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
  const [unlucky, lucky] = [new Ear(), new Ear()];
  const wire = await dialTcp({ ...LOCAL, port: listener.port }, unlucky);
  const otherWire = await dialTcp({ ...LOCAL, port: listener.port }, lucky);
  send(wire, "bad");
  await unlucky.until(({ ends }) => ends > 0);
  send(otherWire, "good");
  await Promise.race(ears.map((ear) => ear.until(({ lines }) => lines.includes("good"))));
  expect([failures, lucky.ends]).toEqual([["a bug"], 0]);
  otherWire.abort();
});
