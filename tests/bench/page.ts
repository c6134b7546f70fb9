// How smooth an open page stays while 10,000 messages come at once: in a real browser, beside a chatd that holds nobody back.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import type { Connection } from "../../lib/transport/connection.ts";
import { findChromium } from "../support/chromium.ts";
import { readOptions } from "./options.ts";

const MESSAGES = 10_000;
const BYTES = 100;
const PEERS = 4;
const ROUNDS = 5;
const DEADLINE_MS = 60_000;
const HOST = "127.0.0.1";
const ARGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update", "--disable-sync"];
const utf8 = new TextEncoder();

interface Scene {
  readonly name: string;
  /** So many were said into the open page before. */
  readonly before: number;
  /** So many are said while it is watched. */
  readonly burst: number;
  /** The reader looks at something older. */
  readonly up: boolean;
}

const SCENES: readonly Scene[] = [
  // What the machine alone makes of a page's frames.
  { name: "one message", before: 0, burst: 1, up: false },
  { name: "at the newest", before: 0, burst: MESSAGES, up: false },
  { name: "scrolled up", before: 1_000, burst: MESSAGES, up: true },
  { name: "after 50,000", before: 50_000, burst: MESSAGES, up: false },
  { name: "after 50,000, up", before: 50_000, burst: MESSAGES, up: true },
];

/** What one burst did to the page. */
interface Figures {
  /** The longest time between two frames. */
  readonly gapMs: number;
  readonly longTasks: number;
  readonly longestTaskMs: number;
  /** From the first message until the page showed all. */
  readonly shownMs: number;
  /** Rows in the document. */
  readonly rows: number;
}

/** Everybody else in the room. */
interface Crowd {
  /** Says so many as fast as it can; answers the text of the last one in the room's order. */
  burst(messages: number): Promise<string>;
  leave(): void;
}

/** What the page notes while it is watched. */
interface Watched {
  gapMs: number;
  tasks: number[];
  /** Milliseconds since 1970. */
  changedAt: number;
}

const chromiumPath = findChromium();
if (chromiumPath !== undefined) await measure(chromiumPath);
else console.log("No Chromium was found, so the page is not measured. CHROMIUM=/path/to/chromium names one.");

async function measure(executablePath: string): Promise<void> {
  const browser = await chromium.launch({ executablePath, args: ARGS });
  try {
    for (const scene of SCENES) {
      const figures = await play(browser, scene);
      const of = (pick: (figures: Figures) => number) => {
        const sorted = figures.map(pick).toSorted((a, b) => a - b);
        return `${Math.round(sorted[sorted.length >> 1]!)} (worst ${Math.round(sorted.at(-1)!)})`;
      };
      console.log(
        [
          `${scene.name}:`.padEnd(18),
          `longest frame ${of(({ gapMs }) => gapMs)} ms`,
          `long tasks ${of(({ longTasks }) => longTasks)}, longest ${of(({ longestTaskMs }) => longestTaskMs)} ms`,
          `all shown after ${of(({ shownMs }) => shownMs)} ms`,
          `rows in the document ${of(({ rows }) => rows)}`,
        ].join("  "),
      );
    }
  } finally {
    await browser.close();
  }
}

async function play(browser: Browser, scene: Scene): Promise<readonly Figures[]> {
  const data = mkdtempSync(join(tmpdir(), "page-"));
  const flags = ["--port", "0", "--web-port", "0", "--host", HOST, "--log", "json", "--rate", "off"];
  const server = Bun.spawn([...chatd(), ...flags, "--per-address", "off", "--data", data], {
    stdin: null,
    stdout: "pipe",
  });
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 } });
  try {
    const { port, web_port } = await portsOf(server.stdout);
    const page = await context.newPage();
    await page.goto(`http://${HOST}:${web_port}/`);
    await page.getByRole("textbox", { name: /name/i }).fill("Reader");
    await page.keyboard.press("Enter");
    await page.locator(".list-row").first().waitFor();
    const crowd = await gather(port);
    let unread = 0;
    const shown = async (text: string) => {
      const wait = { timeout: DEADLINE_MS };
      if (scene.up) await page.waitForFunction((sign) => document.title.includes(sign), `(${unread})`, wait);
      else await page.locator(".list-row").last().getByText(text).waitFor(wait);
    };
    if (scene.before > 0) {
      const text = await crowd.burst(scene.before);
      await page.locator(".list-row").last().getByText(text).waitFor({ timeout: DEADLINE_MS });
    }
    if (scene.up) {
      await page.locator(".list").press("PageUp");
      await page.locator(".list").press("PageUp");
    }
    const rounds: Figures[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await watch(page);
      const start = Date.now();
      const text = await crowd.burst(scene.burst);
      unread += scene.burst;
      await shown(text);
      rounds.push(await figuresOf(page, start));
    }
    crowd.leave();
    return rounds;
  } finally {
    await context.close();
    server.kill();
    await server.exited;
    rmSync(data, { recursive: true });
  }
}

