// Getting into a room from a terminal: what is asked, what is asked again, and what is said when it does not work.
import { expect, test } from "bun:test";
import { CHAT, FIRST_TIME, home, shows, statusRow } from "../support/binaries.ts";

test("a name that is taken, reserved or no name is asked for again, until the person gets in", async () => {
  await using place = await home();
  await using elsewhere = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = elsewhere.run([CHAT, chatd.at, "-n", "Ada", "--guest"]);
  await ada.until("In lobby as Ada");
  await using bob = await place.open([CHAT, chatd.at, "-n", "ada"]);
  await bob.until("ada is taken; try another name.");
  await bob.until(/taken[\s\S]*Username/);
  bob.type("\x15Host\r");
  await bob.until("Host is reserved; try another name.");
  await bob.until(/reserved[\s\S]*Username/);
  bob.type("\x15a b\r");
  await bob.until("A name holds letters, digits");
  bob.type("\x15Bob\r");
  await bob.until("Bob >");
  await shows(
    bob,
    `
│
■  ada is taken; try another name.
│
◇  Username
│  Host
│
■  Host is reserved; try another name.
│
◇  Username
│  Bob
[*] You are in lobby as Bob. /help shows what you can type.
${FIRST_TIME}
USERS: [Ada,Bob✓]
${statusRow("encrypted, first time", 2)}
[HH:MM:SS] Bob >`,
  );
});

test("where nothing listens, one sentence says so and the server is asked for again", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  const free = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = free;
  free.stop(true);
  await using ada = await place.open([CHAT, `127.0.0.1:${port}`, "-n", "Ada"], { cols: 120 });
  await ada.until(`Nothing answers at 127.0.0.1:${port}. Is chatd running there, and is the port right?`);
  await ada.until(/Server\n.*127\.0\.0\.1/);
  ada.type(`\x15${chatd.at}\r`);
  await ada.until("Ada >");
  expect(ada.everything().split("Nothing answers").length).toBe(2);
});

test("an address or a port that is none is asked for again at once", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = await place.open([CHAT, "-n", "Ada"]);
  await ada.until(/Server\n.*localhost/);
  ada.type("\x15not an address\r");
  await ada.until('"not an address" is not an address.');
  ada.type("\x15localhost\r");
  await ada.until(/Port\n.*3001/);
  ada.type("\x1570000\r");
  await ada.until("70000 is not a port.");
  ada.type(`\x15${chatd.port}\r`);
  await ada.until("Ada >");
});

test.each([
  ["Ctrl+C", "\x03"],
  ["Esc", "\x1b"],
])("%s at a question ends without joining, and that is no failure", async (_, key) => {
  await using place = await home();
  await using ada = await place.open([CHAT]);
  await ada.until(/Server\n.*localhost/);
  ada.type(key);
  expect(await ada.exited).toBe(0);
  expect(ada.screen()).toContain("Not joined.");
});

test("what was answered last is offered the next time", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using first = await place.open([CHAT, `127.0.0.1:${chatd.port}`, "-n", "Ada"]);
  await first.until("Ada >");
  first.type("\x04");
  expect(await first.exited).toBe(0);
  await using second = await place.open([CHAT]);
  await second.until(/Server\n.*127\.0\.0\.1/);
  second.type("\r");
  await second.until(`${chatd.port}`);
  second.type("\r");
  await second.until(/Username\n.*Ada/);
  second.type("\r");
  await second.until("Ada >");
});

test("whoever was ended by force is let in again under the same name at once", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using first = await place.open([CHAT, chatd.at, "-n", "Ada"]);
  await first.until("Ada >");
  first.kill("SIGKILL");
  await first.exited;
  await using second = await place.open([CHAT, chatd.at, "-n", "Ada"]);
  await second.until("You are in lobby as Ada.");
  await second.until("USERS: [Ada✓]");
});

test("a second run on the same machine does not take the name of the one that goes on", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using first = await place.open([CHAT, chatd.at, "-n", "Ada"]);
  await first.until("Ada >");
  await using second = await place.open([CHAT, chatd.at, "-n", "Ada"]);
  await second.until("You are there under that name already");
  await using third = place.run([CHAT, chatd.at, "-n", "ada"]);
  expect(await third.exited()).toBe(3);
  expect(third.err).toEqual([
    "chat: You are there under that name already, with another chat on this machine; try another name.",
  ]);
  first.type("still here\r");
  await first.until("Ada > still here");
});

test("a room that is not there does not keep the person out of the one that is", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = await place.open([CHAT, `${chatd.at}/cellar`, "-n", "Ada"]);
  await ada.until('There is no such room here; join "lobby".');
  await ada.until(/Server\n.*localhost/);
  ada.type("\r");
  await ada.until(/Port\n.*\d/);
  ada.type("\r");
  await ada.until("You are in lobby as Ada.");
});
