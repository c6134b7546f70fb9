// A server that shows a certificate of somebody else: it has no proof that it is its own, and is not believed for the certificate alone.
import { expect, test } from "bun:test";
import { type AddressInfo, connect, createServer } from "node:net";
import { type Connection, Unreachable } from "../../lib/transport/connection.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { listenTcp } from "../../lib/transport/listen-tcp.ts";
import { makeCertificate } from "../../lib/transport/make-certificate.ts";
import { testCertificate, trusting } from "../support/certificate.ts";
import { Ear, send } from "./transport.suite.ts";

const certificate = await testCertificate();
/** OpenSSL's. In TLS 1.2 the proof is on the wire for all to see, and to change. */
const NO_TLS_1_3 = 0x20000000;
const HANDSHAKE = 0x16;
const SERVER_KEY_EXCHANGE = 12;

/** A chatd that speaks TLS 1.2 at most, and a wire to it on which the proof is changed where `forges`. */
async function serve(forges: boolean): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = Bun.listen<{ asked?: true }>({
    hostname: "127.0.0.1",
    port: 0,
    data: {},
    socket: {
      data(socket) {
        if (socket.data.asked) return;
        socket.data = { asked: true };
        socket.write('{"type":"starttls"}\n');
        socket.upgradeTLS<{ asked?: true }>({
          data: { asked: true },
          tls: { ...certificate, secureOptions: NO_TLS_1_3 },
          socket: { data: (tls, bytes) => void tls.write(bytes) },
        });
      },
    },
  });
  const relay = createServer((near) => {
    const far = connect(server.port, "127.0.0.1");
    near.pipe(far);
    let rest: Buffer = Buffer.alloc(0);
    far.on("data", (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      const [whole, half] = records(rest);
      rest = half;
      for (const record of whole) near.write(forges ? forged(record) : record);
    });
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const)
      end.on("error", () => {}).on("close", () => other.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  return {
    port: (relay.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.stop(true);
      await new Promise<void>((resolve) => relay.close(() => resolve()));
    },
  };
}

/** The line before it, then TLS records; and what is not whole yet. */
function records(bytes: Buffer): [whole: Buffer[], half: Buffer] {
  const whole: Buffer[] = [];
  for (;;) {
    const length =
      bytes[0] === 0x7b ? bytes.indexOf("\n") + 1 : bytes.length < 5 ? Infinity : 5 + bytes.readUInt16BE(3);
    if (length === 0 || length > bytes.length) return [whole, bytes];
    whole.push(bytes.subarray(0, length));
    bytes = bytes.subarray(length);
  }
}

/** The last byte of the signature is another one. */
function forged(record: Buffer): Buffer {
  if (record[0] !== HANDSHAKE) return record;
  const changed = Buffer.from(record);
  for (let at = 5; at + 4 <= changed.length;) {
    const length = changed.readUIntBE(at + 1, 3);
    if (changed[at] === SERVER_KEY_EXCHANGE) changed[at + 3 + length]! ^= 1;
    at += 4 + length;
  }
  return changed;
}

test("the wire through the forger's hands works, as long as nothing is forged", async () => {
  await using server = await serve(false);
  const ear = new Ear();
  const wire = await dialTcp({ hostname: "127.0.0.1", port: server.port }, ear, trusting(certificate.pin));
  send(wire, "hello");
  await ear.until(({ lines }) => lines.length === 1);
  wire.abort();
});

test("a certificate without the proof is not believed, and its pin is shown to nobody", async () => {
  await using server = await serve(true);
  const shown: string[] = [];
  const trust = { encrypted: (pin: string) => void shown.push(pin), plain() {} };
  const dialled = dialTcp({ hostname: "127.0.0.1", port: server.port }, new Ear(), trust);
  expect(await dialled.catch((error: unknown) => error)).toBeInstanceOf(Unreachable);
  expect(shown).toEqual([]);
});

test("a certificate is taken whatever name it is for: what counts is the key", async () => {
  const elsewhere = await makeCertificate(["elsewhere.example"]);
  for (const hostname of ["127.0.0.1", "127.0.0.2", "127.1.2.3", "localhost"]) {
    const { promise: arrived, resolve } = Promise.withResolvers<Connection>();
    await using listener = listenTcp(
      { hostname: "0.0.0.0", port: 0, certificate: elsewhere },
      (wire) => {
        resolve(wire);
        return new Ear();
      },
      () => {},
    );
    const wire = await dialTcp({ hostname, port: listener.port }, new Ear(), trusting(elsewhere.pin));
    expect([wire.binding, (await arrived).binding]).toEqual(Array(2).fill(`tls:${elsewhere.pin}`));
    wire.abort();
  }
});
