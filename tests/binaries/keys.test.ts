// Names, invitations and order, with the compiled programs: what is mine stays mine, on this device and on the next.
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHAT, CHATD, home, portOf } from "../support/binaries.ts";

/** The link of the newest invitation that a screen shows, whole, however the window wraps it. */
function invitedLink(screen: string, kind: "chat" | "http"): string {
  const text = screen.replaceAll("\n", "");
  const form = kind === "chat" ? /chat '(chat:\/\/[^']+)'/g : /(http:\/\/\S+?#invite=[\w-]{22})/g;
  return [...text.matchAll(form)].at(-1)![1]!;
}

test("a name stays its first owner's, over restarts of both programs, and no other device gets it", async () => {
  await using place = await home();
  await using elsewhere = await home();
  const data = ["--data", join(place.path, "room")];
  {
    await using chatd = await place.chatd(...data);
    await using ada = await place.open([CHAT, chatd.at, "-n", "Ada"]);
    await ada.until("USERS: [Ada✓]");
    ada.type("/quit\r");
    expect(await ada.exited).toBe(0);
    chatd.program.kill();
    expect(await chatd.program.exited()).toBe(0);
  }
  const key = join(place.path, "state", "chat", "key");
  expect((statSync(key).mode & 0o777).toString(8)).toBe("600");
  await using chatd = await place.chatd(...data);
  for (const flags of [[], ["--guest"]]) {
    await using thief = elsewhere.run([CHAT, chatd.at, "-n", "ADA", ...flags]);
    expect(await thief.exited()).toBe(3);
    expect(thief.err.join()).toContain("which is somebody else's name; try another one.");
    expect(thief.err.join().includes("leave --guest out")).toBe(flags.length > 0);
  }
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  await ada.until("In lobby as Ada. USERS: [Ada✓]");
});

test("a damaged key makes a guest of its owner, who is told so, and is not written over", async () => {
  await using place = await home();
  const folder = join(place.path, "state", "chat");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "key"), "{}\n");
  await using chatd = await place.chatd("--ephemeral");
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  await ada.until("In lobby as Ada. USERS: [Ada]");
  expect(ada.err[0]).toBe(
    `chat: The key in ${join(folder, "key")} is damaged, so you come as a guest, and a name that is yours may be refused. Put a copy of the file back, or move it away for a new key.`,
  );
  expect(readFileSync(join(folder, "key"), "utf8")).toBe("{}\n");
});

test("where nothing can be kept, one comes in all the same, and --guest says nothing of it", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  const env = { XDG_STATE_HOME: "/dev/null/state" };
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"], { env });
  await ada.until("In lobby as Ada. USERS: [Ada✓]");
  expect(ada.err[0]).toStartWith("chat: Your key cannot be kept in /dev/null/state/chat (ENOTDIR)");
  await using guest = place.run([CHAT, chatd.at, "-n", "Gus", "--guest"], { env });
  await guest.until("In lobby as Gus. USERS: [Ada✓,Gus]");
  expect(guest.err[0]).toStartWith("[*] In lobby");
});

test("--guest makes no key", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using gus = place.run([CHAT, chatd.at, "-n", "Gus", "--guest"]);
  await gus.until("In lobby as Gus. USERS: [Gus]");
  expect(existsSync(join(place.path, "state", "chat", "key"))).toBeFalse();
});

test("a private room's host makes a link, and who has it comes in, once it is asked for or given; others do not", async () => {
  await using place = await home();
  await using elsewhere = await home();
  const flags = ["--port", "0", "--web-port", "0", "--host", "127.0.0.1", "--ephemeral", "--private"];
  await using host = await place.open([CHATD, ...flags], { cols: 100, rows: 40 });
  await host.until("Host >");
  expect(host.everything()).toContain("Private       who is new needs an invitation: /invite makes one");
  const at = `127.0.0.1:${portOf(host)}`;
  await using stranger = elsewhere.run([CHAT, at, "-n", "Eve"]);
  expect(await stranger.exited()).toBe(3);
  expect(stranger.err).toEqual(["chat: This room is private: ask its host for an invitation, a link to join with."]);
  host.type("/invite\r");
  await host.until(/It is shown only now:[\s\S]*Host >$/);
  const link = invitedLink(host.everything(), "chat");
  expect(link).toMatch(/^chat:\/\/127\.0\.0\.1:\d+\/lobby#pin=[\w-]{43}&invite=[\w-]{22}$/);
  // At the question, a link of the page will do.
  await using ada = await place.open([CHAT, at, "-n", "Ada"], { cols: 100 });
  await ada.until(/private: ask its host[\s\S]*Invitation/);
  ada.type(`${invitedLink(host.everything(), "http")}\r`);
  await ada.until("You are in lobby as Ada.");
  await using bob = elsewhere.run([CHAT, link, "-n", "Bob"]);
  await bob.until("In lobby as Bob");
  // Whoever lists what runs on this machine sees the place, and not the secret.
  const shown = readFileSync(`/proc/${bob.pid}/cmdline`, "utf8");
  expect(shown).toContain(`/lobby#pin=`);
  expect(shown).toContain("&invite=**********************");
  bob.end();
  expect(await bob.exited()).toBe(0);
  // Who was in is known by the key.
  await using again = elsewhere.run([CHAT, at, "-n", "Bob"]);
  await again.until("In lobby as Bob");
  await using wrong = place.run([CHAT, `${link.slice(0, -4)}AAAA`, "-n", "Eve"], {
    env: { XDG_STATE_HOME: "/dev/null/state" },
  });
  expect(await wrong.exited()).toBe(3);
  expect(wrong.err.at(-1)).toStartWith("chat: That invitation is wrong");
});

test("the piped console answers /invite with links, too", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral", "--private", "--no-web");
  chatd.program.say("/invite read for 1h uses 1");
  await chatd.program.until("Invitation #1 lets somebody in to read, once, until");
  const line = await chatd.program.until("chat 'chat://");
  const [, link = ""] = /chat '([^']+)'/.exec((JSON.parse(line) as { text: string }).text)!;
  await using ada = place.run([CHAT, "-n", "Ada"], { env: { CHAT_SERVER: link } });
  await ada.until("In lobby as Ada");
  ada.say("hello?");
  await ada.until("[!] Your invitation is for reading only.");
});

