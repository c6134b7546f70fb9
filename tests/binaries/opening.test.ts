// Opening a room: chatd's flags and environment, and one sentence where it cannot be opened.
import { describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHAT, CHATD, type Env, FIRST_TIME, home } from "../support/binaries.ts";
import type { Program } from "../support/program.ts";

/** It ends with `code`, one sentence on standard error that holds `sentence`, and nothing of a program's innards. */
async function refuses(chatd: Program, code: number, sentence: string): Promise<void> {
  expect(await chatd.exited()).toBe(code);
  expect(chatd.err).toHaveLength(1);
  expect(chatd.err[0]).toStartWith("chatd: ");
  expect(chatd.err[0]).toContain(sentence);
  expect(chatd.err[0]).not.toMatch(/\bat \S+:\d+:\d+|Error:|SQLITE|errno/);
  expect(chatd.out).toEqual([]);
}

describe("flags that cannot be meant", () => {
  test.each<[args: string[], sentence: string, env?: Env]>([
    [["--prot", "4000"], 'There is no flag --prot. "chatd --help" shows the flags.'],
    [["--port"], "--port needs a value: --port PORT."],
    [["--port", "http"], "--port http: write a number from 0 to 65535."],
    [["--port", "65536"], "--port 65536: write a number from 0 to 65535."],
    [["--port", "-1"], "--port -1: write a number from 0 to 65535."],
    [["-p", ""], "-p needs a value: -p PORT."],
    [["--rate", "fast"], "--rate fast: write messages a second and at once, for instance 5/20, or off."],
    [["--rate", "0"], "--rate 0:"],
    [["--per-address", "none"], "--per-address none: write a number from 1 to 1000000."],
    [["--clients", "0"], "--clients 0: write a number from 1 to 1000000."],
    [["--log", "xml"], "xml"],
    [["--ephemeral", "--data", "x"], "--ephemeral keeps nothing and --data says where to keep it: give one of them."],
    [["--web-port", "http"], "--web-port http: write a number from 0 to 65535."],
    [["--port", "4000", "--web-port", "4000"], "--port and --web-port are both 4000: chat and page need a port each."],
    [["--no-web", "--web-port", "80"], "--no-web serves no page and --web-port says where one is: give one of them."],
    [["--origin", "chat.example.org"], "--origin chat.example.org: an origin begins with https:// or http://."],
    [["--origin", "https://a.example/b"], "--origin https://a.example/b: an origin ends after the host and the port"],
    [[], "--web-port many: write a number from 0 to 65535.", { CHATD_WEB_PORT: "many" }],
    [["room"], '"room" is one word too many.'],
    [[], "--port many: write a number from 0 to 65535.", { CHATD_PORT: "many" }],
    [[], 'CHATD_EPHEMERAL is "perhaps"; write 1 or 0.', { CHATD_EPHEMERAL: "perhaps" }],
    [[], 'CHATD_LOG is "xml"; write one of text, json.', { CHATD_LOG: "xml" }],
  ])("%p: %s", async (args, sentence, env = {}) => {
    await using place = await home();
    await using chatd = place.run([CHATD, ...args], { env });
    await refuses(chatd, 2, sentence);
    expect(readdirSync(place.path)).toEqual([]);
  });
});

test("the environment says what the command line does not, and the command line wins", async () => {
  await using place = await home();
  const env = { CHATD_PORT: "0", CHATD_HOST: "127.0.0.1", CHATD_EPHEMERAL: "yes", CHATD_LOG: "json" };
  await using chatd = place.run([CHATD], { env });
  const listening = JSON.parse(await chatd.until("listening")) as { host: string; port: number; data: null };
  expect(listening).toMatchObject({ host: "127.0.0.1", data: null });
  await using other = place.run([CHATD, "--host", "127.0.0.2"], { env });
  expect(JSON.parse(await other.until("listening"))).toMatchObject({ host: "127.0.0.2" });
  const member = { CHAT_NAME: "Ada", CHAT_JSON: "1" };
  await using ada = place.run([CHAT, `127.0.0.1:${listening.port}`], { env: member });
  expect(JSON.parse(await ada.until("welcome"))).toMatchObject({ name: "Ada" });
  await using bob = place.run([CHAT, `127.0.0.1:${listening.port}`, "-n", "Bob", "--no-json"], { env: member });
  await bob.until("In lobby as Bob.");
});

