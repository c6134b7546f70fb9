// Which browser is asked to open a page, and whether it did.
import { expect, test } from "bun:test";
import { browserCommands, openBrowser } from "../../lib/web/open-browser.ts";

const URL = "http://127.0.0.1:5000/$(reboot)&x/";

test.each<[what: string, platform: string, env: Readonly<Record<string, string>>, commands: string[][]]>([
  ["macOS", "darwin", {}, [["open", URL]]],
  ["Windows", "win32", {}, [["rundll32", "url.dll,FileProtocolHandler", URL]]],
  [
    "X11",
    "linux",
    { DISPLAY: ":0" },
    [
      ["xdg-open", URL],
      ["x-www-browser", URL],
    ],
  ],
  [
    "Wayland",
    "freebsd",
    { WAYLAND_DISPLAY: "wayland-0" },
    [
      ["xdg-open", URL],
      ["x-www-browser", URL],
    ],
  ],
  ["no screen", "linux", { DISPLAY: "" }, []],
  ["a screen that is elsewhere", "linux", { DISPLAY: "localhost:10.0", SSH_CONNECTION: "10.0.0.1 1 10.0.0.2 22" }, []],
  ["a screen in front of somebody else", "darwin", { SSH_TTY: "/dev/ttys001" }, []],
  ["a wish", "linux", { BROWSER: "firefox" }, [["firefox", URL]]],
  ["a wish, over ssh", "linux", { BROWSER: "/opt/open-local", SSH_TTY: "/dev/pts/1" }, [["/opt/open-local", URL]]],
  [
    "a wish with a place for the address",
    "linux",
    { BROWSER: "firefox --new-window %s -P me" },
    [["firefox", "--new-window", URL, "-P", "me"]],
  ],
  [
    "several wishes",
    "darwin",
    { BROWSER: "one --url=%s::two" },
    [
      ["one", `--url=${URL}`],
      ["two", URL],
    ],
  ],
  ["a wish on Windows", "win32", { BROWSER: "C:\\firefox.exe" }, [["C:\\firefox.exe", URL]]],
  ["an empty wish", "darwin", { BROWSER: "" }, [["open", URL]]],
])("%s", (_, platform, env, commands) => {
  expect(browserCommands(URL, env, platform)).toEqual(commands);
});

test("what is not there or fails makes way for the next", async () => {
  expect(
    await openBrowser([
      ["no-such-browser-here", URL],
      ["false", URL],
      ["true", URL],
    ]),
  ).toBe(true);
  expect(
    await openBrowser([
      ["no-such-browser-here", URL],
      ["false", URL],
    ]),
  ).toBe(false);
  expect(await openBrowser([])).toBe(false);
});
