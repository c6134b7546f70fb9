// A bridge between two wires: a browser's WebSocket on one side, a server's TCP on the other, and TCP on both.
import { describe, expect, test } from "bun:test";
import { encode } from "../../lib/protocol/codec.ts";
import { FIRST_LINE_BYTES_MAX, LINE_BYTES_MAX } from "../../lib/protocol/limits.ts";
import { Bridge } from "../../lib/transport/bridge.ts";
import { type Accept, type Connection, type Dial, Unreachable, Untrusted } from "../../lib/transport/connection.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { listenTcp } from "../../lib/transport/listen-tcp.ts";
import { listenWebSocket } from "../../lib/transport/listen-websocket.ts";
import { BARE_SITE } from "../support/bare-site.ts";
import { brief, pipeTo, testHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";
import { Ear, type End, send } from "./transport.suite.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 } as const;
const MIB = 1_048_576;
const utf8 = new TextEncoder();

const fail = (error: Error) => {
  throw error;
};

interface Door extends AsyncDisposable {
  readonly dial: Dial;
}

function tcpDoor(accept: Accept): Door {
  const listener = listenTcp(LOCAL, accept, fail);
  return {
    dial: (receiver) => dialTcp({ ...LOCAL, port: listener.port }, receiver),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

function webSocketDoor(accept: Accept): Door {
  const listener = listenWebSocket(LOCAL, BARE_SITE, accept, fail);
  return {
    dial: (receiver) => dialWebSocket(`ws://127.0.0.1:${listener.port}/ws`, receiver),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

/** The two ends of what a bridge in the middle joins. */
interface Crossing extends AsyncDisposable {
  readonly near: End;
  readonly far: End;
  readonly bridge: Bridge;
}

async function cross(open: (accept: Accept) => Door): Promise<Crossing> {
  const { promise: arrived, resolve } = Promise.withResolvers<End>();
  const server = tcpDoor((wire) => {
    const ear = new Ear();
    resolve({ wire, ear });
    return ear;
  });
  let bridge: Bridge;
  const door = open((wire) => (bridge = new Bridge(wire, server.dial)));
  const near = await end(door.dial);
  const far = await arrived;
  for (const { wire } of [near, far]) wire.limitLines(16 * MIB);
  return {
    near,
    far,
    bridge: bridge!,
    async [Symbol.asyncDispose]() {
      near.wire.abort();
      await door[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function end(dial: Dial): Promise<End> {
  const ear = new Ear();
  return { ear, wire: await dial(ear) };
}

/** A way to a server that is open only when the test says so. */
function gated(dial: Dial): { readonly dial: Dial; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { dial: (receiver) => promise.then(() => dial(receiver)), open: resolve };
}

/** Sends until the network takes no more. A bridge that read on would take all there is. */
async function fill(wire: Connection): Promise<number> {
  const line = "x".repeat(65_000);
  let sent = 0;
  while (wire.backlog < MIB && sent < 64 * MIB) {
    send(wire, line);
    sent += line.length + 1;
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  expect(sent).toBeLessThan(64 * MIB);
  return sent;
}

function numbered(count: number, length = 0): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${index} é👋`.padEnd(length, "x"));
}

describe.each([
  ["TCP", tcpDoor],
  ["a WebSocket", webSocketDoor],
] as const)("a bridge from %s", (_, open) => {
  test("is not noticed: a member comes in, says, hears, reads back and leaves", async () => {
    await using room = await testHub();
    await using bob = await room.member("Bob");
    await using door = open((wire) => new Bridge(wire, room.dialNet));
    await using ada = await peer(door.dial, "Ada");
    expect(await ada.join("Ada")).toMatchObject({ name: "Ada", members: ["Bob", "Ada"] });
    ada.send({ type: "say", text: "Grüße, 世界 👋", re: "1" });
    expect(await ada.until("said")).toMatchObject({ from: "Ada", text: "Grüße, 世界 👋", re: "1" });
    expect(await bob.until("said")).toMatchObject({ from: "Ada" });
    // As long as a line of a client may be.
    ada.say(JSON.stringify({ type: "ping", pad: "x".repeat(LINE_BYTES_MAX - 60), re: "long" }));
    expect(await ada.until("pong")).toMatchObject({ re: "long" });
    // … and of a server.
    for (let each = 0; each < 66; each++) bob.send({ type: "say", text: String(each).padEnd(8_000, "x") });
    await bob.rest();
    ada.send({ type: "history", limit: 500 });
    const { events } = (await ada.until("history")) as unknown as { events: readonly unknown[] };
    expect(events.length).toBeGreaterThan(60);
    ada.send({ type: "leave", text: "good night" });
    expect(brief(await ada.end()).at(-1)).toBe("bye left");
    expect(await bob.until("exited")).toMatchObject({ name: "Ada", why: "left", text: "good night" });
  });

  test("lets lines wait, in order, until the server is reached", async () => {
    const arrived = new Ear();
    await using server = tcpDoor((wire) => {
      wire.limitLines(MIB);
      return arrived;
    });
    const gate = gated(server.dial);
    await using door = open((wire) => new Bridge(wire, gate.dial));
    const near = await end(door.dial);
    const lines = numbered(20);
    for (const line of lines) send(near.wire, line);
    gate.open();
    send(near.wire, "and one more");
    await arrived.until(({ lines }) => lines.length === 21);
    expect(arrived.lines).toEqual([...lines, "and one more"]);
    near.wire.abort();
  });

  test("brings nobody in who hung up before the server was reached", async () => {
    await using room = await testHub();
    const gate = gated(room.dialNet);
    let bridge: Bridge | undefined;
    await using door = open((wire) => (bridge = new Bridge(wire, gate.dial)));
    const near = await end(door.dial);
    send(near.wire, '{"type":"join","name":"Ghost"}');
    near.wire.finish();
    await near.ear.until(({ ends }) => ends > 0);
    await room.until(() => bridge !== undefined);
    gate.open();
    await bridge!.over;
    await using bob = await room.member("Bob");
    await bob.rest();
    expect(brief(room.events)).toEqual(["entered Bob"]);
  });

  test("says why the server cannot be reached, and hangs up", async () => {
    await using door = open(
      (wire) => new Bridge(wire, () => Promise.reject(new Unreachable("Nothing answers at 10.1.2.3."))),
    );
    await using ada = await peer(door.dial, "Ada");
    expect(await ada.end()).toEqual([{ type: "bye", code: "unreachable", text: "Nothing answers at 10.1.2.3." }]);
  });

  test("says why the server is not to be trusted, and hangs up", async () => {
    await using door = open((wire) => new Bridge(wire, () => Promise.reject(new Untrusted("It has another key."))));
    await using ada = await peer(door.dial, "Ada");
    expect(await ada.end()).toEqual([{ type: "bye", code: "untrusted", text: "It has another key." }]);
  });

  test("carries many lines both ways at once, and a goodbye after all of them", async () => {
    await using crossing = await cross(open);
    const { near, far } = crossing;
    const lines = numbered(5_000);
    for (const line of lines) send(near.wire, line);
    for (let at = 0; at < lines.length; at += 100) send(far.wire, ...lines.slice(at, at + 100));
    await far.ear.until(({ lines }) => lines.length === 5_000);
    far.wire.finish();
    await near.ear.until(({ ends }) => ends > 0);
    expect(near.ear.lines).toEqual([...lines]);
    expect(far.ear.lines).toEqual([...lines]);
    await crossing.bridge.over;
  });

  test("carries the near end's goodbye after all that it said", async () => {
    await using crossing = await cross(open);
    const { near, far } = crossing;
    const lines = numbered(200, 10_000);
    for (const line of lines) send(near.wire, line);
    near.wire.finish();
    await far.ear.until(({ ends }) => ends > 0);
    expect(far.ear.lines).toEqual([...lines]);
    await crossing.bridge.over;
  });

  test.each(["near", "far"] as const)("is cut for the other end when the %s end is cut", async (side) => {
    await using crossing = await cross(open);
    const other = crossing[side === "near" ? "far" : "near"];
    send(crossing[side].wire, "one");
    await other.ear.until(({ lines }) => lines.length === 1);
    crossing[side].wire.abort();
    await other.ear.until(({ ends }) => ends > 0);
    expect(other.ear.lines).toEqual(["one"]);
    await crossing.bridge.over;
  });

  test("makes the server wait for an end that does not read, and loses nothing", async () => {
    await using crossing = await cross(open);
    const { near, far } = crossing;
    near.wire.pause();
    const sent = await fill(far.wire);
    near.wire.resume();
    far.wire.finish();
    await near.ear.until(({ ends }) => ends > 0);
    expect(near.ear.bytes).toBe(sent);
  });

  test("does not keep silent about a server that sends no lines", async () => {
    await using crossing = await cross(open);
    const { near, far } = crossing;
    send(far.wire, "one");
    far.wire.send(new Uint8Array([0x7b, 0xff, 0x7d, 0x0a]));
    await near.ear.until(({ ends }) => ends > 0);
    expect(near.ear.lines).toEqual([
      "one",
      '{"type":"bye","code":"bad-utf8","text":"What the server sends is not chat. Is it a chatd, and is the port right?"}',
    ]);
    await far.ear.until(({ ends }) => ends > 0);
    await crossing.bridge.over;
  });

  test("does not keep silent about what cannot be passed on", async () => {
    await using crossing = await cross(open);
    const { near, far } = crossing;
    send(near.wire, "one", "x".repeat(LINE_BYTES_MAX + 1));
    await near.ear.until(({ ends }) => ends > 0);
    await far.ear.until(({ ends }) => ends > 0);
    expect(far.ear.lines).toEqual(["one"]);
    // A WebSocket closes such a frame by itself, and says so in its own way.
    if (open === tcpDoor)
      expect(near.ear.lines).toEqual([
        '{"type":"bye","code":"line-too-long","text":"What was sent here cannot go on to the server: line-too-long."}',
      ]);
    await crossing.bridge.over;
  });

  test("ends with last words, and their answer is still heard", async () => {
    await using room = await testHub();
    await using bob = await room.member("Bob");
    let bridge: Bridge | undefined;
    await using door = open((wire) => (bridge = new Bridge(wire, room.dialNet)));
    await using ada = await peer(door.dial, "Ada");
    await ada.join("Ada");
    ada.send({ type: "say", text: "one" });
    await bob.until("said");
    bridge!.conclude(encode({ type: "leave" }));
    ada.send({ type: "say", text: "two" });
    expect(brief(await ada.end())).toContain("bye left");
    await bridge!.over;
    await bob.until("exited");
    expect(brief(room.events).slice(-2)).toEqual(["said Ada: one", "exited Ada left"]);
  });
});

test("an end that says too much before the server is reached has to wait", async () => {
  const arrived = new Ear();
  await using server = tcpDoor((wire) => {
    wire.limitLines(MIB);
    return arrived;
  });
  const gate = gated(server.dial);
  await using door = tcpDoor((wire) => new Bridge(wire, gate.dial));
  const near = await end(door.dial);
  const sent = await fill(near.wire);
  gate.open();
  near.wire.finish();
  await arrived.until(({ ends }) => ends > 0);
  expect(arrived.bytes).toBe(sent);
});

test("last words are followed by nothing", async () => {
  await using crossing = await cross(tcpDoor);
  const { near, far, bridge } = crossing;
  send(near.wire, "one");
  await far.ear.until(({ lines }) => lines.length === 1);
  bridge.conclude(utf8.encode("last\n"));
  send(near.wire, "late");
  near.wire.finish();
  await far.ear.until(({ ends }) => ends > 0);
  expect(far.ear.lines).toEqual(["one", "last"]);
});

test("a server that says all in one breath is heard to the end", async () => {
  const server: Dial = pipeTo((wire) => {
    send(wire, "one", "two");
    wire.finish();
    return new Ear();
  });
  await using door = tcpDoor((wire) => new Bridge(wire, server));
  const near = await end(door.dial);
  await near.ear.until(({ ends }) => ends > 0);
  expect(near.ear.lines).toEqual(["one", "two"]);
});

test("a bridge that is ended before the server is reached only hangs up", async () => {
  const { promise: accepted, resolve } = Promise.withResolvers<Bridge>();
  const wires: Connection[] = [];
  await using server = tcpDoor((wire) => {
    wires.push(wire);
    return new Ear();
  });
  const gate = gated(server.dial);
  await using door = tcpDoor((wire) => {
    const bridge = new Bridge(wire, gate.dial);
    resolve(bridge);
    return bridge;
  });
  const near = await end(door.dial);
  const bridge = await accepted;
  bridge.conclude(utf8.encode("never heard\n"));
  await near.ear.until(({ ends }) => ends > 0);
  gate.open();
  await bridge.over;
  expect(near.ear.lines).toEqual([]);
});

test("the first line of a server may be longer than a stranger's", async () => {
  const welcome = "w".repeat(20 * FIRST_LINE_BYTES_MAX);
  await using server = tcpDoor((wire) => {
    send(wire, welcome);
    return new Ear();
  });
  await using door = tcpDoor((wire) => new Bridge(wire, server.dial));
  const near = await end(door.dial);
  near.wire.limitLines(MIB);
  await near.ear.until(({ lines }) => lines.length === 1);
  expect(near.ear.lines).toEqual([welcome]);
  near.wire.abort();
});