describe("a room that cannot be opened", () => {
  test("because its port is in use", async () => {
    await using place = await home();
    await using first = await place.chatd("--ephemeral");
    const { port } = first;
    await using second = place.run([CHATD, "--host", "127.0.0.1", "--port", String(port), "--ephemeral"]);
    await refuses(
      second,
      1,
      `Port ${port} is in use, perhaps by another chatd. Stop that one, or choose another port:`,
    );
  });

  test("because another chatd keeps its history there", async () => {
    await using place = await home();
    await using _first = await place.chatd("--data", "./history");
    await using second = place.run([CHATD, "--port", "0", "--data", "./history"]);
    await refuses(second, 1, "Another chatd keeps its history in ./history. Stop it first, or choose another folder");
  });

  test("because it is not this machine's address", async () => {
    await using place = await home();
    await using chatd = place.run([CHATD, "--port", "0", "--host", "192.0.2.77", "--ephemeral"]);
    await refuses(chatd, 1, "This machine cannot listen on 192.0.2.77. Choose one of its own addresses with --host");
  });

  const damages: readonly [what: string, damage: (file: string) => void, sentence: string][] = [
    ["is no database", (file) => writeFileSync(file, "This is a shopping list.\n".repeat(99)), "is damaged"],
    ["is another program's", (file) => alien(file), "is not a chat history. Choose another folder with --data."],
    ["is a folder", (file) => mkdirSync(file), "cannot be written"],
  ];
  test.each(damages)("because its history %s", async (what, damage, sentence) => {
    await using place = await home();
    const file = join(place.path, "history", "room.db");
    mkdirSync(join(place.path, "history"));
    damage(file);
    const before = what === "is a folder" ? undefined : readFileSync(file);
    await using chatd = place.run([CHATD, "--port", "0", "--data", "./history"]);
    await refuses(chatd, 1, sentence);
    // Whatever it is, it is not made worse.
    if (before) expect(readFileSync(file).equals(before)).toBeTrue();
  });

  test("because its folder is a file", async () => {
    await using place = await home();
    writeFileSync(join(place.path, "history"), "");
    await using chatd = place.run([CHATD, "--port", "0", "--data", "./history"]);
    await refuses(chatd, 1, "The folder ./history cannot be written. Check its permissions, or choose another one");
  });

  test.skipIf(process.getuid?.() === 0)("because its folder may not be written", async () => {
    await using place = await home();
    mkdirSync(join(place.path, "history"));
    chmodSync(join(place.path, "history"), 0o500);
    await using chatd = place.run([CHATD, "--port", "0", "--data", "./history"]);
    await refuses(chatd, 1, "The folder ./history cannot be written.");
  });
});

function alien(file: string): void {
  using db = new Database(file, { create: true });
  db.run("create table recipes (name text)");
}

test("the history is only for its owner, where the system says programs keep such things", async () => {
  await using place = await home();
  await using chatd = await place.chatd();
  expect(readdirSync(join(place.path, "state", "chatd"))).toContain("room.db");
  const { mode } = await import("node:fs").then(({ statSync }) => statSync(join(place.path, "state", "chatd")));
  expect(mode & 0o077).toBe(0);
  expect(chatd.port).toBeGreaterThan(0);
});

test("--ephemeral leaves nothing on disk", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral");
  await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
  ada.say("not for the record");
  ada.end();
  expect(await ada.exited()).toBe(0);
  chatd.program.kill("SIGTERM");
  expect(await chatd.program.exited()).toBe(0);
  // What chat keeps is its own.
  expect(readdirSync(place.path).toSorted()).toEqual(["config", "state"]);
  expect(readdirSync(join(place.path, "state"))).toEqual(["chat"]);
});

test("the banner tells all that a host and friends need", async () => {
  await using place = await home();
  const flags = ["--port", "0", "--host", "127.0.0.1", "--data", "./history"];
  await using chatd = place.run([CHATD, ...flags]);
  await chatd.until("To stop");
  const masked = chatd.out.map((line) => line.replace(/\d{4,5}(?=[./]|$)/, "PORT"));
  expect(masked.slice(0, 6)).toEqual([
    expect.stringMatching(/^chatd \d+\.\d+\.\d+: the room is open on port PORT\.$/) as unknown as string,
    "  Friends join  from this machine only (--host 127.0.0.1)",
    "  In a browser  http://localhost:PORT/",
    "  From here     chat localhost:PORT",
    "  History       ./history",
    "  To stop       EXIT on standard input, or SIGTERM",
  ]);
});

test("--host :: takes IPv6 and IPv4", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral", "--host", "::");
  for (const host of ["[::1]", "127.0.0.1", "localhost"]) {
    await using ada = place.run([CHAT, `chat://${host}:${chatd.port}`, "-n", "Ada"]);
    ada.end();
    expect(await ada.exited()).toBe(0);
    expect(ada.err).toEqual(["[*] In lobby as Ada. USERS: [Ada✓]", FIRST_TIME]);
  }
});
