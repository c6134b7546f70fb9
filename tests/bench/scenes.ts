// The scenes of the room benchmark, and what one round of one of them gives.
import type { Crowd } from "./crowd.ts";
import { median, medianSpread, ms, si, type Spread, spreadCells, spreadOf } from "./figures.ts";
import { closedLoop } from "./loads.ts";
import { type Options, UsageError } from "./options.ts";
import type { Server } from "./servers.ts";
import { Talk } from "./talk.ts";

export interface Scene {
  readonly name: string;
  readonly clients: number;
  readonly talkers: number;
  /** Messages of each talker under way. */
  readonly window: number;
  /** Of one text. */
  readonly bytes: number;
}

export const SCENES: readonly Scene[] = [
  { name: "quiet", clients: 100, talkers: 1, window: 1, bytes: 100 },
  { name: "talk", clients: 100, talkers: 10, window: 1, bytes: 100 },
  { name: "busy", clients: 100, talkers: 10, window: 10, bytes: 100 },
  { name: "burst", clients: 100, talkers: 10, window: 100, bytes: 100 },
  { name: "crowd", clients: 1_000, talkers: 10, window: 10, bytes: 100 },
  { name: "long", clients: 100, talkers: 10, window: 10, bytes: 4_000 },
];
const SECONDS = 3;
const WARM_UP_S = 0.3;

/** The scenes of these names. Throws UsageError. */
export function scenesOf(names: readonly string[] | undefined): readonly Scene[] {
  if (!names) return SCENES;
  return names.map((name) => {
    const scene = SCENES.find((scene) => scene.name === name);
    if (scene) return scene;
    throw new UsageError(`There is no scene "${name}". There are ${SCENES.map(({ name }) => name).join(", ")}.`);
  });
}

/** What one round gave. */
export interface Figures {
  readonly deliveriesPerS: number;
  readonly messagesPerS: number;
  readonly echo: Spread;
  /** The part of one processor that this program itself took. */
  readonly load: number;
  /** The server's processor time for 1,000 deliveries, and its memory; NaN where nobody tells. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  /** What was missing or wrong. */
  readonly fault: string | undefined;
}

export async function measure(
  crowd: Crowd,
  { talkers, window, bytes }: Scene,
  { seconds = SECONDS, marks }: Options,
  server?: Server,
): Promise<Figures> {
  const talk = new Talk(crowd, { talkers, bytes, marks });
  await closedLoop(crowd, talk, { window, seconds: WARM_UP_S });
  const before = { messages: talk.heard, cpu: server?.cpuSeconds() };
  talk.echo = [];
  const load = process.cpuUsage();
  const took = await closedLoop(crowd, talk, { window, seconds });
  const { user, system } = process.cpuUsage(load);
  const messages = talk.heard - before.messages;
  // Where not everyone has heard everything, the fault says so, and the figure means nothing.
  const deliveries = messages * crowd.attendees.length;
  return {
    deliveriesPerS: deliveries / took,
    messagesPerS: messages / took,
    echo: spreadOf(talk.echo),
    load: (user + system) / 1e6 / took,
    cpuUs: (((server?.cpuSeconds() ?? Number.NaN) - (before.cpu ?? Number.NaN)) * 1e9) / deliveries,
    rssBytes: server?.rssBytes() ?? Number.NaN,
    fault: talk.complete ? undefined : (crowd.fault ?? "not everyone has heard everything"),
  };
}

export function medianOf(rounds: readonly Figures[], pick: (figures: Figures) => number): number {
  return median(rounds.map(pick));
}

export const TITLES = {
  speed: ["deliveries/s", "messages/s"],
  echo: ["p50 ms", "p99 ms", "max ms"],
  cost: ["µs/1000", "RSS"],
  rest: ["load", "complete"],
} as const;

/** Medians of some rounds, as cells of a table. */
export function cellsOf(rounds: readonly Figures[]): Readonly<Record<keyof typeof TITLES, readonly string[]>> {
  const of = (pick: (figures: Figures) => number) => medianOf(rounds, pick);
  return {
    speed: [si(of(({ deliveriesPerS }) => deliveriesPerS)), si(of(({ messagesPerS }) => messagesPerS))],
    echo: spreadCells(medianSpread(rounds.map(({ echo }) => echo))),
    cost: [
      ms(of(({ cpuUs }) => cpuUs)),
      si(
        of(({ rssBytes }) => rssBytes),
        "B",
      ),
    ],
    rest: [`${Math.round(of(({ load }) => load) * 100)} %`, faultsOf(rounds).length === 0 ? "yes" : "NO"],
  };
}

export function faultsOf(rounds: readonly Figures[]): readonly string[] {
  return rounds.flatMap(({ fault }) => fault ?? []);
}
