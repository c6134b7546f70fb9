// A browser at the chat port, over a real one: conversations as they are written down. `>` is sent, `<` comes, and then the wire is closed.
import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import type { Accept } from "../../lib/transport/connection.ts";
import { listenTcp } from "../../lib/transport/listen-tcp.ts";
import { guideBrowsers, type Way } from "../../lib/web/lost-browser.ts";
import { ownHostname } from "../../lib/web/guard.ts";
import { testHub } from "../support/hub.ts";

const known = { names: ["ada-pc.local"], origins: [] };
const way: Way = { scheme: "http", port: () => 3_002, hostname: (host) => ownHostname(host, known) };

/** Everything that comes back for `bytes`, until the other end hangs up. */
function told(port: number, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let heard = "";
  const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => void (heard += text));
  socket.on("error", reject);
  socket.on("end", () => resolve(heard));
  return promise;
}

interface Door extends AsyncDisposable {
  readonly port: number;
}

function door(accept: Accept): Door {
  const { port, ...listener } = listenTcp({ hostname: "127.0.0.1", port: 0 }, accept, (error) => {
    throw error;
  });
  return { port, [Symbol.asyncDispose]: listener[Symbol.asyncDispose] };
}

const ending = [
  "< Content-Type: text/plain; charset=utf-8",
  "< X-Content-Type-Options: nosniff",
  "< Cache-Control: no-store",
];

