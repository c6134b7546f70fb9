// A chatd that is killed and started again under a running conversation: nothing is lost, nothing is said twice, and it costs one line.
import { expect, test } from "bun:test";
import { CHAT, FIRST_TIME, home, masked, statusRow, VERIFIED } from "../support/binaries.ts";
import type { TestTerminal } from "../support/terminal.ts";

const BACK = /\[\*\] The room was closed and is open again: back after \d+ s, (nothing|\d+) missed\./;
/** Who is back first may already have spoken when the other one comes. */
const settled = (term: TestTerminal) => masked(term.everything()).replace(BACK, "[*] BACK");

test("a restart is one line to the members, and what was typed meanwhile arrives once", async () => {
  await using place = await home();
  const first = await place.chatd("--data", "./history");
  await using ada = await place.open([CHAT, first.at, "-n", "Ada"]);
  await ada.until("Ada >");
  await using bob = await place.open([CHAT, first.at, "-n", "Bob"]);
  await Promise.all([bob.until("Bob >"), ada.until("Bob entered.")]);
  ada.type("before\r");
  await bob.until("Ada > before");
  bob.type("half a");
  await bob.until("half a");

  first.program.kill("SIGKILL");
  await first.program.exited();
  await Promise.all([ada.until("Ada (away) >"), bob.until("Bob (away) > half a")]);
  ada.type("meanwhile\r");
  await ada.until("[*] Kept until the room is back: meanwhile");
  await using second = await place.chatd("--data", "./history", "--port", String(first.port), "--no-web");
  await Promise.all([ada.until("Ada > meanwhile"), bob.until("Ada > meanwhile"), ada.until(BACK), bob.until(BACK)]);
  bob.type(" thought\r");
  await ada.until("Bob > half a thought");
  await bob.until("Bob > half a thought\n");

  await bob.until(() => settled(bob).endsWith("Bob >"));
  expect(settled(bob)).toBe(
    `
[*] You are in lobby as Bob. /help shows what you can type.
${VERIFIED}
USERS: [Ada✓,Bob✓]
[HH:MM:SS] Ada > before
[*] BACK
[HH:MM:SS] Ada > meanwhile
[HH:MM:SS] Bob > half a thought
${statusRow("encrypted, verified", 2)}
[HH:MM:SS] Bob >`.trim(),
  );
  await ada.until(() => settled(ada).endsWith(`thought\n${statusRow("encrypted, verified", 2)}\n[HH:MM:SS] Ada >`));
  expect(settled(ada)).toBe(
    `
[*] You are in lobby as Ada. /help shows what you can type.
${FIRST_TIME}
USERS: [Ada✓]
[*] Bob entered.
[HH:MM:SS] Ada > before
[*] Kept until the room is back: meanwhile
[*] BACK
[HH:MM:SS] Ada > meanwhile
[HH:MM:SS] Bob > half a thought
${statusRow("encrypted, verified", 2)}
[HH:MM:SS] Ada >`.trim(),
  );
  expect(second.port).toBe(first.port);
});

test("a stream of lines under two kills is there in full, in order, each line once", async () => {
  await using place = await home();
  const lines = Array.from({ length: 600 }, (_, at) => `line ${at + 1}`);
  const flags = ["--data", "./history", "--rate", "off"];
  let chatd = await place.chatd(...flags);
  const { port } = chatd;
  await using bob = place.run([CHAT, chatd.at, "-n", "Bob", "--json"]);
  await bob.until('"welcome"');
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  for (const line of lines.slice(0, 300)) ada.say(line);
  for (const heard of [100, 400]) {
    await bob.until(`"line ${heard}"`);
    chatd.program.kill("SIGKILL");
    await chatd.program.exited();
    if (heard === 100) for (const line of lines.slice(300)) ada.say(line);
    chatd = await place.chatd(...flags, "--port", String(port), "--no-web");
  }
  await using _last = chatd;
  ada.end();
  expect(await ada.exited()).toBe(0);
  await bob.until('"line 600"');
  const said = bob.out
    .map((line) => JSON.parse(line) as { type: string; text: string })
    .filter(({ type }) => type === "said");
  expect(said.map(({ text }) => text)).toEqual(lines);
});

test("a chatd that goes away for good leaves the prompt in peace, and the person may leave", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = await place.open([CHAT, chatd.at, "-n", "Ada"]);
  await ada.until("Ada >");
  chatd.program.kill("SIGTERM");
  expect(await chatd.program.exited()).toBe(0);
  await ada.until("Ada (away) >");
  ada.type("/names\r");
  ada.type("/quit\r");
  expect(await ada.exited).toBe(0);
});

test("a room that kept nothing begins anew, and says so", async () => {
  await using place = await home();
  // A key that was kept nowhere would be another one now.
  const first = await place.chatd("--ephemeral", "--no-tls");
  await using ada = await place.open([CHAT, first.at, "-n", "Ada"]);
  await ada.until("Ada >");
  ada.type("before\r");
  await ada.until("Ada > before\n");
  first.program.kill("SIGKILL");
  await first.program.exited();
  await using _second = await place.chatd("--ephemeral", "--no-tls", "--port", String(first.port), "--no-web");
  await ada.until(/Back after \d+ s, in a room that has lost its history, or the end of it\./);
  ada.type("after\r");
  await ada.until("Ada > after\n");
  await ada.until(/Ada >$/);
  expect(masked(ada.everything()).replace(/after \d+ s/, "after N s")).toBe(
    `
[*] You are in lobby as Ada. /help shows what you can type.
[!] The connection is NOT ENCRYPTED: whoever is on the way can read and change w
hat is said.
USERS: [Ada✓]
[HH:MM:SS] Ada > before
[!] Back after N s, in a room that has lost its history, or the end of it.
[HH:MM:SS] Ada > after
${statusRow("NOT ENCRYPTED", 1)}
[HH:MM:SS] Ada >`.trim(),
  );
});

test("what a pipe said last, while the room was away, is kept until the room is back", async () => {
  await using place = await home();
  const first = await place.chatd("--data", "./history");
  await using ada = place.run([CHAT, first.at, "-n", "Ada"]);
  await ada.until("In lobby");
  first.program.kill("SIGKILL");
  await ada.until("[!] The connection broke. Trying again.");
  ada.say("last words");
  ada.end();
  await using _second = await place.chatd("--data", "./history", "--port", String(first.port), "--no-web");
  expect(await ada.exited()).toBe(0);
  expect(ada.out.filter((line) => line.endsWith("Ada > last words"))).toHaveLength(1);
});
