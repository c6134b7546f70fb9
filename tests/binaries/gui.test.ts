// chat --gui: a page for this machine's browser, from the compiled program, to a real chatd.
import { expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { CHAT, type Chatd, type Env, type Home, home } from "../support/binaries.ts";
import { type Peer, peer } from "../support/peer.ts";
import type { Program } from "../support/program.ts";

interface RunningGui extends AsyncDisposable {
  readonly program: Program;
  readonly address: string;
  /** What the page is told. */
  settings(): Promise<unknown>;
  /** A page's wire to a server. */
  page(server: string, port: number): Promise<Peer>;
}

/** Over ssh no browser is opened, so none of whoever runs the tests. */
const NO_BROWSER = { BROWSER: undefined, SSH_CONNECTION: "a test" } as const;

async function gui(place: Home, args: readonly string[] = [], env: Env = {}): Promise<RunningGui> {
  const program = place.run([CHAT, "--gui", ...args], { env: { ...NO_BROWSER, ...env } });
  const line = await program.until("http://");
  const address = line.slice(line.indexOf("http://"));
  return {
    program,
    address,
    async settings() {
      let content = "";
      const found = new HTMLRewriter().on('meta[name="chat"]', {
        element: (meta) => void (content = meta.getAttribute("content") ?? ""),
      });
      await found.transform(await fetch(address)).text();
      return JSON.parse(content.replaceAll("&quot;", '"'));
    },
    page: (server, port) =>
      peer((receiver) =>
        dialWebSocket(
          `${address.replace("http", "ws")}ws?${new URLSearchParams({ server, port: `${port}` })}`,
          receiver,
        ),
      ),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** Somebody who sees who comes and goes. */
async function witness(chatd: Chatd): Promise<Peer> {
  const bob = await peer((receiver) => dialTcp({ hostname: "127.0.0.1", port: chatd.port }, receiver), "Bob");
  await bob.join("Bob");
  return bob;
}

test("the page is there, under its own address only, for the browser of this machine only", async () => {
  await using place = await home();
  await using chat = await gui(place);
  expect(chat.program.out).toEqual([`Open this address in a browser on this machine: ${chat.address}`]);
  const { origin, port } = new URL(chat.address);
  const page = await fetch(chat.address);
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  const [, script = ""] = /<script[^>]* src="\.\/([^"]+)"/.exec(await page.text()) ?? [];
  expect((await fetch(chat.address + script)).status).toBe(200);
  for (const path of ["/", "/ws", "/alive", `/${script}`]) expect((await fetch(origin + path)).status).toBe(404);
  for (const [headers, status] of [
    [{ host: `evil.example:${port}` }, 421],
    [{ origin: "http://evil.example" }, 403],
  ] as const) {
    expect((await fetch(chat.address, { headers })).status).toBe(status);
    expect((await fetch(`${chat.address}alive`, { headers })).status).toBe(status);
    expect((await fetch(`${chat.address}ws?server=localhost`, { headers })).status).toBe(status);
  }
  const elsewhere = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of elsewhere) expect(fetch(`http://${address}:${port}/`)).rejects.toThrow();
});

test("a page joins a chatd through it, and the next start remembers where and who", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using bob = await witness(chatd);
  {
    await using chat = await gui(place);
    expect(await chat.settings()).toEqual({ form: true, connect: false });
    await using ada = await chat.page("localhost", chatd.port);
    await ada.join("Ada");
    ada.send({ type: "say", text: "Grüße, 世界 👋" });
    expect(await bob.until("said")).toMatchObject({ from: "Ada", text: "Grüße, 世界 👋" });
    bob.send({ type: "say", text: "hello" });
    await ada.until("said");
    expect(await ada.until("said")).toMatchObject({ from: "Bob", text: "hello" });
  }
  // The first was ended by force, so the name is still kept: with what it left behind, it is taken over.
  await using again = await gui(place);
  const last = { server: "localhost", port: chatd.port, name: "Ada" };
  expect(await again.settings()).toEqual({ form: true, ...last, connect: false });
  await using ada = await again.page("localhost", chatd.port);
  expect(await ada.join("Ada")).toMatchObject({ name: "Ada" });
});

