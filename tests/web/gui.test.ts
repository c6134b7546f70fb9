// The page for one person: who gets it, where its wires lead, and when it is over.
import { expect, test } from "bun:test";
import { type Dial, type Listener, Unreachable, Untrusted } from "../../lib/transport/connection.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { listenWebSocket } from "../../lib/transport/listen-websocket.ts";
import { type Gui, type GuiOptions, openGui } from "../../lib/web/gui.ts";
import { testSigner } from "../client/test-signer.ts";
import { brief, testHub } from "../support/hub.ts";
import { type Peer, peer } from "../support/peer.ts";

interface TestGui extends Gui, AsyncDisposable {
  readonly port: number;
  /** What it was told to remember. */
  readonly remembered: string[];
  /** Where it dialled. */
  readonly dialled: string[];
  /** A page's wire, with this behind the question mark. */
  page(query: string): Promise<Peer>;
}

function gui(options: Partial<GuiOptions> = {}): TestGui {
  const remembered: string[] = [];
  const dialled: string[] = [];
  let listener: Listener;
  const opened = openGui({
    form: { connect: false },
    lingerMs: 15_000,
    listen: (site, accept) =>
      (listener = listenWebSocket({ hostname: "127.0.0.1", port: 0 }, site, accept, (error) => {
        throw error;
      })),
    dialTo({ hostname, port }): Dial {
      dialled.push(`${hostname} ${port}`);
      return (receiver) => dialTcp({ hostname, port }, receiver);
    },
    standingOf: () => undefined,
    tokenOf: () => undefined,
    entered: ({ hostname, port, room, name }) => void remembered.push(`${name} entered ${room} at ${hostname} ${port}`),
    left: ({ name }) => void remembered.push(`${name} left`),
    ...options,
  });
  return {
    ...opened,
    port: listener!.port,
    remembered,
    dialled,
    page: (query) =>
      peer((receiver) => dialWebSocket(`${opened.address.replace("http", "ws")}ws?${query}`, receiver), query),
    [Symbol.asyncDispose]: () => opened.close(),
  };
}

/** For tests that shall go nowhere. */
const NOWHERE: Pick<GuiOptions, "dialTo"> = { dialTo: () => () => Promise.reject(new Unreachable("It is not there.")) };

const HANDSHAKE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** The status of an answer: fetch would not send these headers as they are. */
async function status(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: { data: (_, bytes) => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(bytes.toString())?.[1])) },
  });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  try {
    return await promise;
  } finally {
    socket.terminate();
  }
}

test("the page is under an address that nobody guesses, with its form filled in", async () => {
  await using one = gui({ form: { server: "example.org", port: 4_000, name: "Ada", connect: true } });
  await using other = gui();
  expect(one.address).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${one.port}/[\\w-]{22}/$`));
  expect(new URL(one.address).pathname).not.toBe(new URL(other.address).pathname);
  const page = await fetch(one.address);
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  let settings = "";
  const found = new HTMLRewriter().on('meta[name="chat"]', {
    element: (meta) => void (settings = meta.getAttribute("content") ?? ""),
  });
  await found.transform(page).text();
  expect(JSON.parse(settings.replaceAll("&quot;", '"'))).toEqual({
    form: true,
    server: "example.org",
    port: 4_000,
    name: "Ada",
    connect: true,
  });
});

test("elsewhere there is nothing, and no word of why", async () => {
  await using page = gui(NOWHERE);
  const { pathname } = new URL(page.address);
  const headers = { host: `127.0.0.1:${page.port}` };
  expect(await status(page.port, pathname, headers)).toBe(200);
  expect(await status(page.port, `${pathname}alive`, headers)).toBe(200);
  expect(await status(page.port, `${pathname}ws?server=localhost`, { ...headers, ...HANDSHAKE })).toBe(101);
  const wrong = pathname.replace(/.\/$/, (end) => (end === "A/" ? "B/" : "A/"));
  const answers = new Set<string>();
  for (const path of [
    "/",
    "/ws",
    "/alive",
    "/page.html",
    wrong,
    `${wrong}ws`,
    `${wrong}alive`,
    pathname.slice(0, -1),
    `/x${pathname}`,
  ]) {
    expect([path, await status(page.port, path, headers)]).toEqual([path, 404]);
    expect([path, await status(page.port, path, { ...headers, ...HANDSHAKE })]).toEqual([path, 404]);
    expect((await fetch(`http://127.0.0.1:${page.port}${path}`, { method: "POST" })).status).toBe(404);
    answers.add(await (await fetch(`http://127.0.0.1:${page.port}${path}`)).text());
  }
  expect([...answers]).toEqual(["There is nothing here.\n"]);
});