test("a code from one device makes the name the other's too, and both keep it over a restart of the room", async () => {
  await using laptop = await home();
  await using phone = await home();
  const data = ["--data", join(laptop.path, "room")];
  {
    await using chatd = await laptop.chatd(...data);
    await using ada = await laptop.open([CHAT, chatd.at, "-n", "Ada"]);
    await ada.until("Ada >");
    ada.type("/link\r");
    await ada.until("when it asks for one:");
    const [, code = ""] = /chat SERVER -n Ada --link ([\w-]{22})/.exec(ada.everything())!;
    // Whoever comes without it is asked for it.
    await using refused = await phone.open([CHAT, chatd.at, "-n", "Ada"]);
    await refused.until("Another username, or the code from /link");
    refused.type("\x03");
    expect(await refused.exited).toBe(0);
    await using second = await phone.open([CHAT, chatd.at, "-n", "Ada", "--link", code]);
    await second.until("USERS: [Ada✓]");
    expect(await ada.exited).toBe(6);
    expect(readFileSync(`/proc/${second.pid}/cmdline`, "utf8")).not.toContain(code);
    chatd.program.kill();
    expect(await chatd.program.exited()).toBe(0);
    second.type("\x03\x03");
    await second.exited;
    await using late = await phone.open([CHAT, "127.0.0.1", "-n", "Eve", "--link", code, "--guest"]);
    expect(await late.exited).toBe(2);
  }
  await using chatd = await laptop.chatd(...data);
  for (const device of [laptop, phone]) {
    await using ada = device.run([CHAT, chatd.at, "-n", "Ada"]);
    await ada.until("In lobby as Ada. USERS: [Ada✓]");
    ada.end();
    expect(await ada.exited()).toBe(0);
  }
});

test("the code may be given where the program asks for another name", async () => {
  await using laptop = await home();
  await using phone = await home();
  await using chatd = await laptop.chatd("--ephemeral");
  await using ada = await laptop.open([CHAT, chatd.at, "-n", "Ada"]);
  await ada.until("Ada >");
  ada.type("/link\r");
  await ada.until("when it asks for one:");
  const [, code = ""] = /--link ([\w-]{22})/.exec(ada.everything())!;
  await using second = await phone.open([CHAT, chatd.at, "-n", "Ada"]);
  await second.until("Another username, or the code from /link");
  second.type("AAAAAAAAAAAAAAAAAAAAAA\r");
  await second.until("That code is wrong, used or too old");
  await second.until(/too old[\s\S]*Another username/);
  second.type(`${code}\r`);
  await second.until("You are in lobby as Ada.");
});

test("an operator bans, mutes, withdraws and takes back; who is banned ends with 5 and is not let in again", async () => {
  await using place = await home();
  await using elsewhere = await home();
  await using chatd = await place.chatd("--ephemeral", "--rate", "off");
  chatd.program.say("/invite operator");
  const line = await chatd.program.until("chat 'chat://");
  const [, link = ""] = /chat '([^']+)'/.exec((JSON.parse(line) as { text: string }).text)!;
  await using ada = await place.open([CHAT, link, "-n", "Ada"], { cols: 100 });
  await ada.until("[*] You are an operator: /help shows what keeps order.");
  await using bob = elsewhere.run([CHAT, chatd.at, "-n", "Bob"]);
  await bob.until("In lobby");
  bob.say("spam");
  await ada.until("Bob > spam");
  ada.type("/mute Bob 10m\r");
  await ada.until("[*] Bob was muted for 10 minutes by Ada.");
  bob.say("more");
  await bob.until("may only read for");
  ada.type("/undo\r");
  await ada.until("[*] Ada took that back: Bob may speak again.");
  ada.type("/purge Bob\r");
  await ada.until(/Ada withdrew what Bob said lately\. It is gone from the history, not from this\s*screen\./);
  ada.type("/history\r");
  await ada.until("Nothing has been said yet.");
  ada.type("/ban Bob 1h spam\r");
  await ada.until("[*] Bob was banned for 1 hour by Ada: spam");
  expect(await bob.exited()).toBe(5);
  expect(bob.err.at(-1)).toBe("[!] You were banned by Ada: spam");
  await using again = await elsewhere.open([CHAT, chatd.at, "-n", "Robert"], { cols: 120 });
  await again.until(/was banned|are banned/);
  expect(await again.exited).toBe(5);
  ada.type("/bans\r");
  await ada.until(/Bob, by Ada on .*, until .*: spam/);
  ada.type("/audit\r");
  await ada.until(/Ada muted Bob for 10 minutes \(taken back\)/);
  await chatd.program.until("Ada banned Bob for 3600 s: spam");
});
