// What chat makes of its flags.
import { expect, test } from "bun:test";
import { chatSettings } from "../../lib/flags/chat.ts";
import { FlagError } from "../../lib/flags/flags.ts";

test("nothing said is nothing known", () => {
  expect(chatSettings([], {})).toEqual({
    address: undefined,
    name: undefined,
    guest: false,
    link: undefined,
    plain: false,
    json: false,
    gui: undefined,
  });
});

test("the server may bring the name, and --name wins over it", () => {
  const address = { hostname: "example.org", port: 4_000, room: "lobby", name: "ada" };
  expect(chatSettings(["ada@example.org:4000"], {})).toEqual({
    address,
    name: "ada",
    guest: false,
    link: undefined,
    plain: false,
    json: false,
    gui: undefined,
  });
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

test("a page keeps for a while what comes back to it, and nobody says two screens", () => {
  expect(chatSettings(["-g"], {}).gui).toEqual({ lingerMs: 15_000 });
  expect(chatSettings([], { CHAT_GUI: "1", CHAT_GUI_LINGER_S: "0" }).gui).toEqual({ lingerMs: 0 });
  expect(chatSettings(["--no-gui", "--json"], { CHAT_GUI: "1" }).gui).toBeUndefined();
  expect(() => chatSettings(["--gui"], { CHAT_GUI_LINGER_S: "soon" })).toThrow(
    'CHAT_GUI_LINGER_S is "soon"; write a number of seconds.',
  );
  for (const other of ["json", "plain", "cli"])
    expect(() => chatSettings(["--gui", `--${other}`], {})).toThrow(
      `--gui opens a page and --${other} does not: give one of them.`,
    );
  expect(() => chatSettings(["--gui", "chat://localhost/attic"], {})).toThrow(
    '--gui opens the room lobby only: leave "/attic" out.',
  );
  expect(chatSettings(["--gui", "chat://localhost/lobby"], {}).address).toMatchObject({ room: "lobby" });
});
