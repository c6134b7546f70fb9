// What it costs to fill a room: members join one after another, and everyone is told of everyone.
import { LineSplitter } from "../../lib/protocol/line.ts";
import { checkOpenFiles, newRun } from "./crowd.ts";
import { explain, ms, ratio, si, table } from "./figures.ts";
import { keepAlive } from "./keep-alive.ts";
import { Member } from "./member.ts";
import { main, type Options } from "./options.ts";
import { openBare, openChatd, type Server } from "./servers.ts";

const SIZES = [1_250, 2_500, 5_000];
/** So many members, spread over the room, note every name that they hear. */
const WITNESSES = 10;
/** A server may tell of those who came in later, and of many at once. */
const TOLD_MS = 30_000;
const QUIET_MS = 500;

interface Figures {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly rssBytes: number;
  readonly fault: string | undefined;
}

/** A member that notes who is here. */
interface Witness {
  readonly names: Set<string>;
}

if (import.meta.main) await main(run);

async function run({ members: sizes = SIZES, chatd }: Options): Promise<boolean> {
  const titles = [
    "wall s",
    "CPU s",
    "CPU ms each",
    "heard by all",
    "RSS",
    "growth: members",
    "CPU",
    "bytes",
    "complete",
  ];
  const row = table(["members  server", ...titles], [16]);
  const faults: string[] = [];
  checkOpenFiles(Math.max(...sizes));
  const before = new Map<Server["name"], Figures & { readonly size: number }>();
  for (const size of sizes)
    for (const open of [openBare, () => openChatd(chatd)]) {
      await using server = await open();
      const figures = await fill(server, size);
      const { wallSeconds, cpuSeconds, bytes, rssBytes, fault } = figures;
      const last = before.get(server.name);
      const growth = last
        ? [ratio(size, last.size), ratio(cpuSeconds, last.cpuSeconds), ratio(bytes, last.bytes)]
        : ["-", "-", "-"];
      row(
        `${String(size).padEnd(7)}  ${server.name}`,
        wallSeconds.toFixed(2),
        cpuSeconds.toFixed(2),
        ms((cpuSeconds * 1_000) / size),
        si(bytes, "B"),
        si(rssBytes, "B"),
        ...growth,
        fault === undefined ? "yes" : "NO",
      );
      if (fault !== undefined) faults.push(`${size}, ${server.name}: ${fault}.`);
      before.set(server.name, { ...figures, size });
    }
  explain(
    ...faults,
    `Each member waits for its welcome before the next one comes. Processor time is the server's, and until everyone was told of everyone: at ${WITNESSES} members, the names in the welcome and those who entered later were all there. Growth is to the size above. The bare server tells nobody of anybody, and its figures are what the connections alone cost.`,
  );
  return faults.length === 0;
}

async function fill(server: Server, size: number): Promise<Figures> {
  const run = newRun();
  const members: Member[] = [];
  const witnesses: Witness[] = [];
  let fault: string | undefined;
  const start = performance.now();
  const cpuBefore = server.cpuSeconds() ?? Number.NaN;
  using _ = server.name === "chatd" ? keepAlive(() => members) : undefined;
  try {
    while (members.length < size) {
      const index = members.length;
      const name = `bench-${run}-${index}`;
      const isWitness = index % Math.ceil(size / WITNESSES) === 0 || index === size - 1;
      const witness = isWitness ? { names: new Set<string>() } : undefined;
      const member = await Member.join(server, { name }, witness ? noting(witness) : () => {});
      member.lost = (why) => (fault ??= `${name}: ${why}`);
      members.push(member);
      if (!witness || server.name === "bare") continue;
      for (const name of member.welcome.members ?? []) witness.names.add(name);
      witnesses.push(witness);
    }
    const wallSeconds = (performance.now() - start) / 1_000;
    const deadline = performance.now() + TOLD_MS;
    while (witnesses.some(({ names }) => names.size < size) && performance.now() < deadline) await Bun.sleep(20);
    const ignorant = witnesses.find(({ names }) => names.size !== size);
    if (ignorant) fault ??= `a member has heard of ${ignorant.names.size} members`;
    const bytes = await whenQuiet(members);
    const cpuSeconds = (server.cpuSeconds() ?? Number.NaN) - cpuBefore;
    return { wallSeconds, cpuSeconds, bytes, rssBytes: server.rssBytes() ?? Number.NaN, fault };
  } finally {
    for (const member of members) member.cut();
  }
}

function noting({ names }: Witness): (bytes: Buffer) => void {
  const lines = new LineSplitter(Number.MAX_SAFE_INTEGER);
  return (bytes) =>
    void lines.push(bytes, (line) => {
      const message = JSON.parse(line) as { readonly type: string; readonly name: string };
      if (message.type === "entered") names.add(message.name);
    });
}

/** The bytes that all have heard, once nothing comes any more. */
async function whenQuiet(members: readonly Member[]): Promise<number> {
  const heard = () => members.reduce((sum, { bytes }) => sum + bytes, 0);
  for (let before = -1, now = heard(); ; now = heard()) {
    if (now === before) return now;
    before = now;
    await Bun.sleep(QUIET_MS);
  }
}
