// The servers that chat knows: a file that people may read and edit.
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { knownHost, knownHostsFile, rememberHost } from "../../lib/terminal/known-hosts.ts";
import { tempDir } from "../support/temp-dir.ts";

const [ONE, TWO] = ["A".repeat(43), "B".repeat(43)];
const ada = { hostname: "192.168.1.5", port: 3_001 };
const bob = { hostname: "Example.org", port: 4_000 };
const six = { hostname: "fe80::1", port: 3_001 };
const HEAD = "# The servers that chat knows: HOST:PORT and the pin of its key. A line that is removed is forgotten.\n";

test("nobody is known where there is no folder", async () => {
  await using folder = await tempDir();
  expect(knownHost(join(folder.path, "none"), ada)).toBeUndefined();
});

test("whoever is remembered is known, by a line of its own that only its owner may read", async () => {
  await using folder = await tempDir();
  const path = join(folder.path, "config", "chat");
  rememberHost(path, ada, ONE);
  rememberHost(path, bob, TWO);
  rememberHost(path, six, ONE);
  expect(readFileSync(knownHostsFile(path), "utf8")).toBe(
    `${HEAD}192.168.1.5:3001 ${ONE}\nexample.org:4000 ${TWO}\n[fe80::1]:3001 ${ONE}\n`,
  );
  expect(knownHost(path, ada)).toEqual({ pin: ONE, line: 2 });
  expect(knownHost(path, { hostname: "EXAMPLE.ORG", port: 4_000 })).toEqual({ pin: TWO, line: 3 });
  expect(knownHost(path, six)).toEqual({ pin: ONE, line: 4 });
  expect(knownHost(path, { ...ada, port: 3_002 })).toBeUndefined();
  expect(knownHost(path, { ...ada, hostname: "192.168.1.50" })).toBeUndefined();
  expect(statSync(knownHostsFile(path)).mode & 0o777).toBe(0o600);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test("a newer pin takes the place of all older ones, and leaves the other lines as they are", async () => {
  await using folder = await tempDir();
  const file = knownHostsFile(folder.path);
  writeFileSync(file, `# mine\n\n192.168.1.5:3001  ${ONE} \n  EXAMPLE.org:4000\t${ONE}\n192.168.1.5:3001 ${TWO}`, {
    mode: 0o644,
  });
  expect(knownHost(folder.path, ada)).toEqual({ pin: ONE, line: 3 });
  rememberHost(folder.path, ada, TWO);
  expect(readFileSync(file, "utf8")).toBe(`# mine\n\n  EXAMPLE.org:4000\t${ONE}\n192.168.1.5:3001 ${TWO}\n`);
  expect(knownHost(folder.path, bob)).toEqual({ pin: ONE, line: 3 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder.path)).toEqual(["known_hosts"]);
});

test.each([
  ["example.org", "Example.org."],
  ["2001:db8::5", "2001:DB8:0:0:0::5"],
  ["::1", "0:0:0:0:0:0:0:1"],
])("%s is known however it is written: %s", async (hostname, other) => {
  await using folder = await tempDir();
  rememberHost(folder.path, { hostname, port: 3_001 }, ONE);
  expect(knownHost(folder.path, { hostname: other, port: 3_001 })).toEqual({ pin: ONE, line: 2 });
  expect(knownHost(folder.path, { hostname: other, port: 3_002 })).toBeUndefined();
  rememberHost(folder.path, { hostname: other, port: 3_001 }, TWO);
  expect(knownHost(folder.path, { hostname, port: 3_001 })).toEqual({ pin: TWO, line: 2 });
});

describe("a file that a person has edited", () => {
  test.each([
    ["", undefined],
    ["\n\n", undefined],
    [`#192.168.1.5:3001 ${ONE}\n`, undefined],
    ["192.168.1.5:3001\n", undefined],
    [`192.168.1.5 ${ONE}\n`, undefined],
    [`192.168.1.5:3001 ${ONE} the class\r\n`, { pin: ONE, line: 1 }],
    ["192.168.1.5:3001 what\n", { pin: "what", line: 1 }],
    [`\u0000\u0001\n192.168.1.5:3001 ${ONE}`, { pin: ONE, line: 2 }],
  ])("as %j", async (text, known) => {
    await using folder = await tempDir();
    writeFileSync(knownHostsFile(folder.path), text);
    expect(knownHost(folder.path, ada)).toEqual(known);
    rememberHost(folder.path, six, TWO);
    expect(knownHost(folder.path, six)?.pin).toBe(TWO);
    expect(knownHost(folder.path, ada)).toEqual(known);
  });
});

test("a file that cannot be read is no reason to believe anybody", async () => {
  await using folder = await tempDir();
  mkdirSync(knownHostsFile(folder.path));
  expect(() => knownHost(folder.path, ada)).toThrow();
});

test("a folder that cannot be written costs the memory and nothing else", async () => {
  await using folder = await tempDir();
  const path = join(folder.path, "file");
  writeFileSync(path, "");
  rememberHost(path, ada, ONE);
  expect(knownHost(path, ada)).toBeUndefined();
  chmodSync(folder.path, 0o500);
  rememberHost(join(folder.path, "more"), ada, ONE);
  chmodSync(folder.path, 0o700);
});
