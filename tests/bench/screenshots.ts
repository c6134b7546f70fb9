// Draws docs/*.webp: the compiled programs' page in a real Chromium, photographed in the middle of a conversation.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findChromium } from "../support/chromium.ts";

const ROOT = join(import.meta.dir, "..", "..");
const QUALITY = 82;
const home = mkdtempSync(join(tmpdir(), "screenshots-"));
const env = {
  ...process.env,
  HOME: home,
  XDG_STATE_HOME: join(home, "state"),
  XDG_CONFIG_HOME: join(home, "config"),
  BROWSER: "true",
};

await using programs = new AsyncDisposableStack();
programs.defer(() => rmSync(home, { recursive: true }));
const listening = await firstLine(
  ["chatd", "--port", "0", "--host", "127.0.0.1", "--ephemeral", "--log", "json"],
  /listening/,
);
const { port, web_port: webPort } = JSON.parse(listening) as { port: number; web_port: number };
const gui = /http:\S+/.exec(await firstLine(["chat", "--gui", "192.168.1.5"], /http:/))![0];
const browser: Browser = await chromium.launch({ executablePath: findChromium() ?? "chromium" });
programs.defer(() => browser.close());

const page = `http://localhost:${webPort}/`;
const grace = await arrive("Grace", { viewport: { width: 1_200, height: 720 } });
const spider = await arrive("Spider-Man", { viewport: { width: 1_200, height: 720 }, colorScheme: "dark" });
const iron = await arrive("Ironman", { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
await say(grace, "/topic Book club, Thursdays at eight");
await say(grace, "Did everyone finish chapter nine?");
await say(spider, "Almost. I was out late. Again.");
await say(spider, "The notes are on https://example.org/chapter-nine");
await say(iron, "Read it twice. `summary.txt` is in the shared folder:");
await say(iron, "```\n1. Nobody trusts the butler\n2. The butler did it\n```");
await say(grace, "Spoilers, Ironman!");
await say(iron, "/me hides behind the sofa");
await say(spider, "@Grace shall I bring the pizza?");
await say(grace, "Yes please. Two, no olives.");
await say(iron, "@Spider-Man one with olives for me");
await spider.getByText("olives for me").waitFor();
await photograph(grace, "desktop-light");
await photograph(spider, "desktop-dark");
await photograph(iron, "phone");
const form = await open(gui, { viewport: { width: 600, height: 560 } });
await form.getByLabel("Username").fill("Grace");
await photograph(form, "connect-form");
console.log(`docs/*.webp are drawn (chat port ${port}).`);

/** Starts one of the compiled programs, and answers the first line that is meant. */
async function firstLine([name = "", ...args]: readonly string[], meant: RegExp): Promise<string> {
  const child = Bun.spawn([join(ROOT, "dist", name), ...args], { env, cwd: home, stdin: "pipe", stdout: "pipe" });
  programs.defer(async () => {
    child.kill();
    await child.exited;
  });
  let text = "";
  for await (const bytes of child.stdout) {
    text += new TextDecoder().decode(bytes);
    const line = text.split("\n").find((line) => meant.test(line));
    if (line !== undefined) return line;
  }
  throw new Error(`${name} ended: ${text}`);
}

async function open(url: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ deviceScaleFactor: 1.5, ...options });
  const opened = await context.newPage();
  await opened.goto(url);
  return opened;
}

async function arrive(name: string, options: BrowserContextOptions): Promise<Page> {
  const arrived = await open(page, options);
  await arrived.getByRole("textbox", { name: /name/i }).fill(name);
  await arrived.getByRole("button", { name: "Join" }).click();
  await arrived.getByText(`You are in lobby as ${name}`).waitFor();
  return arrived;
}

async function say(from: Page, text: string): Promise<void> {
  const field = from.getByRole("textbox", { name: /message/i });
  await field.fill(text);
  await field.press("Enter");
  await from.locator(".pending").waitFor({ state: "detached" });
}

/** As WebP, which Playwright does not make by itself. */
async function photograph(of: Page, name: string): Promise<void> {
  const session = await of.context().newCDPSession(of);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
  writeFileSync(join(ROOT, "docs", `${name}.webp`), Buffer.from(data, "base64"));
}
