// Encryption between the compiled programs: by default, checked by the link and by what is remembered, and never taken back without a word.
import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAddress } from "../../lib/protocol/address.ts";
import { MAKER_COMMAND } from "../../lib/transport/make-certificate.ts";
import { CHAT, type Chatd, CHATD, FIRST_TIME, home, type Home, VERIFIED } from "../support/binaries.ts";
import { testCertificate } from "../support/certificate.ts";
import { Network } from "../support/network.ts";
import { tempDir } from "../support/temp-dir.ts";

const PLAIN = "[!] The connection is NOT ENCRYPTED: whoever is on the way can read and change what is said.";
const EXIT_UNTRUSTED = 7;

interface Listening {
  readonly port: number;
  readonly web_port: number;
  readonly links: readonly string[];
  readonly tls: { readonly mode: string; readonly pin: string | null };
}

async function listening({ program }: Chatd): Promise<Listening> {
  return JSON.parse(await program.until('"listening"')) as Listening;
}

/** Somebody who joins, says nothing and leaves: what their standard error said, and the exit code. */
async function visit(place: Home, to: string, ...flags: readonly string[]) {
  await using chat = place.run([CHAT, to, "-n", "Ada", ...flags]);
  chat.end();
  return { code: await chat.exited(), err: chat.err, out: chat.out };
}

const entered = (name: string) => `[*] In lobby as ${name}. USERS: [${name}✓]`;
const hosts = (place: Home) => readFileSync(join(place.path, "config", "chat", "known_hosts"), "utf8");
const known = (place: Home) =>
  hosts(place)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

test("what chatd asks itself for in another process is a key and its certificate", async () => {
  await using place = await home();
  await using maker = place.run([CHATD, MAKER_COMMAND]);
  maker.say(JSON.stringify({ names: ["ada-pc"] }));
  maker.end();
  expect(await maker.exited()).toBe(0);
  const { key, cert } = JSON.parse(maker.out.join("\n")) as { key: string; cert: string };
  const certificate = new X509Certificate(cert);
  expect(certificate.subjectAltName).toContain("DNS:ada-pc");
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBeTrue();
});

