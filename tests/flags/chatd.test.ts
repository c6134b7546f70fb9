// What chatd makes of its flags.
import { expect, test } from "bun:test";
import { chatdSettings } from "../../lib/flags/chatd.ts";

const home = { HOME: "/home/ada" };
const settings = (args: string[], openFiles = 100_000, env = {}) => chatdSettings(args, { ...home, ...env }, openFiles);

test("without a flag it is a room for everyone on this network, kept in the home folder", () => {
  expect(settings([])).toEqual({
    hostname: "0.0.0.0",
    port: 3_001,
    directory: "/home/ada/.local/state/chatd",
    rate: { perSecond: 5, burst: 20 },
    perAddress: 32,
    clients: 10_000,
    log: "text",
  });
});

test("each flag has its setting", () => {
  const args = "-p 0 --host :: -d ./class --rate 2.5/7 --per-address off --clients 12 --log json".split(" ");
  expect(settings(args)).toEqual({
    hostname: "::",
    port: 0,
    directory: "./class",
    rate: { perSecond: 2.5, burst: 7 },
    perAddress: undefined,
    clients: 12,
    log: "json",
  });
  expect(settings(["--ephemeral"]).directory).toBeUndefined();
  expect(settings(["--rate", "off"]).rate).toBeUndefined();
  expect(settings(["--rate", "9"]).rate).toEqual({ perSecond: 9, burst: 20 });
});

test("there are never more clients than files may be open, less those that the room needs", () => {
  expect(settings([], 1_024).clients).toBe(960);
  expect(settings(["--clients", "5000"], 1_024).clients).toBe(960);
  expect(settings([], 10).clients).toBe(1);
});

test.each(["x", "0", "5/0", "5/", "/5", "-1", "5/2.5", ""])("--rate %p is refused", (rate) => {
  expect(() => settings(["--rate", rate])).toThrow(/--rate/);
});

test("--ephemeral and --data contradict each other, wherever they are said", () => {
  expect(() => settings(["--ephemeral"], 1_024, { CHATD_DATA: "/var/chat" })).toThrow("give one of them");
});
