import { afterAll, beforeAll, describe, expect } from "bun:test";
import type { Page } from "playwright-core";
import { axeProblems } from "../../support/axe.ts";
import { browserTest, hasBrowser, visit } from "../../support/browser.ts";
import { openDemo, type Demo } from "./demo.ts";

let demo: Demo;
beforeAll(async () => {
  if (hasBrowser) demo = await openDemo("composer-demo.html");
});
afterAll(async () => demo?.[Symbol.asyncDispose]());

/** Somebody in the field. */
async function writer(options: { width?: number; touch?: boolean } = {}) {
  const visitor = await visit({ url: demo.url, width: 500, height: 700, ...options });
  const { page } = visitor;
  await page.locator("textarea").focus();
  return { visitor, page };
}

/** As the browser's own driver counts it. */
const SHIFT = 8;
/** One row of text, and the space around all of them. */
const ROW_PX = 16 * 1.5;
const AROUND_PX = 2 * 9 + 2;

const value = (page: Page) => page.locator("textarea").inputValue();
const sent = (page: Page) => page.evaluate(() => window.composerDemo.sent);
const draft = (page: Page) => page.evaluate(() => window.composerDemo.draft);
const options = (page: Page) => page.locator("[role=option]").allTextContents();
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent);
/** The words of the suggestion that is chosen, as those hear it who do not see it. */
const chosen = (page: Page) =>
  page.evaluate(() => {
    const id = document.querySelector("textarea")!.getAttribute("aria-activedescendant");
    const option = id === null ? null : document.getElementById(id);
    return option?.getAttribute("aria-selected") === "true"
      ? option.querySelector(".suggestion-label")!.textContent
      : undefined;
  });
const heightOf = (page: Page) => page.locator("textarea").evaluate((field) => field.getBoundingClientRect().height);

describe("Enter", () => {
  browserTest("sends what is typed, empties the field, and keeps the focus", async () => {
    const { page } = await writer();
    await page.keyboard.type("hello there");
    expect(await draft(page)).toBe("hello there");
    await page.keyboard.press("Enter");
    expect(await sent(page)).toEqual(["hello there"]);
    expect(await value(page)).toBe("");
    expect(await draft(page)).toBe("");
    await page.keyboard.type("again");
    expect(await value(page)).toBe("again");
  });

  browserTest("breaks a line with Shift, and sends all of them without", async () => {
    const { page } = await writer();
    await page.keyboard.type("one");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("two");
    expect(await sent(page)).toEqual([]);
    await page.keyboard.press("Enter");
    expect(await sent(page)).toEqual(["one\ntwo"]);
  });

  browserTest("sends nothing where there is nothing", async () => {
    const { page } = await writer();
    await page.keyboard.press("Enter");
    await page.keyboard.type("   ");
    await page.keyboard.press("Enter");
    expect(await sent(page)).toEqual([]);
  });

  browserTest("sends on a phone too, and so does the button, which leaves the keyboard open", async () => {
    const { page } = await writer({ touch: true });
    await page.keyboard.type("one");
    await page.keyboard.press("Enter");
    await page.keyboard.type("two");
    await page.getByRole("button", { name: "Send" }).tap();
    expect(await sent(page)).toEqual(["one", "two"]);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("TEXTAREA");
    const size = await page
      .locator("textarea")
      .evaluate((field) => Number.parseFloat(getComputedStyle(field).fontSize));
    expect(size).toBeGreaterThanOrEqual(16);
  });

  browserTest("sends where a phone's keyboard does not name the key", async () => {
    const { page } = await writer({ touch: true });
    await page.keyboard.type("hello");
    const chromium = await page.context().newCDPSession(page);
    /** A key without a name, and what it writes: a browser makes a line break of it. */
    const press = async (modifiers: number) => {
      const key = { modifiers, key: "Unidentified", windowsVirtualKeyCode: 229 };
      await chromium.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...key });
      await chromium.send("Input.dispatchKeyEvent", { type: "char", ...key, text: "\r" });
      await chromium.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
    };
    await press(SHIFT);
    expect(await sent(page)).toEqual([]);
    expect(await value(page)).toBe("hello\n");
    await press(0);
    expect(await sent(page)).toEqual(["hello\n"]);
    expect(await value(page)).toBe("");
  });
});

