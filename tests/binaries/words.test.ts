// The commands, typed by members in real terminals: what they do, and that nothing meant as a command is ever said.
import { expect, test } from "bun:test";
import {
  CHAT,
  CHATD,
  type Chatd,
  type Home,
  home,
  masked,
  portOf,
  shows,
  statusRow,
  VERIFIED,
} from "../support/binaries.ts";
import type { TestTerminal } from "../support/terminal.ts";

/** Ada and Bob in one room; Ada's screen is empty but for her prompt where a test begins. */
async function two(place: Home, { at }: Chatd): Promise<{ ada: TestTerminal; bob: TestTerminal } & AsyncDisposable> {
  const ada = await place.open([CHAT, at, "-n", "Ada"]);
  await ada.until("Ada >");
  const bob = await place.open([CHAT, at, "-n", "Bob"]);
  await Promise.all([bob.until("Bob >"), ada.until("Bob entered.")]);
  return {
    ada,
    bob,
    async [Symbol.asyncDispose]() {
      await ada[Symbol.asyncDispose]();
      await bob[Symbol.asyncDispose]();
    },
  };
}

/** The screen without what it began with and without its prompt and the row above that. */
function since(term: TestTerminal, first: string): string {
  const rows = masked(term.everything()).split("\n").slice(0, -2);
  return rows.slice(rows.findIndex((row) => row.includes(first))).join("\n");
}

test("a whisper is seen by two, and /r answers it", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using cy = place.run([CHAT, chatd.at, "-n", "Cy", "--json"]);
  await using people = await two(place, chatd);
  const { ada, bob } = people;
  bob.type("/r too early\r");
  await bob.until("[!] Nobody has whispered to you yet. /msg NAME TEXT whispers first.");
  ada.type("/msg bob psst\r");
  await bob.until("Ada, whispering > psst");
  bob.type("/r what?\r");
  await ada.until("Bob, whispering > what?");
  ada.type("/r nothing\r");
  await bob.until("Ada, whispering > nothing");
  ada.type("/msg Nobody hello\r");
  await ada.until("Nobody is not here");
  ada.type("aloud\r");
  await Promise.all([cy.until('"aloud"'), ada.until("Ada > aloud\n")]);
  expect(cy.out.join("\n")).not.toMatch(/psst|what\?|nothing/);
  expect(since(ada, "psst")).toBe(
    `
[HH:MM:SS] You to Bob, whispering > psst
[HH:MM:SS] Bob, whispering > what?
[HH:MM:SS] You to Bob, whispering > nothing
[!] Nobody is not here; /names shows who is.
[HH:MM:SS] Ada > aloud`.trim(),
  );
});

test("/me, /nick and /topic are seen by all; the prompt takes the new name", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using people = await two(place, chatd);
  const { ada, bob } = people;
  ada.type("/me waves\r");
  await bob.until("* Ada waves");
  ada.type("/nick Bob\r");
  await ada.until("Bob is taken; try another name.");
  ada.type("/nick Adele\r");
  await ada.until("Adele >");
  ada.type("/topic Lunch at noon\r");
  await bob.until("set the topic");
  ada.type("/names\r");
  await ada.until("USERS: [Bob✓,Adele✓]");
  await shows(
    bob,
    `
[*] You are in lobby as Bob. /help shows what you can type.
${VERIFIED}
USERS: [Ada✓,Bob✓]
[HH:MM:SS] * Ada waves
[*] Ada is now called Adele.
[*] Adele set the topic: Lunch at noon
${statusRow("encrypted, verified", 2)}
[HH:MM:SS] Bob >`,
  );
  await using cy = await place.open([CHAT, chatd.at, "-n", "Cy"]);
  await cy.until("[*] The topic is: Lunch at noon");
});

test("/history shows what was said, also before one came", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral", "--rate", "off");
  await using talker = place.run([CHAT, chatd.at, "-n", "Talker"]);
  talker.say(...Array.from({ length: 60 }, (_, at) => `line ${at + 1}`));
  talker.end();
  expect(await talker.exited()).toBe(0);
  await using ada = await place.open([CHAT, chatd.at, "-n", "Ada"]);
  // The newest 50 come by themselves.
  await ada.until("line 60");
  expect(ada.everything()).not.toContain("line 10\n");
  ada.type("/history 3\r");
  await ada.until(/line 58\n.*line 59\n.*line 60\n\[\*\] End of the history; \/history COUNT shows more\./);
  ada.type("/history 100\r");
  await ada.until("[*] End of the history; this was all of it.");
  expect(ada.everything()).toContain("line 10\n");
  ada.type("/history many\r");
  await ada.until("[!] Type /history [COUNT]");
});

test("//text is said with one slash, an unknown /word is never said", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using people = await two(place, chatd);
  const { ada, bob } = people;
  ada.type("/passwort geheim\r");
  await ada.until("[!] There is no command /passwort. /help shows them; //passwort says it.");
  ada.type("/kick Bob\r");
  await ada.until("[!] Only the host and operators may do that.");
  ada.type("//etc/passwd\r");
  await bob.until("Ada > /etc/passwd");
  expect(bob.everything()).not.toContain("geheim");
});

test("a member's HELP and EXIT are words like any other; the host's are not", async () => {
  await using place = await home();
  await using host = await place.open([CHATD, "--port", "0", "--host", "127.0.0.1", "--ephemeral"]);
  await host.until("Host >");
  await using ada = await place.open([CHAT, `localhost:${portOf(host)}`, "-n", "Ada"]);
  await Promise.all([ada.until("Ada >"), host.until("USERS: [Host,Ada✓]")]);
  ada.type("EXIT\r");
  await host.until("Ada > EXIT");
  host.type("/exi\r");
  await host.until("[!] There is no command /exi.");
  host.type("exit is a word too\r");
  await ada.until("Host > exit is a word too");
  host.type("KICK Nobody\r");
  await host.until("Nobody is not here");
  host.type("KICK\r");
  await host.until("[!] Type /kick NAME [WHY]");
  host.type("EXIT\r");
  expect(await host.exited).toBe(0);
  expect(ada.screen()).not.toContain("exi.");
});
