// chat's own key: made once, for its owner alone, never written over; and what becomes of damage.
import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownKey } from "../../lib/terminal/key-file.ts";
import { tempDir } from "../support/temp-dir.ts";

test("the first time makes a key, and each time after that it is the same", async () => {
  await using dir = await tempDir();
  const folder = join(dir.path, "state", "chat");
  const first = await ownKey(folder);
  expect(first.complaint).toBeUndefined();
  expect(first.signer!.key).toMatch(/^[\w-]{43}$/);
  const second = await ownKey(folder);
  expect(second.signer!.key).toBe(first.signer!.key);
  expect(await second.signer!.sign(Uint8Array.of(1))).toBe(await first.signer!.sign(Uint8Array.of(1)));
  // No draft is left behind.
  expect(readdirSync(folder)).toEqual(["key"]);
});

test("nobody else may look: file and folder are their owner's, also where they were open before", async () => {
  await using dir = await tempDir();
  const folder = join(dir.path, "chat");
  const modes = () => [folder, join(folder, "key")].map((path) => (statSync(path).mode & 0o777).toString(8));
  mkdirSync(folder, { mode: 0o755 });
  await ownKey(folder);
  expect(modes()).toEqual(["700", "600"]);
  chmodSync(join(folder, "key"), 0o644);
  expect((await ownKey(folder)).signer).toBeDefined();
  expect(modes()).toEqual(["700", "600"]);
});

test("of many chats that start together, one makes the key and all have it", async () => {
  await using dir = await tempDir();
  const keys = await Promise.all(Array.from({ length: 8 }, () => ownKey(dir.path)));
  expect(new Set(keys.map(({ signer }) => signer!.key)).size).toBe(1);
  expect(readdirSync(dir.path)).toEqual(["key"]);
});

test.each([
  ["nothing", () => ""],
  ["half of it", (text: string) => text.slice(0, text.length / 2)],
  ["no JSON", () => "ssh-ed25519 AAAA"],
  [
    "another letter",
    (text: string) => text.replace(/"d":"(.)/, (_, first: string) => `"d":"${first === "A" ? "B" : "A"}`),
  ],
  ["another key's half", (text: string) => text.replace(/"x":"[^"]*"/, `"x":"${"A".repeat(43)}"`)],
])("a file with %s makes its owner a guest, and stays as it is", async (_, damage) => {
  await using dir = await tempDir();
  const file = join(dir.path, "key");
  await ownKey(dir.path);
  const damaged = damage(readFileSync(file, "utf8"));
  writeFileSync(file, damaged);
  const { signer, complaint } = await ownKey(dir.path);
  expect(signer).toBeUndefined();
  expect(complaint).toStartWith(`The key in ${file} is damaged, so you come as a guest`);
  expect(readFileSync(file, "utf8")).toBe(damaged);
});

test("what cannot be read is not made anew", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "key");
  mkdirSync(file);
  const { signer, complaint } = await ownKey(dir.path);
  expect(signer).toBeUndefined();
  expect(complaint).toStartWith(`The key in ${file} cannot be read (EISDIR)`);
  expect(statSync(file).isDirectory()).toBeTrue();
});

test("where nothing can be kept, the key is for this run, and that is said", async () => {
  await using dir = await tempDir();
  const home = join(dir.path, "home");
  writeFileSync(home, "A file where a folder should be.");
  const folder = join(home, "state", "chat");
  const [one, other] = [await ownKey(folder), await ownKey(folder)];
  expect(one.signer!.key).not.toBe(other.signer!.key);
  expect(one.complaint).toStartWith(`Your key cannot be kept in ${folder} (ENOTDIR)`);
  expect(one.complaint).toContain("--guest");
  expect(existsSync(folder)).toBeFalse();
});
