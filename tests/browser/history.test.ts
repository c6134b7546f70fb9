// Reading back through a long talk, while others go on talking.
import { expect } from "bun:test";
import { home } from "../support/binaries.ts";
import { browserTest } from "../support/browser.ts";
import type { Visitor } from "../support/visitor.ts";
import { arrive } from "./arrive.ts";
import { button, enter, say } from "./in-the-room.ts";
import { chatdAfter } from "./told.ts";

const MESSAGES = 5_000;
const MINUTE_MS = 60_000;
/** Five thousand rows are laid out and painted: nine seconds of work where all else takes two. */
const LONG_TEST_MS = 60_000;
/** A screen on which the newest messages, which come by themselves, leave room: nothing could be scrolled yet. */
const HEIGHT = 2_000;
const WIDTH = 480;
/** Less than what is seen at once, so that nothing passes unseen … */
const WHEEL_PX = 1_600;
/** … and more than what is measured beforehand: rows that nobody has seen yet may turn out a little taller than they were taken to be. */
const UNMEASURED_PX = 100;

/** What stood on the page while somebody read, frame by frame. */
interface Watched {
  /** Which numbers were seen. */
  seen: Iterable<number>;
  /** Rows that did not follow each other by one. */
  wrong: string[];
  /** How far a row moved from one frame to the next. */
  furthest: number;
  /** How often rows were put in front of the first one. */
  prepended: number;
}

/** Looks at each frame: the numbers that the rows bear, and where they stand. */
async function watch({ page }: Visitor): Promise<() => Promise<Watched>> {
  await page.evaluate(() => {
    const list = document.querySelector(".list")!;
    const watched = { seen: new Set<number>(), wrong: [] as string[], furthest: 0, prepended: 0 };
    const edge = list.getBoundingClientRect();
    let before = new Map<number, number>();
    let height = list.scrollHeight;
    const look = () => {
      const rows = Array.from(list.querySelectorAll<HTMLElement>(".talk .words"), (words) => ({
        number: Number(/^Message (\d+)$/.exec(words.textContent)?.[1]),
        top: words.getBoundingClientRect().top,
      }));
      const isSeen = (top: number) => top > edge.top && top < edge.bottom;
      rows.forEach(({ number }, i) => {
        watched.seen.add(number);
        const last = rows[i - 1]?.number;
        if (last !== undefined && number !== last + 1) watched.wrong.push(`${number} after ${last}`);
      });
      const moved = rows.map(({ number, top }) => {
        const last = before.get(number);
        return last !== undefined && isSeen(top) && isSeen(last) ? Math.abs(top - last) : 0;
      });
      watched.furthest = Math.max(watched.furthest, ...moved);
      before = new Map(rows.map(({ number, top }) => [number, top]));
      if (list.scrollHeight > height + 2_000) watched.prepended += 1;
      height = list.scrollHeight;
      requestAnimationFrame(look);
    };
    look();
    Object.assign(globalThis, { watched });
  });
  return () =>
    page.evaluate(() => {
      const { watched } = globalThis as unknown as { watched: Watched };
      return { ...watched, seen: [...watched.seen] };
    });
}

/** What the wheel has done is on the screen. Answers whether `text` is there by now. */
function showsInNextFrame({ page }: Visitor, text: string): Promise<boolean> {
  return page.evaluate(
    (text) =>
      new Promise<boolean>((done) =>
        requestAnimationFrame(() =>
          done(Array.from(document.querySelectorAll(".talk .words")).some((words) => words.textContent === text)),
        ),
      ),
    text,
  );
}

browserTest(
  "whoever scrolls back to the first of 5,000 messages sees each once, in order, and no jump",
  async () => {
    await using place = await home();
    const start = Date.now() - (MESSAGES / 20) * MINUTE_MS;
    const told = Array.from({ length: MESSAGES }, (_, i) => ({
      from: i % 7 < 4 ? "Bob" : "Cleo",
      text: `Message ${i + 1}`,
      at: start + Math.floor(i / 20) * MINUTE_MS,
    }));
    await using chatd = await chatdAfter(place, told, "--rate", "off");
    await using ada = await arrive(place, chatd, { width: WIDTH, height: HEIGHT });
    await enter(ada, "Ada");
    await ada.sees(`Message ${MESSAGES}`);
    const watched = await watch(ada);
    await ada.page.getByRole("log").hover();
    do await ada.page.mouse.wheel(0, -WHEEL_PX);
    while (!(await showsInNextFrame(ada, "Message 1")));
    const { seen, wrong, furthest, prepended } = await watched();
    expect(wrong).toEqual([]);
    expect([...seen].toSorted((one, other) => one - other)).toEqual(told.map((_, i) => i + 1));
    expect(prepended).toBeGreaterThan(10);
    expect(furthest).toBeLessThanOrEqual(WHEEL_PX + UNMEASURED_PX);
  },
  LONG_TEST_MS,
);

browserTest("what others say does not move what is read; a pill counts it and leads to the end", async () => {
  await using place = await home();
  const told = Array.from({ length: 200 }, (_, i) => ({ from: "Cleo", text: `Message ${i + 1}`, at: Date.now() }));
  await using chatd = await chatdAfter(place, told);
  await using ada = await arrive(place, chatd);
  await enter(ada, "Ada");
  await using bob = await arrive(place, chatd);
  await enter(bob, "Bob");
  await ada.sees("Bob entered.");
  await ada.page.getByRole("log").hover();
  await ada.page.mouse.wheel(0, -600);
  await ada.sees(button(ada, "Newest"));
  const read = ada.page.locator(".talk", { hasText: /^Message 170$/ });
  const before = await read.boundingBox();
  await say(bob, "Something new", "Something else", "And a third");
  await ada.sees(button(ada, "3 new"));
  expect(await ada.page.title()).toBe("(3) lobby · chat");
  expect(Math.abs((await read.boundingBox())!.y - before!.y)).toBeLessThanOrEqual(1);
  await button(ada, "3 new").click();
  await ada.sees(ada.page.locator(".talk", { hasText: "And a third" }));
  await ada.seesNo(button(ada, /^\d+ new$|Newest/));
  expect(await ada.page.title()).toBe("lobby · chat");
  // The line stands where the reader was interrupted.
  const [line, first] = await Promise.all(
    [".unread-mark", ".talk:has-text('Something new')"].map((what) => ada.page.locator(what).boundingBox()),
  );
  expect(first!.y - line!.y).toBeWithin(1, 100);
  expect(await ada.page.locator(".unread-mark").count()).toBe(1);
});
