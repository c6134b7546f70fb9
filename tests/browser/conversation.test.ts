// Two browsers, a terminal and the host's console hold one conversation: the compiled programs and a real Chromium.
import { expect } from "bun:test";
import { CHAT, CHATD, home, type Home, portOf } from "../support/binaries.ts";
import { browserTest, visit } from "../support/browser.ts";
import type { TestTerminal } from "../support/terminal.ts";
import { button, disconnect, enter, field, nameField, say, seesMembers, seesTalk } from "./in-the-room.ts";

interface Room extends AsyncDisposable {
  /** The host's console. */
  readonly host: TestTerminal;
  /** Where `chat` finds the room. */
  readonly at: string;
  /** Where browsers find it. */
  readonly url: string;
}

/** A room whose host sits at a terminal, and reads there where the page is. */
async function hosted(place: Home): Promise<Room> {
  const flags = ["--port", "0", "--web-port", "0", "--host", "127.0.0.1", "--ephemeral"];
  const host = await place.open([CHATD, ...flags], { cols: 120 });
  await host.until("Host >");
  const [url] = /http:\/\/localhost:\d+\//.exec(host.everything())!;
  return { host, at: `localhost:${portOf(host)}`, url, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() };
}

browserTest("people at pages, at a terminal and at the console see each other come, speak, act and go", async () => {
  await using place = await home();
  await using room = await hosted(place);
  await using ada = await visit({ url: room.url });
  await enter(ada, "Ada");
  await using bob = await visit({ url: room.url });
  await enter(bob, "Bob");
  await ada.sees("Bob entered.");
  await using cleo = await place.open([CHAT, room.at, "-n", "Cleo"]);
  await cleo.until("USERS: [Host,Ada✓,Bob✓,Cleo✓]");
  for (const visitor of [ada, bob]) {
    await visitor.sees("Cleo entered.");
    await seesMembers(visitor, "Ada", "Bob", "Cleo", "Host");
  }

  await say(ada, "Good morning");
  await bob.sees("Good morning");
  cleo.type("Morning, Ada\r");
  await ada.sees("Morning, Ada");
  room.host.type("Hello all\r");
  await bob.sees("Hello all");
  await say(bob, "/me waves");
  await ada.sees("* Bob waves");
  await cleo.until("* Bob waves");
  await room.host.until("* Bob waves");

  // Only the two of them see it.
  await say(ada, "/msg Cleo Between us");
  await cleo.until("Between us");
  await ada.sees("You to Cleo, whispering");
  cleo.type("/r Nobody heard\r");
  await ada.sees("Cleo, whispering");

  await say(bob, "/topic Plans for today");
  for (const visitor of [ada, bob]) await visitor.sees(visitor.page.getByRole("banner").getByText("Plans for today"));
  await cleo.until("Bob set the topic: Plans for today");

  await say(bob, "/nick Robert");
  await ada.sees("Bob is now called Robert.");
  for (const visitor of [ada, bob]) await seesMembers(visitor, "Ada", "Cleo", "Host", "Robert");
  await cleo.until("Bob is now called Robert.");
  await say(bob, "It is still me");
  await cleo.until("Robert > It is still me");

  const heardByAll = ["Good morning", "Morning, Ada", "Hello all", "* Bob waves"];
  await seesTalk(ada, ...heardByAll, "Between us", "Nobody heard", "It is still me");
  await seesTalk(bob, ...heardByAll, "It is still me");

  cleo.type("/quit See you\r");
  expect(await cleo.exited).toBe(0);
  await ada.sees("Cleo left: See you");
  await disconnect(bob);
  await ada.sees("Robert left.");
  await seesMembers(ada, "Ada", "Host");
  // The name that he had last stands in the form.
  expect(await nameField(bob).inputValue()).toBe("Robert");
  await nameField(bob).press("Enter");
  await seesMembers(ada, "Ada", "Host", "Robert");
  await say(bob, "Here again");
  await ada.sees("Here again");
});

browserTest("whoever is kicked from the console reads why, and may join again", async () => {
  await using place = await home();
  await using room = await hosted(place);
  await using ada = await visit({ url: room.url });
  await enter(ada, "Ada");
  await say(ada, "spam");
  await field(ada).fill("more spam");
  room.host.type("KICK Ada Not here, please\r");
  await ada.sees(/kicked[^]*Not here, please/);
  await ada.sees("spam");
  await button(ada, "Join again").click();
  await ada.seesNo(button(ada, "Join again"));
  await room.host.until(/was kicked[^]*Ada entered\./);
  expect(await field(ada).inputValue()).toBe("more spam");
  await say(ada, "Sorry");
  await room.host.until("Ada > Sorry");
  await seesTalk(ada, "spam", "Sorry");
});

browserTest(
  "a name that is taken, looks like another or cannot be is asked for again, and stays in the field",
  async () => {
    await using place = await home();
    await using room = await hosted(place);
    await using bill = await place.open([CHAT, room.at, "-n", "Bill", "--guest"]);
    await bill.until("You are in lobby");
    await using ada = await visit({ url: room.url });
    const tries = [
      ["", "What should the others call you?"],
      ["two words", /name/],
      ["bILL", "bILL is taken; try another name."],
      ["Bi1l", "Bi1l looks like Bill; try another name."],
      ["Host", /Host/],
    ] as const;
    for (const [name, sentence] of tries) {
      await nameField(ada).fill(name);
      await button(ada, "Join").click();
      await ada.sees(ada.page.getByRole("alert").filter({ hasText: sentence, visible: true }));
      expect(await nameField(ada).inputValue()).toBe(name);
      expect(await nameField(ada).getAttribute("aria-invalid")).toBe("true");
    }
    await enter(ada, "Ada");
    await seesMembers(ada, "Ada", "Bill", "Host");
    await bill.until("Ada entered.");
    expect(bill.everything()).not.toContain("bILL");
  },
);