describe("chat", () => {
  test("is encrypted wherever chatd is, and remembers whom it has seen, in a file for its owner only", async () => {
    await using place = await home();
    await using chatd = await place.chatd("--data", "./history");
    const { tls } = await listening(chatd);
    expect(await visit(place, chatd.at)).toMatchObject({ code: 0, err: [entered("Ada"), FIRST_TIME] });
    expect(await visit(place, chatd.at)).toMatchObject({ code: 0, err: [entered("Ada")] });
    expect(known(place)).toEqual([`localhost:${chatd.port} ${tls.pin}`]);
    expect(statSync(join(place.path, "config", "chat", "known_hosts")).mode & 0o777).toBe(0o600);
    await using onTerminal = await place.open([CHAT, chatd.at, "-n", "Ada"]);
    await onTerminal.until(`/help shows what you can type.\n${VERIFIED}\n`);
  });

  test("believes the link and not the first who answers", async () => {
    await using place = await home();
    await using chatd = await place.chatd("--data", "./history");
    const { links, tls } = await listening(chatd);
    expect(links).toEqual([`chat://127.0.0.1:${chatd.port}/lobby#pin=${tls.pin}`]);
    expect(await visit(place, links[0]!)).toMatchObject({ code: 0, err: [entered("Ada")] });
    expect(known(place)).toEqual([`127.0.0.1:${chatd.port} ${tls.pin}`]);
    const wrong = "A".repeat(43);
    const { code, err } = await visit(place, links[0]!.replace(tls.pin!, wrong));
    expect([code, err.length]).toEqual([EXIT_UNTRUSTED, 1]);
    expect(err[0]).toContain(`In the link: ${wrong}. Shown now: ${tls.pin}.`);
    expect(await visit(place, links[0]!.slice(0, -1))).toMatchObject({ code: 2 });
    // Whoever was not trusted has heard no name.
    expect(chatd.program.out.filter((line) => line.includes('"entered"')).length).toBe(1);
  });

  test("does not join a server whose key has changed, until it is told to", async () => {
    await using place = await home();
    const first = await place.chatd("--ephemeral");
    const old = await listening(first);
    expect((await visit(place, first.at)).code).toBe(0);
    first.program.kill();
    await first.program.exited();
    await using second = await place.chatd("--ephemeral", "--port", String(first.port), "--no-web");
    const now = await listening(second);
    const { code, err } = await visit(place, second.at);
    expect([code, err.length]).toEqual([EXIT_UNTRUSTED, 1]);
    expect(err[0]).toStartWith(`chat: The server at localhost:${first.port} has another key than before.`);
    expect(err[0]).toContain(`Known: ${old.tls.pin}. Shown now: ${now.tls.pin}.`);
    const [, line, file] = /remove line (\d+) of (\S+)/.exec(err[0]!) ?? [];
    expect(readFileSync(file!, "utf8").split("\n")[Number(line) - 1]).toBe(`localhost:${first.port} ${old.tls.pin}`);
    // The host's new link says it …
    const link = now.links[0]!.replace("127.0.0.1", "localhost");
    const renewed = expect.stringContaining("encrypted, with another key than before") as string;
    expect(await visit(place, link)).toMatchObject({ code: 0, err: [entered("Ada"), renewed] });
    expect(await visit(place, second.at)).toMatchObject({ code: 0, err: [entered("Ada")] });
    expect(known(place)).toEqual([`localhost:${first.port} ${now.tls.pin}`]);
    // … or whoever removes the line.
    writeFileSync(file!, `localhost:${first.port} ${old.tls.pin}\n`);
    expect((await visit(place, second.at)).code).toBe(EXIT_UNTRUSTED);
    writeFileSync(file!, "");
    expect(await visit(place, second.at)).toMatchObject({ code: 0, err: [entered("Ada"), FIRST_TIME] });
  });

  test("does not ask for another server where one is not to be trusted", async () => {
    await using place = await home();
    await using chatd = await place.chatd("--ephemeral");
    const { links, tls } = await listening(chatd);
    await using ada = await place.open([CHAT, links[0]!.replace(tls.pin!, "A".repeat(43)), "-n", "Ada"]);
    expect(await ada.exited).toBe(EXIT_UNTRUSTED);
    expect(ada.everything().replaceAll("\n", "")).toContain(`Shown now: ${tls.pin}.`);
    expect(ada.everything()).not.toContain("Server\n");
  });

  test("says that it is not encrypted where chatd is not, and never falls back to that", async () => {
    await using place = await home();
    const plain = await place.chatd("--data", "./history", "--no-tls");
    const { links, tls } = await listening(plain);
    expect([links, tls]).toEqual([[`chat://127.0.0.1:${plain.port}/lobby`], { mode: "off", pin: null }]);
    expect(existsSync(join(place.path, "history", "tls-key.pem"))).toBeFalse();
    expect(await visit(place, plain.at)).toMatchObject({ code: 0, err: [entered("Ada"), PLAIN] });
    expect(await visit(place, plain.at, "--json")).toMatchObject({ code: 0, err: [PLAIN] });
    const { code, err } = await visit(place, `${links[0]}#pin=${"A".repeat(43)}`);
    expect([code, err.length]).toEqual([EXIT_UNTRUSTED, 1]);
    expect(err[0]).toContain("does not encrypt, and the link says that it does");
    plain.program.kill();
    await plain.program.exited();

    const again = ["--data", "./history", "--port", String(plain.port), "--no-web"];
    const encrypted = await place.chatd(...again);
    expect(await visit(place, plain.at)).toMatchObject({ code: 0, err: [entered("Ada"), FIRST_TIME] });
    encrypted.program.kill();
    await encrypted.program.exited();

    await using downgraded = await place.chatd(...again, "--no-tls");
    const stopped = await visit(place, plain.at);
    expect([stopped.code, stopped.err.length]).toEqual([EXIT_UNTRUSTED, 1]);
    expect(stopped.err[0]).toContain("does not encrypt any more");
    expect(stopped.err[0]).toMatch(/remove line 2 of \S+known_hosts/);
    // What is said and who says it never went out.
    expect(downgraded.program.out.filter((line) => line.includes('"entered"'))).toEqual([]);
  });

  test("comes back by itself to the server that it knows, and to no other in its place", async () => {
    await using place = await home();
    const flags = ["--data", "./history", "--no-web"];
    const first = await place.chatd(...flags);
    await using ada = await place.open([CHAT, first.at, "-n", "Ada"]);
    await ada.until("Ada >");
    first.program.kill("SIGKILL");
    await first.program.exited();
    await ada.until("Ada (away) >");
    const second = await place.chatd(...flags, "--port", String(first.port));
    await ada.until("is open again: back after");
    second.program.kill("SIGKILL");
    await second.program.exited();
    await ada.until(/Ada \(away\) >[^>]*$/);
    ada.type("only for my friends\r");
    await ada.until("[*] Kept until the room is back");
    await using other = await place.chatd("--ephemeral", "--no-web", "--port", String(first.port));
    expect(await ada.exited).toBe(EXIT_UNTRUSTED);
    const screen = ada.everything().replaceAll("\n", "");
    expect(screen).toContain("has another key than before");
    expect(screen).toContain("[!] Not said: only for my friends");
    expect(other.program.out.filter((line) => line.includes('"entered"'))).toEqual([]);
  });

  test("and who stands between it and chatd see nothing that is said", async () => {
    await using place = await home();
    await using chatd = await place.chatd("--ephemeral");
    const seen: Buffer[] = [];
    await using network = await Network.to(chatd.port, (bytes) => void seen.push(bytes));
    await using ada = place.run([CHAT, `127.0.0.1:${network.port}`, "-n", "Adelheid"]);
    ada.say("a word between friends");
    ada.end();
    expect(await ada.exited()).toBe(0);
    expect(ada.out.join("\n")).toContain("Adelheid > a word between friends");
    const wire = Buffer.concat(seen).toString("latin1");
    expect(wire).toContain('{"type":"starttls"}\n');
    expect(wire).not.toMatch(/Adelheid|friends|welcome|token/);
  });
});

