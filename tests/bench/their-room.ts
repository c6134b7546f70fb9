// The room benchmark in a room that somebody else has opened, over TCP.
import { Crowd } from "./crowd.ts";
import { explain, table } from "./figures.ts";
import { Refused } from "./member.ts";
import { type Options, UsageError } from "./options.ts";
import { cellsOf, faultsOf, type Figures, measure, scenesOf, TITLES } from "./scenes.ts";
import { scout } from "./scout.ts";

const ROUNDS = 3;
const FLAGS = "--rate off --per-address off";
const RISK =
  "Without these limits one guest can take the room's whole time and all its connections: give the flags only on a network that you trust, and only while you measure.";

export async function measureTheirs(options: Options): Promise<boolean> {
  const at = options.server!;
  const scenes = scenesOf(options.scenes);
  const { limits } = await asked(() => scout(at, `bench-${process.pid}`));
  if (limits?.rate)
    throw new UsageError(
      `That chatd lets a member say ${limits.rate.per_s} messages a second, so this limit would be measured and not the server. Its host has to open the room with ${FLAGS}. ${RISK}`,
    );
  const { speed, echo, rest } = TITLES;
  const row = table(["scene", ...speed, ...echo, ...rest], [6, 12, 10, 9, 9, 9, 6]);
  const faults: string[] = [];
  for (const scene of scenes) {
    const rounds: Figures[] = [];
    for (let round = 0; round < (options.rounds ?? ROUNDS); round++) {
      await using crowd = await asked(() => Crowd.gather(at, scene.clients));
      rounds.push(await measure(crowd, scene, options));
      await crowd.leave();
    }
    const { speed, echo, rest } = cellsOf(rounds);
    row(scene.name, ...speed, ...echo, ...rest);
    faults.push(...faultsOf(rounds).map((fault) => `${scene.name}: ${fault}.`));
  }
  explain(
    ...faults,
    `Load is the part of one processor that the members took here: near 100 %, it is they who are measured. p50, p99 and max are from a talker's write until its own words are back, the way there and back included. ${options.marks ? "Messages bear marks." : "Messages bear no marks; --marks gives them some."} What was said stays in that room's history.`,
    RISK,
  );
  return faults.length === 0;
}

/** Says which flag is in the way. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === "too-many-connections")
      throw new UsageError(
        `That chatd takes only so many connections from one address. Its host has to open the room with ${FLAGS}. ${RISK}`,
      );
    if (error.code === "full")
      throw new UsageError(
        "That chatd takes no more connections. Its host can raise its open-file limit, or --clients.",
      );
    throw error;
  }
}
