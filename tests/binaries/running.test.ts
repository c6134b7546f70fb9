// A running chatd without a terminal: commands from a pipe, its report, and how it ends.
import { expect, test } from "bun:test";
import { CHAT, CHATD, home } from "../support/binaries.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { peer } from "../support/peer.ts";

test("lines piped in are the host's commands and words, and EXIT closes the room", async () => {
  await using place = await home();
  await using chatd = place.run([CHATD, "--port", "0", "--host", "127.0.0.1", "--ephemeral"]);
  const [, port] = /on port (\d+)/.exec(await chatd.until("the room is open"))!;
  await using ada = place.run([CHAT, `localhost:${port}`, "-n", "Ada"]);
  await ada.until("In lobby as Ada. USERS: [Ada✓]");
  chatd.say("Back in five minutes", "LIST_USERS", "KICK Nobody", "/nonsense");
  await ada.until("Host > Back in five minutes");
  await chatd.until("USERS: [Ada✓,Host]");
  await chatd.until("Nobody is not here");
  await chatd.until("There is no command /nonsense");
  chatd.say("HELP");
  await chatd.until("//TEXT");
  chatd.say("/history");
  await chatd.until("Host > Back in five minutes");
  chatd.say("KICK Ada");
  expect(await ada.exited()).toBe(5);
  chatd.say("EXIT");
  expect(await chatd.exited()).toBe(0);
  expect(chatd.out.at(-1)).toBe("The room is closed.");
  expect(chatd.err).toEqual([]);
});

test("what was piped in before the end is done, and the room stays open after it", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  await ada.until("In lobby");
  chatd.program.say("one", "two");
  chatd.program.end();
  await ada.until("Host > one");
  await ada.until("Host > two");
  await ada.until("Host left.");
  ada.say("and we go on");
  await ada.until("Ada > and we go on");
});

test("with --log json, everything on standard output is one JSON object a line", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  ada.say("hello");
  await ada.until("Ada > hello");
  chatd.program.say("LIST_USERS", "HELP", "/topic News", "KICK Ada");
  expect(await ada.exited()).toBe(5);
  chatd.program.kill("SIGTERM");
  expect(await chatd.program.exited()).toBe(0);
  const entries = chatd.program.out.map(
    (line) => JSON.parse(line) as { at: string; level: string; text: string; event?: object },
  );
  for (const { at, level, text } of entries) {
    expect(new Date(at).toISOString()).toBe(at);
    expect(level).toBe("info");
    expect(text).not.toBe("");
  }
  expect(entries[0]).toMatchObject({ text: "listening", port: chatd.port });
  expect(entries.at(-1)!.text).toBe("closed");
  expect(entries.flatMap(({ event }) => event ?? [])).toContainEqual(
    expect.objectContaining({ type: "exited", name: "Ada", why: "kicked", by: "Host" }),
  );
  // What people say is their own business.
  expect(chatd.program.out.join("\n")).not.toContain("hello");
  expect(chatd.program.err).toEqual([]);
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s says goodbye to everyone and ends with 0", async (signal) => {
  await using place = await home();
  await using chatd = await place.chatd("--data", "./history");
  await using ada = await peer((receiver) => dialTcp({ hostname: "127.0.0.1", port: chatd.port }, receiver));
  await ada.join("Ada");
  ada.send({ type: "say", text: "last words", re: "1" });
  await ada.until("said");
  chatd.program.kill(signal);
  expect(await ada.until("bye")).toMatchObject({ code: "shutdown" });
  await ada.end();
  expect(await chatd.program.exited()).toBe(0);
  expect(chatd.program.err).toEqual([]);
});

test("under nohup the end of the terminal is no reason to close the room", async () => {
  await using place = await home();
  await using chatd = place.run(["nohup", CHATD, "--port", "0", "--host", "127.0.0.1", "--ephemeral", "--log", "json"]);
  const listening = await chatd.until(/"port":\d+/);
  const port = Number(/"port":(\d+)/.exec(listening)![1]);
  chatd.kill("SIGHUP");
  await using ada = await peer((receiver) => dialTcp({ hostname: "127.0.0.1", port }, receiver));
  await ada.join("Ada");
  chatd.kill("SIGTERM");
  expect(await ada.until("bye")).toMatchObject({ code: "shutdown" });
  expect(await chatd.exited()).toBe(0);
});

test("SIGTERM ends within five seconds although a member takes nothing and says nothing", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using stuck = place.run([CHAT, chatd.at, "-n", "Stuck"]);
  await stuck.until("In lobby");
  stuck.kill("SIGSTOP");
  const started = performance.now();
  chatd.program.kill("SIGTERM");
  expect(await chatd.program.exited(5_500)).toBe(0);
  expect(performance.now() - started).toBeLessThan(5_000);
}, 8_000);

test("a second signal ends at once", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using stuck = place.run([CHAT, chatd.at, "-n", "Stuck"]);
  await stuck.until("In lobby");
  // It does not close its end, so the goodbye waits for it.
  stuck.kill("SIGSTOP");
  chatd.program.kill("SIGTERM");
  await using late = place.run([CHAT, chatd.at, "-n", "Late"]);
  expect(await late.exited()).toBeOneOf([3, 4]);
  const started = performance.now();
  chatd.program.kill("SIGTERM");
  expect(await chatd.program.exited()).toBe(1);
  expect(performance.now() - started).toBeLessThan(1_000);
});