describe("what is pasted or handed in", () => {
  browserTest("stays one message, however many lines it has", async () => {
    const { page } = await writer();
    await page.keyboard.insertText("one\r\ntwo\nthree");
    await page.keyboard.press("Enter");
    expect(await sent(page)).toEqual(["one\ntwo\nthree"]);
  });

  browserTest("is put in at the caret, and can be undone", async () => {
    const { page } = await writer();
    await page.keyboard.type("ab");
    await page.keyboard.press("ArrowLeft");
    await page.evaluate(() => window.composerDemo.api.insert("😀"));
    expect(await value(page)).toBe("a😀b");
    expect(await draft(page)).toBe("a😀b");
    await page.keyboard.press("Control+z");
    expect(await value(page)).toBe("ab");
  });

  browserTest(
    "is what the field holds when it is a new draft, and no draft of old takes back what was typed",
    async () => {
      const { page } = await writer();
      await page.evaluate(() => window.composerDemo.setDraft("from elsewhere"));
      await page.waitForFunction(() => document.querySelector("textarea")!.value === "from elsewhere");
      await page.keyboard.type("!");
      await page.evaluate(() => window.composerDemo.redraw());
      expect(await value(page)).toBe("from elsewhere!");
      expect(await draft(page)).toBe("from elsewhere!");
    },
  );
});

describe("a composition of an input method", () => {
  browserTest("is neither sent nor cut off by its keys or by drawing, and is sent by the next Enter", async () => {
    const { page } = await writer();
    const chromium = await page.context().newCDPSession(page);
    const compose = (text: string) =>
      chromium.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
    await compose("に");
    await compose("にほ");
    await page.evaluate(() => window.composerDemo.redraw());
    await compose("にほん");
    expect(await draft(page)).toBe("にほん");
    // The Enter that takes the word: Chromium marks it as one of the composition.
    await chromium.send("Input.dispatchKeyEvent", {
      type: "rawKeyDown",
      key: "Process",
      code: "Enter",
      windowsVirtualKeyCode: 229,
    });
    await page.locator("textarea").evaluate((field) =>
      field.dispatchEvent(
        new KeyboardEvent("keydown", {
          key: "Enter",
          keyCode: 13,
          isComposing: true,
          bubbles: true,
          cancelable: true,
        }),
      ),
    );
    expect(await sent(page)).toEqual([]);
    await chromium.send("Input.insertText", { text: "日本" });
    expect(await value(page)).toBe("日本");
    // Safari tells of it when the composition has ended: only the code of the key says what it was.
    const isLeft = await page.locator("textarea").evaluate((field) =>
      field.dispatchEvent(
        new KeyboardEvent("keydown", {
          key: "Enter",
          keyCode: 229,
          isComposing: false,
          bubbles: true,
          cancelable: true,
        }),
      ),
    );
    expect(isLeft).toBe(true);
    expect(await sent(page)).toEqual([]);
    await page.keyboard.press("Enter");
    expect(await sent(page)).toEqual(["日本"]);
  });

  browserTest("opens no suggestions before it is done", async () => {
    const { page } = await writer();
    const chromium = await page.context().newCDPSession(page);
    await chromium.send("Input.imeSetComposition", { text: "@a", selectionStart: 2, selectionEnd: 2 });
    expect(await options(page)).toEqual([]);
    await chromium.send("Input.insertText", { text: "@a" });
    await page.locator("[role=option]").first().waitFor();
    expect(await options(page)).toEqual(["Ada", "Adele"]);
  });
});

