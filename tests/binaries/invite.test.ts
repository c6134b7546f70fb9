// chatd invite, and the operator's link of a first start: what lets in, and where it is shown.
import { expect, test } from "bun:test";
import { CHAT, CHATD, home } from "../support/binaries.ts";

const LINK = /chat '(chat:\/\/[^']+#[^']*invite=[\w-]{22})'/;

test("an invitation that is made beside an open, private room lets in by its link, and is in no report", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--private");
  await using stranger = place.run([CHAT, chatd.at, "-n", "Eve"]);
  expect(await stranger.exited()).toBe(3);
  expect(stranger.err.join("\n")).toContain("This room is private");
  await using maker = place.run([CHATD, "invite", "--for", "2h", "--uses", "1"]);
  expect(await maker.exited()).toBe(0);
  const [, link = ""] = LINK.exec(maker.out.join("\n"))!;
  await using ada = place.run([CHAT, link, "-n", "Ada", "--json"]);
  await ada.until('"welcome"');
  await using late = place.run([CHAT, link, "-n", "Late", "--guest"]);
  expect(await late.exited()).toBe(3);
  expect(late.err.join("\n")).toContain("That invitation is wrong, too old, used up or called back");
  const secret = /invite=(.+)$/.exec(link)![1]!;
  expect([...chatd.program.out, ...chatd.program.err].join("\n")).not.toContain(secret);
});

test("the host in a pipe is told where invitations are made, as what it reads may be kept", async () => {
  await using place = await home();
  await using chatd = await place.chatd();
  chatd.program.say("/invite for 1h");
  expect(await chatd.program.until("An invitation is a secret")).toContain("chatd invite");
});

test("a first start shows the host a link for an operator, once", async () => {
  await using place = await home();
  const flags = ["--port", "0", "--host", "127.0.0.1", "--web-port", "0"];
  let link: string;
  {
    await using host = await place.open([CHATD, ...flags], { cols: 200 });
    await host.until("Host >");
    link = LINK.exec(host.everything())![1]!;
    await using ada = await place.open([CHAT, link, "-n", "Ada"]);
    await ada.until("You are an operator");
    ada.type("/slow 5s\r");
    await host.until("Ada set slow mode");
    host.type("EXIT\r");
    await host.exited;
  }
  await using host = await place.open([CHATD, ...flags], { cols: 200 });
  await host.until("Host >");
  expect(host.everything()).not.toContain("invite=");
});

test("what cannot be is said, with what to do", async () => {
  await using place = await home();
  for (const [args, code, words] of [
    [[], 1, "No room was opened in"],
    [["--for", "soon"], 2, "--for soon: write a time as"],
    [["--uses", "0"], 2, "--uses"],
    [["--scope", "king"], 2, "--scope"],
    [["--nonsense"], 2, "--nonsense"],
  ] as const) {
    await using maker = place.run([CHATD, "invite", ...args]);
    expect(await maker.exited()).toBe(code);
    expect(maker.err.join("\n")).toContain(words);
  }
  await using helper = place.run([CHATD, "invite", "--help"]);
  expect(await helper.exited()).toBe(0);
  expect(helper.out.join("\n")).toContain("chatd invite --for 2h --uses 30");
});
