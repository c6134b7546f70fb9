// The guest list on disk: kept over restarts, shared with another process, and refused where it cannot be trusted.
import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Database } from "bun:sqlite";
import { Access, ACCESS_FILE, AccessUnusable } from "../../lib/access/access.ts";
import { NAME_LAPSES_S } from "../../lib/protocol/limits.ts";
import { tempDir } from "../support/temp-dir.ts";

const NOW_S = 1_800_000_000;
const BAN = {
  kind: "ban",
  name: "Eve",
  identity: 1,
  address: "192.0.2.1",
  newest: 1,
  by: "Host",
  at: NOW_S,
  seconds: null,
  text: null,
} as const;

test("what was kept is there again", async () => {
  await using folder = await tempDir();
  {
    using access = Access.open(folder.path);
    expect(access.isNew).toBeTrue();
    access.names.use(access.names.add("a key"), "ada", "Ada", ["ada"], NOW_S);
    access.together(() => access.acts.restrict(BAN));
    access.acts.set("locked", "yes");
  }
  using access = Access.open(folder.path);
  expect(access.isNew).toBeFalse();
  expect(access.names.identityOf("a key")).toBe(1);
  expect(access.names.ownerOf(["nobody", "ada"], NOW_S)).toMatchObject({ identity: 1, name: "Ada" });
  expect(access.acts.restrictions).toEqual([{ id: 1, ...BAN }]);
  expect(access.acts.setting("locked")).toBe("yes");
});

test("what two processes do at once is seen by both", async () => {
  await using folder = await tempDir();
  using one = Access.open(folder.path);
  using other = Access.open(folder.path);
  const { secret } = other.invitations.add({ scope: "join", until: NOW_S + 60, uses: 1, by: "Host" });
  expect(one.invitations.find(secret, NOW_S)).toMatchObject({ scope: "join", uses: 1 });
});

test("all of a change is made or nothing", () => {
  using access = Access.open(undefined);
  expect(() =>
    access.together(() => {
      access.acts.restrict(BAN);
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(access.acts.restrictions).toEqual([]);
});

test("a list that is damaged, foreign or of a newer chatd is refused with a sentence, and left as it is", async () => {
  await using folder = await tempDir();
  const path = join(folder.path, ACCESS_FILE);
  const refused = (words: string) => {
    const before = readFileSync(path);
    expect(() => Access.open(folder.path)).toThrow(AccessUnusable);
    expect(() => Access.open(folder.path)).toThrow(words);
    expect(readFileSync(path).equals(before)).toBeTrue();
  };
  writeFileSync(path, "no database at all, and long enough to be looked at as one ".repeat(100));
  refused("is damaged");
  writeFileSync(path, "");
  new Database(path).run("create table mine (x)");
  refused("not chatd's guest list");
  writeFileSync(path, "");
  Access.open(folder.path)[Symbol.dispose]();
  const newer = new Database(path);
  newer.run("pragma user_version = 99");
  newer.close();
  refused("newer chatd");
});

test("a folder that cannot be used is said so", () => {
  expect(() => Access.open("/dev/null")).toThrow(/cannot be used|cannot be written/);
});

test("names that have lapsed and keys that nothing depends on are forgotten", () => {
  using access = Access.open(undefined);
  const { names, acts } = access;
  const [old, present, banned] = [names.add("old"), names.add("present"), names.add("banned")];
  names.use(old, "old", "Old", ["old"], NOW_S - NAME_LAPSES_S);
  names.use(present, "present", "Present", ["present"], NOW_S);
  acts.restrict({ ...BAN, identity: banned });
  names.prune(NOW_S);
  expect(["old", "present", "banned"].map((key) => names.identityOf(key))).toEqual([undefined, present, banned]);
  expect(names.ownerOf(["old"], NOW_S - NAME_LAPSES_S)).toBeUndefined();
  // A number that was given is not given again: a restriction tells by it who came later.
  acts.lift(1);
  names.prune(NOW_S + NAME_LAPSES_S);
  expect(names.identityOf("banned")).toBeUndefined();
  expect(names.add("next")).toBeGreaterThan(banned);
});
