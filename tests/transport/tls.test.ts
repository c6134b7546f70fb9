// TLS over TCP keeps what every wire promises, and some promises of its own: how it begins, and what may not come in between.
import { describe, expect, test } from "bun:test";
import type { Socket } from "bun";
import { FIRST_LINE_BYTES_MAX } from "../../lib/protocol/limits.ts";
import type { Certificate } from "../../lib/transport/certificate.ts";
import { type Connection, type Dial, isEncrypted, Untrusted } from "../../lib/transport/connection.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { Turnstile } from "../../lib/transport/turnstile.ts";
import { listenTcp } from "../../lib/transport/listen-tcp.ts";
import { requireEncryption } from "../../lib/transport/require-encryption.ts";
import { testCertificate, trusting } from "../support/certificate.ts";
import { testHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";
import { ByteRelay } from "./byte-relay.ts";
import { type Door, Ear, send, transportSuite } from "./transport.suite.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 } as const;
const ASK = '{"type":"starttls"}\n';
const utf8 = new TextEncoder();
const certificate = await testCertificate();

interface TlsDoor extends Door {
  readonly port: number;
}

async function open(accept: Parameters<typeof listenTcp>[1], turnstile = new Turnstile()): Promise<TlsDoor> {
  const failed = (error: Error) => {
    throw error;
  };
  const listener = listenTcp({ ...LOCAL, certificate }, accept, failed, turnstile);
  const { port } = listener;
  return { port, dial: encrypted(port), [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

function encrypted(port: number, pin = certificate.pin): Dial {
  return (receiver) => dialTcp({ ...LOCAL, port }, receiver, trusting(pin));
}

transportSuite("TLS", { fills: true, carries: "bytes", binding: new RegExp(`^tls:${certificate.pin}$`) }, open);

/** A peer of bytes: it remembers what it heard, and knows when it is over. */
class Raw {
  heard = Buffer.alloc(0);
  over = false;
  socket!: Socket;
  #look = () => {};

  static async to(port: number): Promise<Raw> {
    const raw = new Raw();
    raw.socket = await Bun.connect({
      ...LOCAL,
      port,
      socket: {
        data(_, bytes) {
          raw.heard = Buffer.concat([raw.heard, bytes]);
          raw.#look();
        },
        close() {
          raw.over = true;
          raw.#look();
        },
      },
    });
    return raw;
  }

  say(...bytes: readonly (string | Uint8Array)[]): void {
    this.socket.write(Buffer.concat(bytes.map((part) => Buffer.from(part))));
  }

  async until(done: (raw: this) => boolean): Promise<void> {
    while (!done(this)) await new Promise<void>((resolve) => (this.#look = resolve));
  }
}

/** The hello of a client that knows no version after `minor`: 2 is TLS 1.1. */
function hello(minor: number): Uint8Array {
  const body = [3, minor, ...new Uint8Array(32), 0, 0, 4, 0xc0, 0x13, 0, 0x2f, 1, 0];
  const message = [1, 0, 0, body.length, ...body];
  return Uint8Array.from([0x16, 3, 1, 0, message.length, ...message]);
}

describe("plain text that was put before the encryption", () => {
  const evil = '{"type":"join","name":"Mallory"}\n';

  test("is refused and heard by nobody, where it came with the question", async () => {
    await using room = await testHub();
    await using door = await open(room.hub.accept, room.turnstile);
    for (const more of [evil, "x", "\n", hello(3)]) {
      const raw = await Raw.to(door.port);
      raw.say(ASK, more);
      await raw.until(({ over }) => over);
      expect(raw.heard.toString()).toMatch(/^\{"type":"bye","code":"bad-handshake","text":"[^"]+"\}\n$/);
    }
    expect(room.events).toEqual([]);
    await room.until(() => room.turnstile.wires === 0);
  });

  test("ends the wire and is heard by nobody, where it came after the answer", async () => {
    await using room = await testHub();
    await using door = await open(room.hub.accept, room.turnstile);
    for (const bytes of [utf8.encode(evil), Buffer.concat([Buffer.from(evil), hello(3)]), utf8.encode("\n")]) {
      const raw = await Raw.to(door.port);
      raw.say(ASK);
      await raw.until(({ heard }) => heard.length > 0);
      raw.say(bytes);
      if (bytes.length === 1) raw.say(evil);
      await raw.until(({ over }) => over);
      expect(raw.heard.toString("latin1")).toStartWith(ASK);
    }
    expect(room.events).toEqual([]);
    expect(room.broke).toEqual([]);
    await room.until(() => room.turnstile.wires === 0);
  });
});

test("the wire may be cut at every byte, on both ways", async () => {
  const ears: Ear[] = [];
  await using door = await open((wire) => {
    const ear = new Ear();
    ear.heard = (line) => send(wire, `you said ${line}`);
    ears.push(ear);
    return ear;
  });
  await using relay = await ByteRelay.to(door.port);
  const ear = new Ear();
  const wire = await encrypted(relay.port)(ear);
  send(wire, "Grüße, 世界 👋", "and more");
  await ear.until(({ lines }) => lines.length === 2);
  expect(ear.lines).toEqual(["you said Grüße, 世界 👋", "you said and more"]);
  expect(relay.carried).toBeGreaterThan(1_000);
  wire.finish();
  await ears[0]!.until(({ ends }) => ends > 0);
});

test("the question may be cut at every byte", async () => {
  const wires: Connection[] = [];
  await using door = await open((wire) => {
    wires.push(wire);
    return new Ear();
  });
  for (let at = 1; at < ASK.length; at++) {
    const raw = await Raw.to(door.port);
    raw.say(ASK.slice(0, at));
    // Whoever came later has been answered: the first piece was read.
    const other = await Raw.to(door.port);
    other.say(ASK);
    await other.until(({ heard }) => heard.length > 0);
    raw.say(ASK.slice(at));
    await raw.until(({ heard }) => heard.length > 0);
    expect([raw.heard.toString(), raw.over]).toEqual([ASK, false]);
    for (const each of [raw, other]) each.socket.terminate();
  }
});

test("the answer has the mark of the question", async () => {
  await using door = await open(() => new Ear());
  const raw = await Raw.to(door.port);
  raw.say('{"re":"7","type":"starttls","also":"ignored"}\r\n');
  await raw.until(({ heard }) => heard.length > 0);
  expect(raw.heard.toString()).toBe('{"type":"starttls","re":"7"}\n');
  raw.socket.terminate();
});

test("a peer that does not ask stays in plain text", async () => {
  await using room = await testHub();
  await using door = await open(room.hub.accept, room.turnstile);
  const ada = await peer((receiver) => dialTcp({ ...LOCAL, port: door.port }, receiver), "ada");
  await ada.join("Ada");
  expect(ada.connection.binding).toBe(`plain:127.0.0.1:${door.port}`);
  ada.connection.abort();
});

test("a listener without a certificate leaves the question to its owner, and the wire goes on", async () => {
  await using room = await testHub();
  const raw = await Raw.to(room.port);
  raw.say(ASK, '{"type":"join","name":"Ada"}\n');
  await raw.until(({ heard }) => heard.includes("welcome"));
  expect(raw.heard.toString()).toStartWith('{"type":"refused","code":"no-encryption"');
  raw.socket.terminate();
});

test("nothing of a client is heard by a server that shows another pin", async () => {
  const accepted = new Ear();
  await using door = await open(() => accepted);
  const ear = new Ear();
  const dialled = encrypted(door.port, "A".repeat(43))(ear).catch((error: unknown) => error);
  expect(await dialled).toBeInstanceOf(Untrusted);
  await accepted.until(({ ends }) => ends > 0);
  expect([accepted.lines, accepted.faults, ear.lines, ear.ends]).toEqual([[], [], [], 0]);
});

test("what is sent while hands are shaken goes out encrypted, in order", async () => {
  const { promise: arrived, resolve } = Promise.withResolvers<Connection>();
  await using door = await open((wire) => {
    resolve(wire);
    return new Ear();
  });
  const raw = await Raw.to(door.port);
  raw.say(ASK);
  await raw.until(({ heard }) => heard.length > 0);
  const wire = await arrived;
  expect(isEncrypted(wire)).toBe(true);
  const lines = Array.from({ length: 100 }, (_, index) => `${index} ${"x".repeat(1_000)}`);
  for (const line of lines) send(wire, line);
  expect(wire.backlog).toBeGreaterThan(100_000);
  let heard = "";
  const { promise: all, resolve: done } = Promise.withResolvers<void>();
  raw.socket.upgradeTLS({
    data: undefined,
    tls: { rejectUnauthorized: false },
    socket: {
      data(_, bytes) {
        heard += bytes.toString();
        if (heard.split("\n").length > 100) done();
      },
    },
  });
  await all;
  expect(heard).toBe(lines.map((line) => `${line}\n`).join(""));
  expect(raw.heard.subarray(0, ASK.length).toString()).toBe(ASK);
  expect(raw.heard.includes("xxxxxxxxxxxxxxxx")).toBe(false);
  await wire.drained();
  wire.abort();
});

describe("hands that are never shaken", () => {
  const halves: readonly (readonly [string, readonly (string | Uint8Array)[]])[] = [
    ["after the answer", []],
    ["after half a hello", [hello(3).subarray(0, 20)]],
    ["after the head of a huge record", [Uint8Array.of(0x16, 3, 1, 0x40, 0)]],
  ];
  test.each(halves)("are let go with the ten seconds for the join: silence %s", async (_, more) => {
    await using room = await testHub();
    await using door = await open(room.hub.accept, room.turnstile);
    const raw = await Raw.to(door.port);
    raw.say(ASK);
    await raw.until(({ heard }) => heard.length > 0);
    if (more.length > 0) raw.say(...more);
    room.pass(9);
    expect(room.turnstile.wires).toBe(1);
    room.pass(1);
    await raw.until(({ over }) => over);
    await room.until(() => room.turnstile.wires === 0);
    expect([raw.heard.toString(), room.broke]).toEqual([ASK, []]);
  });

  test("hold up no end of the room", async () => {
    await using room = await testHub();
    await using door = await open(room.hub.accept, room.turnstile);
    const raw = await Raw.to(door.port);
    raw.say(ASK);
    await raw.until(({ heard }) => heard.length > 0);
    await room.hub.close();
    await raw.until(({ over }) => over);
  });

  test("leave no file open", async () => {
    await using room = await testHub({ perAddress: undefined });
    await using door = await open(room.hub.accept, room.turnstile);
    const files = () => [...new Bun.Glob("*").scanSync({ cwd: "/proc/self/fd", onlyFiles: false })].length;
    const rounds = async (count: number) => {
      for (let round = 0; round < count; round++) {
        const raws = await Promise.all(Array.from({ length: 10 }, () => Raw.to(door.port)));
        raws.forEach((raw) => raw.say(ASK));
        await Promise.all(raws.map((raw) => raw.until(({ heard }) => heard.length > 0)));
        raws.forEach((raw, index) => {
          if (index % 2 === 0) raw.say(hello(3).subarray(0, 30));
          raw.socket.terminate();
        });
        await room.until(() => room.turnstile.wires === 0);
      }
    };
    await rounds(1);
    const before = files();
    await rounds(10);
    await room.until(() => files() <= before);
    expect(room.broke).toEqual([]);
  });
});

describe("TLS from the first byte, without a question", () => {
  test("is told in plain text what to do, and let go", async () => {
    await using room = await testHub();
    await using door = await open(room.hub.accept, room.turnstile);
    for (const bytes of [hello(3), Uint8Array.of(0x16), Uint8Array.of(0x16, 3)]) {
      const raw = await Raw.to(door.port);
      raw.say(bytes);
      await raw.until(({ over }) => over);
      expect(raw.heard.toString()).toMatch(/^\{"type":"bye","code":"bad-handshake",.*starttls/);
    }
    const dialled = Bun.connect({
      ...LOCAL,
      port: door.port,
      tls: { rejectUnauthorized: false },
      socket: { data() {}, handshake: (_, done) => shaken(done), close: () => shaken(false) },
    });
    const { promise, resolve: shaken } = Promise.withResolvers<boolean>();
    await dialled;
    expect(await promise).toBe(false);
    expect(room.broke).toEqual([]);
  });
});

test("nothing older than TLS 1.2 is spoken", async () => {
  await using door = await open(() => new Ear());
  const answers: number[][] = [];
  for (const minor of [1, 2]) {
    const raw = await Raw.to(door.port);
    raw.say(ASK);
    await raw.until(({ heard }) => heard.length > 0);
    raw.say(hello(minor));
    await raw.until(({ over }) => over);
    answers.push([...raw.heard.subarray(ASK.length)]);
  }
  // A fatal alert: protocol_version.
  for (const alert of answers) expect([alert[0], ...alert.slice(-2)]).toEqual([0x15, 2, 70]);
});

describe("a door for encrypted wires only", () => {
  test("lets them in, and turns plain text away with a reason", async () => {
    await using room = await testHub();
    await using door = await open(requireEncryption(room.hub.accept), room.turnstile);
    const ada = await peer(door.dial, "ada");
    await ada.join("Ada");
    for (const first of ['{"type":"join","name":"Bob"}', '{"type":"ping"}', "hello?", '{"type":"start"}']) {
      const raw = await Raw.to(door.port);
      raw.say(`${first}\n{"type":"join","name":"Bob"}\n`);
      await raw.until(({ over }) => over);
      expect(raw.heard.toString()).toMatch(
        /^\{"type":"refused","code":"encryption-required","text":.*\}\n\{"type":"bye","code":"encryption-required","text":.*\}\n$/,
      );
    }
    expect(room.events.map(({ type }) => type)).toEqual(["entered"]);
    await room.until(() => room.turnstile.wires === 1);
    ada.connection.abort();
  });

  test("lets silence and endless lines go as ever", async () => {
    await using room = await testHub();
    await using door = await open(requireEncryption(room.hub.accept), room.turnstile);
    const silent = await Raw.to(door.port);
    const endless = await Raw.to(door.port);
    endless.say("x".repeat(FIRST_LINE_BYTES_MAX + 2));
    await endless.until(({ over }) => over);
    expect(endless.heard.toString()).toContain('"line-too-long"');
    await room.until(() => room.turnstile.wires === 1);
    room.pass(10);
    await silent.until(({ over }) => over);
    expect(silent.heard.toString()).toContain('"timeout"');
  });
});

test("a certificate that Bun does not take is told to the operator, and costs its peer the wire", async () => {
  const failures: string[] = [];
  const broken: Certificate = { ...certificate, key: "nothing" };
  const ear = new Ear();
  await using listener = listenTcp(
    { ...LOCAL, certificate: broken },
    () => ear,
    (error) => void failures.push(error.message),
  );
  const dialled = encrypted(listener.port)(new Ear()).catch((error: unknown) => String(error));
  expect(await dialled).toContain("agreed to encrypt and then did not");
  await ear.until(({ ends }) => ends > 0);
  expect(failures).toHaveLength(1);
});

test("the room hears that an encrypted peer has hung up before its place is free, in the midst of the handshake too", async () => {
  const told: string[] = [];
  class Watched extends Turnstile {
    override leave(entrant: Parameters<Turnstile["leave"]>[0]): void {
      told.push("leave");
      super.leave(entrant);
    }
    override unsettle(entrant: Parameters<Turnstile["unsettle"]>[0]): void {
      if (this.wires > 0) told.push("unsettle");
      super.unsettle(entrant);
    }
  }
  const turnstile = new Watched();
  await using room = await testHub({ turnstile });
  await using door = await open(room.hub.accept, turnstile);
  const ada = await peer(door.dial, "ada");
  await ada.join("Ada");
  ada.connection.abort();
  await room.until(() => turnstile.wires === 0);
  const raw = await Raw.to(door.port);
  raw.say(ASK);
  await raw.until(({ heard }) => heard.length > 0);
  raw.socket.terminate();
  await room.until(() => turnstile.wires === 0);
  // Once when they come, once when they have gone.
  const heard = ["unsettle", "unsettle", "leave"];
  expect(told).toEqual([...heard, ...heard]);
});
