// What may happen to the folder of a room: it cannot be written, it goes away or closes under way, two want it, it is a link.
import { expect, test } from "bun:test";
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Evidence } from "../chaos/evidence.ts";
import { problemsOf } from "../chaos/verdict.ts";
import { CHATD, home } from "../support/binaries.ts";
import type { Program } from "../support/program.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { canMount, tinyDisk } from "../support/tiny-disk.ts";
import { Honest } from "./honest.ts";
import { InsistentMember } from "./insistent-member.ts";
import { openTarget, type Target } from "./target.ts";

const TIMEOUT_MS = 20_000;
const LARGE = "x".repeat(8_000);
/** A user who owns nothing, to whom permissions mean something. */
const NOBODY = 65_534;
const AS_NOBODY = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
const mountable = canMount();
const lowerable = process.getuid?.() === 0 && Bun.spawnSync([...AS_NOBODY, CHATD, "--version"]).success;
if (!mountable) console.log("disk-folder: a read-only disk is skipped, this process may not mount one");
if (!lowerable) console.log("disk-folder: permissions are skipped, this process cannot run chatd as somebody else");

const dataFlags = (directory: string) => ["--data", directory, "--rate", "off", "--no-web"];
const opening = (directory: string) => [CHATD, "--port", "0", "--host", "127.0.0.1", ...dataFlags(directory)];

async function refuses(chatd: Program, sentence: string): Promise<void> {
  expect([await chatd.exited(), chatd.err, chatd.out]).toEqual([1, [`chatd: ${sentence}`], []]);
}

function warnings({ program }: Target): string[] {
  const said = program.out.map((line) => JSON.parse(line) as { level: string; text: string });
  return said.filter(({ level }) => level !== "info").map(({ text }) => text);
}

/** Says large texts until one is refused: the disk was asked for a new segment. */
async function fill(member: InsistentMember): Promise<void> {
  for (let count = 0; count < 1_000; count++)
    if ((await member.ask({ type: "say", text: `${count} ${LARGE}` })).type === "refused") return;
  throw new Error("Nothing is refused.");
}

test.skipIf(!mountable)("a disk that can only be read says so, and its history is as it was", async () => {
  using disk = tinyDisk(2_048)!;
  await using place = await home();
  const [there, missing] = [join(disk.path, "data"), join(disk.path, "none")];
  {
    await using target = await openTarget({ flags: dataFlags(there) });
    await using ada = await InsistentMember.arrive("Ada", target.port, new Evidence());
    expect(await ada.say()).toBeTrue();
    target.program.kill();
    expect(await target.program.exited()).toBe(0);
  }
  expect(Bun.spawnSync(["mount", "-o", "remount,ro", disk.path]).success).toBeTrue();
  for (const directory of [there, missing]) {
    await using chatd = place.run(opening(directory));
    await refuses(
      chatd,
      `The disk that holds ${directory} can only be read. Make it writable, or choose another folder with --data.`,
    );
  }
  expect(Bun.spawnSync(["mount", "-o", "remount,rw", disk.path]).success).toBeTrue();
  await using target = await openTarget({ flags: dataFlags(there) });
  await using bob = await InsistentMember.arrive("Bob", target.port, new Evidence());
  expect(await bob.ask({ type: "history" })).toMatchObject({ events: [{ from: "Ada" }] });
});

/** A folder of somebody who owns nothing else. */
async function folderOfNobody(): Promise<TempDir & { readonly data: string }> {
  const folder = await tempDir();
  const data = join(folder.path, "data");
  mkdirSync(data);
  for (const path of [folder.path, data]) chownSync(path, NOBODY, NOBODY);
  return { ...folder, data };
}

test.skipIf(!lowerable)("a folder that may not be written says so", async () => {
  await using place = await home();
  await using folder = await folderOfNobody();
  for (const mode of [0o500, 0o000]) {
    chmodSync(folder.data, mode);
    await using chatd = place.run([...AS_NOBODY, ...opening(folder.data)], { cwd: folder.path });
    await refuses(
      chatd,
      `The folder ${folder.data} cannot be written. Check its permissions, or choose another one with --data.`,
    );
  }
});

