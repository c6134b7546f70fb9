// A server starts again, and all who were in the room come back at once for what they missed: how long that takes, and
// what it is to those who talk meanwhile.
import { Crowd } from "./crowd.ts";
import { explain, median, ms, si, SPREAD_TITLES, spreadCells, table } from "./figures.ts";
import { closedLoop } from "./loads.ts";
import { main, type Options } from "./options.ts";
import { openChatd, type Server, workFolder } from "./servers.ts";
import { Talk } from "./talk.ts";
import { Talkers } from "./talkers.ts";

const MEMBERS = 1_000;
const EVENTS = 10_000;
const BYTES = 100;
const WINDOW = 100;
const TALKERS = 5;
/** Of all talkers together. */
const PER_SECOND = 100;
const CONTROL_S = 5;
const DEADLINE_MS = 120_000;

/** Where a member was when its connection ended. */
interface Bookmark {
  readonly token: string | undefined;
  readonly log: string | undefined;
  readonly after: number | undefined;
}

/** All who were in the room, and what was said when they were away. */
interface Away {
  readonly crowd: Crowd;
  readonly bookmarks: readonly Bookmark[];
  /** Stands in every line that they missed, and in no other. */
  readonly sign: string;
}

if (import.meta.main) await main(run);

async function run(options: Options): Promise<boolean> {
  const { members: [members = MEMBERS] = [], events = EVENTS, seconds = CONTROL_S } = options;
  await using folder = await workFolder();
  const data = folder.path;
  const open = () => openChatd(options.chatd, { data });
  const away = await leaveBehind(open, members, events);
  await using _ = away.crowd;
  await using server = await open();
  await using talkers = await Talkers.begin({ at: server, talkers: TALKERS, perSecond: PER_SECOND, bytes: BYTES });
  await Bun.sleep(1_000);
  await talkers.phase();
  await Bun.sleep(seconds * 1_000);
  const control = await talkers.phase();
  const [alone] = await comeBack(server, away, [0], events);
  await talkers.phase();
  const before = { cpu: server.cpuSeconds() ?? Number.NaN, rss: server.rssBytes() ?? Number.NaN };
  const rest = Array.from({ length: members - 1 }, (_, index) => index + 1);
  const times = await comeBack(server, away, rest, events);
  const meanwhile = await talkers.phase();
  const cpuSeconds = (server.cpuSeconds() ?? Number.NaN) - before.cpu;
  const { said, fault } = await talkers.end();
  const heard = await missing(away.crowd, 1 + events + said);

  const back = table(
    ["coming back", "live, median ms", "live, last ms", "heard", "CPU s", "RSS before", "RSS peak"],
    [22],
  );
  back("one member, alone", ms(alone ?? Number.NaN), ms(alone ?? Number.NaN));
  const bytes = away.crowd.attendees.slice(1).reduce((sum, { member }) => sum + member.bytes, 0);
  back(
    `${members - 1} at once`,
    ms(median(times)),
    ms(Math.max(...times)),
    si(bytes, "B"),
    cpuSeconds.toFixed(2),
    si(before.rss, "B"),
    si(server.peakRssBytes() ?? Number.NaN, "B"),
  );
  console.log();
  const echo = table([`echo of ${TALKERS} who talk`, "messages", ...SPREAD_TITLES], [22]);
  echo("nobody comes back", si(control.echo.count), ...spreadCells(control.echo));
  echo(`${members - 1} come back`, si(meanwhile.echo.count), ...spreadCells(meanwhile.echo));
  const faults = [fault, heard].flatMap((fault) => fault ?? []);
  explain(
    ...faults,
    `They missed ${events} messages. A member is live when it has heard all of them and whatever anyone else has heard; the time is from the moment when all begin to connect. ${faults.length === 0 ? "Each heard every message once and in order, compared byte by byte." : ""} All members are one JavaScript program on this machine, which takes a part of the time; the ${TALKERS} talkers are another, so that what it notes is the server.`,
  );
  return faults.length === 0;
}

/** Fills a room and leaves it. Then something is said, and the server ends. */
async function leaveBehind(open: () => Promise<Server>, members: number, events: number): Promise<Away> {
  await using server = await open();
  const crowd = await Crowd.gather(server, members);
  await using author = await Crowd.gather(server, 1);
  const talk = new Talk(author, { talkers: 1, bytes: BYTES });
  await closedLoop(author, talk, { window: 1, messages: 1 });
  await until(() => crowd.transcript.lines === 1 && crowd.complete, crowd);
  const bookmarks = crowd.attendees.map(({ member: { welcome }, ear }): Bookmark => {
    const { token, log } = welcome;
    return { token, log, after: crowd.transcript.seqBefore(ear.position) };
  });
  crowd.cut();
  await closedLoop(author, talk, { window: WINDOW, messages: events });
  if (!talk.complete) throw new Error(author.fault ?? "what was to be missed could not be said");
  author.cut();
  await server.stop();
  return { crowd, bookmarks, sign: `"text":"${author.run} ` };
}

/** Lets some members back in at once. Answers for each how many milliseconds it took until it was live. */
async function comeBack(
  server: Server,
  { crowd, bookmarks, sign }: Away,
  indexes: readonly number[],
  events: number,
): Promise<readonly number[]> {
  const { transcript } = crowd;
  const signBytes = Buffer.from(sign);
  let missed = transcript.lines - 1;
  if (missed < events)
    transcript.heard = (line) => {
      if (line.includes(signBytes)) missed++;
    };
  const start = performance.now();
  const times: number[] = [];
  await Promise.all(
    indexes.map(async (index) => {
      const attendee = crowd.attendees[index]!;
      const { name, ear } = attendee;
      let isLive = false;
      ear.moved = () => {
        if (isLive || missed < events || ear.position < transcript.end) return;
        isLive = true;
        times.push(performance.now() - start);
      };
      attendee.member = await crowd.enter(name, ear, bookmarks[index]!, server);
      if (attendee.member.welcome.resumed !== true) crowd.blame(`${name} came back and was not taken up again`);
    }),
  );
  await until(() => times.length === indexes.length, crowd);
  return times;
}

/** What is wrong, when all should have heard so many messages. */
async function missing(crowd: Crowd, messages: number): Promise<string | undefined> {
  await until(() => crowd.complete && crowd.transcript.lines >= messages, crowd);
  const { lines } = crowd.transcript;
  return crowd.fault ?? (lines === messages ? undefined : `${messages} messages were said, and ${lines} were heard`);
}

async function until(done: () => boolean, crowd: Crowd): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!done() && crowd.fault === undefined) {
    if (performance.now() > deadline)
      return crowd.blame(`not everyone has heard everything in ${DEADLINE_MS / 1_000} s`);
    await Bun.sleep(5);
  }
}
