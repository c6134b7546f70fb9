// How the page reaches a browser: from one file, in few bytes, also for who comes to the wrong door or to a full room.
import { expect } from "bun:test";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { CHAT, CHATD, home } from "../support/binaries.ts";
import { browserTest, visit } from "../support/browser.ts";
import { arrive, chatdWithPage, pageOf } from "./arrive.ts";
import { button, enter, nameField, say, seesTalk } from "./in-the-room.ts";

/** All that a visit loads: the page, its script, styles and manifest, and the icons that it names itself. */
const WEIGHT_BYTES_MAX = 70_000;

browserTest(
  "the page works from a chatd that lies alone in a folder, and weighs less than 70 KB with its icons",
  async () => {
    await using place = await home();
    const folder = join(place.path, "alone");
    mkdirSync(folder);
    copyFileSync(CHATD, join(folder, "chatd"));
    const flags = ["--port", "0", "--host", "127.0.0.1", "--ephemeral", "--log", "json"];
    await using program = place.run(["./chatd", ...flags], { cwd: folder });
    const { web_port } = JSON.parse(await program.until('"listening"')) as { web_port: number };
    await using ada = await visit();
    const loaded: { readonly url: string; readonly bytes: Promise<number> }[] = [];
    ada.page.on("requestfinished", (request) => {
      loaded.push({ url: request.url(), bytes: request.sizes().then(({ responseBodySize }) => responseBodySize) });
    });
    await ada.page.goto(`http://127.0.0.1:${web_port}/`);
    // Browsers fetch these by themselves, each its own choice of them, and where no test sees it.
    const icons = await ada.page.evaluate(async () => {
      const links = document.querySelectorAll<HTMLLinkElement>("link:not([rel=stylesheet])");
      const all = [...Array.from(links, ({ href }) => href), new URL("./icon-mention.svg", location.href).href];
      await Promise.all(all.map(async (href) => (await fetch(href)).blob()));
      return all;
    });
    await enter(ada, "Ada");
    await say(ada, "Here");
    await seesTalk(ada, "Here");
    const weights = new Map<string, number>();
    // What the browser has already weighs nothing when it is asked for again.
    for (const { url, bytes } of loaded) weights.set(url, Math.max(weights.get(url) ?? 0, await bytes));
    for (const url of icons) expect(weights.get(url)).toBeGreaterThan(100);
    for (const kind of [/\/$/, /\.js$/, /\.css$/, /\.webmanifest$/, /\.svg$/, /\.png$/])
      expect(Math.max(...[...weights].filter(([url]) => kind.test(url)).map(([, bytes]) => bytes))).toBeGreaterThan(
        100,
      );
    const whole = [...weights.values()].reduce((sum, bytes) => sum + bytes, 0);
    expect(whole).toBeLessThan(WEIGHT_BYTES_MAX);
  },
);

browserTest("a browser that comes to the port of the chat programs ends on the page", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using ada = await visit({ url: `http://127.0.0.1:${chatd.port}` });
  expect(ada.page.url()).toBe(await pageOf(chatd));
  await enter(ada, "Ada");
  await say(ada, "I took the wrong door");
  await seesTalk(ada, "I took the wrong door");
});

browserTest("a room that is full says so in the form, and lets in whoever asks again later", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place, "--clients", "1");
  await using cleo = await place.open([CHAT, chatd.at, "-n", "Cleo"]);
  await cleo.until("You are in lobby");
  await using ada = await arrive(place, chatd);
  ada.allow("WebSocket connection to");
  await nameField(ada).fill("Ada");
  await button(ada, "Join").click();
  await ada.sees(ada.page.getByRole("alert").filter({ hasText: /full/ }));
  expect(await nameField(ada).inputValue()).toBe("Ada");
  cleo.type("/quit\r");
  await cleo.exited;
  await enter(ada, "Ada");
});
