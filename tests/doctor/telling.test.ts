// Findings on screens of any width.
import { expect, test } from "bun:test";
import type { Finding } from "../../lib/doctor/finding.ts";
import { linesOf, verdictLines, wrap } from "../../lib/doctor/telling.ts";

const finding: Finding = {
  name: "folder",
  status: "warning",
  text: "/srv/chat can be written. Other users of this machine can look into it.",
  advice: "Make it yours alone, so that nobody learns what is in it, or when:",
  commands: ["chmod 700 /srv/chat", "sudo setfacl --recursive --modify 'user:the other one:---' /srv/chat"],
};
const at = (columns: number, colour = false) => linesOf(finding, { columns, colour });

test("a wide screen has a column for the words", () => {
  expect(at(80).join("\n")).toBe(
    `
! warning  folder       /srv/chat can be written. Other users of this machine
                        can look into it.
                        → Make it yours alone, so that nobody learns what is in
                          it, or when:
                            chmod 700 /srv/chat
                            sudo setfacl --recursive --modify \\
                            'user:the other one:---' /srv/chat`.trim(),
  );
});

test("on a narrow one the words stand below the name", () => {
  expect(at(40).join("\n")).toBe(
    `
! warning  folder
  /srv/chat can be written. Other users
  of this machine can look into it.
  → Make it yours alone, so that nobody
    learns what is in it, or when:
      chmod 700 /srv/chat
      sudo setfacl --recursive \\
      --modify \\
      'user:the other one:---' \\
      /srv/chat`.trim(),
  );
});

test("no line is longer than the screen, down to where words end, and none is too long to read", () => {
  for (const columns of [20, 24, 33, 40, 63, 64, 79, 80, 99])
    for (const line of at(columns).filter((line) => !line.includes("'user:")))
      expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
  for (const line of at(300)) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(100);
});

test("colour is for sign and status alone, and for the verdict", () => {
  expect(at(40, true)[0]).toBe("\x1b[33m! warning\x1b[0m  folder");
  expect(at(40, true).slice(1)).toEqual(at(40).slice(1));
  expect(linesOf({ ...finding, status: "ok" }, { columns: 80, colour: true })[0]).toStartWith(
    "\x1b[32m✓ ok\x1b[0m       folder",
  );
  expect(verdictLines("All is well.", "ok", { columns: 80, colour: true })).toEqual(["\x1b[32mAll is well.\x1b[0m"]);
  expect(verdictLines("All is well.", "problem", { columns: 7, colour: false })).toEqual(["All is", "well."]);
});

test("a word that is longer than the line is cut where a reader would, whatever it is made of", () => {
  expect(wrap("see /a/very/long/path now", 8)).toEqual(["see", "/a/very/", "long/pat", "h now"]);
  expect(wrap("房间房间", 5)).toEqual(["房间", "房间"]);
  expect(wrap("👩‍👩‍👧👩‍👩‍👧", 3)).toEqual(["👩‍👩‍👧", "👩‍👩‍👧"]);
  expect(wrap("", 5)).toEqual([""]);
});

const bash = Bun.which("bash");
test.skipIf(!bash).each([15, 20, 28, 40, 80])(
  "a shell takes a command of several lines for the same, at %p columns",
  (columns) => {
    const command = "printf '<%s>' one 'two  words' $'three\\x20 is\\'nt' 'Ada'\\''s' four";
    const lines = linesOf({ name: "x", status: "ok", text: "x", commands: [command] }, { columns, colour: false });
    const typed = lines.slice(lines.findIndex((line) => line.includes("printf"))).join("\n");
    const said = Bun.spawnSync([bash!, "-c", typed]).stdout.toString();
    expect(said).toBe("<one><two  words><three  is'nt><Ada's><four>");
  },
);
