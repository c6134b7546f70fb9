// How long words take to come back in a room that is used, not pressed: a steady 200 messages a second, 100 listeners.
import { Crowd } from "./crowd.ts";
import { syncSpread } from "./disk.ts";
import {
  explain,
  median,
  medianSpread,
  ratio,
  si,
  type Spread,
  SPREAD_TITLES,
  spreadCells,
  spreadOf,
  table,
} from "./figures.ts";
import { onSchedule } from "./loads.ts";
import { main, type Options } from "./options.ts";
import { openBare, openChatd, type Server } from "./servers.ts";
import { Talk } from "./talk.ts";

const MEMBERS = 100;
const TALKERS = 10;
const PER_SECOND = 200;
const BYTES = 100;
const SECONDS = 60;
const WARM_UP_S = 1;
const DISK_S = 20;

interface Figures {
  readonly echo: Spread;
  readonly cpuPart: number;
  readonly fault: string | undefined;
}

if (import.meta.main) await main(run);

async function run(options: Options): Promise<boolean> {
  const { seconds = SECONDS, rounds = 1, members: [members = MEMBERS] = [] } = options;
  console.log(`${PER_SECOND} messages a second from ${TALKERS} of ${members} members, ${seconds} s.\n`);
  const row = table(["server", "messages", ...SPREAD_TITLES, "server's processor", "complete"]);
  const bare: Figures[] = [];
  const chatd: Figures[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await play(openBare, members, seconds, options));
    chatd.push(await play(() => openChatd(options.chatd), members, seconds, options));
  }
  const disk = await syncSpread(Math.min(seconds, DISK_S), PER_SECOND);
  const echoOf = (figures: readonly Figures[]) => medianSpread(figures.map(({ echo }) => echo));
  for (const [name, figures] of Object.entries({ bare, chatd })) {
    const echo = echoOf(figures);
    const cpu = median(figures.map(({ cpuPart }) => cpuPart * 100));
    const complete = figures.every(({ fault }) => fault === undefined) ? "yes" : "NO";
    row(name, si(echo.count), ...spreadCells(echo), Number.isFinite(cpu) ? `${cpu.toFixed(1)} %` : "-", complete);
  }
  const [of, to] = [echoOf(chatd), echoOf(bare)];
  row("chatd to bare", "", ratio(of.p50, to.p50), ratio(of.p99, to.p99), ratio(of.max, to.max));
  row("sync alone", si(disk.count), ...spreadCells(disk));
  const faults = [...bare, ...chatd].flatMap(({ fault }) => fault ?? []);
  explain(
    ...faults,
    `Each message is written when its time has come, whether the room answers or not; the figures are from then until its own words are back at the talker. chatd has synced them to disk by then, the bare server keeps nothing. The last row is a program that appends as much to a file and syncs it, as often; a disk that hesitates shows there too.`,
  );
  return faults.length === 0;
}

async function play(
  open: () => Promise<Server>,
  members: number,
  seconds: number,
  { marks }: Options,
): Promise<Figures> {
  await using server = await open();
  await using crowd = await Crowd.gather(server, members);
  const talk = new Talk(crowd, { talkers: Math.min(TALKERS, members), bytes: BYTES, marks });
  const talkFor = (seconds: number) => {
    const end = performance.now() + seconds * 1_000;
    return onSchedule(crowd, talk, { perSecond: PER_SECOND, over: () => performance.now() >= end });
  };
  await talkFor(WARM_UP_S);
  talk.echo = [];
  const before = server.cpuSeconds() ?? Number.NaN;
  await talkFor(seconds);
  const cpuPart = ((server.cpuSeconds() ?? Number.NaN) - before) / seconds;
  const fault = talk.complete ? undefined : (crowd.fault ?? "not everyone has heard everything");
  return { echo: spreadOf(talk.echo), cpuPart, fault };
}
