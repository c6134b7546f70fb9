// How the page calls somebody who looks elsewhere, and why it sometimes cannot.
import { expect } from "bun:test";
import { networkInterfaces } from "node:os";
import { home } from "../support/binaries.ts";
import { browserTest, visit } from "../support/browser.ts";
import type { Visitor } from "../support/visitor.ts";
import { arrive, chatdWithPage, pageOf } from "./arrive.ts";
import { button, enter, say } from "./in-the-room.ts";
import { chatdAfter } from "./told.ts";

const NEEDS_ENCRYPTION = /only for pages that came encrypted or from this machine/;

function notifications({ page }: Visitor) {
  return page.getByRole("checkbox", { name: /notification/i });
}

browserTest(
  "somebody who reads further up is called by title, icon, sound and notification, if that is wanted",
  async () => {
    await using place = await home();
    const told = Array.from({ length: 100 }, (_, i) => ({ from: "Cleo", text: `Message ${i + 1}`, at: Date.now() }));
    await using chatd = await chatdAfter(place, told);
    await using ada = await visit({ permissions: ["notifications"] });
    await ada.page.addInitScript(() => {
      const calls: string[] = [];
      Object.assign(globalThis, { calls });
      class Heard extends Notification {
        constructor(title: string, options: NotificationOptions) {
          super(title, options);
          calls.push(`${title}: ${options.body}`);
        }
      }
      Object.assign(globalThis, { Notification: Heard });
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (when) {
        calls.push("a note");
        start.call(this, when);
      };
    });
    await ada.page.goto(await pageOf(chatd));
    const calls = () => ada.page.evaluate(() => (globalThis as unknown as { calls: string[] }).calls.splice(0));
    await enter(ada, "Ada");
    await button(ada, "Settings").click();
    await ada.page.getByRole("checkbox", { name: /sound/i }).check();
    await notifications(ada).check();
    await ada.page.keyboard.press("Escape");
    await using bob = await arrive(place, chatd);
    await enter(bob, "Bob");
    await say(bob, "Ada sees it come");
    await ada.sees("Ada sees it come");
    expect(await calls()).toEqual([]);

    await ada.page.getByRole("log").hover();
    await ada.page.mouse.wheel(0, -600);
    await ada.sees(button(ada, "Newest"));
    const icon = ada.page.locator("link[rel=icon]");
    await say(bob, "To everyone");
    await ada.until(() => document.title === "(1) lobby · chat", undefined);
    expect(await icon.getAttribute("href")).toBe("./icon.svg");
    expect(await calls()).toEqual(["a note", "a note"]);
    await say(bob, "ada: are you there?", "/msg Ada Hello?");
    await ada.until(() => document.title === "(3) lobby · chat", undefined);
    expect(await icon.getAttribute("href")).toBe("./icon-mention.svg");
    expect((await calls()).filter((call) => call !== "a note")).toEqual([
      "Bob · lobby: ada: are you there?",
      "Bob, whispering · lobby: Hello?",
    ]);
    await button(ada, "3 new").click();
    await ada.until(() => document.title === "lobby · chat", undefined);
    expect(await icon.getAttribute("href")).toBe("./icon.svg");

    // What is liked is remembered.
    await ada.page.reload();
    await button(ada, "Settings").click();
    expect(await notifications(ada).isChecked()).toBeTrue();
  },
);

browserTest("a page that came over the network unencrypted says why it cannot notify", async () => {
  await using place = await home();
  const address = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4")?.address;
  if (address === undefined) return console.error("This machine has no address of a network, so that is not tested.");
  await using chatd = await chatdWithPage(place, "--host", "0.0.0.0");
  await using ada = await visit({ url: await pageOf(chatd, address) });
  ada.allow("The Cross-Origin-Opener-Policy header has been ignored, because the URL's origin was untrustworthy.");
  await enter(ada, "Ada");
  await button(ada, "Settings").click();
  await ada.sees(NEEDS_ENCRYPTION);
  expect(await notifications(ada).isDisabled()).toBeTrue();
  await say(ada, "Otherwise all is well");
  await ada.sees("Otherwise all is well");
});
