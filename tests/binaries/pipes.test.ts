// chat in a pipe: text in and out, JSON both ways, what comes before the end, and what the exit code tells.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { CHAT, FIRST_TIME, home } from "../support/binaries.ts";

interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}
const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Message);
const withoutTimes = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/^\[\d\d:\d\d:\d\d\]/, "[HH:MM:SS]"));

test("each line of input is said, what happens comes out as lines, and the end of input waits for the room", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  await ada.until("In lobby as Ada. USERS: [Ada✓]");
  await using bob = place.run([CHAT, chatd.at, "-n", "Bob"]);
  bob.say("one", "", "/help is only text here", "tab\there");
  bob.end();
  expect(await bob.exited()).toBe(0);
  ada.say("done");
  ada.end();
  expect(await ada.exited()).toBe(0);
  expect(withoutTimes(ada.out)).toEqual(
    [
      "[*] Ada entered.",
      "[*] Bob entered.",
      "[HH:MM:SS] Bob > one",
      "[HH:MM:SS] Bob > /help is only text here",
      "[HH:MM:SS] Bob > tab    here",
      "[*] Bob left.",
      "[HH:MM:SS] Ada > done",
      "[*] Ada left.",
    ].slice(ada.out[0]?.includes("Ada entered") ? 0 : 1),
  );
  expect(ada.err).toEqual(["[*] In lobby as Ada. USERS: [Ada✓]", FIRST_TIME]);
  expect(bob.err).toEqual(["[*] In lobby as Bob. USERS: [Ada✓,Bob✓]"]);
  expect(ada.out.concat(ada.err).join("")).not.toContain("\x1b");
});

test("with --json, messages go both ways, one a line", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using bot = place.run([CHAT, chatd.at, "-n", "Bot", "--json"]);
  bot.say(
    '{"type":"say","text":"hello","re":"1"}',
    '{"type":"members","re":"2"}',
    '{"type":"history","re":"3"}',
    '{"type":"whisper","to":"Bot","text":"to myself","re":"4"}',
    '{"type":"ping","re":"5"}',
  );
  await bot.until('"5"');
  await bot.until('"4"');
  bot.end();
  expect(await bot.exited()).toBe(0);
  const heard = parsed(bot.out);
  expect(heard[0]).toMatchObject({ type: "welcome", name: "Bot", room: "lobby", protocol: 1 });
  expect(heard.find(({ re }) => re === "1")).toMatchObject({
    type: "said",
    from: "Bot",
    text: "hello",
    seq: expect.any(Number),
  });
  expect(heard.find(({ re }) => re === "2")).toMatchObject({ type: "members", members: ["Bot"] });
  expect(heard.find(({ re }) => re === "3")).toMatchObject({ type: "history", more: false });
  expect(heard.find(({ re }) => re === "4")).toMatchObject({ type: "whisper", from: "Bot", text: "to myself" });
  expect(heard.find(({ re }) => re === "5")).toMatchObject({ type: "pong" });
  expect(heard.at(-1)).toMatchObject({ type: "exited", name: "Bot", why: "left" });
  expect(bot.err).toEqual([FIRST_TIME]);
});

test("with --json, what is no message is refused on standard output, the rest goes on, and the exit code is 3", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using bot = place.run([CHAT, chatd.at, "-n", "Bot", "-j"]);
  bot.say(
    "hello",
    '{"type":"dance","re":"a"}',
    '{"type":"join","name":"Other","re":"b"}',
    '{"type":"kick","name":"Nobody","re":"c"}',
    '{"type":"say","text":"still here"}',
  );
  bot.end();
  expect(await bot.exited()).toBe(3);
  const refusals = parsed(bot.out).flatMap(({ type, code, re }) => (type === "refused" ? [[code, re]] : []));
  expect(refusals).toEqual([
    ["bad-json", undefined],
    ["unknown-type", "a"],
    ["already-joined", "b"],
    ["not-allowed", "c"],
  ]);
  expect(bot.out.join("\n")).toContain('"still here"');
});

test.skipIf(!Bun.which("python3"))("a bot is a loop over lines, here in Python", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  const bot = `
import json, subprocess, sys
chat = subprocess.Popen([sys.argv[1], sys.argv[2], "-n", "Echo", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
for line in chat.stdout:
    message = json.loads(line)
    if message["type"] == "said" and message["from"] != "Echo":
        if message["text"] == "stop":
            break
        print(json.dumps({"type": "say", "text": message["text"].upper()}), file=chat.stdin, flush=True)
chat.stdin.close()
for line in chat.stdout: pass
sys.exit(chat.wait())
`;
  await Bun.write(join(place.path, "bot.py"), bot);
  await using echo = place.run(["python3", "bot.py", CHAT, chatd.at]);
  await chatd.program.until("Echo entered");
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  ada.say("hello, 世界");
  await ada.until("Echo > HELLO, 世界");
  ada.say("stop");
  expect(await echo.exited()).toBe(0);
});

test("a reader that stops reading, such as head -1, is no fault", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  await ada.until("In lobby");
  ada.say("one", "two", "three");
  await ada.until("three");
  const script = '{ "$1" "$2" -n Bob; echo "exit $?" >&2; } | head -1';
  await using bob = place.run(["sh", "-c", script, "sh", CHAT, chatd.at]);
  await bob.until("Ada > one");
  ada.say("four");
  await bob.until("exit 0");
  expect(await bob.exited()).toBe(0);
  expect(bob.out.length).toBe(1);
  expect(bob.err.filter((line) => !line.startsWith("[*] "))).toEqual(["exit 0"]);
  // Gone with a goodbye, so that the next run gets the same name.
  await chatd.program.until("Bob exited: left");
});

test("closed standard input is the end of input", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = place.run(["sh", "-c", '"$1" "$2" -n Ada <&-', "sh", CHAT, chatd.at]);
  expect(await ada.exited()).toBe(0);
  expect(ada.err).toEqual(["[*] In lobby as Ada. USERS: [Ada✓]", FIRST_TIME]);
});

test("what is said in no time, and left at once, is said", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--data", "./history");
  await using all = place.run([
    "sh",
    "-c",
    'for n in 1 2 3 4 5; do echo "from $n" | "$1" "$2" -n "Disk$n" & done; wait',
    "sh",
    CHAT,
    chatd.at,
  ]);
  expect(await all.exited()).toBe(0);
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  ada.end();
  expect(await ada.exited()).toBe(0);
  for (let n = 1; n <= 5; n++) expect(ada.out.filter((line) => line.endsWith(`Disk${n} > from ${n}`)).length).toBe(1);
});

test("SIGTERM leaves the room", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  await ada.until("In lobby");
  ada.kill("SIGTERM");
  expect(await ada.exited()).toBe(0);
  await chatd.program.until("Ada exited: left");
});
