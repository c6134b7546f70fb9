// What chatd doctor makes of its flags: those of chatd, and a few of its own.
import { expect, test } from "bun:test";
import { CHATD, chatdSettings } from "../../lib/flags/chatd.ts";
import { DOCTOR, doctorSettings } from "../../lib/flags/doctor.ts";
import { helpText } from "../../lib/flags/flags.ts";

const home = { HOME: "/home/ada" };
const settings = (args: string[], env = {}) => doctorSettings(args, { ...home, ...env });

test.each([
  [],
  ["-p", "4000", "--host", "::", "-d", "./class", "--rate", "off"],
  ["--ephemeral", "--no-web", "--per-address", "off"],
  ["--origin", "https://chat.example.org", "--log", "json"],
  ["--tls-cert", "c.pem", "--tls-key", "k.pem", "--tls", "required"],
])("%p means the room that chatd would open", (...args) => {
  expect(settings(args).room).toEqual(chatdSettings(args, home, Number.MAX_SAFE_INTEGER));
});

test("the environment of chatd is its environment", () => {
  expect(settings([], { CHATD_PORT: "4000", CHATD_DATA: "/srv/chat" }).room).toMatchObject({
    port: 4_000,
    directory: "/srv/chat",
  });
  expect(settings([], { CHATD_JSON: "1" }).json).toBe(true);
});

test("it has flags of its own", () => {
  expect(settings([])).toMatchObject({ clientsNamed: false, json: false });
  expect(settings(["--json", "--clients", "7"])).toMatchObject({ clientsNamed: true, json: true });
});

test("what was asked for is not cut down to what this machine allows", () => {
  expect(settings(["--clients", "900000"]).room.clients).toBe(900_000);
});

test.each([
  [["--prot"], 'There is no flag --prot. "chatd doctor --help" shows the flags.'],
  [["room"], '"room" is one word too many. "chatd doctor --help" shows the flags.'],
  [["doctor"], '"doctor" is one word too many.'],
  [["--port", "many"], "--port many: write a number from 0 to 65535."],
])("%p is refused: %s", (args, sentence) => {
  expect(() => settings(args)).toThrow(sentence);
});

test("its help names every flag of chatd, and chatd's names it", () => {
  const help = helpText(DOCTOR);
  expect(help).toContain("Usage: chatd doctor [FLAGS]");
  for (const flag of Object.keys(CHATD.args)) expect(help).toMatch(new RegExp(`--(no-)?${flag}\\b`));
  for (const line of help.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
  expect(helpText(CHATD)).toContain("chatd doctor [FLAGS]");
});