test("only the browser of this machine, and no page but its own, gets anything", async () => {
  await using page = gui(NOWHERE);
  const { port } = page;
  const { pathname } = new URL(page.address);
  const table: [host: string, origin: string | undefined, good: boolean][] = [
    [`127.0.0.1:${port}`, `http://127.0.0.1:${port}`, true],
    [`localhost:${port}`, undefined, true],
    [`localhost:${port}`, `http://localhost:${port}`, true],
    [`[::1]:${port}`, undefined, true],
    ["127.0.0.1", undefined, false],
    [`127.0.0.1:${port + 1}`, undefined, false],
    [`evil.example:${port}`, `http://evil.example:${port}`, false],
    [`192.168.1.5:${port}`, undefined, false],
    [`localhost.evil.example:${port}`, undefined, false],
    [`127.0.0.1:${port}`, "http://evil.example", false],
    [`127.0.0.1:${port}`, "null", false],
    [`127.0.0.1:${port}`, `https://127.0.0.1:${port}`, false],
    [`127.0.0.1:${port}`, `http://localhost:${port}`, false],
    [`127.0.0.1:${port}`, `http://127.0.0.1:${port - 1}`, false],
  ];
  for (const [host, origin, good] of table) {
    const headers = { host, ...(origin !== undefined && { origin }) };
    for (const [path, more, right] of [
      ["", {}, 200],
      ["alive", {}, 200],
      ["ws?server=localhost", HANDSHAKE, 101],
    ] as const) {
      const wrong = origin === undefined || !host.startsWith("127.0.0.1:") ? 421 : 403;
      const answer = await status(port, pathname + path, { ...headers, ...more });
      expect([host, origin, path, answer]).toEqual([host, origin, path, good ? right : wrong]);
    }
  }
  // Without the headers that would let another page read it.
  expect((await fetch(page.address)).headers.get("access-control-allow-origin")).toBeNull();
});

test("a page joins the room that it names, and who came in is remembered until they have left", async () => {
  await using room = await testHub();
  await using opened = gui();
  await using ada = await opened.page(`server=127.0.0.1&port=${room.port}`);
  await ada.join("Ada");
  ada.send({ type: "say", text: "one" });
  await ada.until("said");
  const at = `127.0.0.1 ${room.port}`;
  expect(opened.remembered).toEqual([`Ada entered lobby at ${at}`]);
  ada.send({ type: "leave" });
  expect(brief(await ada.end())).toContain("bye left");
  expect(opened.remembered).toEqual([`Ada entered lobby at ${at}`, "Ada left"]);
  expect(opened.dialled).toEqual([at]);
});

test("a page is told how far its wire can be trusted, by the program and by no server", async () => {
  await using room = await testHub();
  const pins: unknown[] = [];
  const pin = "P".repeat(43);
  await using opened = gui({
    dialTo({ hostname, port, extras }): Dial {
      pins.push(extras?.["pin"]);
      // A server that praises itself.
      return (receiver) =>
        dialTcp(
          { hostname, port },
          {
            ...receiver,
            received: (line) =>
              receiver.received(line.replace('"type":"welcome"', '"type":"welcome","standing":"verified"')),
            broken: (fault) => receiver.broken(fault),
            closed: () => receiver.closed(),
          },
        );
    },
    standingOf: ({ extras }) => (extras ? "plain" : undefined),
  });
  await using ada = await opened.page(`server=127.0.0.1&port=${room.port}&pin=${pin}`);
  expect(await ada.join("Ada")).toMatchObject({ name: "Ada", standing: "plain" });
  await using bob = await opened.page(`server=127.0.0.1&port=${room.port}`);
  expect(await bob.join("Bob")).not.toHaveProperty("standing");
  expect(pins).toEqual([pin, undefined]);
});

test("a server that is not to be trusted is told to the page as the end", async () => {
  await using opened = gui({ dialTo: () => () => Promise.reject(new Untrusted("It has another key.")) });
  await using ada = await opened.page("server=localhost&port=3001");
  expect(await ada.end()).toEqual([{ type: "bye", code: "untrusted", text: "It has another key." }]);
});

test("a name that an earlier run has left behind is taken over with its token", async () => {
  await using room = await testHub();
  await using earlier = await peer(room.dialNet, "earlier");
  const { token } = await earlier.join("Ada");
  earlier.connection.abort();
  await using opened = gui({
    tokenOf: ({ name, room }) => (name === "Ada" && room === "lobby" ? String(token) : undefined),
  });
  await using bob = await opened.page(`server=127.0.0.1&port=${room.port}`);
  await bob.join("Bob");
  await using ada = await opened.page(`server=127.0.0.1&port=${room.port}`);
  expect(await ada.join("Ada")).toMatchObject({ name: "Ada" });
  expect(brief(room.events)).toEqual(["entered Ada", "entered Bob"]);
});

