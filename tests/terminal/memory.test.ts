// What chat remembers between two runs.
import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forget, isHeld, lastAnswers, remember, tokenOf } from "../../lib/terminal/memory.ts";
import { tempDir } from "../support/temp-dir.ts";

const visit = { hostname: "localhost", port: 3_001, room: "lobby", name: "Ada" };

/** A process that has ended. */
function deadPid(): number {
  return Bun.spawnSync(["true"]).pid;
}

/** The memory as if the run with this pid had written it. */
function writtenBy(folder: string, pid: number): void {
  remember(folder, visit, "secret");
  const file = join(folder, "memory.json");
  writeFileSync(file, readFileSync(file, "utf8").replace(String(process.pid), String(pid)));
}

test("the last answers are offered again", async () => {
  await using dir = await tempDir();
  const folder = join(dir.path, "state", "chat");
  expect(lastAnswers(folder)).toBeUndefined();
  remember(folder, visit, "secret");
  expect(lastAnswers(folder)).toEqual({ hostname: "localhost", port: 3_001, name: "Ada" });
  forget(folder, visit);
  expect(lastAnswers(folder)).toEqual({ hostname: "localhost", port: 3_001, name: "Ada" });
});

test("tokens are for their owner alone, also where the file was open to others before", async () => {
  await using dir = await tempDir();
  const folder = join(dir.path, "chat");
  remember(folder, visit, "secret");
  chmodSync(join(folder, "memory.json"), 0o644);
  remember(folder, visit, "secret");
  expect(statSync(join(folder, "memory.json")).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o077).toBe(0);
  // No draft is left behind.
  expect(readdirSync(folder)).toEqual(["memory.json"]);
});

test("a token is given back when its run was ended by force, not while it goes on", async () => {
  await using dir = await tempDir();
  remember(dir.path, visit, "secret");
  expect(tokenOf(dir.path, visit)).toBeUndefined();
  writtenBy(dir.path, deadPid());
  expect(tokenOf(dir.path, visit)).toBe("secret");
  // Process 1 is somebody else's and lives.
  writtenBy(dir.path, 1);
  expect(tokenOf(dir.path, visit)).toBeUndefined();
});

test("a token is for one name in one room of one server, in whatever case they are written", async () => {
  await using dir = await tempDir();
  writtenBy(dir.path, deadPid());
  expect(tokenOf(dir.path, { ...visit, name: "ADA", hostname: "LOCALHOST" })).toBe("secret");
  for (const other of [{ name: "Bob" }, { hostname: "example.org" }, { port: 3_002 }, { room: "cellar" }])
    expect(tokenOf(dir.path, { ...visit, ...other })).toBeUndefined();
});

test("a run that has said goodbye forgets its token and nobody else's", async () => {
  await using dir = await tempDir();
  writtenBy(dir.path, deadPid());
  forget(dir.path, visit);
  expect(tokenOf(dir.path, visit)).toBe("secret");
  remember(dir.path, { ...visit, name: "Bob" }, "other");
  forget(dir.path, { ...visit, name: "Bob" });
  expect(readFileSync(join(dir.path, "memory.json"), "utf8")).not.toContain("other");
  expect(tokenOf(dir.path, visit)).toBe("secret");
});

test.each(["", "{", "[]", '{"last":7}', '{"runs":{"x":{"token":1,"pid":"a"}}}', "\0\0\0"])(
  "a broken file, %j, is as good as none, and is mended by the next run",
  async (text) => {
    await using dir = await tempDir();
    writeFileSync(join(dir.path, "memory.json"), text);
    expect(lastAnswers(dir.path)).toBeUndefined();
    expect(tokenOf(dir.path, visit)).toBeUndefined();
    forget(dir.path, visit);
    remember(dir.path, visit, "secret");
    expect(lastAnswers(dir.path)?.name).toBe("Ada");
  },
);

test("a folder that cannot be written costs the memory and nothing else", async () => {
  await using dir = await tempDir();
  writeFileSync(join(dir.path, "file"), "");
  remember(join(dir.path, "file"), visit, "secret");
  mkdirSync(join(dir.path, "memory.json"));
  remember(dir.path, visit, "secret");
  forget(dir.path, visit);
  expect(lastAnswers(dir.path)).toBeUndefined();
});

test("what a server that means harm calls us, or gives us for a token, is not remembered", async () => {
  await using dir = await tempDir();
  for (const name of ["Ada\x1b]0;owned\x07", "Ada\x9b31m", "\u202eadA", "Ada\n", " Ada", "", "A".repeat(100_000)]) {
    remember(dir.path, { ...visit, name }, "secret");
    expect(readdirSync(dir.path)).toEqual([]);
  }
  remember(dir.path, visit, "s".repeat(1_000_000));
  expect(readdirSync(dir.path)).toEqual([]);
  // Nor is it offered where it stands in the file all the same.
  const last = { hostname: "localhost", port: 3_001, name: "Ada\x1b[2J" };
  writeFileSync(join(dir.path, "memory.json"), JSON.stringify({ last, runs: {} }));
  expect(lastAnswers(dir.path)).toBeUndefined();
});

test("runs that never said goodbye do not pile up", async () => {
  await using dir = await tempDir();
  for (let n = 0; n < 105; n++) remember(dir.path, { ...visit, name: `Ada${n}` }, `secret-${n}-`);
  const text = readFileSync(join(dir.path, "memory.json"), "utf8");
  expect(text.match(/"token"/g)).toHaveLength(100);
  expect(text).toContain("secret-104-");
  expect(text).not.toContain("secret-0-");
});

test("a name is held by another run of this program that goes on, by nothing else, and not by this one", async () => {
  await using dir = await tempDir();
  expect(isHeld(dir.path, visit)).toBeFalse();
  remember(dir.path, visit, "secret");
  expect(isHeld(dir.path, visit)).toBeFalse();
  await using other = Bun.spawn([process.execPath, "-e", "await Bun.stdin.text()"], { stdin: "pipe" });
  writtenBy(dir.path, other.pid);
  expect(isHeld(dir.path, { ...visit, name: "ADA" })).toBe(process.platform === "linux");
  expect(isHeld(dir.path, { ...visit, name: "Bob" })).toBeFalse();
  // Its number may be another program's by now.
  writtenBy(dir.path, 1);
  expect(isHeld(dir.path, visit)).toBeFalse();
  writtenBy(dir.path, deadPid());
  expect(isHeld(dir.path, visit)).toBeFalse();
});

test("what a script was told is not offered to a person", async () => {
  await using dir = await tempDir();
  remember(dir.path, visit, "secret");
  remember(dir.path, { ...visit, name: "disk" }, "secret", false);
  expect(lastAnswers(dir.path)).toMatchObject({ name: "Ada" });
});
