// What chat makes of its flags.
import { expect, test } from "bun:test";
import { chatSettings } from "../../lib/flags/chat.ts";
import { FlagError } from "../../lib/flags/flags.ts";

test("nothing said is nothing known", () => {
  expect(chatSettings([], {})).toEqual({ address: undefined, name: undefined, plain: false, json: false });
});

test("the server may bring the name, and --name wins over it", () => {
  const address = { hostname: "example.org", port: 4_000, room: "lobby", name: "ada" };
  expect(chatSettings(["ada@example.org:4000"], {})).toEqual({ address, name: "ada", plain: false, json: false });
  expect(chatSettings(["ada@example.org:4000", "-n", "Bob"], {}).name).toBe("Bob");
});

test("the environment may say all of it", () => {
  const env = { CHAT_SERVER: "example.org", CHAT_NAME: "Ada", CHAT_PLAIN: "1" };
  expect(chatSettings([], env)).toMatchObject({ address: { hostname: "example.org" }, name: "Ada", plain: true });
  expect(chatSettings(["localhost"], env)).toMatchObject({ address: { hostname: "localhost" } });
});

test("what is no address is a wrong flag", () => {
  expect(() => chatSettings(["no address"], {})).toThrow(FlagError);
});
