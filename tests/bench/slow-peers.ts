// Trouble that others must not notice: members who never read, one who stops for a while, and a disk that is slow.
import { canTrace } from "../support/fail-syncs.ts";
import { ask } from "./asker.ts";
import { Crowd, newRun } from "./crowd.ts";
import { diskSentence } from "./disk.ts";
import { explain, ms, si, type Spread, SPREAD_TITLES, spreadCells, spreadOf, table } from "./figures.ts";
import { onSchedule } from "./loads.ts";
import { Member } from "./member.ts";
import { main, type Options } from "./options.ts";
import { openChatd, type Server } from "./servers.ts";
import { pauseOne } from "./stopped-member.ts";
import { Talk } from "./talk.ts";

const LISTENERS = 20;
const TALKERS = 4;
const DEAF = 200;
const BYTES = 1_000;
const MESSAGES = 10_000;
const SECONDS = 10;
const SYNC_MS = 200;
/** Makes every sync of the program that follows take longer, and stops it for nothing else. */
const SLOW_DISK = ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"];

if (import.meta.main) await main(run);

async function run(options: Options): Promise<boolean> {
  const faults = [await deafPeers(options), await stoppedPeer(options), await slowDisk(options)].flatMap(
    (fault) => fault ?? [],
  );
  explain(...faults, `${await diskSentence()} Where it hesitates by itself, the rows without the trouble show it too.`);
  return faults.length === 0;
}

/** 10 MB are said while 200 members do not read. */
async function deafPeers({
  chatd,
  members: [deaf = DEAF] = [],
  events = MESSAGES,
  seconds = SECONDS,
}: Options): Promise<string | undefined> {
  const row = table([`beside ${LISTENERS} members`, ...SPREAD_TITLES, "RSS peak", "of it each", "complete"], [24]);
  let fault: string | undefined;
  let control = Number.NaN;
  for (const [who, reading, silent] of [
    ["nobody", 0, 0],
    [`${deaf} who read`, deaf, 0],
    [`${deaf} who do not`, 0, deaf],
  ] as const) {
    await using server = await openChatd(chatd);
    await using crowd = await Crowd.gather(server, LISTENERS + reading);
    const peers = await joinDeaf(server, silent);
    const talk = new Talk(crowd, { talkers: TALKERS, bytes: BYTES });
    const end = performance.now() + seconds * 1_000;
    await onSchedule(crowd, talk, { perSecond: events / seconds, over: () => performance.now() >= end });
    const peak = server.peakRssBytes() ?? Number.NaN;
    const each = silent > 0 ? si((peak - control) / silent, "B") : "-";
    row(who, ...spreadCells(spreadOf(talk.echo)), si(peak, "B"), each, talk.complete ? "yes" : "NO");
    if (!talk.complete) fault ??= crowd.fault;
    if (reading === 0 && silent === 0) control = peak;
    for (const peer of peers) peer.cut();
  }
  explain(
    `${si(events * BYTES, "B")} are said in ${seconds} s by ${TALKERS} of the ${LISTENERS}, whose echo it is. Until the network is full, who does not read costs what a reader costs.`,
  );
  console.log();
  return fault;
}

async function joinDeaf(server: Server, count: number): Promise<readonly Member[]> {
  const run = newRun();
  const peers: Member[] = [];
  while (peers.length < count) {
    const peer = await Member.join(server, { name: `deaf-${run}-${peers.length}` }, () => {});
    peer.pause();
    peers.push(peer);
  }
  return peers;
}

/** One member stops reading for a while, then goes on. */
async function stoppedPeer({ chatd, seconds = SECONDS }: Options): Promise<string | undefined> {
  const row = table(
    ["one who stops reading", ...SPREAD_TITLES, "RSS peak", "it then heard", "caught up ms", "complete"],
    [24],
  );
  let fault: string | undefined;
  for (const stops of [false, true]) {
    await using server = await openChatd(chatd);
    await using crowd = await Crowd.gather(server, LISTENERS + 1);
    const stopped = stops ? pauseOne(crowd, crowd.attendees.at(-1)!) : undefined;
    const talk = new Talk(crowd, { talkers: TALKERS, bytes: BYTES });
    const end = performance.now() + seconds * 1_000;
    let caughtUp: Promise<{ readonly ms: number; readonly how: string }> | undefined;
    await onSchedule(crowd, talk, {
      perSecond: MESSAGES / SECONDS,
      over() {
        if (performance.now() < end) return false;
        caughtUp = stopped?.resume();
        return true;
      },
    });
    const { ms: took, how } = (await caughtUp) ?? { ms: Number.NaN, how: "-" };
    row(
      stops ? `stops for ${seconds} s` : "nobody",
      ...spreadCells(spreadOf(talk.echo)),
      si(server.peakRssBytes() ?? Number.NaN, "B"),
      how,
      ms(took),
      talk.complete ? "yes" : "NO",
    );
    if (!talk.complete) fault ??= crowd.fault;
  }
  explain(
    `${si((MESSAGES / SECONDS) * BYTES, "B")} a second are said meanwhile. "Complete" means that the member who stopped, too, has heard everything once and in order: at once, or, after it was told "bye" with the code "slow", when it had come back.`,
  );
  console.log();
  return fault;
}

/** Every sync takes 200 ms. */
async function slowDisk({ chatd, seconds = SECONDS }: Options): Promise<string | undefined> {
  if (!(await canTrace())) {
    explain("A slow disk is not measured: that takes strace, which is not here or may not trace.");
    return undefined;
  }
  const row = table(["a sync takes", "what", ...SPREAD_TITLES, "answers"], [24, 16]);
  let fault: string | undefined;
  for (const delay of [0, SYNC_MS]) {
    const slow = ["-e", `inject=fsync,fdatasync:delay_enter=${delay * 1_000}`];
    await using server = await openChatd(chatd, { before: [...SLOW_DISK, ...(delay > 0 ? slow : [])] });
    await using crowd = await Crowd.gather(server, LISTENERS);
    const talk = new Talk(crowd, { talkers: TALKERS, bytes: 100 });
    const end = performance.now() + seconds * 1_000;
    const over = () => performance.now() >= end;
    const [, pings, pages] = await Promise.all([
      onSchedule(crowd, talk, { perSecond: 20, over }),
      ask(server, `pings-${crowd.run}`, { type: "ping" }, over),
      ask(server, `reads-${crowd.run}`, { type: "history" }, over),
    ]);
    const rows: readonly (readonly [string, Spread])[] = [
      ["echo", spreadOf(talk.echo)],
      ["ping", spreadOf(pings)],
      ["history", spreadOf(pages)],
    ];
    for (const [what, spread] of rows)
      row(
        what === "echo" ? (delay > 0 ? `${delay} ms longer` : "as long as it does") : "",
        what,
        ...spreadCells(spread),
        String(spread.count),
      );
    if (!talk.complete) fault ??= crowd.fault;
  }
  explain(
    "20 messages a second are said; a ping and a page of 50 are asked for again 20 ms after each answer. Both runs are under strace.",
  );
  return fault;
}
