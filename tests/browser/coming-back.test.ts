// The server dies, the network breaks or goes silent, and the page goes on: nothing typed is lost, nothing said is doubled.
import { expect } from "bun:test";
import { CHAT, home } from "../support/binaries.ts";
import { browserTest } from "../support/browser.ts";
import { arrive, chatdWithPage, networkTo, webPort } from "./arrive.ts";
import { button, enter, field, say, seesMembers, seesTalk, tryNow } from "./in-the-room.ts";

/** What a browser says on its console of a server that is not there. */
const NO_CONNECTION = "WebSocket connection to";
/** Below what the system gives to outgoing connections, one of which could take a port while chatd is down. */
const PORTS = { first: 10_000, count: 20_000 };

browserTest("a server that is killed and started again costs nobody a word, and doubles none", async () => {
  await using place = await home();
  const port = String(freePort());
  const flags = ["--port", port, "--data", "./history"];
  await using first = await place.chatd(...flags, "--web-port", "0");
  const again = [...flags, "--web-port", String(await webPort(first))];
  await using ada = await arrive(place, first);
  await enter(ada, "Ada");
  await using bob = await arrive(place, first);
  await enter(bob, "Bob");
  await using cleo = await place.open([CHAT, first.at, "-n", "Cleo"]);
  await cleo.until("You are in lobby");
  await say(bob, "Before");
  await seesTalk(ada, "Before");
  for (const visitor of [ada, bob]) visitor.allow(NO_CONNECTION);

  // Whether it heard the first of these, nobody can tell.
  await say(ada, "While it dies");
  first.program.kill("SIGKILL");
  await ada.sees(button(ada, "Try now"));
  await say(ada, "While it is away", "/me waits");
  await field(ada).fill("Half a thou");
  cleo.type("At a terminal\rKept there too\r");
  await ada.sees(/sending…[^]*sending…/);
  await first.program.exited();

  await using _ = await place.chatd(...again);
  for (const visitor of [ada, bob]) await tryNow(visitor);
  for (const visitor of [ada, bob]) await visitor.seesNo(button(visitor, "Try now"));
  await cleo.until(/Kept there too[^]*(Ada|Bob|Cleo) >$/);
  await say(bob, "After");
  const all = ["While it dies", "While it is away", "* Ada waits", "At a terminal", "Kept there too"];
  for (const visitor of [ada, bob]) {
    for (const text of [...all, "After"])
      await visitor.sees(visitor.page.locator(".talk:not(.pending)", { hasText: text }));
    await seesMembers(visitor, "Ada", "Bob", "Cleo");
  }
  for (const text of all) await cleo.until(text);
  // Two who waited come in any order, and each of them in that in which the words were typed.
  const seen = await ada.page.locator(".talk .words").allInnerTexts();
  expect(seen.toSorted()).toEqual(["Before", ...all, "After"].toSorted());
  for (const one of [all.slice(0, 3), all.slice(3)]) expect(seen.filter((text) => one.includes(text))).toEqual(one);
  await seesTalk(bob, ...seen);
  for (const text of all)
    expect(cleo.everything().match(new RegExp(`(> |[*] Ada )${text.replace("* Ada ", "")}$`, "gm"))).toHaveLength(1);

  expect(await field(ada).inputValue()).toBe("Half a thou");
  await field(ada).press("End");
  await field(ada).pressSequentially("ght");
  await field(ada).press("Enter");
  await cleo.until("Ada > Half a thought");
  await seesTalk(bob, ...seen, "Half a thought");
});

browserTest("a connection that breaks under the page is made anew, and what was missed comes first", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using network = await networkTo(chatd);
  await using ada = await arrive(place, chatd, { network, clock: true });
  await enter(ada, "Ada");
  await using bob = await arrive(place, chatd);
  await enter(bob, "Bob");
  ada.allow(NO_CONNECTION);

  network.takeDown();
  await ada.sees(/nothing is lost[^]*Next try in/);
  await say(ada, "One", "Two");
  await say(bob, "Meanwhile");
  await seesTalk(bob, "Meanwhile");
  await seesTalk(ada, "One sending…", "Two sending…");
  await ada.sees("2 messages wait");
  // After some tries in vain, the next one is so late that only the reader's wish makes it one now.
  await ada.page.evaluate(() => (Math.random = () => 0.99));
  while (!/Next try in \d\d s/.test(await ada.text())) {
    await ada.page.clock.fastForward("00:10");
    await ada.sees(/Next try in/);
  }
  network.heal();
  await button(ada, "Try now").click();
  await seesTalk(ada, "Meanwhile", "One", "Two");
  await seesTalk(bob, "Meanwhile", "One", "Two");
  await ada.seesNo(button(ada, "Try now"));

  // New connections pass at once: nobody need press anything.
  network.cut();
  await say(bob, "And again");
  await seesTalk(ada, "Meanwhile", "One", "Two", "And again");
  await say(ada, "Still here");
  await seesTalk(bob, "Meanwhile", "One", "Two", "And again", "Still here");
  // A short break is nobody's business.
  expect(chatd.program.out.filter((line) => /"(entered|exited)"/.test(line))).toHaveLength(2);
});

browserTest("a network that goes silent is noticed by the page, and left", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using network = await networkTo(chatd);
  await using ada = await arrive(place, chatd, { network, clock: true });
  await enter(ada, "Ada");
  await using bob = await arrive(place, chatd);
  await enter(bob, "Bob");
  ada.allow(NO_CONNECTION);
  network.stall();
  await say(ada, "Does anybody hear me?");
  await say(bob, "Ada?");
  await seesTalk(bob, "Ada?");
  await ada.page.clock.runFor("01:20");
  await ada.sees("The server does not answer any more.");
  await seesTalk(ada, "Does anybody hear me? sending…");
  // What was held up belongs to a connection that nobody wants any more.
  network.cut();
  network.heal();
  await tryNow(ada);
  await seesTalk(ada, "Ada?", "Does anybody hear me?");
  await seesTalk(bob, "Ada?", "Does anybody hear me?");
});

/** A port that nobody has now, and that no outgoing connection will take. */
function freePort(): number {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    try {
      Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
      return port;
    } catch {
      // Somebody has it.
    }
  }
}
