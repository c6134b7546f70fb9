// What chat tells its caller when it did not go well: an exit code, and one sentence on standard error.
import { expect, test } from "bun:test";
import { CHAT, type Env, FIRST_TIME, home } from "../support/binaries.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { peer } from "../support/peer.ts";

test.each<[sentence: string, args: string[], env?: Env]>([
  ['chat: There is no flag --colour. "chat --help" shows the flags.', ["localhost", "-n", "Ada", "--colour"]],
  ["chat: --name needs a value: --name NAME.", ["localhost", "--name"]],
  ["chat: --name needs a value: --name NAME.", ["localhost", "--name="]],
  [
    'chat: "localhost:" is not an address. Write HOST, HOST:PORT or chat://HOST:PORT/ROOM.',
    ["localhost:", "-n", "Ada"],
  ],
  ["chat: 70000 is not a port. Ports are 1 to 65535; chatd's is 3001.", ["localhost:70000", "-n", "Ada"]],
  ["chat: Say where the room is: chat HOST. (Questions need a terminal that can show them.)", ["-n", "Ada"]],
  ["chat: Say who you are: chat HOST -n NAME. (Questions need a terminal that can show them.)", ["localhost"]],
  ['chat: CHAT_JSON is "maybe"; write 1 or 0. "chat --help" shows the flags.', ["localhost"], { CHAT_JSON: "maybe" }],
])("%s (2)", async (sentence, args, env = {}) => {
  await using place = await home();
  await using chat = place.run([CHAT, ...args], { env });
  expect(await chat.exited()).toBe(2);
  expect(chat.err.join(" ")).toStartWith(sentence);
  expect(chat.err.length).toBe(1);
  expect(chat.out).toEqual([]);
});

test("a second word after the server is pointed out (2)", async () => {
  await using place = await home();
  await using chat = place.run([CHAT, "localhost", "3001", "-n", "Ada"]);
  expect(await chat.exited()).toBe(2);
  expect(chat.err).toEqual(['chat: "3001" is one word too many. "chat --help" shows the flags.']);
});

test.each([
  ["ADA", "chat: ADA is taken; try another name."],
  ["Аda", "chat: A name keeps to the letters of one script."],
  ["host", "chat: host is reserved; try another name."],
  ["a b", "chat: A name holds letters, digits and _ - . and starts with a letter or digit."],
])("the name %p is refused (3)", async (name, sentence) => {
  await using place = await home();
  await using elsewhere = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = elsewhere.run([CHAT, chatd.at, "-n", "Ada", "--guest"]);
  await ada.until("In lobby");
  await using chat = place.run([CHAT, chatd.at, "-n", name]);
  expect(await chat.exited()).toBe(3);
  expect(chat.err).toEqual([sentence]);
  expect(chat.out).toEqual([]);
});

test("a text that may not be said is refused, what follows is said (3)", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using chat = place.run([CHAT, chatd.at, "-n", "Ada"]);
  chat.say("x".repeat(9_000), "short");
  chat.end();
  expect(await chat.exited()).toBe(3);
  expect(chat.err).toEqual([
    "[*] In lobby as Ada. USERS: [Ada✓]",
    FIRST_TIME,
    "[!] The text is longer than 8192 bytes; send it in parts.",
  ]);
  expect(chat.out.join("\n")).toContain("Ada > short");
});

test("a room that is not there is refused (3)", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using chat = place.run([CHAT, `${chatd.at}/cellar`, "-n", "Ada"]);
  expect(await chat.exited()).toBe(3);
  expect(chat.err).toEqual(['chat: There is no such room here; join "lobby".']);
});

test("where nothing listens, or no machine is (4)", async () => {
  await using place = await home();
  const free = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = free;
  free.stop(true);
  await using deaf = place.run([CHAT, `127.0.0.1:${port}`, "-n", "Ada"]);
  expect(await deaf.exited()).toBe(4);
  expect(deaf.err).toEqual([
    `chat: Nothing answers at 127.0.0.1:${port}. Is chatd running there, and is the port right?`,
  ]);
  await using nowhere = place.run([CHAT, "no-such-machine.invalid", "-n", "Ada"]);
  expect(await nowhere.exited()).toBe(4);
  expect(nowhere.err).toEqual([
    "chat: There is no machine called no-such-machine.invalid. Check the spelling, or use its IP address.",
  ]);
});

test("who is kicked (5), who is replaced by the same name with its token (6)", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  await ada.until("In lobby");
  await using bot = place.run([CHAT, chatd.at, "-n", "Bot", "--json"]);
  const { token } = JSON.parse(await bot.until('"welcome"')) as { token: string };
  await using other = await peer((receiver) => dialTcp({ hostname: "127.0.0.1", port: chatd.port }, receiver));
  await other.join("Bot", { token });
  expect(await bot.exited()).toBe(6);
  expect(bot.err).toEqual(["[!] You are here over another connection now; this one has left."]);
  chatd.program.say("KICK Ada too loud");
  expect(await ada.exited()).toBe(5);
  expect(ada.err.at(-1)).toBe("[!] You were kicked by Host: too loud");
});

test("left (0), also when the room is away and input has ended with nothing unsaid", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  ada.say("said");
  await ada.until("Ada > said");
  chatd.program.kill("SIGKILL");
  await ada.until("[!] The connection broke. Trying again.");
  ada.end();
  expect(await ada.exited()).toBe(0);
});
