// How a dialled wire begins, against servers of all kinds: what they say first, and what becomes of it.
import { describe, expect, jest, test } from "bun:test";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Trust, Unreachable, Untrusted } from "../../lib/transport/connection.ts";
import { DIAL_TIMEOUT_MS, dialTcp } from "../../lib/transport/dial-tcp.ts";
import { listenTcp } from "../../lib/transport/listen-tcp.ts";
import { testCertificate } from "../support/certificate.ts";
import { Ear } from "./transport.suite.ts";

const ASK = '{"type":"starttls"}\n';
const DECLINED = '{"type":"refused","code":"no-encryption","text":"Not here."}\n';
const OLD = '{"type":"refused","code":"unknown-type","text":"What is that?","new":1}\r\n';
const FULL =
  '{"type":"refused","code":"full","text":"The room is full."}\n{"type":"bye","code":"full","text":"The room is full."}\n';
const CLOSING = '{"type":"bye","code":"shutdown","text":"The server is closing."}\n';

/** Notes what it was asked, and says yes. */
class Noting implements Trust {
  readonly asked: string[] = [];

  encrypted(pin: string): void {
    this.asked.push(pin);
  }

  plain(): void {
    this.asked.push("plain");
  }
}

const onlyEncrypted: Trust = {
  encrypted() {},
  plain() {
    throw new Untrusted("It does not encrypt.");
  },
};

interface Server extends AsyncDisposable {
  readonly port: number;
  /** All that came from clients, and how many of them are here. */
  heard(): string;
  open(): number;
}