test("what the command line says stands in the form, and where all of it does, the page connects by itself", async () => {
  await using place = await home();
  await using all = await gui(place, ["ada@[::1]:4000"]);
  expect(await all.settings()).toEqual({
    form: true,
    server: "::1",
    port: 4_000,
    name: "ada",
    connect: true,
  });
  await using half = await gui(place, ["-n", "Ada"]);
  expect(await half.settings()).toEqual({ form: true, name: "Ada", connect: false });
});

test("a server that is not there is told to the page in a sentence", async () => {
  await using place = await home();
  await using chat = await gui(place);
  const free = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = free;
  free.stop(true);
  await using ada = await chat.page("127.0.0.1", port);
  const text = `Nothing answers at 127.0.0.1:${port}. Is chatd running there, and is the port right?`;
  expect(await ada.end()).toEqual([{ type: "bye", code: "unreachable", text }]);
});

test("it ends when its last tab was closed", async () => {
  await using place = await home();
  await using chat = await gui(place, [], { CHAT_GUI_LINGER_S: "0" });
  const tab = await fetch(`${chat.address}alive`);
  await tab.body!.cancel();
  expect(await chat.program.exited()).toBe(0);
  expect(chat.program.err).toEqual([]);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends it, and the room sees that the member left",
  async (signal) => {
    await using place = await home();
    await using chatd = await place.chatd("--ephemeral");
    await using bob = await witness(chatd);
    await using chat = await gui(place);
    const tab = await fetch(`${chat.address}alive`);
    await using ada = await chat.page("localhost", chatd.port);
    await ada.join("Ada");
    chat.program.kill(signal);
    expect(await ada.until("bye")).toMatchObject({ code: "left" });
    expect(await chat.program.exited()).toBe(0);
    expect(await bob.until("exited")).toMatchObject({ name: "Ada", why: "left" });
    expect(chat.program.err).toEqual([]);
    await tab.text().catch(() => "cut off");
  },
);

test("the browser that is wished for is started with an address that leads to the page once, and outlives Ctrl+C", async () => {
  await using place = await home();
  const { promise: asked, resolve } = Promise.withResolvers<{ path: string; pid: number }>();
  using server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      resolve((await request.json()) as { path: string; pid: number });
      return new Response();
    },
  });
  const browser = `${place.path}/browser.ts`;
  await Bun.write(
    browser,
    `const body = JSON.stringify({ path: process.argv[2], pid: process.pid });
     await fetch("${server.url.href}", { method: "POST", body });
     setInterval(() => {}, 60_000);`,
  );
  await using chat = await gui(place, [], { BROWSER: `${process.execPath} ${browser} %s` });
  expect(chat.program.out[0]).toBe(`The chat opens in your browser: ${chat.address}`);
  const { path, pid } = await asked;
  try {
    // What it is started with can be seen by other users of this machine.
    expect((await fetch(path)).url).toBe(chat.address);
    expect((await fetch(path)).status).toBe(404);
    // It leads a process group of its own: Ctrl+C reaches those of the terminal's.
    expect(() => process.kill(-pid, 0)).not.toThrow();
  } finally {
    process.kill(pid);
  }
});

test("where the browser cannot be started, it says so", async () => {
  await using place = await home();
  await using chat = await gui(place, [], { BROWSER: "no-such-browser-here" });
  await chat.program.until("No browser opened by itself. Open that address in a browser on this machine.");
  expect((await fetch(chat.address)).status).toBe(200);
});

test.each(["--json", "--plain", "--cli"])("it is no screen beside %s", async (other) => {
  await using place = await home();
  await using chat = place.run([CHAT, "--gui", other]);
  expect(await chat.exited()).toBe(2);
  expect(chat.err).toEqual([`chat: --gui opens a page and ${other} does not: give one of them.`]);
});