describe("Up and Down", () => {
  browserTest("walk what was sent, and keep a half-typed line", async () => {
    const { page } = await writer();
    for (const text of ["one", "two"]) {
      await page.keyboard.type(text);
      await page.keyboard.press("Enter");
    }
    await page.keyboard.type("half");
    const walk: string[] = [];
    for (const key of ["ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown", "ArrowDown"]) {
      await page.keyboard.press(key);
      walk.push(await value(page));
    }
    expect(walk).toEqual(["two", "one", "one", "two", "half", "half"]);
    expect(await draft(page)).toBe("half");
  });

  browserTest("move the caret first where the text has rows, broken or wrapped", async () => {
    const { page } = await writer({ width: 400 });
    await page.keyboard.type("old");
    await page.keyboard.press("Enter");
    const wrapped = "word ".repeat(30).trim();
    await page.keyboard.insertText(wrapped);
    await page.keyboard.press("ArrowUp");
    expect(await value(page)).toBe(wrapped);
    const rows = await page.locator("textarea").evaluate((field) => Math.round((field.scrollHeight - 16) / 22.4));
    expect(rows).toBeGreaterThan(2);
    for (let row = 2; row < rows; row += 1) await page.keyboard.press("ArrowUp");
    expect(await value(page)).toBe(wrapped);
    await page.keyboard.press("ArrowUp");
    expect(await value(page)).toBe("old");
    await page.keyboard.press("ArrowDown");
    expect(await value(page)).toBe(wrapped);
    await page.keyboard.press("ArrowUp");
    expect(await value(page)).toBe(wrapped);
  });
});

describe("suggestions", () => {
  browserTest("come by themselves for commands, names after @ and emoji, and not for words", async () => {
    const { page } = await writer();
    const offered = async (text: string) => {
      await page.locator("textarea").fill("");
      await page.keyboard.type(text);
      return options(page);
    };
    expect((await offered("/he")).join()).toStartWith("/help");
    expect(await offered("hi @ad")).toEqual(["Ada", "Adele"]);
    expect((await offered(":smil")).join()).toContain(":smile:");
    expect(await offered("Ad")).toEqual([]);
    expect(await offered("see you at 10:30")).toEqual([]);
    expect(await page.locator("textarea").getAttribute("aria-controls")).toBe(null);
  });

  browserTest("are chosen by Up and Down and taken by Enter, which sends only then", async () => {
    const { page } = await writer();
    await page.keyboard.type("hi @ad");
    expect(await chosen(page)).toBe("Ada");
    await page.keyboard.press("ArrowDown");
    expect(await chosen(page)).toBe("Adele");
    await page.keyboard.press("ArrowDown");
    expect(await chosen(page)).toBe("Ada");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    expect(await value(page)).toBe("hi Adele ");
    expect(await options(page)).toEqual([]);
    expect(await sent(page)).toEqual([]);
    await page.keyboard.press("Enter");
    expect(await sent(page)).toEqual(["hi Adele "]);
  });

  browserTest("do not stand in the way of Enter where nothing is left to take, or nothing was chosen", async () => {
    const { page } = await writer();
    await page.keyboard.type("/help");
    expect(await options(page)).not.toEqual([]);
    await page.keyboard.press("Enter");
    await page.keyboard.type("me @");
    expect(await options(page)).toHaveLength(4);
    await page.keyboard.press("Enter");
    expect(await sent(page)).toEqual(["/help", "me @"]);
  });

  browserTest("come by Tab for names: one is taken at once, of several one is chosen", async () => {
    const { page } = await writer();
    await page.keyboard.type("ask gr");
    await page.keyboard.press("Tab");
    expect(await value(page)).toBe("ask Grace ");
    await page.keyboard.type("ad");
    await page.keyboard.press("Tab");
    expect(await options(page)).toEqual(["Ada", "Adele"]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    expect(await value(page)).toBe("ask Grace Adele ");
    await page.keyboard.press("Control+z");
    expect(await value(page)).toBe("ask Grace ad");
  });

  browserTest("are taken by a tap, and the field keeps the focus", async () => {
    const { page } = await writer({ touch: true });
    await page.keyboard.type("@a");
    await page.locator("[role=option]", { hasText: "Adele" }).tap();
    expect(await value(page)).toBe("Adele: ");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("TEXTAREA");
  });

  browserTest("are sent away by Escape and stay away for this word", async () => {
    const { page } = await writer();
    await page.keyboard.type("@a");
    await page.keyboard.press("Escape");
    expect(await options(page)).toEqual([]);
    await page.keyboard.type("d");
    expect(await options(page)).toEqual([]);
    await page.keyboard.type(" @g");
    expect(await options(page)).toEqual(["Grace"]);
    await page.keyboard.press("ArrowLeft");
    expect(await options(page)).toEqual([]);
  });
});

describe("Tab", () => {
  browserTest("leaves the field where there is nothing to complete", async () => {
    const { page } = await writer();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Send");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.type("xyz");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Send");
    await page.locator("textarea").focus();
    await page.keyboard.type(" @a");
    await page.keyboard.press("Shift+Tab");
    expect(await focused(page)).toBe("before");
  });

  browserTest("always leaves after Escape", async () => {
    const { page } = await writer();
    for (const text of ["ad", " @a", " /"]) {
      await page.keyboard.type(text);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Tab");
      expect(await focused(page)).toBe("Send");
      await page.locator("textarea").focus();
    }
  });
});

