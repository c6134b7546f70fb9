// Names, invitations and order on the page: the browser has a key of its own, also where it came as plain http from another machine.
import { expect } from "bun:test";
import type { Locator } from "playwright-core";
import { CHAT, type Chatd, home, type Home } from "../support/binaries.ts";
import { browserTest, FAR_HOST, visit } from "../support/browser.ts";
import type { Visitor } from "../support/visitor.ts";
import { arrive, chatdWithPage, pageOf } from "./arrive.ts";
import { button, disconnect, enter, field, nameField, say, seesMembers, seesTalk } from "./in-the-room.ts";

/** The page of a room, as a browser on another machine opens it. */
function farPage(chatd: Chatd): Promise<string> {
  return pageOf(chatd, FAR_HOST);
}

/** A browser at such a page. It says of a header that it is for pages that came encrypted. */
async function arriveFar(url: string): Promise<Visitor> {
  const visitor = await visit();
  visitor.allow(/Cross-Origin-Opener-Policy header has been ignored/);
  await visitor.page.goto(url);
  return visitor;
}

function farRoom(place: Home, ...flags: readonly string[]): Promise<Chatd> {
  return chatdWithPage(place, "--origin", `http://${FAR_HOST}`, ...flags);
}

/** The member's mark in the list. */
function mark({ page }: Visitor, name: string): Locator {
  return page.locator(".members li", { hasText: name }).getByRole("img", { name: "verified" });
}

const codeField = ({ page }: Visitor): Locator => page.getByRole("textbox", { name: "Code from your other device" });
const inviteField = ({ page }: Visitor): Locator => page.getByRole("textbox", { name: "Invitation" });

/** Gives the name, and waits for what is said at the form. */
async function isRefused(visitor: Visitor, name: string, sentence: string): Promise<void> {
  await nameField(visitor).fill(name);
  await nameField(visitor).press("Enter");
  await visitor.sees(visitor.page.getByRole("alert").filter({ hasText: sentence }));
}

/** What the console answers to /invite: the page's link. */
async function invited(chatd: Chatd, words = ""): Promise<string> {
  chatd.program.say(`/invite ${words}`);
  const line = await chatd.program.until(/#invite=[\w-]{22}"/);
  const [, secret = ""] = /#invite=([\w-]{22})/.exec(line)!;
  return secret;
}

/** The scripts that the page has fetched. */
function scripts({ page }: Visitor): Promise<number> {
  return page.evaluate(
    () => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".js")).length,
  );
}

browserTest(
  "over plain http from another machine the browser has a key all the same, and the name is nobody else's",
  async () => {
    await using place = await home();
    await using chatd = await farRoom(place);
    const url = await farPage(chatd);
    await using ada = await arriveFar(url);
    expect(await ada.page.evaluate(() => [isSecureContext, typeof crypto.subtle])).toEqual([false, "undefined"]);
    await enter(ada, "Ada");
    await ada.sees(mark(ada, "Ada"));
    // One for what the browser lacks.
    expect(await scripts(ada)).toBe(2);
    await disconnect(ada);

    await using eve = await arriveFar(url);
    await isRefused(eve, "ada", "somebody else's name");
    await eve.sees(codeField(eve));
    await enter(eve, "Eve");
    await seesMembers(eve, "Eve");

    // A reload, and another day.
    await enter(ada, "Ada");
    await ada.page.reload();
    await ada.sees("You are in lobby as Ada.");
    await ada.sees(mark(ada, "Ada"));
  },
);

browserTest("on this machine it is the browser's own cryptography, and nothing more is fetched", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using ada = await arrive(place, chatd);
  await enter(ada, "Ada");
  await ada.sees(mark(ada, "Ada"));
  expect(await scripts(ada)).toBe(1);
  await using guest = place.run([CHAT, chatd.at, "-n", "Gus", "--guest"]);
  await guest.until("In lobby");
  await seesMembers(ada, "Ada", "Gus");
  await ada.seesNo(mark(ada, "Gus"));
});

browserTest("where the browser keeps nothing, the key is for this visit", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using ada = await visit();
  await ada.page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException("No.", "SecurityError");
        },
      });
  });
  await ada.page.goto(await pageOf(chatd));
  await enter(ada, "Ada");
  await ada.sees(mark(ada, "Ada"));
});

browserTest("a code from one device makes the name the other's too", async () => {
  await using place = await home();
  await using chatd = await farRoom(place);
  await using ada = await arriveFar(await farPage(chatd));
  await enter(ada, "Ada");
  await say(ada, "/link");
  await ada.sees(/--link [\w-]{22}/);
  const [, code = ""] = /--link ([\w-]{22})/.exec(await ada.text())!;
  await using phone = await visit({ url: await pageOf(chatd), touch: true, width: 390, height: 800 });
  await isRefused(phone, "Ada", "somebody else's name");
  await codeField(phone).fill("wrong");
  await codeField(phone).press("Enter");
  await phone.sees(phone.page.getByRole("alert").filter({ hasText: "That code is wrong, used or too old" }));
  await codeField(phone).fill(code);
  await codeField(phone).press("Enter");
  await phone.sees("You are in lobby as Ada.");
  await ada.sees("You are in the room in another tab or window now.");
});

