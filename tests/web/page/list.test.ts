import { afterAll, beforeAll, describe, expect } from "bun:test";
import type { Page } from "playwright-core";
import { browserTest, hasBrowser, visit } from "../../support/browser.ts";
import { openDemo, type Demo } from "./demo.ts";

let demo: Demo;
beforeAll(async () => {
  if (hasBrowser) demo = await openDemo("list-demo.html");
});
afterAll(async () => demo?.[Symbol.asyncDispose]());

const WIDTH = 700;
const HEIGHT = 600;
/** Browsers scroll to whole pixels, rows begin anywhere. */
const ROUNDED_PX = 1;

/** Somebody at a list of so many rows. */
async function reader(
  count: number,
  options: { width?: number; height?: number; scale?: number; touch?: boolean } = {},
) {
  const visitor = await visit({ url: demo.url, width: WIDTH, height: HEIGHT, ...options });
  const { page } = visitor;
  await page.evaluate((count) => window.listDemo.append(count), count);
  await painted(page);
  return { visitor, page };
}

/** All that was asked for is on the screen. */
function painted(page: Page): Promise<void> {
  return page.evaluate(
    () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
  );
}

/** Nothing moves, and no gesture is thought to go on. */
async function still(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((done) => {
        let last = "";
        let since = performance.now();
        const look = () => {
          const now = `${document.querySelector(".list")!.scrollTop} ${document.querySelector<HTMLElement>(".list-rows")!.style.top}`;
          if (now !== last) [last, since] = [now, performance.now()];
          if (performance.now() - since > 250) done();
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
}

/** The rows that are seen, from the top: their keys and where they begin. */
function seen(page: Page): Promise<readonly { key: string; top: number; bottom: number }[]> {
  return page.evaluate(() => {
    const { top, bottom } = document.querySelector(".list")!.getBoundingClientRect();
    return Array.from(document.querySelectorAll<HTMLElement>(".list-row"), (row) => ({
      key: row.querySelector("p")!.dataset["key"]!,
      top: row.getBoundingClientRect().top,
      bottom: row.getBoundingClientRect().bottom,
    })).filter((row) => row.bottom > top && row.top < bottom);
  });
}

/** Where a row begins, if it is on the page. */
function topOf(page: Page, key: string): Promise<number | undefined> {
  return page.evaluate(
    (key) => document.querySelector(`[data-key="${key}"]`)?.closest(".list-row")?.getBoundingClientRect().top,
    key,
  );
}

/** From the end to the middle of what is there, and still. */
async function toMiddle(page: Page, key: string): Promise<void> {
  await page.evaluate((key) => window.listDemo.api.toRow(key), key);
  await still(page);
}

const scrolledTo = (page: Page) => page.evaluate(() => document.querySelector(".list")!.scrollTop);

const distanceFromEnd = (page: Page) =>
  page.evaluate(() => {
    const list = document.querySelector(".list")!;
    return list.scrollHeight - list.clientHeight - list.scrollTop;
  });

/** What is read when `change` happens must be where it was afterwards. */
async function staysWhile(page: Page, change: () => Promise<unknown>): Promise<void> {
  const before = await seen(page);
  const read = before.find((row) => row.top >= 0)!;
  await change();
  await painted(page);
  expect(Math.abs((await topOf(page, read.key))! - read.top)).toBeLessThanOrEqual(1);
  await still(page);
  expect(Math.abs((await topOf(page, read.key))! - read.top)).toBeLessThanOrEqual(1);
}

interface Watched {
  blank: number;
  furthest: number;
  scrolled: number;
  frames: number;
}

/** Watches each frame: whether rows cover all that is seen, and how far a row moves from one frame to the next. */
async function watchFrames(page: Page): Promise<() => Promise<Watched>> {
  await page.evaluate(() => {
    const list = document.querySelector(".list")!;
    const block = document.querySelector(".list-rows")!;
    const found = { blank: 0, furthest: 0, scrolled: 0, frames: 0 };
    let scrolledTo = list.scrollTop;
    let tops = new Map<Element, number>();
    const look = () => {
      const view = list.getBoundingClientRect();
      const { top, bottom } = block.getBoundingClientRect();
      const covers = top <= view.top + 1 && bottom >= view.top + list.clientHeight - 1;
      if (!covers) found.blank += 1;
      const now = new Map(Array.from(block.children, (row) => [row, row.getBoundingClientRect().top]));
      const moved = Array.from(now, ([row, top]) => Math.abs(top - (tops.get(row) ?? top)));
      found.furthest = Math.max(found.furthest, ...moved);
      found.scrolled = Math.max(found.scrolled, Math.abs(list.scrollTop - scrolledTo));
      scrolledTo = list.scrollTop;
      found.frames += 1;
      tops = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    Object.assign(window, { found });
  });
  return () => page.evaluate(() => (window as unknown as { found: Watched }).found);
}

describe("a list of 50,000 rows", () => {
  browserTest("has less than a hundred of them on the page, and begins at the end", async () => {
    const { page } = await reader(50_000);
    expect(await page.locator(".list-row").count()).toBeLessThan(100);
    expect((await seen(page)).at(-1)?.key).toBe("row-149999");
    expect(await distanceFromEnd(page)).toBeLessThanOrEqual(1);
  });

  browserTest("shows no blank place when a wheel goes through it, up and down", async () => {
    const { page } = await reader(50_000);
    await page.mouse.move(WIDTH / 2, HEIGHT / 2);
    const watched = await watchFrames(page);
    for (const step of [-100, -400, 300]) {
      for (let steps = 0; steps < 20; steps += 1) await page.mouse.wheel(0, step);
      await still(page);
    }
    expect(await page.locator(".list-row").count()).toBeLessThan(100);
    const { blank, frames } = await watched();
    expect(frames).toBeGreaterThan(50);
    expect(blank).toBe(0);
    const rows = await seen(page);
    rows.slice(1).forEach((row, i) => expect(row.top).toBeCloseTo(rows[i]!.bottom, 1));
  });

  browserTest("keeps what is read where it is when rows come before, after and above it", async () => {
    const { page } = await reader(50_000);
    await toMiddle(page, "row-125000");
    await staysWhile(page, () => page.evaluate(() => window.listDemo.prepend(500)));
    await staysWhile(page, () => page.evaluate(() => window.listDemo.append(500)));
    // A row that is on the page, above what is seen, says more than before.
    await staysWhile(page, () =>
      page.evaluate(() => {
        const shown = document.querySelector<HTMLElement>(".list-row p")!.dataset["key"];
        const longer = (text: string) => `${text}\n${"more\n".repeat(20)}`;
        window.listDemo.set(
          window.listDemo.rows.map((row) => (row.key === shown ? { ...row, text: longer(row.text) } : row)),
        );
      }),
    );
    // It grows by itself, as a font that comes or a line that is folded out does.
    await staysWhile(page, () =>
      page.evaluate(() => (document.querySelector<HTMLElement>(".list-row p")!.style.paddingTop = "90px")),
    );
    // Something comes above the list, and goes.
    await staysWhile(page, () =>
      page.evaluate(() => {
        const banner = document.createElement("div");
        banner.className = "banner";
        banner.style.flex = "0 0 64px";
        document.querySelector(".list")!.before(banner);
      }),
    );
    await staysWhile(page, () => page.evaluate(() => document.querySelector(".banner")!.remove()));
    // It is not shown for a while.
    await staysWhile(page, async () => {
      await page.evaluate(() => (document.querySelector<HTMLElement>(".list")!.style.display = "none"));
      await painted(page);
      await page.evaluate(() => window.listDemo.prepend(10));
      await painted(page);
      await page.evaluate(() => (document.querySelector<HTMLElement>(".list")!.style.display = ""));
    });
    // The first ones make way for others.
    await staysWhile(page, () =>
      page.evaluate(() => window.listDemo.set([...window.listDemo.said(10, 60), ...window.listDemo.rows.slice(1_000)])),
    );
  });

  browserTest("goes on from the next row when the one that is read is taken away", async () => {
    const { page } = await reader(2_000);
    await toMiddle(page, "row-101000");
    const [first, second, third] = (await seen(page)).filter((row) => row.top >= 0);
    await page.evaluate(
      (gone) => window.listDemo.set(window.listDemo.rows.filter((row) => !gone.includes(row.key))),
      [first!.key, second!.key],
    );
    await painted(page);
    expect(Math.abs((await topOf(page, third!.key))! - third!.top)).toBeLessThanOrEqual(1);
  });
});

describe("a reader at the end", () => {
  browserTest("follows what comes, what changes and what a window does", async () => {
    const { page } = await reader(300);
    const isAtEnd = async () => {
      await painted(page);
      expect(await distanceFromEnd(page)).toBeLessThanOrEqual(1);
      expect((await seen(page)).at(-1)!.bottom).toBeCloseTo(page.viewportSize()!.height, 0);
      expect(await page.evaluate(() => window.listDemo.heard)).toEqual({
        atEnd: true,
        lastSeen: await page.evaluate(() => window.listDemo.rows.at(-1)!.key),
      });
    };
    await page.evaluate(() => window.listDemo.append(1));
    await isAtEnd();
    await page.evaluate(() => window.listDemo.append(500));
    await isAtEnd();
    await page.evaluate(() => window.listDemo.prepend(500));
    await isAtEnd();
    await page.evaluate(() =>
      window.listDemo.set([
        ...window.listDemo.rows.slice(0, -1),
        { ...window.listDemo.rows.at(-1)!, text: "line\n".repeat(30) },
      ]),
    );
    await isAtEnd();
    for (const [width, height] of [
      [700, 300],
      [300, 300],
      [300, 700],
      [1_000, 600],
    ] as const) {
      await page.setViewportSize({ width, height });
      await isAtEnd();
    }
  });

  browserTest("can leave it while rows come in every frame", async () => {
    const { page } = await reader(300);
    await page.mouse.move(WIDTH / 2, HEIGHT / 2);
    await page.evaluate(() => {
      let frames = 0;
      const flood = () => {
        window.listDemo.append(3);
        if ((frames += 1) < 90) requestAnimationFrame(flood);
        else Object.assign(window, { flooded: true });
      };
      flood();
    });
    for (let steps = 0; steps < 5; steps += 1) await page.mouse.wheel(0, -60);
    await page.waitForFunction(() => "flooded" in window);
    await still(page);
    expect(await page.evaluate(() => window.listDemo.heard?.atEnd)).toBe(false);
    const read = (await seen(page)).find((row) => row.top >= 0)!;
    expect(Number(read.key.slice(4))).toBeLessThan(100_330);
  });

  browserTest("has left it by the smallest step, before anybody heard of that", async () => {
    const { page } = await reader(300);
    await page.evaluate(() => {
      document.querySelector(".list")!.scrollTop -= 1;
      window.listDemo.append(5);
    });
    await painted(page);
    expect(await page.evaluate(() => window.listDemo.heard?.atEnd)).toBe(false);
  });

  browserTest("is at the end again when they scrolled down to it", async () => {
    const { page } = await reader(300);
    await page.mouse.move(WIDTH / 2, HEIGHT / 2);
    await page.mouse.wheel(0, -700);
    await still(page);
    expect(await page.evaluate(() => window.listDemo.heard?.atEnd)).toBe(false);
    await page.mouse.wheel(0, 5_000);
    await still(page);
    expect(await page.evaluate(() => window.listDemo.heard?.atEnd)).toBe(true);
    await page.evaluate(() => window.listDemo.append(5));
    await painted(page);
    expect(await distanceFromEnd(page)).toBeLessThanOrEqual(1);
  });

  browserTest("sees 10,000 rows that come in slices without a frame that is lost", async () => {
    const { page } = await reader(1_000);
    const chromium = await page.context().newCDPSession(page);
    // Time that the page worked, not time that went by: others work on this machine too.
    await chromium.send("Performance.enable", { timeDomain: "threadTicks" });
    const worked = async () => {
      const { metrics } = await chromium.send("Performance.getMetrics");
      return 1_000 * metrics.find(({ name }) => name === "TaskDuration")!.value;
    };
    const slices: number[] = [];
    for (let slice = 0; slice < 20; slice += 1) {
      const before = await worked();
      await page.evaluate(() => window.listDemo.append(500));
      await painted(page);
      slices.push((await worked()) - before);
    }
    expect((await seen(page)).at(-1)?.key).toBe("row-110999");
    expect(Math.max(...slices)).toBeGreaterThan(1);
    expect(Math.max(...slices)).toBeLessThan(50);
  });
});

describe("a reader somewhere", () => {
  browserTest("keeps the row when the width changes", async () => {
    const { page } = await reader(5_000);
    await toMiddle(page, "row-102500");
    for (const width of [320, 900, 500, 1_200]) {
      await staysWhile(page, () => page.setViewportSize({ width, height: HEIGHT }));
      await staysWhile(page, () => page.evaluate(() => window.listDemo.append(10)));
    }
  });

  browserTest("is not moved by rows that are put in front while the wheel turns, and the wheel turns on", async () => {
    const { page } = await reader(3_000, { scale: 1.5 });
    await toMiddle(page, "row-101500");
    const read = (await seen(page)).find((row) => row.top >= 0)!;
    await page.mouse.move(WIDTH / 2, HEIGHT / 2);
    const watched = await watchFrames(page);
    for (let steps = 0; steps < 16; steps += 1) {
      await page.mouse.wheel(0, -50);
      if (steps % 5 === 2) await page.evaluate(() => window.listDemo.prepend(500));
    }
    await still(page);
    const { blank, furthest } = await watched();
    expect(blank).toBe(0);
    expect(furthest).toBeLessThan(1_000);
    expect(Math.abs((await topOf(page, read.key))! - read.top - 16 * 50)).toBeLessThanOrEqual(1);
  });

  browserTest("is not moved by them under a finger either, and the finger is not stopped", async () => {
    const { page } = await reader(3_000, { touch: true });
    await toMiddle(page, "row-101500");
    const read = (await seen(page)).find((row) => row.top >= 0)!;
    const watched = await watchFrames(page);
    const chromium = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", y?: number) =>
      chromium.send("Input.dispatchTouchEvent", { type, touchPoints: y === undefined ? [] : [{ x: WIDTH / 2, y }] });
    const begun = await scrolledTo(page);
    await touch("touchStart", 40);
    for (let y = 60; y <= 540; y += 20) {
      // A move a frame, as of a finger: between moves that come at no pace, Chromium guesses, and keeps what it guessed.
      await painted(page);
      await touch("touchMove", y);
      if (y % 160 === 60) await page.evaluate(() => window.listDemo.prepend(500));
    }
    // To scroll by ourselves would end the gesture in some browsers.
    expect((await watched()).scrolled).toBeLessThan(1_000);
    await painted(page);
    await touch("touchMove", 540);
    await page.evaluate(() => window.listDemo.prepend(500));
    // It rests before it leaves, or what it held flies on: to Chromium, a finger rests after 40 ms.
    await still(page);
    const byFinger = begun - (await scrolledTo(page));
    await touch("touchEnd");
    await still(page);
    const { blank, furthest } = await watched();
    expect(blank).toBe(0);
    expect(furthest).toBeLessThan(1_000);
    const moved = (await topOf(page, read.key))! - read.top;
    expect(Math.abs(moved - byFinger)).toBeLessThanOrEqual(2 * ROUNDED_PX);
    expect(Math.abs(byFinger - 500)).toBeLessThan(40);
  });

  browserTest("reads on and on towards the start when older rows come as they are asked for", async () => {
    const { page } = await reader(60);
    await page.evaluate(() => (window.listDemo.onNearStart = () => window.listDemo.prepend(30)));
    await page.mouse.move(WIDTH / 2, HEIGHT / 2);
    const watched = await watchFrames(page);
    for (let steps = 0; steps < 40; steps += 1) await page.mouse.wheel(0, -400);
    await still(page);
    const { oldest, asked } = await page.evaluate(() => ({
      oldest: window.listDemo.rows[0]!.key,
      asked: window.listDemo.asked,
    }));
    expect(Number(oldest.slice(4))).toBeLessThan(99_900);
    expect(asked).toBeGreaterThan(3);
    const { blank } = await watched();
    expect(blank).toBe(0);
  });

  browserTest("is taken to a row by its key, also to one that was never seen", async () => {
    const { page } = await reader(20_000);
    for (const key of ["row-103333", "row-100000", "row-119999", "row-111111"]) {
      await toMiddle(page, key);
      expect((await seen(page)).map((row) => row.key)).toContain(key);
    }
    expect(await topOf(page, "row-111111")).toBeCloseTo(HEIGHT / 3, 0);
    await page.evaluate(() => window.listDemo.api.toRow("nobody"));
    await page.evaluate(() => window.listDemo.api.toEnd());
    await still(page);
    expect(await distanceFromEnd(page)).toBeLessThanOrEqual(1);
  });
});

describe("the keyboard", () => {
  browserTest("turns pages and goes to the start and the end", async () => {
    const { page } = await reader(5_000);
    await page.keyboard.press("Tab");
    await page.keyboard.press("PageUp");
    await painted(page);
    const before = await seen(page);
    await page.keyboard.press("PageUp");
    await painted(page);
    const after = await seen(page);
    const top = before.find((row) => row.top >= 0)!;
    expect((await topOf(page, top.key))! - top.top).toBeCloseTo(0.9 * HEIGHT, 0);
    // The row at the upper edge, which may be cut there, is at the bottom now: nothing was left out. How tall rows are is the font's.
    expect(after.at(-1)!.key >= before[0]!.key).toBe(true);
    await page.keyboard.press("PageDown");
    await painted(page);
    expect(await topOf(page, top.key)).toBeCloseTo(top.top, 0);
    await page.keyboard.press("Home");
    await painted(page);
    expect((await seen(page))[0]).toMatchObject({ key: "row-100000", top: 0 });
    await page.keyboard.press("End");
    await painted(page);
    expect((await seen(page)).at(-1)?.key).toBe("row-104999");
    expect(await page.evaluate(() => window.listDemo.heard?.atEnd)).toBe(true);
  });

  browserTest("is not lost when the row that it was in is gone from the page", async () => {
    const { page } = await reader(5_000);
    await page.locator(".list-row a").last().focus();
    await page.evaluate(() => window.listDemo.api.toRow("row-101000"));
    await painted(page);
    expect(await page.evaluate(() => document.activeElement?.className)).toBe("list");
  });
});

describe("the list", () => {
  browserTest("renders a row once, however often others come", async () => {
    const { page } = await reader(1_000);
    await toMiddle(page, "row-100500");
    const rendered = await page.evaluate(() => window.listDemo.rendered);
    for (let times = 0; times < 10; times += 1) await page.evaluate(() => window.listDemo.append(10));
    await page.evaluate(() => window.listDemo.prepend(50));
    await painted(page);
    expect(await page.evaluate(() => window.listDemo.rendered)).toBe(rendered);
  });

  browserTest("asks for older rows in time, once for the same start", async () => {
    const { page } = await reader(400);
    expect(await page.evaluate(() => window.listDemo.asked)).toBe(0);
    await toMiddle(page, "row-100010");
    await page.evaluate(() => window.listDemo.append(10));
    await page.evaluate(() => window.listDemo.append(10));
    await painted(page);
    expect(await page.evaluate(() => window.listDemo.asked)).toBe(1);
    await page.evaluate(() => window.listDemo.prepend(5));
    await painted(page);
    expect(await page.evaluate(() => window.listDemo.asked)).toBe(2);
  });

  browserTest("tells the last row that is seen whole", async () => {
    const { page } = await reader(400);
    await toMiddle(page, "row-100200");
    const whole = (await seen(page)).filter((row) => row.bottom <= HEIGHT + 1).at(-1);
    expect(await page.evaluate(() => window.listDemo.heard)).toEqual({ atEnd: false, lastSeen: whole!.key });
  });

  browserTest("shows what there is where that is less than a screen", async () => {
    const { page } = await reader(2);
    expect((await seen(page)).map((row) => row.key)).toEqual(["row-100000", "row-100001"]);
    await page.evaluate(() => window.listDemo.set([]));
    await painted(page);
    expect(await page.locator(".list-row").count()).toBe(0);
    await page.evaluate(() => window.listDemo.append(3));
    await painted(page);
    expect(await page.evaluate(() => window.listDemo.heard?.atEnd)).toBe(true);
  });
});
