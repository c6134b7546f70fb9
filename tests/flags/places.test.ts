// Where things are kept on a machine.
import { expect, test } from "bun:test";
import { homedir } from "node:os";
import { join } from "node:path";
import { configFolder, stateFolder } from "../../lib/flags/places.ts";

test.each([
  [{ HOME: "/home/ada" }, "linux", "/home/ada/.local/state/chat"],
  [{ HOME: "/home/ada", XDG_STATE_HOME: "/var/state" }, "linux", "/var/state/chat"],
  [{ HOME: "/home/ada", XDG_STATE_HOME: "relative" }, "linux", "/home/ada/.local/state/chat"],
  [{ HOME: "/home/ada", XDG_STATE_HOME: "" }, "darwin", "/home/ada/.local/state/chat"],
  [{}, "linux", join(homedir(), ".local/state/chat")],
  [{ LOCALAPPDATA: "C:\\Users\\ada\\AppData\\Local" }, "win32", join("C:\\Users\\ada\\AppData\\Local", "chat")],
])("%o on %s", (env, platform, folder) => {
  expect(stateFolder("chat", env, platform)).toBe(folder);
});

test.each([
  [{ HOME: "/home/ada" }, "linux", "/home/ada/.config/chat"],
  [{ HOME: "/home/ada", XDG_CONFIG_HOME: "/etc/ada" }, "linux", "/etc/ada/chat"],
  [{ HOME: "/home/ada", XDG_CONFIG_HOME: "relative" }, "linux", "/home/ada/.config/chat"],
  [{}, "darwin", join(homedir(), ".config/chat")],
  [{ APPDATA: "C:\\Users\\ada\\AppData\\Roaming" }, "win32", join("C:\\Users\\ada\\AppData\\Roaming", "chat")],
])("settings: %o on %s", (env, platform, folder) => {
  expect(configFolder("chat", env, platform)).toBe(folder);
});