describe("the field", () => {
  browserTest("grows with its text up to eight rows, scrolls then, and shrinks again", async () => {
    const { page } = await writer();
    const isTall = async (rows: number) =>
      expect(Math.abs((await heightOf(page)) - (rows * ROW_PX + AROUND_PX))).toBeLessThan(1);
    const scrolls = () => page.locator("textarea").evaluate((field) => field.scrollHeight > field.clientHeight);
    for (let rows = 1; rows <= 8; rows += 1) {
      await isTall(rows);
      expect(await scrolls()).toBe(false);
      await page.keyboard.press("Shift+Enter");
    }
    await isTall(8);
    expect(await scrolls()).toBe(true);
    await page.keyboard.type("x");
    await page.keyboard.press("Enter");
    await isTall(1);
  });

  browserTest("grows when it becomes narrower", async () => {
    const { page } = await writer({ width: 1_000 });
    const one = await heightOf(page);
    await page.keyboard.insertText("word ".repeat(15));
    expect(await heightOf(page)).toBe(one);
    await page.setViewportSize({ width: 320, height: 700 });
    await page.waitForFunction((one) => document.querySelector("textarea")!.offsetHeight > 1.5 * one, one);
  });

  browserTest("says when it is nearly full, and refuses what is too long until it is shorter", async () => {
    const { page } = await writer();
    const note = () => page.locator(".composer-note").textContent();
    await page.keyboard.insertText("x".repeat(900));
    expect(await note()).toBe("");
    await page.keyboard.insertText("é".repeat(25));
    expect(await note()).toBe("50 bytes left");
    await page.keyboard.insertText("€".repeat(17));
    expect(await note()).toBe("1 byte too many");
    expect(await page.locator("textarea").getAttribute("aria-invalid")).toBe("true");
    await page.keyboard.press("Enter");
    expect(await sent(page)).toEqual([]);
    expect(await page.getByRole("alert").textContent()).toContain("too long to be sent");
    await page.keyboard.press("Backspace");
    expect(await page.getByRole("alert").textContent()).toBe("");
    expect(await note()).toBe("2 bytes left");
    await page.keyboard.press("Enter");
    expect(await sent(page)).toHaveLength(1);
    expect(await note()).toBe("");
  });

  browserTest("takes and sends nothing while it is disabled, and keeps its text and the focus", async () => {
    const { page } = await writer();
    await page.keyboard.type("hello");
    await page.evaluate(() => window.composerDemo.setDisabled(true));
    await page.locator("textarea[aria-disabled=true]").waitFor();
    await page.keyboard.type("x");
    await page.keyboard.press("Enter");
    await page.evaluate(() => window.composerDemo.api.insert("x"));
    expect(await sent(page)).toEqual([]);
    expect(await value(page)).toBe("hello");
    await page.evaluate(() => window.composerDemo.setDisabled(false));
    await page.locator("textarea[aria-disabled=false]").waitFor();
    await page.keyboard.press("Enter");
    expect(await sent(page)).toEqual(["hello"]);
  });

  browserTest("is written from right to left where the text is", async () => {
    const { page } = await writer();
    await page.keyboard.type("שלום");
    expect(await page.locator("textarea").evaluate((field) => getComputedStyle(field).direction)).toBe("rtl");
  });

  browserTest("can be used by those who do not see it, with suggestions and without", async () => {
    const { page } = await writer();
    expect(await axeProblems(page)).toEqual([]);
    await page.keyboard.type("@a");
    await page.locator("[role=option]").first().waitFor();
    expect(await page.getByRole("status").textContent()).toBe("2 suggestions; Up and Down choose, Tab takes one.");
    expect(await axeProblems(page)).toEqual([]);
  });
});
