// The honest members as a program of its own, so that what an attacker does delays nothing of what they see: `honest-program.ts PORT WEB_PORT PID`.
// Its parent tells it over IPC what to do next, and hears what was seen.
import { type Dial, Untrusted } from "../../lib/transport/connection.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { spreadOf } from "../bench/figures.ts";
import { Evidence } from "../chaos/evidence.ts";
import { QUIET_MS, within } from "../chaos/settings.ts";
import { mismatches } from "../chaos/verdict.ts";
import type { Report, Word } from "./honest.ts";
import { HonestMember } from "./honest-member.ts";
import { Newcomers } from "./newcomers.ts";
import { OwnTime } from "./own-time.ts";
import { readHistory, readLog } from "./reader.ts";

const PERIOD_MS = 1_000;
/** Each has said and heard something since the attack began, so that a verdict is never about nothing. */
const ECHOES_MIN = 2;

const [port = 0, webPort = 0, pid = 0] = process.argv.slice(2).map(Number);
const tcp: Dial = (receiver) => dialTcp({ hostname: "127.0.0.1", port }, receiver);
/** Whoever the server is, the wire must be encrypted. */
const tls: Dial = (receiver) =>
  dialTcp({ hostname: "127.0.0.1", port }, receiver, {
    encrypted() {},
    plain() {
      throw new Untrusted("The room does not encrypt.");
    },
  });
const webSocket: Dial = (receiver) => dialWebSocket(`ws://127.0.0.1:${webPort}/ws`, receiver);
/** One member each. */
const DOORS: readonly (readonly [name: string, dial: Dial])[] = [
  ["Ada", tcp],
  ["Bob", webSocket],
  ["Cleo", tcp],
  ["Dan", webSocket],
  ["Eve", tls],
];

// Whoever has begun it is gone.
process.on("disconnect", () => process.exit());
const evidence = new Evidence();
let problems: string[] = evidence.problems;
const ownTime = new OwnTime(pid);
const newcomers = new Newcomers({ port, webPort, problems: evidence.problems, ownTime });
const members: HonestMember[] = [];
for (const [name, dial] of DOORS) members.push(await HonestMember.arrive(name, dial, evidence, ownTime));
/** Whatever comes first costs more than the rest: it is not counted. */
for (const member of members) member.say();
await settled();
for (const member of members) member.echoMs.length = 0;
for (const [index, member] of members.entries()) member.talk(PERIOD_MS, (index * PERIOD_MS) / members.length);
process.on("message", (word) => void obey(word as Word));
tell();

async function obey(word: Word): Promise<void> {
  switch (word) {
    case "newcomers":
      newcomers.begin();
      return tell();
    case "no more newcomers":
      await newcomers.end();
      return tell();
    case "end":
      await end();
      return tell();
  }
}

async function end(): Promise<void> {
  try {
    const said = () => members.every((member) => member.over || member.echoMs.length >= ECHOES_MIN);
    await within(QUIET_MS, state, evidence.until(said));
    for (const member of members) member.hush();
    await settled();
    for (const member of members) member.leaveOff();
    const last = Math.max(...members.map(({ view }) => view.last));
    const { log, reader } = await readLog(tcp, members[0]!, last);
    await readHistory(reader, log, evidence.problems);
    problems = mismatches(log, evidence, sent());
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
}

/** Resolves once everybody has heard everything that was said. */
async function settled(): Promise<void> {
  const acked = () => members.every(({ over, pending }) => over || pending === 0);
  await within(QUIET_MS, state, evidence.until(acked));
  const here = members.filter(({ over }) => !over);
  const last = Math.max(...here.map(({ view }) => view.last));
  await within(
    QUIET_MS,
    state,
    evidence.until(() => here.every(({ over, view }) => over || view.last >= last)),
  );
}

function sent(): ReadonlyMap<string, number> {
  return new Map(members.map(({ name, sent }) => [name, sent]));
}

function state(): string {
  return members
    .map(
      ({ name, over, pending, view }) => `${name} ${over ? "is out" : `waits for ${pending} echoes`}, at ${view.last}`,
    )
    .join("; ");
}

function tell(): void {
  process.send?.({
    echo: spreadOf(members.flatMap(({ echoMs }) => echoMs)),
    entrance: spreadOf(newcomers.entranceMs),
    problems,
  } satisfies Report);
}