test.skipIf(!lowerable)(
  "a folder that is closed under way stops nobody who has room, refuses the others, and heals",
  async () => {
    await using folder = await folderOfNobody();
    const evidence = new Evidence();
    {
      await using target = await openTarget({ flags: dataFlags(folder.data), as: AS_NOBODY });
      await using ada = await InsistentMember.arrive("Ada", target.port, evidence);
      await using filler = await InsistentMember.arrive("Filler", target.port, evidence);
      expect(await ada.say()).toBeTrue();
      chmodSync(folder.data, 0);
      expect(await ada.say()).toBeTrue();
      await fill(filler);
      expect((await ada.ask({ type: "history" })).type).toBe("history");
      chmodSync(folder.data, 0o700);
      for (let count = 0; count < 3; count++) expect(await ada.say()).toBeTrue();
      expect(await filler.ask({ type: "say", text: LARGE })).toMatchObject({ type: "said" });
      expect(warnings(target)).toEqual([
        `The history could not be written; nothing was said. (The folder ${folder.data} cannot be written. Check its permissions, or choose another one with --data.)`,
      ]);
      target.program.kill("SIGKILL");
      await target.program.exited();
    }
    expect(await problemsOf(folder.data, evidence, new Map([["Ada", 5]]))).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "where the folder is deleted under way, nothing is acknowledged any more, and who reads goes on",
  async () => {
    await using folder = await tempDir();
    const directory = join(folder.path, "data");
    await using target = await openTarget({ flags: dataFlags(directory) });
    await using ada = await InsistentMember.arrive("Ada", target.port, new Evidence());
    expect(await ada.say()).toBeTrue();
    rmSync(directory, { recursive: true });
    for (let count = 0; count < 3; count++) expect(await ada.say()).toBeFalse();
    expect(new Set(ada.refusals)).toEqual(new Set(["storage-failed"]));
    expect(await ada.ask({ type: "history" })).toMatchObject({ events: [{ from: "Ada" }] });
    expect(await ada.comeBack(target.port)).toMatchObject({ resumed: true });
    expect(warnings(target)).toEqual([
      `The history could not be written; nothing was said. (${directory}/room-0000000000000001.log was taken away while it was written. Close the room, put a copy of the folder back where there is one, and open the room again.)`,
    ]);
    target.program.kill();
    expect(await target.program.exited()).toBe(0);
    expect(target.program.err).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "a folder that is moved away and back under way costs nothing",
  async () => {
    await using folder = await tempDir();
    const [directory, elsewhere] = [join(folder.path, "data"), join(folder.path, "elsewhere")];
    const evidence = new Evidence();
    {
      await using target = await openTarget({ flags: dataFlags(directory) });
      await using ada = await InsistentMember.arrive("Ada", target.port, evidence);
      await using filler = await InsistentMember.arrive("Filler", target.port, evidence);
      expect(await ada.say()).toBeTrue();
      renameSync(directory, elsewhere);
      // What has its place is kept, in the folder that was moved.
      expect(await ada.say()).toBeTrue();
      await fill(filler);
      expect(existsSync(directory)).toBeFalse();
      renameSync(elsewhere, directory);
      for (let count = 0; count < 3; count++) expect(await ada.say()).toBeTrue();
      expect(await filler.ask({ type: "say", text: LARGE })).toMatchObject({ type: "said" });
      target.program.kill("SIGKILL");
      await target.program.exited();
    }
    expect(await problemsOf(directory, evidence, new Map([["Ada", 5]]))).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "a second chatd on the folder says so and ends, whatever name the folder has, and nobody notices in the first",
  async () => {
    await using folder = await tempDir();
    await using place = await home();
    const [directory, link] = [join(folder.path, "data"), join(folder.path, "link")];
    mkdirSync(directory);
    symlinkSync("data", link);
    await using target = await openTarget({ flags: ["--data", link] });
    await using honest = await Honest.arrive(target);
    for (const name of [directory, link]) {
      await using second = place.run(opening(name));
      await refuses(
        second,
        `Another chatd keeps its history in ${name}. Stop it first, or choose another folder with --data.`,
      );
    }
    expect(await honest.verdict()).toEqual([]);
    expect(existsSync(join(directory, "room-0000000000000001.log"))).toBeTrue();
  },
  TIMEOUT_MS,
);

test(
  "of three that open a folder at the same moment, one has it, also where its register is damaged",
  async () => {
    await using place = await home();
    for (const state of ["new", "damaged", "damaged"]) {
      await using folder = await tempDir();
      const directory = join(folder.path, "data");
      if (state === "damaged") {
        await using target = await openTarget({ flags: dataFlags(directory) });
        target.program.kill();
        await target.program.exited();
        writeFileSync(join(directory, "room.db"), "nonsense ".repeat(999));
      }
      await using closing = new AsyncDisposableStack();
      const three = [1, 2, 3].map(() => closing.use(place.run(opening(directory))));
      const states = await Promise.all(
        three.map((chatd) =>
          chatd
            .until("the room is open")
            .then(() => "open")
            .catch(() => chatd.err.join()),
        ),
      );
      const busy = `chatd: Another chatd keeps its history in ${directory}. Stop it first, or choose another folder with --data.`;
      expect(states.toSorted()).toEqual([busy, busy, "open"]);
    }
  },
  TIMEOUT_MS,
);