/** Answers the first that a client says with `answer`, or serves it in another way. */
async function serve(answer: string | Uint8Array | ((socket: Socket) => void)): Promise<Server> {
  const sockets = new Set<Socket>();
  let heard = "";
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes) => void (heard += bytes.toString("latin1")));
    if (typeof answer === "function") answer(socket);
    else socket.once("data", () => socket.write(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    heard: () => heard,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function dial({ port }: Server, trust: Trust) {
  const ear = new Ear();
  const dialled = await dialTcp({ hostname: "127.0.0.1", port }, ear, trust).catch((error: unknown) => error);
  return {
    ear,
    dialled,
    at: `127.0.0.1:${port}`,
    [Symbol.dispose]: () => "abort" in Object(dialled) && (dialled as { abort(): void }).abort(),
  };
}

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

describe("a server that does not encrypt", () => {
  test.each([
    ["says so", DECLINED, []],
    ["says so and goes on", `${DECLINED}{"type":"ping"}\nand mo`, ['{"type":"ping"}']],
    ["is older than that", OLD, []],
    ["greets as a stranger does", "SSH-2.0-OpenSSH_9.2p1\r\n", ["SSH-2.0-OpenSSH_9.2p1"]],
    ["sends an empty line", "\n", [""]],
    ["lets nobody in", FULL, FULL.trimEnd().split("\n")],
    ["is closing", CLOSING, [CLOSING.trimEnd()]],
  ])("and %s is for the trust to judge, and what it says beyond that for the receiver", async (_, answer, lines) => {
    await using server = await serve(answer);
    const trust = new Noting();
    using end = await dial(server, trust);
    expect(end.dialled).toMatchObject({ binding: `plain:${end.at}` });
    await end.ear.until((ear) => ear.lines.length === lines.length);
    expect([end.ear.lines, trust.asked]).toEqual([lines, ["plain"]]);
    expect(server.heard()).toBe(ASK);
  });

  test("may answer in pieces", async () => {
    await using server = await serve((socket) => {
      socket.setNoDelay(true);
      const answer = async () => {
        for (const char of `${DECLINED}one\n`) {
          socket.write(char);
          await turn();
        }
      };
      socket.once("data", () => void answer());
    });
    using end = await dial(server, new Noting());
    await end.ear.until((ear) => ear.lines.length === 1);
    expect(end.ear.lines).toEqual(["one"]);
  });

  test("and sends no lines breaks the wire for its receiver", async () => {
    await using server = await serve("x".repeat(10_000));
    using end = await dial(server, new Noting());
    await end.ear.until((ear) => ear.faults.length > 0);
    expect(end.ear.faults).toEqual(["line-too-long"]);
  });

  test.each([
    ["says so", DECLINED],
    ["is older than that", OLD],
    ["greets as a stranger does", "SSH-2.0-OpenSSH_9.2p1\r\n"],
    ["sends what are no lines", "x".repeat(10_000)],
  ])("and %s is told nothing, where the trust takes encrypted wires only", async (_, answer) => {
    await using server = await serve(answer);
    using end = await dial(server, onlyEncrypted);
    expect(end.dialled).toBeInstanceOf(Untrusted);
    while (server.open() > 0) await turn();
    expect([server.heard(), end.ear.lines, end.ear.ends]).toEqual([ASK, [], 0]);
  });

  test.each([
    [FULL, "It says, and not encrypted: The room is full."],
    [CLOSING, "It says, and not encrypted: The server is closing."],
  ])("and lets nobody in at the moment is not given up for good", async (answer, sentence) => {
    await using server = await serve(answer);
    using end = await dial(server, onlyEncrypted);
    expect(end.dialled).toBeInstanceOf(Unreachable);
    expect(String(end.dialled)).toEndWith(`${end.at}: ${sentence}`);
    expect(end.ear.lines).toEqual([]);
  });
});

describe("plain text after the answer that encryption begins", () => {
  test.each(['{"type":"welcome"}\n', "x", "\n", "\x16\x03\x01"])(
    "as %j, in the same piece, is heard by nobody",
    async (more) => {
      await using server = await serve(ASK + more);
      const trust = new Noting();
      using end = await dial(server, trust);
      expect(end.dialled).toBeInstanceOf(Untrusted);
      expect([end.ear.lines, trust.asked]).toEqual([[], []]);
    },
  );

  test("in a piece of its own is heard by nobody", async () => {
    await using server = await serve((socket) => {
      socket.once("data", () => {
        socket.write(ASK);
        socket.once("data", () => socket.write('{"type":"welcome"}\n{"type":"refused","code":"full","text":"x"}\n'));
      });
    });
    const trust = new Noting();
    using end = await dial(server, trust);
    expect(end.dialled).toBeInstanceOf(Unreachable);
    expect([end.ear.lines, end.ear.ends, trust.asked]).toEqual([[], 0, []]);
  });
});

describe("a sentence says what is wrong with a server that", () => {
  const IS_IT = "Is it a chatd, and is the port right?";
  test.each<[string, string | Uint8Array | ((socket: Socket) => void), string]>([
    [
      "wants TLS from the first byte",
      Uint8Array.of(0x15, 3, 1, 0, 2, 2, 70),
      "It speaks TLS from the first byte, as a web server (https) does. Is the port right?",
    ],
    ["closes at once", (socket) => socket.end(), `It closed the connection without a word. ${IS_IT}`],
    [
      "closes when it is asked",
      (socket) => void socket.once("data", () => socket.end()),
      `It closed the connection without a word. ${IS_IT}`,
    ],
    [
      "hangs up hard",
      (socket) => void socket.once("data", () => socket.resetAndDestroy()),
      `It closed the connection without a word. ${IS_IT}`,
    ],
    ["repeats what it hears", (socket) => void socket.pipe(socket), `It agreed to encrypt and then did not. ${IS_IT}`],
    [
      "agrees and closes",
      (socket) => void socket.once("data", () => socket.end(ASK)),
      `It agreed to encrypt and then did not. ${IS_IT}`,
    ],
    ["knows TLS 1.1 only", tooOld, `It agreed to encrypt and then did not. ${IS_IT}`],
  ])("%s", async (_, answer, sentence) => {
    await using server = await serve(answer);
    using end = await dial(server, onlyEncrypted);
    expect(end.dialled).toBeInstanceOf(Unreachable);
    expect(end.dialled).toMatchObject({ message: `${end.at}: ${sentence}` });
    expect([end.ear.lines, end.ear.ends]).toEqual([[], 0]);
    while (server.open() > 0) await turn();
  });

  test.each([
    ["says nothing", ""],
    ["says half an answer", '{"type":"star'],
    ["agrees and then says nothing", ASK],
  ])("%s", async (_, answer) => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    await using server = await serve((socket) => {
      socket.once("data", () => {
        socket.write(answer, () => resolve());
        if (answer === ASK) socket.once("data", () => resolve());
      });
    });
    const ear = new Ear();
    jest.useFakeTimers();
    let failure: unknown;
    try {
      const dialled = dialTcp({ hostname: "127.0.0.1", port: server.port }, ear, onlyEncrypted).catch(
        (error: unknown) => error,
      );
      await asked;
      jest.advanceTimersByTime(DIAL_TIMEOUT_MS);
      failure = await dialled;
    } finally {
      jest.useRealTimers();
    }
    expect(failure).toBeInstanceOf(Unreachable);
    expect(String(failure)).toEndWith(`:${server.port}: It answers nothing. ${IS_IT}`);
    while (server.open() > 0) await turn();
    expect([ear.lines, ear.ends]).toEqual([[], 0]);
  });
});

test("the trust sees the pin of the certificate before anything is sent", async () => {
  const certificate = await testCertificate();
  const accepted = new Ear();
  await using listener = listenTcp(
    { hostname: "127.0.0.1", port: 0, certificate },
    () => accepted,
    () => {},
  );
  const trust = new Noting();
  const wire = await dialTcp({ hostname: "127.0.0.1", port: listener.port }, new Ear(), trust);
  expect([trust.asked, wire.binding, accepted.lines]).toEqual([[certificate.pin], `tls:${certificate.pin}`, []]);
  wire.abort();
});

/** Agrees, and answers the client's hello with one of TLS 1.1. */
function tooOld(socket: Socket): void {
  socket.once("data", () => {
    socket.write(ASK);
    socket.once("data", () => {
      const hello = [2, 0, 0, 38, 3, 2, ...new Uint8Array(32), 0, 0, 0x2f, 0];
      socket.write(Uint8Array.from([0x16, 3, 2, 0, hello.length, ...hello]));
    });
  });
}
