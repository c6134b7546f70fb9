// What hands do at the line client and the console, in real terminals: half lines, Tab, pastes, Ctrl+C.
import { expect, test } from "bun:test";
import { CHAT, CHATD, FIRST_TIME, home, masked, portOf, shows, statusRow } from "../support/binaries.ts";

test("the host's half line stays whole, wide letters too, while the room goes on above it", async () => {
  await using place = await home();
  await using host = await place.open([CHATD, "--port", "0", "--host", "127.0.0.1", "--ephemeral", "--rate", "off"], {
    cols: 40,
    rows: 12,
  });
  await host.until("Host >");
  host.type("Willkommen, 你好世界, 안녕 👋🏽 half");
  await host.until("half");
  // Into the middle of the line, so that the cursor has a place to keep.
  host.type("\x1b[D\x1b[D\x1b[D\x1b[D");
  await using ada = place.run([CHAT, `localhost:${portOf(host)}`, "-n", "Ada"]);
  const count = 30;
  ada.say(...Array.from({ length: count }, (_, at) => `${"界".repeat(12)} line ${at + 1}`));
  await host.until(`line ${count}`);
  host.type("X");
  await shows(
    host,
    `${[count - 4, count - 3, count - 2, count - 1, count]
      .map((at) => `[HH:MM:SS] Ada > 界界界界界界界界界界界\n界 line ${at}`)
      .join("\n")}
[HH:MM:SS] Host > Willkommen, 你好世界,
안녕 👋🏽 Xhalf`,
  );
  host.type("\r");
  await ada.until("Host > Willkommen, 你好世界, 안녕 👋🏽 Xhalf");
});

test("Tab completes commands and names, for the host and for a member", async () => {
  await using place = await home();
  await using host = await place.open([CHATD, "--port", "0", "--host", "127.0.0.1", "--ephemeral"]);
  await host.until("Host >");
  await using ada = await place.open([CHAT, `localhost:${portOf(host)}`, "-n", "Ada"]);
  await host.until("USERS: [Host,Ada✓]");
  ada.type("ho\t");
  await ada.until(/Ada > Host:$/);
  ada.type("hello\r");
  await host.until("Ada > Host: hello");
  ada.type("/n\t\t");
  await ada.until("/names   /nick");
  ada.type("i\tAdele\r");
  await host.until("Ada is now called Adele.");
  host.type("LIST\t\r");
  await host.until("called Adele.\nUSERS: [Host,Adele✓]");
  host.type("KI\ta\t");
  await host.until(/Host > KICK Adele$/);
  host.type("\r");
  expect(await ada.exited).toBe(5);
});

test("a paste of three lines is one message", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = await place.open([CHAT, chatd.at, "-n", "Ada"]);
  await ada.until("Ada >");
  await using bob = place.run([CHAT, chatd.at, "-n", "Bob", "--json"]);
  await bob.until('"welcome"');
  expect(ada.marksPastes()).toBeTrue();
  ada.type("\x1b[200~one\r\ntwo\r\n/three\x1b[201~");
  await ada.until("one⏎two⏎/three");
  ada.type("\r");
  expect(JSON.parse(await bob.until('"said"'))).toMatchObject({ from: "Ada", text: "one\ntwo\n/three" });
  await shows(
    ada,
    `
[*] You are in lobby as Ada. /help shows what you can type.
${FIRST_TIME}
USERS: [Ada✓]
[*] Bob entered.
[HH:MM:SS] Ada > one
    two
    /three
${statusRow("encrypted, first time", 2)}
[HH:MM:SS] Ada >`,
  );
});

test.each([
  ["Ctrl+C twice", "\x03\x03"],
  ["Ctrl+D", "\x04"],
  ["/quit", "/quit\r"],
])("%s leaves, with the terminal as it was found", async (_, keys) => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  const inShell = ["sh", "-c", 'stty -g; "$@"; echo "exit $?"; stty -g', "sh", CHAT, chatd.at, "-n", "Ada"];
  await using ada = await place.open(inShell, { cols: 120 });
  await ada.until("Ada >");
  ada.type(`half${"\x7f".repeat(4)}`);
  ada.type(keys);
  await ada.until("exit 0");
  expect(await ada.exited).toBe(0);
  const [before, ...rows] = ada.everything().split("\n");
  expect(rows.at(-1)).toBe(before);
  expect(masked(rows.join("\n"))).not.toContain("[HH:MM:SS] Ada >");
  expect(ada.marksPastes()).toBeFalse();
  expect(await chatd.program.until("Ada exited")).toContain("left");
});

test("Ctrl+C clears what is typed first, and once alone it only says what a second one does", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = await place.open([CHAT, chatd.at, "-n", "Ada"]);
  await ada.until("Ada >");
  ada.type("never mind");
  await ada.until("never mind");
  ada.type("\x03");
  await ada.until(/Ada >$/);
  ada.type("\x03");
  await ada.until("[*] Ctrl+C again leaves the room.");
  ada.type("still here\r");
  await ada.until("Ada > still here\n");
});

test("the host's Ctrl+C closes the room, and the terminal is as it was found", async () => {
  await using place = await home();
  const inShell = ["sh", "-c", 'stty -g; "$@"; echo "exit $?"; stty -g', "sh"];
  await using host = await place.open([...inShell, CHATD, "--port", "0", "--host", "127.0.0.1", "--ephemeral"], {
    cols: 120,
  });
  await host.until("Host >");
  host.type("\x04");
  await host.until("[*] EXIT closes the room.");
  host.type("\x03");
  await host.until("The room is closed.\nexit 0");
  expect(await host.exited).toBe(0);
  const [before, ...rows] = host.everything().split("\n");
  expect(rows.at(-1)).toBe(before);
  expect(host.marksPastes()).toBeFalse();
});
