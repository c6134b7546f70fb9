// Names that others chose, in sentences and in commands.
import { describe, expect, test } from "bun:test";
import { shellWord, visible } from "../../lib/doctor/visible.ts";

/** What a terminal would act on, and what nobody would see. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

describe("in a sentence", () => {
  test.each(["/home/ada/.local/state/chatd", "C:\\Users\\Ada", "/srv/Räume für alle", "/дом/房间", "room (2)", "☕"])(
    "%p stays as it is",
    (name) => {
      expect(visible(name)).toBe(name);
    },
  );

  test.each([
    ["a\x1b[2Jb", "a\\x1b[2Jb"],
    ["a\nb\tc\0", "a\\x0ab\\x09c\\x00"],
    ["\x9b31m", "\\u009b31m"],
    ["gpj.\u202etxt", "gpj.\\u202etxt"],
    ["a\u200bb\u2028c\u00a0d", "a\\u200bb\\u2028c\\u00a0d"],
    ["\u3164\u{e0041}", "\\u3164\\U000e0041"],
    ["\ud800", "\\ud800"],
  ])("%j is written out", (name, shown) => {
    expect(visible(name)).toBe(shown);
    expect(visible(name)).not.toMatch(HIDDEN);
  });

  test("a letter carries a few marks and not a pile of them", () => {
    expect(visible("e\u0301")).toBe("e\u0301");
    expect(visible(`e${"\u0301".repeat(9)}`)).toBe(`e${"\u0301".repeat(4)}${"\\u0301".repeat(5)}`);
  });
});

describe("as a word of a shell", () => {
  test.each([
    ["/home/ada/chatd", "/home/ada/chatd"],
    ["my room", "'my room'"],
    ["Ada's", "'Ada'\\''s'"],
    ["$(reboot)", "'$(reboot)'"],
    ["a;b", "'a;b'"],
    ["-rf", "./-rf"],
    ["", "''"],
    ["a\x1b[2J b'c\\d", "$'a\\x1b[2J b\\'c\\\\d'"],
    ["Räume\u202e", "$'Räume\\u202e'"],
  ])("%j is %s", (name, word) => {
    expect(shellWord(name, "linux")).toBe(word);
    expect(shellWord(name, "linux")).not.toMatch(HIDDEN);
  });

  const bash = Bun.which("bash");
  test.skipIf(!bash).each(["my room", "Ada's `x` $y", "a\x1b[2J b'c\\d", "-n", "a\nb", "ä\u202e\u{e0041}"])(
    "bash reads %j as it is",
    (name) => {
      const said = Bun.spawnSync([bash!, "-c", `printf %s ${shellWord(name, "linux")}`], {
        env: { LC_ALL: "C.UTF-8" },
      });
      expect(said.stdout.toString()).toBe(name.startsWith("-") ? `./${name}` : name);
    },
  );

  test("PowerShell has quotes of its own", () => {
    expect(shellWord("C:\\chat", "win32")).toBe("C:\\chat");
    expect(shellWord("C:\\Ada's room", "win32")).toBe("'C:\\Ada''s room'");
  });
});
