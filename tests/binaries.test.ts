// What the two binaries are before they do anything: what they say about themselves, and that they obey nobody but their caller.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../package.json" with { type: "json" };
import { CHAT, CHATD, type Home, home } from "./support/binaries.ts";

describe.each([
  ["chatd", CHATD],
  ["chat", CHAT],
])("%s", (name, program) => {
  test.each(["--help", "-h"])("%s fits 80 columns, names every flag and shows examples", async (flag) => {
    await using place = await home();
    await using help = place.run([program, flag]);
    expect(await help.exited()).toBe(0);
    expect(help.err).toEqual([]);
    for (const line of help.out) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
    const text = help.out.join("\n");
    for (const part of [`Usage: ${name}`, "Examples:", "--help", "--version", "Exit codes:", `${name.toUpperCase()}_`])
      expect(text).toContain(part);
    expect(text).not.toMatch(/undefined|\[object| \n/);
  });

  test.each(["--version", "-V"])("%s says version and commit", async (flag) => {
    await using place = await home();
    await using told = place.run([program, flag]);
    expect(await told.exited()).toBe(0);
    expect(told.out.join("\n")).toMatch(/^\S+ \S+ \(([0-9a-f]{12}|unknown)\)$/);
    expect(told.out[0]).toStartWith(`${name} ${version} (`);
  });

  test("asks for help in vain by no other word", async () => {
    await using place = await home();
    await using wrong = place.run([program, "--halp"]);
    expect(await wrong.exited()).toBe(2);
    expect(wrong.err).toEqual([`${name}: There is no flag --halp. "${name} --help" shows the flags.`]);
  });
});

/** A folder in which other programs would be led astray. */
async function trap(place: Home): Promise<string> {
  const folder = join(place.path, "trap");
  mkdirSync(join(folder, "node_modules", "valibot"), { recursive: true });
  const files = {
    "bunfig.toml": 'preload = ["./evil.ts"]\n',
    "evil.ts": 'require("node:fs").writeFileSync("caught", process.argv.join());\n',
    ".env":
      "CHATD_PORT=1\nCHATD_EPHEMERAL=no\nCHAT_NAME=Evil\nCHAT_JSON=1\nNO_COLOR=1\nNODE_TLS_REJECT_UNAUTHORIZED=0\nBUN_OPTIONS=--preload=./evil.ts\n",
    "package.json": '{ "name": "valibot", "main": "./evil.ts" }\n',
    "node_modules/valibot/index.js": 'require("node:fs").writeFileSync("caught", "");\n',
    "tsconfig.json": '{ "compilerOptions": { "paths": { "*": ["./evil.ts"] } } }\n',
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  writeFileSync(join(folder, ".env.local"), files[".env"]);
  writeFileSync(join(folder, ".env.production"), files[".env"]);
  return folder;
}

test("a bunfig.toml, a .env and their like in the folder where they are started change nothing", async () => {
  await using place = await home();
  const cwd = await trap(place);
  const caught = () => existsSync(join(cwd, "caught"));
  await using chatd = place.run([CHATD, "--host", "127.0.0.1", "--ephemeral", "--log", "json", "--port", "0"], { cwd });
  const { port } = JSON.parse(await chatd.until("listening")) as { port: number };
  await using nameless = place.run([CHAT, `127.0.0.1:${port}`], { cwd });
  expect(await nameless.exited()).toBe(2);
  expect(nameless.err).toEqual([
    "chat: Say who you are: chat HOST -n NAME. (Questions need a terminal that can show them.)",
  ]);
  await using ada = place.run([CHAT, `127.0.0.1:${port}`, "-n", "Ada"], { cwd });
  await ada.until("[*] In lobby as Ada.");
  await using screen = await place.open([CHAT, `127.0.0.1:${port}`, "-n", "Bob"], { cwd });
  await screen.until("Bob >");
  expect(screen.received()).toContain("\x1b[2m");
  await using usual = place.run([CHATD, "--host", "127.0.0.1"], { cwd });
  // 3001 may be in use on this machine; 1 is what the trap says.
  expect(await Promise.race([usual.until("is open on port"), usual.until("Port 3001 is in use")])).toContain("3001");
  expect(caught()).toBeFalse();
  // The trap works: Bun itself walks into it.
  await using bun = place.run([process.execPath, "-e", "0"], { cwd });
  await bun.exited();
  expect(caught()).toBeTrue();
});
