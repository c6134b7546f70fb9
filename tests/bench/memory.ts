// What a room takes in memory: at the start, for members who say nothing, and after minutes of the largest burst.
import { openFileLimit } from "../../lib/flags/machine.ts";
import { CLIENTS_MAX, RESERVED_FILES } from "../../lib/protocol/limits.ts";
import { Crowd, newRun } from "./crowd.ts";
import { explain, si, table } from "./figures.ts";
import { keepAlive } from "./keep-alive.ts";
import { closedLoop } from "./loads.ts";
import { Member } from "./member.ts";
import { main, type Options } from "./options.ts";
import { SCENES } from "./scenes.ts";
import { openBare, openChatd, type Server } from "./servers.ts";
import { Talk } from "./talk.ts";

const MINUTES = 2;
const JOINING = 50;
const SETTLE_MS = 2_000;
/** Members are idle for so long before they are weighed: after half a minute of quiet, Bun collects what their coming has left. */
const IDLE_MS = 45_000;

if (import.meta.main) await main(run);

async function run(options: Options): Promise<boolean> {
  const openBoth = [openBare, () => openChatd(options.chatd)];
  const wanted = options.members?.[0] ?? CLIENTS_MAX;
  const count = Math.min(wanted, CLIENTS_MAX, openFileLimit() - RESERVED_FILES);
  const idle = table(["server", "RSS at start", "idle members", "RSS", "of it each", "RSS peak"], [8]);
  for (const open of openBoth) {
    await using server = await open();
    await idleMembers(server, count, idle);
  }
  console.log();
  const { minutes = MINUTES } = options;
  const burst = table(["server", "messages", "RSS before", "after", "peak", "complete"], [8]);
  const faults: string[] = [];
  for (const open of openBoth) {
    await using server = await open();
    const fault = await burstTraffic(server, minutes, burst);
    if (fault !== undefined) faults.push(fault);
  }
  const tooMany = count < wanted ? ` More than ${count} do not fit into this machine's open-file limit.` : "";
  explain(
    ...faults,
    `Idle members have joined and say nothing but that they are there; they are weighed after ${IDLE_MS / 1_000} s.${tooMany} The burst is 1,000 messages of 100 bytes under way among 100 members, for ${minutes} min. Peaks are the kernel's (VmHWM). The bare server keeps no names, no history and no limits.`,
  );
  return faults.length === 0;
}

type Row = (...cells: readonly string[]) => void;

async function idleMembers(server: Server, count: number, row: Row): Promise<void> {
  // What it loads once it listens belongs to the start.
  await Bun.sleep(SETTLE_MS);
  const start = rssOf(server);
  const run = newRun();
  const members: Member[] = [];
  using _ = server.name === "chatd" ? keepAlive(() => members) : undefined;
  try {
    while (members.length < count) {
      const first = members.length;
      members.push(
        ...(await Promise.all(
          Array.from({ length: Math.min(JOINING, count - first) }, (_, index) =>
            Member.join(server, { name: `idle-${run}-${first + index}` }, () => {}),
          ),
        )),
      );
    }
    await Bun.sleep(IDLE_MS);
    const rss = rssOf(server);
    const peak = server.peakRssBytes() ?? Number.NaN;
    row(server.name, si(start, "B"), String(count), si(rss, "B"), si((rss - start) / count, "B"), si(peak, "B"));
  } finally {
    for (const member of members) member.cut();
  }
}

async function burstTraffic(server: Server, minutes: number, row: Row): Promise<string | undefined> {
  const { clients, talkers, window, bytes } = SCENES.find(({ name }) => name === "burst")!;
  await using crowd = await Crowd.gather(server, clients);
  const before = rssOf(server);
  const talk = new Talk(crowd, { talkers, bytes });
  await closedLoop(crowd, talk, { window, seconds: minutes * 60 });
  await Bun.sleep(SETTLE_MS);
  const peak = server.peakRssBytes() ?? Number.NaN;
  row(
    server.name,
    si(talk.heard),
    si(before, "B"),
    si(rssOf(server), "B"),
    si(peak, "B"),
    talk.complete ? "yes" : "NO",
  );
  return talk.complete ? undefined : (crowd.fault ?? "not everyone has heard everything");
}

function rssOf(server: Server): number {
  return server.rssBytes() ?? Number.NaN;
}
