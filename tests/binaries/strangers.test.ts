// What chat says to servers that are no chatd: one clear sentence within ten seconds, and exit code 4.
import { describe, expect, test } from "bun:test";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { CHAT, home } from "../support/binaries.ts";

/** A silent server is given 9 s. */
const PATIENCE_MS = 10_000;

const sshBanner = (socket: Socket) => void socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
const http = (socket: Socket) =>
  void socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
const tlsAlert = (socket: Socket) =>
  void socket.once("data", () => socket.end(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 0x46)));
const garbage = (socket: Socket) => void socket.write(crypto.getRandomValues(new Uint8Array(4_096)));
const endless = (socket: Socket) => {
  const more = () => {
    while (socket.writable && socket.write("x".repeat(65_536)));
  };
  socket.on("drain", more);
  more();
};

const strangers: readonly [what: string, serve: (socket: Socket) => void, sentence: RegExp][] = [
  ["an SSH server", sshBanner, /: That is an SSH server, not a chatd\. Is the port right\?$/],
  ["a web server", http, /: That is a web server, not a chatd\. Is the port right\? chatd's is 3001\.$/],
  ["a mail server", (socket) => void socket.write("220 mail.example.org ESMTP\r\n"), /: That is a mail or FTP server/],
  [
    "a TLS server",
    tlsAlert,
    /: It speaks TLS from the first byte, as a web server \(https\) does\. Is the port right\?$/,
  ],
  ["a server that says nothing", () => {}, /: It answers nothing\. Is it a chatd, and is the port right\?$/],
  ["one that sends garbage", garbage, /Is it a chatd|not a chatd/],
  ["one that closes at once", (socket) => void socket.end(), /: It closed the connection without a word\./],
  ["one that hangs up hard", (socket) => void socket.destroy(), /Is it a chatd, and is the port right\?$/],
  ["one that speaks another JSON", (socket) => void socket.write('{"jsonrpc":"2.0"}\n'), /not a chatd/],
  ["one that echoes", (socket) => void socket.pipe(socket), /: It agreed to encrypt and then did not\. Is it a chatd/],
  ["one whose line never ends", endless, /: What it sends is not chat\. Is it a chatd/],
];

describe.concurrent("chat meets", () => {
  test.each(strangers)(
    "%s",
    async (_, serve, sentence) => {
      await using place = await home();
      await using server = await listening(serve);
      await using chat = place.run([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
      expect(await chat.exited(PATIENCE_MS)).toBe(4);
      expect(chat.err).toHaveLength(1);
      expect(chat.err[0]).toStartWith(`chat: 127.0.0.1:${server.port}: `);
      expect(chat.err[0]).toMatch(sentence);
      expect(chat.err[0]!.length).toBeLessThan(160);
      expect(chat.out).toEqual([]);
    },
    PATIENCE_MS + 2_000,
  );

  test("a real web server", async () => {
    await using place = await home();
    using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("<html>") });
    await using chat = place.run([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
    expect(await chat.exited()).toBe(4);
    expect(chat.err).toEqual([
      `chat: 127.0.0.1:${server.port}: That is a web server, not a chatd. Is the port right? chatd's is 3001.`,
    ]);
  });

  test.skipIf(!Bun.which("openssl"))(
    "a real TLS server",
    async () => {
      await using place = await home();
      const [key, cert] = [join(place.path, "key.pem"), join(place.path, "cert.pem")];
      await using made = place.run([
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-keyout",
        key,
        "-out",
        cert,
      ]);
      expect(await made.exited()).toBe(0);
      using server = Bun.listen({
        hostname: "127.0.0.1",
        port: 0,
        tls: { key: Bun.file(key), cert: Bun.file(cert) },
        socket: { data() {}, error() {} },
      });
      await using chat = place.run([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
      expect(await chat.exited(PATIENCE_MS)).toBe(4);
      expect(chat.err).toHaveLength(1);
      expect(chat.err[0]).toMatch(/: It speaks TLS from the first byte/);
    },
    PATIENCE_MS,
  );
});

async function listening(serve: (socket: Socket) => void): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
