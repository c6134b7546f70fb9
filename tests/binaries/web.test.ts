// The page that chatd serves, from the one file and nothing beside it: its answers as they stand on the wire, and who gets none.
import { describe, expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { CHATD, home, type Home, portOf } from "../support/binaries.ts";
import type { Program } from "../support/program.ts";
import { called, callers, PROXY } from "../web/callers.ts";
import { exchange, handshake, type RawAnswer } from "../web/raw-http.ts";

interface Listening {
  readonly port: number;
  readonly web_port: number | null;
}

async function listening(program: Program): Promise<Listening> {
  return JSON.parse(await program.until('"listening"')) as Listening;
}

/** A room whose page is asked by hand. */
async function room(place: Home, ...flags: readonly string[]) {
  const chatd = await place.chatd("--ephemeral", ...flags);
  return { ...chatd, ...(await listening(chatd.program)) };
}

function get(port: number, path: string, ...headers: readonly string[]): Promise<RawAnswer> {
  return exchange(port, `GET ${path} HTTP/1.1`, `Host: localhost:${port}`, ...headers);
}

describe("the page", () => {
  test("is whole in a copy of the program that has nothing beside it", async () => {
    await using place = await home();
    const copy = join(place.path, "chatd");
    copyFileSync(CHATD, copy);
    await using chatd = place.run([copy, "--port", "0", "--host", "127.0.0.1", "--ephemeral", "--log", "json"], {
      cwd: place.path,
    });
    const port = (await listening(chatd)).web_port!;
    const page = await get(port, "/");
    expect(page.status).toBe(200);
    const names = [...page.body.matchAll(/\b(?:href|src)="\.\/([^"]+)"/g)].map(([, name]) => name!);
    for (const kind of [".js", ".css", ".webmanifest", ".svg", ".png"])
      expect(names.some((name) => name.endsWith(kind))).toBeTrue();
    for (const name of names) {
      const file = await get(port, `/${name}`);
      expect(file.status).toBe(200);
      expect(file.body.length).toBe(Number(file.headers.get("content-length")));
      expect(file.headers.get("cache-control")).toContain("immutable");
    }
    for (const name of ["icon.svg", "icon-mention.svg", "icon-192.png", "icon-512.png", "apple-touch-icon.png"])
      expect((await get(port, `/${name}`)).status).toBe(200);
    expect(page.body).toContain('content="{&quot;form&quot;:false}"');
    // What the server can read is not what it shows.
    for (const path of ["/server.ts", "/$bunfs/root/chatd", "/../chatd", "/%2e%2e/%2e%2e/etc/passwd", "/chatd.map"])
      expect((await get(port, path)).status).toBe(404);
  });

  test("answers with the headers that keep it safe, and refuses with them too", async () => {
    await using place = await home();
    await using chatd = await room(place);
    const port = chatd.web_port!;
    const answers = [
      await get(port, "/"),
      await get(port, "/icon.svg", "Accept-Encoding: gzip"),
      await get(port, "/nothing"),
      await get(port, "/", "Origin: https://evil.example"),
      await exchange(port, "GET / HTTP/1.1", "Host: evil.example"),
      await exchange(port, "POST / HTTP/1.1", `Host: localhost:${port}`, "Content-Length: 0"),
      await exchange(port, "GET / HTTP/1.0", "Connection: close"),
      await get(port, "/ws"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 403, 421, 405, 400, 426]);
    for (const { headers } of answers) {
      expect(headers.get("content-security-policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
      );
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("x-frame-options")).toBe("DENY");
      for (const unwanted of ["set-cookie", "server", "access-control-allow-origin"])
        expect(headers.has(unwanted)).toBeFalse();
    }
  });

  test("is not sent again to who has it, and HEAD tells only how long it is", async () => {
    await using place = await home();
    await using chatd = await room(place);
    const port = chatd.web_port!;
    const page = await get(port, "/");
    const again = await get(port, "/", `If-None-Match: ${page.headers.get("etag")}`);
    expect([again.status, again.body]).toEqual([304, ""]);
    const head = await exchange(port, "HEAD / HTTP/1.1", `Host: localhost:${port}`);
    expect([head.status, head.body]).toEqual([200, ""]);
    expect(head.headers.get("content-length")).toBe(page.headers.get("content-length"));
  });
});

test("only who may is answered, at the page and at the WebSocket alike", async () => {
  await using place = await home();
  await using chatd = await room(place, "--origin", PROXY);
  const port = chatd.web_port!;
  for (const caller of callers(port)) {
    const { host, origin, status } = caller;
    const headers = [`Host: ${host}`, ...(origin === null ? [] : [`Origin: ${origin}`])];
    const page = await exchange(port, "GET / HTTP/1.1", ...headers);
    const wire = await exchange(port, ...handshake("/ws", ...headers));
    expect([called(caller), page.status, wire.status]).toEqual([called(caller), status ?? 200, status ?? 101]);
  }
  const twice = [`Host: localhost:${port}`, "Host: evil.example"];
  for (const answer of [
    await exchange(port, "GET / HTTP/1.1", ...twice),
    await exchange(port, ...handshake("/ws", ...twice)),
    await exchange(port, "GET / HTTP/1.1", "Accept: */*"),
    await exchange(port, ...handshake("/ws")),
  ])
    expect(answer.status).toBe(400);
  // The Host counts, whatever else the request says of where it goes.
  const elsewhere = await exchange(port, `GET http://localhost:${port}/ HTTP/1.1`, "Host: evil.example");
  expect(elsewhere.status).toBe(421);
});

describe("ports", () => {
  test("--no-web leaves only the chat port, and it says so to a browser", async () => {
    await using place = await home();
    await using chatd = await room(place, "--no-web");
    expect(chatd.web_port).toBeNull();
    const answer = await exchange(chatd.port, "GET / HTTP/1.1", `Host: localhost:${chatd.port}`);
    expect(answer.status).toBe(404);
    expect(answer.body).toContain("serves no page");
  });

  test("a browser at the chat port is sent to the page", async () => {
    await using place = await home();
    await using chatd = await room(place);
    const answer = await exchange(chatd.port, "GET / HTTP/1.1", `Host: localhost:${chatd.port}`);
    expect([answer.status, answer.headers.get("location")]).toEqual([302, `http://localhost:${chatd.web_port}/`]);
    expect((await get(chatd.web_port!, "/")).status).toBe(200);
  });

  test("the page is one above the chat, where nobody says otherwise", async () => {
    await using place = await home();
    const port = await portBelowFree();
    await using chatd = await room(place, "--port", String(port));
    expect(chatd.web_port).toBe(port + 1);
  });

  test("a room opens without its page where the port beside it is taken, and says so", async () => {
    await using place = await home();
    await using taken = await occupied();
    await using chatd = await room(place, "--port", String(taken.port - 1));
    expect(chatd.web_port).toBeNull();
    expect(await chatd.program.until('"warn"')).toContain(
      `There is no page: port ${taken.port} is in use; choose another with --web-port.`,
    );
  });

  test("a port that was asked for and is taken keeps the room shut", async () => {
    await using place = await home();
    await using taken = await occupied();
    const flags = ["--port", "0", "--host", "127.0.0.1", "--ephemeral", "--web-port", String(taken.port)];
    await using chatd = place.run([CHATD, ...flags]);
    expect(await chatd.exited()).toBe(1);
    expect(chatd.err).toHaveLength(1);
    expect(chatd.err[0]).toStartWith(`chatd: Port ${taken.port} is in use, perhaps by another chatd.`);
    expect(chatd.err[0]).toContain("--web-port");
    expect(chatd.out).toEqual([]);
  });

  test("both are free again when the room is closed", async () => {
    await using place = await home();
    await using chatd = await room(place);
    chatd.program.kill("SIGTERM");
    expect(await chatd.program.exited()).toBe(0);
    await using again = await room(place, "--port", String(chatd.port), "--web-port", String(chatd.web_port));
    expect(again).toMatchObject({ port: chatd.port, web_port: chatd.web_port });
  });
});

describe("a host at a terminal", () => {
  test("of a room for this machine sees the page's address, with /invite too, and no code", async () => {
    await using place = await home();
    await using host = await place.open([CHATD, "--port", "0", "--host", "127.0.0.1", "--ephemeral"]);
    await host.until("Host >");
    const web = /In a browser {2}http:\/\/localhost:(\d+)\//.exec(host.screen())![1]!;
    expect(Number(web)).not.toBe(Number(portOf(host)));
    expect((await get(Number(web), "/")).status).toBe(200);
    expect(host.everything()).not.toContain("▀");
    host.type("/invite\r");
    await host.until((screen) => screen.split("In a browser").length === 3);
    expect(host.everything()).not.toContain("▀");
  });

  test("sees the code in 80x24 together with the prompt, and /invite brings it again", async () => {
    await using place = await home();
    // An address that others may reach, on any machine.
    const flags = ["--port", "0", "--host", "127.0.0.1", "--ephemeral", "--origin", "https://chat.example.org"];
    await using host = await place.open([CHATD, ...flags]);
    const first = await host.until("Host >");
    expect(first).toStartWith("chatd ");
    expect(first).toContain("In a browser  https://chat.example.org/");
    expect(first.split("\n").filter((row) => /[▀▄█]/.test(row))).toHaveLength(13);
    host.type("/invite\r");
    await host.until(() => host.everything().split("In a browser").length === 3);
    await host.until(/▀[^\n]*\n(.*\n)*.*Host >/);
    expect(host.received()).toContain("\x1b[38;5;16;48;5;231m");
  });

  test("of a small window is told how to see it", async () => {
    await using place = await home();
    const flags = ["--port", "0", "--host", "127.0.0.1", "--ephemeral", "--origin", "https://chat.example.org"];
    await using host = await place.open([CHATD, ...flags], { rows: 18 });
    expect(await host.until("Host >")).toContain("QR code       /invite shows it");
    host.type("/invite\r");
    expect(await host.until("█")).not.toContain("does not fit");
    await using tiny = await place.open([CHATD, ...flags], { rows: 12 });
    await tiny.until("Host >");
    tiny.type("/invite\r");
    await tiny.until("QR code       needs a larger window");
  });
});

test("a host in a pipe asks with /invite too, and sees the code without colours", async () => {
  await using place = await home();
  const flags = ["--port", "0", "--host", "127.0.0.1", "--ephemeral", "--origin", "https://chat.example.org"];
  await using chatd = place.run([CHATD, ...flags]);
  await chatd.until("To stop");
  expect(chatd.out.join("\n")).not.toContain("█");
  chatd.say("/invite");
  await chatd.until((line) => /\] {3}█{29}$/.test(line));
  expect(chatd.out.join("\n")).not.toContain("\x1b");
});

interface Taken extends AsyncDisposable {
  readonly port: number;
}

/** A port that somebody else has, above one that nobody has. */
async function occupied(): Promise<Taken> {
  const port = (await portBelowFree()) + 1;
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(port, "127.0.0.1", resolve);
  await promise;
  return { port, [Symbol.asyncDispose]: async () => void server.close() };
}

/** A port that is free, and the next one too, as far as anyone can know. */
async function portBelowFree(): Promise<number> {
  for (;;) {
    const lower = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const { port } = lower;
    try {
      Bun.listen({ hostname: "127.0.0.1", port: port + 1, socket: { data() {} } }).stop(true);
      return port;
    } catch {
      continue;
    } finally {
      lower.stop(true);
    }
  }
}
