// The main benchmark: one room under six loads, beside servers of the same runtime that check nothing and keep nothing, or only sync.
import { Crowd } from "./crowd.ts";
import { diskSentence } from "./disk.ts";
import { explain, ratio, table } from "./figures.ts";
import { main, type Options } from "./options.ts";
import { cellsOf, faultsOf, type Figures, measure, medianOf, type Scene, scenesOf, TITLES } from "./scenes.ts";
import { openBare, openChatd, openSyncing, type Server } from "./servers.ts";
import { measureTheirs } from "./their-room.ts";

const ROUNDS = 3;
const WIDTHS = [18, 12, 10, 7, 9, 9, 9, 7, 7, 6];

if (import.meta.main) await main(async (options) => (options.server ? measureTheirs : measureOurs)(options));

async function measureOurs(options: Options): Promise<boolean> {
  const scenes = scenesOf(options.scenes);
  const { speed, echo, cost, rest } = TITLES;
  const row = table(["scene  server", ...speed, "of bare", ...echo, ...cost, ...rest], WIDTHS);
  const faults: string[] = [];
  const servers = [
    { name: "bare", open: openBare },
    { name: "bare, syncs", open: openSyncing },
    { name: "chatd", open: () => openChatd(options.chatd) },
  ];
  for (const scene of scenes) {
    const got = servers.map(({ name, open }) => ({ name, open, rounds: [] as Figures[] }));
    for (let round = 0; round < (options.rounds ?? ROUNDS); round++)
      for (const { open, rounds } of got) rounds.push(await play(open, scene, options));
    const base = medianOf(got[0]!.rounds, ({ deliveriesPerS }) => deliveriesPerS);
    for (const { name, rounds } of got) {
      const { speed, echo, cost, rest } = cellsOf(rounds);
      const toBare = ratio(
        medianOf(rounds, ({ deliveriesPerS }) => deliveriesPerS),
        base,
      );
      row(`${scene.name.padEnd(6)} ${name}`, ...speed, toBare, ...echo, ...cost, ...rest);
      faults.push(...faultsOf(rounds).map((fault) => `${scene.name}, ${name}: ${fault}.`));
    }
  }
  explain(
    ...faults,
    `Deliveries are messages times the members who heard them. p50, p99 and max are from a talker's write until its own words are back. µs/1000 is the server's processor time for 1,000 deliveries; load is the part of one processor that the members took. "Complete" means that every member heard every message once and in one order, compared byte by byte. ${options.marks ? "Messages bear marks." : "Messages bear no marks; --marks gives them some."}`,
    `What this does not measure: anything far away. Members and server share this machine and its loopback, and the members are JavaScript: they take a good part of the machine, and where their load is near 100 % it is they who are measured. A load from a program in C gets more out of the same server. The bare server checks nothing and keeps nothing; the one that syncs writes each turn to a file and syncs it before anyone sees it, as chatd does, and is as bare. ${await diskSentence()}`,
    `Single figures from a machine that does other things mean little: read the column "of bare", and compare several runs.`,
  );
  return faults.length === 0;
}

async function play(open: () => Promise<Server>, scene: Scene, options: Options): Promise<Figures> {
  await using server = await open();
  await using crowd = await Crowd.gather(server, scene.clients);
  return await measure(crowd, scene, options, server);
}
