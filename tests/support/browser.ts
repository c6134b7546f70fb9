// A real Chromium for tests: one process a test file, started when it is first needed. Knows nothing of the page that is opened.
import { afterAll, onTestFinished, test } from "bun:test";
import type { Browser } from "playwright-core";
import { findChromium } from "./chromium.ts";
import { recordProblems } from "./problems.ts";
import { DEADLINE_MS, Visitor } from "./visitor.ts";

/** Limit of one test in a browser. The first of a file starts it, which takes a second where the machine has nothing else to do. */
export const BROWSER_TEST_MS = 30_000;
const LAUNCH_MS = 20_000;
const OPEN_MS = 15_000;
const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update", "--disable-sync"];
/** A name that leads to this machine, and of which the browser does not know that: over plain http, it is as far away as any. */
export const FAR_HOST = "room.test";
const NO_BROWSER =
  "No Chromium was found, so the page is not tested in a browser. Install one (apt install chromium), or name one: CHROMIUM=/path/to/chromium.";

const chromiumPath = findChromium();
export const hasBrowser = chromiumPath !== undefined;
if (!hasBrowser) complain();

let launched: Promise<Browser> | undefined;
// This module is loaded anew for each test file.
afterAll(async () => {
  await (await launched?.catch(() => undefined))?.close();
});

/** A test that needs a browser: skipped where there is none. */
export function browserTest(title: string, run: () => Promise<void>, limitMs = BROWSER_TEST_MS): void {
  test.skipIf(!hasBrowser)(title, run, limitMs);
}

export interface VisitOptions {
  /** Opened at once. */
  readonly url?: string;
  readonly width?: number;
  readonly height?: number;
  /** Device pixels per CSS pixel. */
  readonly scale?: number;
  /** A phone or a tablet: a finger for a mouse, and the viewport that the page asks for. */
  readonly touch?: boolean;
  readonly dark?: boolean;
  readonly reducedMotion?: boolean;
  readonly forcedColors?: boolean;
  readonly moreContrast?: boolean;
  readonly locale?: string;
  readonly timezone?: string;
  /** The page's clock goes on as always, until the test turns it with `page.clock`. */
  readonly clock?: boolean;
  readonly permissions?: readonly string[];
  /** Whoever sits there clicks the warning away that nobody vouches for the server. */
  readonly clicksWarningsAway?: boolean;
}

/** Somebody new at a browser that has seen nothing yet. Only within a test, which fails where the page had problems. */
export async function visit(options: VisitOptions = {}): Promise<Visitor> {
  launched ??= launch();
  const browser = await launched;
  const { url, width = 1_280, height = 800, touch = false, permissions = [] } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: options.scale ?? 1,
    hasTouch: touch,
    isMobile: touch,
    colorScheme: options.dark === true ? "dark" : "light",
    reducedMotion: options.reducedMotion === true ? "reduce" : "no-preference",
    forcedColors: options.forcedColors === true ? "active" : "none",
    contrast: options.moreContrast === true ? "more" : "no-preference",
    locale: options.locale ?? "en-GB",
    timezoneId: options.timezone ?? "UTC",
    permissions: [...permissions],
    ignoreHTTPSErrors: options.clicksWarningsAway === true,
  });
  context.setDefaultTimeout(DEADLINE_MS);
  context.setDefaultNavigationTimeout(OPEN_MS);
  const problems = await recordProblems(context);
  if (options.clock === true) await context.clock.install();
  const visitor = new Visitor(await context.newPage(), problems, () => context.close());
  // Not in the disposal: bun test shows nothing of two errors that became one SuppressedError.
  onTestFinished(async () => {
    await visitor[Symbol.asyncDispose]();
    visitor.expectNoProblems();
  });
  if (url !== undefined) await visitor.page.goto(url);
  return visitor;
}

async function launch(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(NO_BROWSER);
  // Half a second to load: not for those who skip these tests.
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [...QUIET, `--host-resolver-rules=MAP ${FAR_HOST} 127.0.0.1`],
    timeout: LAUNCH_MS,
  });
  // A test that runs out of time takes it along: bun test kills what was started. The next one starts another.
  browser.on("disconnected", () => (launched = undefined));
  return browser;
}

/** Says it once a run, though each test file loads this module; where everything must hold, skipping is no answer. */
function complain(): void {
  if (Bun.env["CI"]) throw new Error(NO_BROWSER);
  const told = Symbol.for("chatd: no browser");
  if (!(told in globalThis)) console.error(NO_BROWSER);
  Object.assign(globalThis, { [told]: true });
}
