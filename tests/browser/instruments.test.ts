// What the other tests here measure with: whether it sees a page that is wrong, and a network that is broken.
import { expect } from "bun:test";
import { axeProblems } from "../support/axe.ts";
import { browserTest, visit } from "../support/browser.ts";
import { Network } from "../support/network.ts";

const POLICY =
  "default-src 'none'; script-src 'self'; img-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

interface Served extends Disposable {
  readonly port: number;
  readonly url: string;
  /** What came by WebSocket. */
  readonly heard: readonly string[];
  /** Says something to all who are there by WebSocket. */
  tell(text: string): void;
}

/** A page with this script and body, as strict as the real one. It echoes by WebSocket. */
function serve(script: string, body = "<h1>Page</h1>"): Served {
  const heard: string[] = [];
  const headers = { "content-security-policy": POLICY };
  const html = `<!doctype html><html lang="en"><title>Page</title><body><main>${body}</main><script type="module" src="/script.js"></script></body></html>`;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, server) {
      const { pathname } = new URL(request.url);
      if (pathname === "/ws") return server.upgrade(request) ? undefined : new Response("", { status: 426 });
      if (pathname === "/") return new Response(html, { headers: { ...headers, "content-type": "text/html" } });
      if (pathname === "/favicon.ico") return new Response(null, { status: 204 });
      if (pathname !== "/script.js") return new Response("", { status: 404, headers });
      return new Response(script, { headers: { ...headers, "content-type": "text/javascript" } });
    },
    websocket: {
      open: (socket) => void socket.subscribe("all"),
      message(socket, text) {
        heard.push(String(text));
        socket.send(text);
      },
    },
  });
  const port = server.port!;
  const tell = (text: string) => void server.publish("all", text);
  return { port, url: `http://127.0.0.1:${port}/`, heard, tell, [Symbol.dispose]: () => void server.stop(true) };
}

browserTest("a page without problems has none", async () => {
  using page = serve("document.querySelector('h1').append(' is ready');");
  await using ada = await visit({ url: page.url });
  await ada.sees("Page is ready");
  await ada.seesNo("problem");
  await ada.sees(ada.page.getByRole("heading", { name: /ready/ }));
  expect(await axeProblems(ada.page)).toEqual([]);
  expect(ada.problems).toEqual([]);
});

const WRONG: Readonly<Record<string, RegExp>> = {
  "console.error('oh no')": /^console error: oh no/,
  "console.warn('beware')": /^console warning: beware/,
  "throw new Error('boom')": /^uncaught: Error: boom/,
  "Promise.reject(new Error('broken'))": /^uncaught: Error: broken/,
  "fetch('/nowhere')": /^console error: .* 404 .*\/nowhere/,
  "document.body.setAttribute('style', 'color: red')": /^console error: security policy: style-src-attr forbids inline/,
  "try { setTimeout('1'); } catch {}": /^console error: security policy: require-trusted-types-for/,
  "alert('Look!')": /^dialog: alert Look!/,
};

browserTest("whatever goes wrong in a page is a problem", async () => {
  await using ada = await visit();
  ada.allow(/./);
  for (const [script, problem] of Object.entries(WRONG)) {
    using page = serve(script);
    await ada.page.goto(page.url);
    await ada.problem(problem);
  }
});

browserTest("a problem that is not allowed fails the test", async () => {
  using page = serve("console.error('oh no'); console.error('known');");
  await using ada = await visit({ url: page.url });
  await ada.sees("Page");
  ada.allow("known");
  await ada[Symbol.asyncDispose]();
  expect(() => ada.expectNoProblems()).toThrow(
    /does not allow:\n {2}- console error: oh no [^\n]+\n┌────\n│Page\n└────/,
  );
  ada.allow("oh no");
});

browserTest("what does not come is told with what the page shows", async () => {
  using page = serve("");
  await using ada = await visit({ url: page.url });
  const missed = await ada.sees("Something else", 100).catch(String);
  expect(missed).toMatch(/^Error: Something else was not to be seen[^\n]+\n┌────\n│Page\n└────$/);
});

browserTest("a page that shuts people out is told what is wrong and where", async () => {
  using page = serve("", '<h1>Page</h1><img src="/script.js"><input>');
  await using ada = await visit({ url: page.url });
  const problems = await axeProblems(ada.page);
  expect(problems.map((problem) => problem.split(":")[0])).toEqual(["critical image-alt", "critical label"]);
  expect(problems[1]).toContain("\n  input  <input>\n");
});

browserTest("a visitor has the screen, the colours, the language and the clock that the test gives", async () => {
  using page = serve("");
  const options = { width: 390, height: 844, scale: 2, touch: true, dark: true, reducedMotion: true };
  await using ada = await visit({ url: page.url, ...options, locale: "de-DE", timezone: "Asia/Tokyo" });
  const seen = await ada.page.evaluate(() => [
    ...[
      "(prefers-color-scheme: dark)",
      "(prefers-reduced-motion: reduce)",
      "(pointer: coarse)",
      "(forced-colors: active)",
    ].map((query) => matchMedia(query).matches),
    navigator.language,
    new Date(0).getHours(),
    devicePixelRatio,
    screen.height,
  ]);
  expect(seen).toEqual([true, true, true, false, "de-DE", 9, 2, 844]);
});

/** Says what it hears from its WebSocket, and how it ended. */
const ECHO = `
  const say = (text) => document.body.append(text + " ");
  globalThis.open = (name) => {
    const socket = globalThis.socket = new WebSocket("/ws");
    socket.onopen = () => say(name + "-opened");
    socket.onmessage = ({ data }) => say("heard-" + data);
    socket.onclose = ({ code }) => say(name + "-closed-" + code);
  };
  open("first");`;
type Echo = typeof globalThis & { open(name: string): void; socket: WebSocket };

browserTest("a network that is cut, stalled, down and healed does that to a page's WebSocket", async () => {
  using page = serve(ECHO);
  await using network = await Network.to(page.port);
  await using ada = await visit({ url: network.url });
  ada.allow("WebSocket connection to", "Failed to load resource: net::");
  const open = (name: string) => ada.page.evaluate((name) => (globalThis as Echo).open(name), name);
  const say = (text: string) => ada.page.evaluate((text) => (globalThis as Echo).socket.send(text), text);
  await ada.sees("first-opened");
  await say("hello");
  await ada.sees("heard-hello");
  network.cut();
  await ada.sees("first-closed-1006");
  await open("second");
  await ada.sees("second-opened");
  network.stall();
  await say("held");
  await open("third");
  // Who comes another way hears, so that much time has passed.
  await using bob = await visit({ url: page.url });
  await bob.sees("first-opened");
  page.tell("news");
  await bob.sees("heard-news");
  expect(page.heard).toEqual(["hello"]);
  expect(await ada.text()).not.toMatch(/held|news|third|second-closed/);
  network.heal();
  await ada.sees(/heard-news[^]*heard-held/);
  await ada.sees("third-opened");
  network.takeDown();
  await ada.sees(/second-closed-1006[^]*third-closed-1006|third-closed-1006[^]*second-closed-1006/);
  await open("fourth");
  await ada.sees("fourth-closed-1006");
  await ada.page.evaluate(() => void fetch("/script.js").catch(() => {}));
  await ada.problem(/^request failed: GET .*\/script\.js net::/);
  network.heal();
  await open("fifth");
  await ada.sees("fifth-opened");
  expect(network.connections).toBeGreaterThan(4);
});
