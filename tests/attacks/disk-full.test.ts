// A disk that is full while people talk: what does not fit is refused, all else goes on, and it heals once there is room.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { Evidence } from "../chaos/evidence.ts";
import { problemsOf } from "../chaos/verdict.ts";
import { openFileLog } from "../../lib/log/open-file.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { everything } from "../log/reading.ts";
import { peer } from "../support/peer.ts";
import { canMount, tinyDisk } from "../support/tiny-disk.ts";
import { InsistentMember } from "./insistent-member.ts";
import { openTarget } from "./target.ts";

const TIMEOUT_MS = 30_000;
const NAMES = ["Ada", "Bob", "Cleo"];
const mountable = canMount();
if (!mountable)
  console.log("disk-full: skipped, this process may not mount a disk (it is not root, or not allowed to)");

const inside = async (member: InsistentMember) =>
  ((await member.ask({ type: "members" }))["members"] as string[]).toSorted();

test.skipIf(!mountable)(
  "a full disk refuses what is said, and nothing else; it heals, and keeps what it promised over a sudden end",
  async () => {
    using disk = tinyDisk(2_048)!;
    const directory = join(disk.path, "data");
    const evidence = new Evidence();
    const sent = new Map<string, number>();
    const never = ["never"];
    {
      const flags = ["--data", directory, "--rate", "off", "--no-web"];
      await using target = await openTarget({ flags });
      await using closing = new AsyncDisposableStack();
      const members: InsistentMember[] = [];
      for (const name of NAMES) members.push(closing.use(await InsistentMember.arrive(name, target.port, evidence)));
      const [ada, bob, cleo] = members as [InsistentMember, InsistentMember, InsistentMember];
      const filler = closing.use(await InsistentMember.arrive("Filler", target.port, evidence));
      const all = [...NAMES, "Filler"];
      for (const member of members) member.talk();
      // The first segment has its room already: large texts take it up.
      const large = "x".repeat(8_000);
      disk.fill();
      const refused = async (text: string) => (await filler.ask({ type: "say", text })).type === "refused";
      while (!(await refused(`large ${large}`)));
      // What it took of the last one is free again, and a small one may find its place there.
      disk.fill();
      await evidence.until(() => members.every(({ refusals }) => refusals.length >= 3));
      for (let count = 0; never.length < 4; count++) {
        disk.fill();
        const text = `once ${count} or never`;
        if (await refused(text)) never.push(text);
      }
      // Large enough to find no place in what is left of the last page.
      const topic = "never ".repeat(100);
      expect(await ada.ask({ type: "topic", text: topic })).toMatchObject({ code: "storage-failed" });
      const name = "N".repeat(32);
      expect(await ada.ask({ type: "rename", name })).toMatchObject({ code: "storage-failed" });

      expect((await bob.ask({ type: "ping" })).type).toBe("pong");
      expect(await inside(bob)).toEqual(all);
      const history = await bob.ask({ type: "history", limit: 500 });
      expect((history as unknown as { events: unknown[] }).events.length).toBeGreaterThan(10);
      await cleo.hush();
      expect(await cleo.comeBack(target.port)).toMatchObject({ resumed: true });
      cleo.talk();
      const dan = closing.use(
        await peer((receiver) => dialTcp({ hostname: "127.0.0.1", port: target.port }, receiver)),
      );
      dan.send({ type: "join", name: "D".repeat(32) });
      expect(await dan.until("refused")).toMatchObject({ code: "storage-failed" });
      expect(await inside(ada)).toEqual(all);

      disk.makeRoom();
      const before = members.map(({ sent: count }) => count);
      await evidence.until(() => members.every(({ sent: count }, index) => count >= before[index]! + 3));
      await target.program.until("The history can be written again.");
      expect(await ada.ask({ type: "topic", text: "tea" })).toMatchObject({ type: "topic" });
      await dan.join("Dan");
      for (const member of members) await member.hush();
      expect(await inside(ada)).toEqual([...all, "Dan"].toSorted());
      for (const { name, refusals, sent: count } of members) {
        expect(new Set(refusals)).toEqual(new Set(["storage-failed"]));
        sent.set(name, count);
      }
      const said = target.program.out.map((line) => JSON.parse(line) as { level: string; text: string });
      expect(said.filter(({ level }) => level !== "info").map(({ text }) => text)).toEqual([
        `The history could not be written; nothing was said. (The disk that holds ${directory} is full. Make room, or choose another folder with --data.)`,
      ]);
      expect(target.program.err).toEqual([]);
      target.program.kill("SIGKILL");
      await target.program.exited();
    }
    expect(await problemsOf(directory, evidence, sent)).toEqual([]);
    await using log = openFileLog(directory);
    expect(everything(log).filter((line) => never.some((text) => line.includes(`"${text}"`)))).toEqual([]);
  },
  TIMEOUT_MS,
);
