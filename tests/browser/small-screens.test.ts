// A phone, a narrow window, a dark room: the page fits, and a finger reaches all of it.
import { expect } from "bun:test";
import { home } from "../support/binaries.ts";
import { browserTest } from "../support/browser.ts";
import type { Visitor } from "../support/visitor.ts";
import { arrive, chatdWithPage } from "./arrive.ts";
import { button, enter, field, nameField, say, seesTalk } from "./in-the-room.ts";

/** How far the page, or the talk, can be scrolled sideways. */
function sideways({ page }: Visitor): Promise<number[]> {
  return page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll("[role=log]")].map(
      ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth,
    ),
  );
}

/** How light the page and its words are, from 0 to 255. */
function lights({ page }: Visitor): Promise<{ paper: number; ink: number }> {
  return page.evaluate(() => {
    const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })!;
    const lightOf = (colour: string) => {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
      return alpha === 255 ? 0.3 * red! + 0.6 * green! + 0.1 * blue! : undefined;
    };
    let paper: number | undefined;
    const words = document.querySelector(".talk .words")!;
    for (let place: Element | null = words; place !== null && paper === undefined; place = place.parentElement)
      paper = lightOf(getComputedStyle(place).backgroundColor);
    return { paper: paper ?? 255, ink: lightOf(getComputedStyle(words).color)! };
  });
}

browserTest("on a phone, the members are in a drawer that opens and closes, and a button sends", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using bob = await arrive(place, chatd);
  await enter(bob, "Bob");
  await using ada = await arrive(place, chatd, { width: 360, height: 640, touch: true, reducedMotion: true });
  await nameField(ada).fill("Ada");
  await button(ada, "Join").tap();
  await ada.sees("You are in lobby as Ada.");
  const { page } = ada;
  const drawer = page.getByRole("dialog", { name: "Members" });
  const ways: readonly (() => Promise<void>)[] = [
    () => page.keyboard.press("Escape"),
    () => button(ada, "Close the members").tap(),
    () => page.touchscreen.tap(350, 320),
  ];
  const opener = button(ada, "Members: 2");
  for (const close of ways) {
    await opener.tap();
    await ada.sees(drawer.getByText("Bob"));
    const { x, width } = (await drawer.boundingBox())!;
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    // The third way needs a place beside it.
    expect(x + width < 345 || x > 355).toBeTrue();
    await close();
    await ada.seesNo(drawer);
    await ada.sees(opener);
  }
  await opener.tap();
  await drawer.getByRole("button", { name: "Bob" }).tap();
  await ada.seesNo(drawer);
  expect(await field(ada).inputValue()).toBe("/msg Bob ");
  await field(ada).fill("From my phone");
  await button(ada, "Send").tap();
  await seesTalk(bob, "From my phone");
  expect(await field(ada).inputValue()).toBe("");
});

browserTest("nothing scrolls sideways in a window of 320 pixels, however long the words are", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using ada = await arrive(place, chatd, { width: 320, height: 568, dark: true });
  expect(await sideways(ada)).toEqual([0]);
  const name = "W".repeat(32);
  await nameField(ada).fill("W".repeat(60));
  await button(ada, "Join").click();
  expect(await sideways(ada)).toEqual([0]);
  await enter(ada, name);
  const word = "Donaudampfschifffahrt".repeat(12);
  const code = `\`\`\`\n${"x = y; ".repeat(60)}\n\`\`\``;
  await say(
    ada,
    word,
    `https://example.org/${word}`,
    `/topic ${word}`,
    `/msg ${name} ${word}`,
    code,
    `/${word}`,
    "/help",
  );
  await ada.sees(ada.page.getByRole("banner").getByText(word));
  await ada.sees("x = y;");
  await ada.sees(/There is no command/);
  expect(await sideways(ada)).toEqual([0, 0]);
  await button(ada, /^Members: /).click();
  await ada.sees(ada.page.getByRole("dialog", { name: "Members" }));
  expect(await sideways(ada)).toEqual([0, 0]);
  await ada.page.keyboard.press("Escape");

  // The same page is dark or light as its reader wants.
  const dark = await lights(ada);
  expect(dark.paper).toBeLessThan(60);
  expect(dark.ink).toBeGreaterThan(180);
  await ada.page.emulateMedia({ colorScheme: "light" });
  const light = await lights(ada);
  expect(light.paper).toBeGreaterThan(220);
  expect(light.ink).toBeLessThan(80);
});
