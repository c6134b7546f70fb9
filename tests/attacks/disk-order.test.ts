// What the kernel saw of a thousand echoes: each of them went out after the sync of its record had come back, and of its folder.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Evidence } from "../chaos/evidence.ts";
import { CHATD, home } from "../support/binaries.ts";
import { canTrace } from "../support/fail-syncs.ts";
import { type SystemCall, systemCalls } from "../support/system-calls.ts";
import { InsistentMember } from "./insistent-member.ts";

const TIMEOUT_MS = 60_000;
const NAMES = ["Ada", "Bob", "Cleo", "Dan"];
/** Of each: some alone, some together. */
const ALONE = 50;
const BURSTS = 20;
const BURST = 10;
const ECHOES = NAMES.length * (ALONE + BURSTS * BURST);
const CALLS = "pwrite64,pwritev,pwritev2,write,writev,sendto,sendmsg,sendmmsg,fsync,fdatasync,io_uring_enter";
const traceable = await canTrace();
if (!traceable) console.log("disk-order: skipped, strace is not here, or may trace nobody");

/** Sequence numbers of the events in what is written, as strace shows it. */
const seqsIn = (args: string) => [...args.matchAll(/\\"seq\\":(\d+),\\"at\\":/g)].map(([, seq]) => Number(seq));

/** Every echo that went out before its record was synced, as a sentence; and how many there were. */
function tooSoon(calls: readonly SystemCall[], directory: string): { problems: string[]; sent: ReadonlySet<number> } {
  const [written, synced, sent] = [new Set<number>(), new Set<number>(), new Set<number>()];
  let listed = false;
  /** What each thread's call will have done once it ends. */
  const under = new Map<string, () => void>();
  const problems: string[] = [];
  for (const { phase, thread, name, args, result } of calls) {
    if (phase !== "ends") {
      const file = /<([^>]*)>/.exec(args)?.[1] ?? "";
      const seqs = seqsIn(args);
      if (name.startsWith("pwrite") && file.startsWith(directory)) {
        under.set(thread, () => seqs.forEach((seq) => written.add(seq)));
      } else if (name === "fdatasync" && file.startsWith(join(directory, "room-"))) {
        // Of what was written when it began.
        const now = [...written];
        under.set(thread, () => now.forEach((seq) => synced.add(seq)));
      } else if (name === "fsync" && file === directory) under.set(thread, () => void (listed = true));
      else if (name === "io_uring_enter") problems.push("What goes through io_uring is not seen.");
      else
        for (const seq of seqs) {
          sent.add(seq);
          if (!synced.has(seq)) problems.push(`${seq} went out, and was not synced`);
          if (!listed) problems.push(`${seq} went out, and its file was not synced in its folder`);
        }
    }
    if (phase === "begins") continue;
    if (result !== undefined && result >= 0) under.get(thread)?.();
    under.delete(thread);
  }
  return { problems, sent };
}

test.skipIf(!traceable)(
  `of ${ECHOES} echoes, each goes out after the sync of what it echoes has come back`,
  async () => {
    await using place = await home();
    const directory = join(place.path, "data");
    const trace = join(place.path, "trace");
    const said = new Set<number>();
    {
      const strace = ["strace", "-f", "-qq", "-y", "-s", "1000000", "-o", trace, "-e", "signal=none"];
      const flags = ["--host", "127.0.0.1", "--port", "0", "--no-web", "--rate", "off", "--log", "json"];
      await using chatd = place.run([...strace, "-e", `trace=${CALLS}`, CHATD, ...flags, "--data", directory]);
      const { port } = JSON.parse(await chatd.until('"listening"')) as { port: number };
      await using closing = new AsyncDisposableStack();
      const members: InsistentMember[] = [];
      for (const name of NAMES) members.push(closing.use(await InsistentMember.arrive(name, port, new Evidence())));
      const say = async (member: InsistentMember, text: string) => {
        const echo = await member.ask({ type: "say", text });
        if (typeof echo["seq"] === "number") said.add(echo["seq"]);
      };
      await Promise.all(
        members.map(async (member) => {
          for (let count = 0; count < ALONE; count++) await say(member, `alone ${count}`);
          for (let burst = 0; burst < BURSTS; burst++)
            await Promise.all(Array.from({ length: BURST }, (_, index) => say(member, `${burst} ${index}`)));
        }),
      );
      chatd.say("EXIT");
      expect(await chatd.exited()).toBe(0);
    }
    const { problems, sent } = tooSoon(systemCalls(readFileSync(trace, "utf8")), directory);
    expect(problems).toEqual([]);
    expect(said.size).toBe(ECHOES);
    // All of them were seen on their way out.
    expect([...said].filter((seq) => !sent.has(seq))).toEqual([]);
  },
  TIMEOUT_MS,
);