describe("a browser at the chat port", () => {
  test.each<[title: string, way: Way, conversation: string[]]>([
    [
      "is sent to the page, under the name by which it came",
      way,
      [
        "> GET / HTTP/1.1",
        "> Host: 192.168.1.5:3001",
        "> User-Agent: Mozilla/5.0",
        "> ",
        "< HTTP/1.1 302 Found",
        "< Location: http://192.168.1.5:3002/",
        ...ending,
        "< Content-Length: …",
        "< Connection: close",
        "< ",
        "< The page is at http://192.168.1.5:3002/",
      ],
    ],
    [
      "is told the port where its name is not known here",
      way,
      [
        "> GET / HTTP/1.1",
        "> Host: evil.example:3001",
        "> ",
        "< HTTP/1.1 404 Not Found",
        ...ending,
        "< Content-Length: …",
        "< Connection: close",
        "< ",
        "< This port is for chat programs. The page is on port 3002 of this machine: http://ADDRESS:3002/",
      ],
    ],
    [
      "is sent to https where the page is there",
      { ...way, scheme: "https" },
      [
        "> GET / HTTP/1.1",
        "> Host: localhost:3001",
        "> ",
        "< HTTP/1.1 302 Found",
        "< Location: https://localhost:3002/",
        ...ending,
        "< Content-Length: …",
        "< Connection: close",
        "< ",
        "< The page is at https://localhost:3002/",
      ],
    ],
    [
      "is told how to join where there is no page",
      { ...way, port: () => undefined },
      [
        "> GET / HTTP/1.1",
        "> Host: localhost:3001",
        "> ",
        "< HTTP/1.1 404 Not Found",
        ...ending,
        "< Content-Length: …",
        "< Connection: close",
        "< ",
        "< This is a chat room, and it serves no page. Join it with the program chat: chat HOST -n NAME",
      ],
    ],
  ])("%s", async (_, way, conversation) => {
    await using room = await testHub();
    await using listener = door(guideBrowsers(room.hub.accept, way));
    const said = (mark: string) => conversation.filter((line) => line.startsWith(mark)).map((line) => line.slice(2));
    const heard = await told(listener.port, said(">").join("\r\n") + "\r\n");
    const body = heard.slice(heard.indexOf("\r\n\r\n") + 4);
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    const expected = said("<").map((line) => (line.startsWith("Content-Length") ? length : line));
    expect(
      heard
        .trimEnd()
        .split("\r\n")
        .map((line) => line.trimEnd()),
    ).toEqual(expected);
    await room.until(() => room.hub.connections === 0);
    expect(room.events.filter(({ type }) => type !== "opened")).toEqual([]);
  });

  test.each([
    ["a name of this machine", "ADA-PC.local:3001", "http://ada-pc.local:3002/"],
    ["an IPv6 address", "[2001:db8::5]:3001", "http://[2001:db8::5]:3002/"],
    ["a name without a port", "localhost", "http://localhost:3002/"],
  ])("may come by %s", async (_, host, location) => {
    await using room = await testHub();
    await using listener = door(guideBrowsers(room.hub.accept, way));
    const heard = await told(listener.port, `HEAD /x?y HTTP/1.0\r\nhost:  ${host} \r\n\r\n`);
    expect(heard).toContain(`\r\nLocation: ${location}\r\n`);
  });

  test.each([
    ["no Host", ""],
    ["a Host that breaks out of its line", "Host: localhost\tX: y\r\n"],
    ["a Host with a path", "Host: localhost/evil\r\n"],
    ["a Host with a user", "Host: localhost@evil.example\r\n"],
  ])("with %s is not sent anywhere", async (_, header) => {
    await using room = await testHub();
    await using listener = door(guideBrowsers(room.hub.accept, way));
    const heard = await told(listener.port, `GET / HTTP/1.1\r\n${header}\r\n`);
    expect(heard).toStartWith("HTTP/1.1 404 Not Found\r\n");
    expect(heard).not.toContain("Location:");
  });

  test.each([
    ["headers without end", "X-Much: more\r\n".repeat(2_000)],
    ["a header without end", `Cookie: ${"x".repeat(200_000)}`],
    ["a long cookie", `Cookie: ${"x".repeat(20_000)}\r\n\r\n`],
    ["bytes that are no text", "X: \xff\xfe\r\n\r\n"],
  ])("with %s is answered all the same", async (_, rest) => {
    await using room = await testHub();
    await using listener = door(guideBrowsers(room.hub.accept, way));
    const heard = await told(listener.port, `GET / HTTP/1.1\r\nHost: localhost:3001\r\n${rest}`);
    expect(heard).toStartWith("HTTP/1.1 302 Found\r\n");
    await room.until(() => room.hub.connections === 0);
  });

  test("finds its way too when cookies of other servers on its machine come before its Host", async () => {
    await using room = await testHub();
    await using listener = door(guideBrowsers(room.hub.accept, way));
    const cookie = `Cookie: ${"x".repeat(20_000)}`;
    const heard = await told(listener.port, `GET / HTTP/1.1\r\n${cookie}\r\nHost: localhost:3001\r\n\r\n`);
    expect(heard).toContain("\r\nLocation: http://localhost:3002/\r\n");
  });

  test("that does not end its request is cut off like everyone who does not join", async () => {
    await using room = await testHub();
    await using listener = door(guideBrowsers(room.hub.accept, way));
    const heard = told(listener.port, "GET / HTTP/1.1\r\nHost: localhost:3001\r\n");
    await room.until(() => room.hub.connections === 1);
    room.pass(11);
    expect(await heard).toContain('"timeout"');
    await room.until(() => room.hub.connections === 0);
  });
});

test.each([
  ["what is no JSON", "HELO there\r\n", "bad-handshake"],
  ["what only looks like HTTP", "GET / HTTPS\r\n", "bad-handshake"],
  ["a line without end", "GET /".padEnd(9_000, "x"), "line-too-long"],
])("the room itself answers %s", async (_, bytes, code) => {
  await using room = await testHub();
  await using listener = door(guideBrowsers(room.hub.accept, way));
  expect(await told(listener.port, bytes)).toContain(`"code":"${code}"`);
});

test("a member that says what a browser says is only talking", async () => {
  await using room = await testHub();
  await using listener = door(guideBrowsers(room.hub.accept, way));
  const lines = [
    { type: "join", name: "Ada" },
    { type: "say", text: "GET / HTTP/1.1" },
  ].map((line) => JSON.stringify(line));
  const heard = await told(listener.port, `${lines.join("\n")}\nGET / HTTP/1.1\nHost: localhost\n\n{"type":"leave"}\n`);
  expect(heard).toContain('"text":"GET / HTTP/1.1"');
  expect(heard).toContain('"bad-json"');
  expect(heard).not.toContain("302 Found");
});
