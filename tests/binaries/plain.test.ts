// chat --plain on a terminal: for people whose terminal or ears take no prompt. A command stays a command.
import { expect, test } from "bun:test";
import { CHAT, home, masked, VERIFIED } from "../support/binaries.ts";

test.each([
  ["--plain", ["--plain"], {}],
  ["a dumb terminal", [], { TERM: "dumb" }],
])("with %s, commands work, a whisper stays a whisper, and nothing steers the terminal", async (_, flags, env) => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using bob = place.run([CHAT, chatd.at, "-n", "Bob"]);
  await bob.until("In lobby");
  await using ada = await place.open([CHAT, chatd.at, "-n", "Ada", ...flags], { env });
  await ada.until(VERIFIED);
  ada.type("/msg Bob psst\n");
  await bob.until("Ada, whispering > psst");
  ada.type("/passwort geheim\n");
  await ada.until("[!] There is no command /passwort.");
  ada.type("hello\n");
  await bob.until("Ada > hello");
  expect(bob.out.join("\n")).not.toContain("geheim");
  ada.type("/quit bye\n");
  expect(await ada.exited).toBe(0);
  await bob.until("Ada left: bye");
  expect(ada.received()).not.toContain("\x1b");
  // What is typed stands there as the terminal shows it.
  expect(masked(ada.everything())).toStartWith(
    `[*] You are in lobby as Ada. /help shows what you can type.\nUSERS: [Bob✓,Ada✓]\n${VERIFIED}\n`,
  );
});

test("the end of input (Ctrl+D) leaves", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = await place.open([CHAT, chatd.at, "-n", "Ada", "--plain"]);
  await ada.until("You are in lobby as Ada.");
  ada.type("\x04");
  expect(await ada.exited).toBe(0);
});