test("the program's own key proves the name, over its own wire, and the page has none", async () => {
  await using room = await testHub();
  const signer = await testSigner();
  {
    await using first = gui({ signer });
    await using ada = await first.page(`server=127.0.0.1&port=${room.port}`);
    expect(await ada.join("Ada")).toMatchObject({ verified: ["Ada"] });
    expect(await ada.rest()).toEqual([]);
    ada.send({ type: "leave" });
    await ada.end();
  }
  await using other = gui({ signer: await testSigner() });
  await using eve = await other.page(`server=127.0.0.1&port=${room.port}`);
  eve.send({ type: "join", name: "Ada" });
  expect(await eve.next()).toMatchObject({ type: "refused", code: "name-owned" });
  // Over the same wire, under another name.
  expect(await eve.join("Eve")).toMatchObject({ verified: ["Eve"] });
  await using again = gui({ signer });
  await using back = await again.page(`server=127.0.0.1&port=${room.port}`);
  expect(await back.join("Ada")).toMatchObject({ name: "Ada" });
});

test("a name that another chat on this machine has is not taken over", async () => {
  await using room = await testHub();
  await using opened = gui({ taken: ({ name }) => (name === "Ada" ? "You are there already." : undefined) });
  await using page = await opened.page(`server=127.0.0.1&port=${room.port}`);
  page.send({ type: "join", name: "Ada" });
  expect(await page.next()).toEqual({ type: "refused", code: "name-taken", text: "You are there already." });
  expect(await page.join("Bob")).toMatchObject({ members: ["Bob"] });
});

test.each([
  ["server=&port=3001", '"" is not an address. Write HOST, HOST:PORT or chat://HOST:PORT/ROOM.'],
  ["port=3001", '"" is not an address. Write HOST, HOST:PORT or chat://HOST:PORT/ROOM.'],
  ["server=a%20b", '"a b" is not an address. Write HOST, HOST:PORT or chat://HOST:PORT/ROOM.'],
  [
    "server=localhost&port=3001&pin=short",
    "The link is not whole: its pin must be 43 letters, digits, - and _. Copy all of it.",
  ],
  ["server=localhost&port=0", "0 is not a port. Ports are 1 to 65535; chatd's is 3001."],
  ["server=localhost&port=70000", "70000 is not a port. Ports are 1 to 65535; chatd's is 3001."],
  ["server=localhost&port=x", "A port is a number from 1 to 65535."],
])("%p is refused with a sentence", async (query, text) => {
  await using opened = gui();
  await using page = await opened.page(query);
  expect(await page.end()).toEqual([{ type: "bye", code: "unreachable", text }]);
  expect(opened.dialled).toEqual([]);
});

test.each([
  ["server=example.org", "example.org 3001"],
  ["server=%5B%3A%3A1%5D&port=4000", "::1 4000"],
  ["server=fe80%3A%3A1&port=4000", "fe80::1 4000"],
])("%p is dialled as it is meant", async (query, dialled) => {
  const places: string[] = [];
  await using opened = gui({
    dialTo({ hostname, port }) {
      places.push(`${hostname} ${port}`);
      return () => Promise.reject(new Unreachable("It is not there."));
    },
  });
  await using page = await opened.page(query);
  expect(await page.end()).toMatchObject([{ type: "bye", code: "unreachable", text: "It is not there." }]);
  expect(places).toEqual([dialled]);
});

test("it is over when the last tab was closed", async () => {
  const opened = gui({ lingerMs: 0 });
  let over = false;
  void opened.over.then(() => (over = true));
  const tabs = [await fetch(`${opened.address}alive`), await fetch(`${opened.address}alive`)];
  expect(tabs[0]!.headers.get("content-type")).toBe("text/event-stream");
  await tabs[0]!.body!.cancel();
  expect((await fetch(`http://127.0.0.1:${opened.port}/`)).status).toBe(404);
  expect(over).toBe(false);
  await tabs[1]!.body!.cancel();
  await opened.over;
});

test("who ends it leaves every room, and the pages hear it", async () => {
  await using room = await testHub();
  await using bob = await room.member("Bob");
  const opened = gui();
  await using ada = await opened.page(`server=127.0.0.1&port=${room.port}`);
  await ada.join("Ada");
  await using eve = await opened.page(`server=127.0.0.1&port=${room.port}`);
  await eve.join("Eve");
  await using form = await opened.page(`server=127.0.0.1&port=${room.port}`);
  await opened.close();
  expect(brief(await ada.end())).toContain("bye left");
  await eve.end();
  await form.end();
  await bob.rest();
  expect(brief(room.events).slice(-2).toSorted()).toEqual(["exited Ada left", "exited Eve left"]);
  await opened.over;
});

test("the address that a browser is started with leads to the page once, and is worth nothing afterwards", async () => {
  await using one = gui();
  const open = (method = "GET") => fetch(one.opening, { method, redirect: "manual" });
  expect((await open("HEAD")).status).toBe(404);
  const first = await open();
  expect([first.status, new URL(first.headers.get("location")!, one.opening).href]).toEqual([302, one.address]);
  expect((await open()).status).toBe(404);
  expect((await fetch(one.address)).status).toBe(200);
});