function chatd(): readonly string[] {
  const { chatd } = readOptions(Bun.argv.slice(2));
  return existsSync(chatd) ? [chatd] : [process.execPath, join(import.meta.dir, "..", "..", "server.ts")];
}

async function portsOf(output: ReadableStream<Uint8Array>): Promise<{ port: number; web_port: number }> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of output) {
    text += decoder.decode(chunk, { stream: true });
    const line = text.split("\n").find((line) => line.includes('"listening"'));
    if (line !== undefined) return JSON.parse(line) as { port: number; web_port: number };
  }
  throw new Error("chatd did not listen");
}

async function gather(port: number): Promise<Crowd> {
  let heard = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let told = (_line: string) => {};
  const connections: Connection[] = [];
  for (let id = 0; id < PEERS; id++) {
    const joined = Promise.withResolvers<void>();
    const connection = await dialTcp(
      { hostname: HOST, port },
      {
        received(line) {
          if (line.startsWith('{"type":"welcome"')) joined.resolve();
          // All hear the same.
          if (id === 0 && line.includes('"type":"said"') && ++heard === wanted) told(line);
        },
        broken: () => joined.reject(new Error("chatd said something that is no line")),
        closed: () => joined.reject(new Error("chatd hung up")),
      },
    );
    connection.limitLines(Number.MAX_SAFE_INTEGER);
    connection.send(utf8.encode(`${JSON.stringify({ type: "join", name: `peer${id}` })}\n`));
    await joined.promise;
    connections.push(connection);
  }
  let said = 0;
  return {
    async burst(messages) {
      wanted = heard + messages;
      const last = new Promise<string>((resolve) => (told = resolve));
      const lines = connections.map((_, id) =>
        Array.from({ length: Math.floor((messages + PEERS - 1 - id) / PEERS) }, (_, n) => {
          const text = `${id}-${said + n} `.padEnd(BYTES, "lorem ipsum ");
          return `${JSON.stringify({ type: "say", text })}\n`;
        }).join(""),
      );
      said += messages;
      connections.forEach((connection, id) => connection.send(utf8.encode(lines[id])));
      const { text } = JSON.parse(await last) as { text: string };
      return text;
    },
    leave: () => connections.forEach((connection) => connection.abort()),
  };
}

/** From here on the page notes its frames and its long tasks, and when it last showed something new. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watched: Watched = { gapMs: 0, tasks: [], changedAt: 0 };
    Object.assign(globalThis, { watched });
    const isWatched = () => (globalThis as { watched?: Watched }).watched === watched;
    const tasks = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) watched.tasks.push(duration);
    });
    tasks.observe({ type: "longtask" });
    let before = performance.now();
    let seen = "";
    const look = () => {
      if (!isWatched()) return tasks.disconnect();
      const now = performance.now();
      watched.gapMs = Math.max(watched.gapMs, now - before);
      before = now;
      const shown = `${document.title} ${document.querySelector(".list-row:last-child")?.textContent ?? ""}`;
      if (shown !== seen) watched.changedAt = performance.timeOrigin + now;
      seen = shown;
      requestAnimationFrame(look);
    };
    // The first frame is the watch's own beginning.
    return new Promise<void>((resolve) => {
      requestAnimationFrame(() => {
        before = performance.now();
        look();
        resolve();
      });
    });
  });
}

async function figuresOf(page: Page, start: number): Promise<Figures> {
  return page.evaluate(async (start) => {
    // A browser reports a long task after its end.
    for (let frames = 0; frames < 20; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
    const { gapMs, tasks, changedAt } = (globalThis as unknown as { watched: Watched }).watched;
    Object.assign(globalThis, { watched: undefined });
    return {
      gapMs,
      longTasks: tasks.length,
      longestTaskMs: Math.max(0, ...tasks),
      shownMs: changedAt - start,
      rows: document.querySelectorAll(".list-row").length,
    };
  }, start);
}
