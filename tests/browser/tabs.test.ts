// One person in several tabs, and a tab that is loaded anew.
import { expect } from "bun:test";
import { type Chatd, home } from "../support/binaries.ts";
import { browserTest } from "../support/browser.ts";
import type { Visitor } from "../support/visitor.ts";
import { arrive, chatdWithPage, networkTo, pageOf } from "./arrive.ts";
import { button, enter, field, say, seesMembers, seesTalk } from "./in-the-room.ts";

const ELSEWHERE = "You are in the room in another tab or window now.";

/** How many WebSockets the tab opens from now on. */
function countSockets({ page }: Visitor): () => number {
  let count = 0;
  page.on("websocket", () => count++);
  return () => count;
}

/** Who came and went, as the room's log has it. */
function traffic({ program }: Chatd): string[] {
  return program.out.filter((line) => /"type":"(entered|exited)"/.test(line));
}

browserTest("a second tab takes the name over, the first may take it back, and they do not fight for it", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using bob = await arrive(place, chatd);
  await enter(bob, "Bob");
  await using ada = await arrive(place, chatd);
  await enter(ada, "Ada");
  await say(ada, "From the first");
  await seesTalk(bob, "From the first");
  const first = countSockets(ada);

  // Nobody is asked for a name again.
  await using other = await ada.another(await pageOf(chatd));
  await other.sees("You are in lobby as Ada.");
  await ada.sees(ELSEWHERE);
  await say(other, "From the second");
  await seesTalk(bob, "From the first", "From the second");

  const second = countSockets(other);
  await button(ada, "Continue here").click();
  await other.sees(ELSEWHERE);
  await ada.seesNo(ELSEWHERE);
  await seesTalk(ada, "From the first", "From the second");
  await say(ada, "And the first again");
  await seesTalk(bob, "From the first", "From the second", "And the first again");
  await other.sees(button(other, "Continue here"));
  expect([first(), second()]).toEqual([1, 0]);
  await seesMembers(bob, "Ada", "Bob");
  expect(traffic(chatd)).toHaveLength(2);
});

browserTest("a page that is loaded anew has its name, its draft and the words that were not sent yet", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using network = await networkTo(chatd);
  await using bob = await arrive(place, chatd);
  await enter(bob, "Bob");
  await using ada = await arrive(place, chatd, { network });
  await enter(ada, "Ada");
  await say(ada, "Before");
  await field(ada).fill("a draft");
  await seesTalk(ada, "Before");
  await ada.page.reload();
  await seesTalk(ada, "Before");
  expect(await field(ada).inputValue()).toBe("a draft");

  ada.allow("WebSocket connection to", "net::ERR");
  network.takeDown();
  await ada.sees(button(ada, "Try now"));
  await say(ada, "Unsent", "/me too");
  await field(ada).fill("another draft");
  await seesTalk(ada, "Before", "Unsent sending…", "* Ada too sending…");
  // The page cannot be had either; the browser shows a page of its own, until it can.
  await ada.page.reload().catch(() => {});
  await ada.page.waitForURL("chrome-error://**");
  network.heal();
  await ada.page.goto(network.url);
  await seesTalk(ada, "Before", "Unsent", "* Ada too");
  await seesTalk(bob, "Before", "Unsent", "* Ada too");
  expect(await field(ada).inputValue()).toBe("another draft");
  await seesMembers(ada, "Ada", "Bob");
  expect(traffic(chatd)).toHaveLength(2);
});