describe("chatd", () => {
  test("keeps its key beside the history, for its owner only, and is known by it after a restart", async () => {
    await using place = await home();
    const pins: unknown[] = [];
    for (let run = 0; run < 2; run++) {
      await using chatd = await place.chatd("--data", "./history");
      pins.push((await listening(chatd)).tls.pin);
      chatd.program.kill();
      expect(await chatd.program.exited()).toBe(0);
    }
    expect(pins[0]).toMatch(/^[\w-]{43}$/);
    expect(pins[1]).toBe(pins[0]);
    for (const file of ["tls-key.pem", "tls-cert.pem"])
      expect(statSync(join(place.path, "history", file)).mode & 0o777).toBe(0o600);
  });

  test("shows the pin that openssl reckons", async () => {
    await using place = await home();
    await using chatd = await place.chatd("--data", "./history");
    const { tls } = await listening(chatd);
    const command =
      "openssl x509 -in history/tls-cert.pem -noout -pubkey | openssl pkey -pubin -outform DER | openssl sha256 -binary | basenc --base64url | tr -d =";
    await using openssl = place.run(["sh", "-c", command]);
    expect(await openssl.exited()).toBe(0);
    expect(openssl.out).toEqual([tls.pin!]);
    expect(readFileSync("docs/protocol.md", "utf8")).toContain(command.replace("history/", ""));
  });

  test("takes a certificate of its host's own", async () => {
    await using place = await home();
    await using folder = await tempDir();
    const { key, cert, pin } = await testCertificate();
    const [keyFile, certFile] = [join(folder.path, "key.pem"), join(folder.path, "cert.pem")];
    writeFileSync(keyFile, key);
    writeFileSync(certFile, cert);
    await using chatd = await place.chatd("--data", "./history", "--tls-cert", certFile, "--tls-key", keyFile);
    expect((await listening(chatd)).tls.pin).toBe(pin);
    expect(readdirSync(join(place.path, "history")).filter((file) => file.endsWith(".pem"))).toEqual([]);
    expect((await visit(place, chatd.at)).code).toBe(0);
  });

  test.each([
    ["a key that is none", (folder: string) => writeFileSync(join(folder, "tls-key.pem"), "nonsense"), "holds no key"],
    [
      "a certificate that is none",
      (folder: string) => writeFileSync(join(folder, "tls-cert.pem"), ""),
      "no certificate",
    ],
    ["a certificate without its key", (folder: string) => rmSync(join(folder, "tls-key.pem")), "has no key beside it"],
  ])("does not start with %s, says what to do, and changes nothing", async (_, spoil, why) => {
    await using place = await home();
    const folder = join(place.path, "history");
    const first = await place.chatd("--data", folder);
    first.program.kill();
    await first.program.exited();
    spoil(folder);
    const before = readdirSync(folder);
    await using chatd = place.run([CHATD, "--port", "0", "--data", folder]);
    expect(await chatd.exited()).toBe(1);
    expect([chatd.err.length, chatd.out]).toEqual([1, []]);
    expect(chatd.err[0]).toStartWith(`chatd: ${folder}`);
    expect(chatd.err[0]).toContain(why);
    expect(chatd.err[0]).toContain("remove");
    expect(readdirSync(folder)).toEqual(before);
  });

  test("does not start with a given certificate that is not there, and names the flags", async () => {
    await using place = await home();
    await using chatd = place.run([CHATD, "--port", "0", "--ephemeral", "--tls-cert", "c.pem", "--tls-key", "k.pem"]);
    expect(await chatd.exited()).toBe(1);
    expect(chatd.err).toHaveLength(1);
    expect(chatd.err[0]).toMatch(/^chatd: There is no k\.pem\. .*--tls-cert and --tls-key/);
  });

  test.skipIf(process.getuid?.() === 0)("does not start with a key that it may not read", async () => {
    await using place = await home();
    const folder = join(place.path, "history");
    const first = await place.chatd("--data", folder);
    first.program.kill();
    await first.program.exited();
    chmodSync(join(folder, "tls-key.pem"), 0);
    await using chatd = place.run([CHATD, "--port", "0", "--data", folder]);
    expect(await chatd.exited()).toBe(1);
    expect(chatd.err[0]).toContain("cannot be read (EACCES");
  });

  test("where encryption is required, lets chat in and tells everybody else why not", async () => {
    await using place = await home();
    await using chatd = await place.chatd("--ephemeral", "--tls", "required");
    expect((await visit(place, chatd.at)).code).toBe(0);
    const old = await conversation(chatd.port, '{"type":"join","name":"Old"}\n');
    expect(old.map(({ type, code }) => `${type} ${code}`)).toEqual([
      "refused encryption-required",
      "bye encryption-required",
    ]);
    expect(chatd.program.out.filter((line) => line.includes('"entered"')).length).toBe(1);
  });

  test("lets scripts in that know nothing of encryption, unless it is required", async () => {
    await using place = await home();
    await using chatd = await place.chatd("--ephemeral");
    const heard = await conversation(chatd.port, '{"type":"join","name":"Script"}\n{"type":"leave"}\n');
    expect(heard.map(({ type }) => type)).toEqual(["welcome", "exited", "bye"]);
  });

  test("tells its links in the banner, and on /invite", async () => {
    await using place = await home();
    await using chatd = place.run([CHATD, "--port", "0", "--host", "127.0.0.1", "--ephemeral"]);
    const [, link = ""] = /From here +chat (\S+)/.exec(await chatd.until("From here"))!;
    const address = readAddress(link);
    expect(address).toMatchObject({ hostname: "localhost", room: "lobby", extras: { pin: expect.any(String) } });
    expect((await visit(place, link)).code).toBe(0);
  });
});

/** What comes back for these bytes until the server hangs up. */
async function conversation(port: number, bytes: string): Promise<readonly { type: string; code?: string }[]> {
  let heard = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: { data: (_, bytes) => void (heard += bytes.toString()), close: () => resolve() },
  });
  socket.write(bytes);
  await promise;
  return heard
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string });
}
