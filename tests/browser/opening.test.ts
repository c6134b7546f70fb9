// The first sight of chatd's page, before anybody has joined.
import { expect } from "bun:test";
import { axeProblems } from "../support/axe.ts";
import { home } from "../support/binaries.ts";
import { browserTest } from "../support/browser.ts";
import { arrive, chatdWithPage } from "./arrive.ts";

const SCREENS = {
  "a wide screen": {},
  "a dark screen": { dark: true },
  "a phone": { width: 390, height: 844, scale: 3, touch: true },
  "the smallest phone": { width: 320, height: 480, touch: true, dark: true },
};

for (const [screen, options] of Object.entries(SCREENS))
  browserTest(`on ${screen}, the page asks for a name, shuts nobody out and has no problems`, async () => {
    await using place = await home();
    await using chatd = await chatdWithPage(place);
    await using ada = await arrive(place, chatd, options);
    await ada.sees(ada.page.getByRole("textbox", { name: /name/i }));
    expect(await ada.page.title()).not.toBe("");
    expect(await axeProblems(ada.page)).toEqual([]);
    // All there is fits the width.
    expect(await ada.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