browserTest(
  "an invitation in the address lets in and leaves the address at once; without one, it is asked for",
  async () => {
    await using place = await home();
    await using chatd = await farRoom(place, "--private");
    const url = await farPage(chatd);
    const secret = await invited(chatd);
    await using ada = await arriveFar(`${url}#invite=${secret}`);
    await ada.sees("You come with an invitation.");
    expect(ada.page.url()).toBe(url);
    await enter(ada, "Ada");
    await ada.page.reload();
    await ada.sees("You are in lobby as Ada.");

    await using bob = await arriveFar(url);
    await isRefused(bob, "Bob", "This room is private");
    await inviteField(bob).fill("nonsense");
    await inviteField(bob).press("Enter");
    await bob.sees(bob.page.getByRole("alert").filter({ hasText: "That invitation is wrong" }));
    await inviteField(bob).fill(`Come in: ${url}#invite=${secret}`);
    await inviteField(bob).press("Enter");
    await bob.sees("You are in lobby as Bob.");
    // Who was in once is known by the key.
    await disconnect(bob);
    await using again = await bob.another(url);
    await enter(again, "Bob");
  },
);

browserTest("a link that is pasted into a page that is open counts, too", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place, "--private");
  const url = await pageOf(chatd);
  const secret = await invited(chatd);
  await using ada = await visit({ url });
  await isRefused(ada, "Ada", "This room is private");
  await ada.page.goto(`${url}#invite=${secret}`);
  await ada.until(() => location.hash === "", undefined, "The invitation stays in the address");
  await enter(ada, "Ada");
});

browserTest(
  "an operator keeps order by typing: what is withdrawn is gone from the pages, and who is banned reads why",
  async () => {
    await using place = await home();
    await using chatd = await farRoom(place, "--rate", "off");
    const url = await farPage(chatd);
    await using ada = await arriveFar(`${url}#invite=${await invited(chatd, "operator")}`);
    await enter(ada, "Ada");
    await ada.sees("You are an operator: /help shows what keeps order.");
    await ada.sees(ada.page.getByRole("banner").getByText("operator", { exact: true }));
    await using bob = await arriveFar(url);
    await enter(bob, "Bob");
    expect(await bob.page.getByRole("banner").getByText("operator", { exact: true }).count()).toBe(0);
    await say(bob, "hello", "spam, Ada", "more spam");
    await say(ada, "Stop it");
    await seesTalk(ada, "hello", "spam, Ada", "more spam", "Stop it");
    // Tab knows the words.
    await field(ada).pressSequentially("/pu");
    await ada.sees(ada.page.getByRole("option", { name: /\/purge NAME \[10m\]/ }));
    await field(ada).press("Tab");
    await field(ada).pressSequentially("bo");
    await field(ada).press("Tab");
    await field(ada).press("Enter");
    for (const visitor of [ada, bob]) {
      await visitor.sees("Ada withdrew what Bob said lately.");
      await seesTalk(visitor, "Stop it");
    }
    await say(ada, "/ban Bob 1h spam");
    await bob.sees(bob.page.getByRole("alert").filter({ hasText: "You were banned by Ada: spam" }));
    await ada.sees("Bob was banned for 1 hour by Ada: spam");
    await button(bob, "Join again").click();
    await bob.sees(bob.page.getByRole("alert").filter({ hasText: /You are banned until .* by Ada: spam/ }));
    await say(ada, "/invite");
    await ada.sees(new RegExp(`${url}#invite=[\\w-]{22}`));
  },
);

browserTest("chat --gui is known by the program's key, and its page keeps none", async () => {
  await using place = await home();
  await using chatd = await chatdWithPage(place);
  await using first = place.run([CHAT, chatd.at, "-n", "Ada"]);
  await first.until("In lobby as Ada. USERS: [Ada✓]");
  first.end();
  expect(await first.exited()).toBe(0);
  const env = { BROWSER: undefined, SSH_CONNECTION: "a test", CHAT_GUI_LINGER_S: "0" };
  await using chat = place.run([CHAT, "--gui", chatd.at, "-n", "Ada"], { env });
  const line = await chat.until("http://");
  await using ada = await visit({ url: line.slice(line.indexOf("http://")) });
  await ada.sees("You are in lobby as Ada.");
  await ada.sees(mark(ada, "Ada"));
  expect(await ada.page.evaluate(() => localStorage.getItem("chat key"))).toBeNull();
  // Another chat of the same person does not throw it out.
  await using other = place.run([CHAT, chatd.at, "-n", "Ada"]);
  expect(await other.exited()).toBe(3);
});
