// Days are the reader's: those of the time zone and of the moment in which the page is read.
import { expect } from "bun:test";
import { home } from "../support/binaries.ts";
import { browserTest } from "../support/browser.ts";
import type { Visitor } from "../support/visitor.ts";
import { arrive } from "./arrive.ts";
import { enter } from "./in-the-room.ts";
import { chatdAfter } from "./told.ts";

const HOUR_MS = 3_600_000;

/** A time zone in which it is `hour` o'clock, or soon will have been. */
function zoneAt(hour: number): string {
  const ahead = ((hour - new Date().getUTCHours() + 36) % 24) - 12;
  // The zones of this name count westwards.
  return `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}

/** The day marks and what was said, in their order. */
function seesDays(visitor: Visitor, ...expected: readonly string[]): Promise<void> {
  const isSo = (expected: readonly string[]) => {
    const found = Array.from(document.querySelectorAll<HTMLElement>(".day-mark, .talk .words"), (row) => row.innerText);
    return JSON.stringify(found.map((text) => text.toLowerCase())) === JSON.stringify(expected);
  };
  return visitor.until(
    isSo,
    expected.map((text) => text.toLowerCase()),
    expected.join(", "),
  );
}

browserTest(
  "what was said before midnight is of yesterday, in whose zone midnight has passed, and of today elsewhere",
  async () => {
    await using place = await home();
    const at = Date.now() - 2 * HOUR_MS;
    const told = [
      { from: "Bob", text: "Long ago", at: Date.parse("2025-01-31T12:00:00Z") },
      { from: "Bob", text: "Two hours ago", at },
    ];
    await using chatd = await chatdAfter(place, told);
    await using ada = await arrive(place, chatd, { timezone: zoneAt(0) });
    await enter(ada, "Ada");
    await seesDays(ada, "Friday, 31 January 2025", "Long ago", "Yesterday", "Two hours ago");
    await using bob = await arrive(place, chatd, { timezone: zoneAt(12) });
    await enter(bob, "Bob");
    await seesDays(bob, "Friday, 31 January 2025", "Long ago", "Today", "Two hours ago");
    // The minute that is shown is the reader's too.
    const clocks = await Promise.all(
      [ada, bob].map(({ page }) => page.locator(".talk", { hasText: "Two hours ago" }).getByRole("time").innerText()),
    );
    expect(new Set(clocks).size).toBe(2);
  },
);

browserTest("when midnight passes, today becomes yesterday under the reader's eyes", async () => {
  await using place = await home();
  await using chatd = await chatdAfter(place, [{ from: "Bob", text: "This evening", at: Date.now() - HOUR_MS }]);
  await using ada = await arrive(place, chatd, { timezone: zoneAt(21), clock: true });
  await enter(ada, "Ada");
  await seesDays(ada, "Today", "This evening");
  await ada.page.clock.fastForward("03:30:00");
  await seesDays(ada, "Yesterday", "This evening");
});
