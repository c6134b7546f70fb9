// How a talk goes on: in a closed loop, as fast as the room answers, or on a schedule, whether it answers or not.
import type { Crowd } from "./crowd.ts";
import type { Talk } from "./talk.ts";

const LOOK_MS = 10;
/** A room in which nobody hears anything for so long has lost something. */
const STALLED_MS = 10_000;

/** Each talker keeps `window` messages under way, for some time or until so many are said. Answers the seconds until everyone had heard everything. */
export async function closedLoop(
  crowd: Crowd,
  talk: Talk,
  {
    window,
    seconds = Infinity,
    messages = Infinity,
  }: { readonly window: number; readonly seconds?: number; readonly messages?: number },
): Promise<number> {
  const start = performance.now();
  const stop = start + seconds * 1_000;
  const limit = talk.said + messages;
  const say = (talker: number, count: number) => {
    const now = Math.min(count, limit - talk.said);
    if (now > 0 && performance.now() < stop) talk.say(talker, now);
  };
  talk.back = say;
  talk.talkers.forEach((_, talker) => say(talker, window));
  await settled(crowd, talk, () => performance.now() >= stop || talk.said >= limit);
  return (crowd.heardAt - start) / 1_000;
}

/** All talkers together say `perSecond` messages in turn, each when its time has come, until `over` says so. */
export async function onSchedule(
  crowd: Crowd,
  talk: Talk,
  { perSecond, over }: { readonly perSecond: number; readonly over: () => boolean },
): Promise<void> {
  const start = performance.now();
  talk.back = () => {};
  for (let count = 0; !over();) {
    const due = Math.floor(((performance.now() - start) / 1_000) * perSecond);
    for (; count < due; count++) talk.say(count % talk.talkers.length);
    await Bun.sleep(Math.max(0, start + ((count + 1) / perSecond) * 1_000 - performance.now()));
  }
  await settled(crowd, talk, () => true);
}

/** Resolves when all that is to be said is said and everyone has heard it, or something went wrong. */
async function settled(crowd: Crowd, talk: Talk, said: () => boolean): Promise<void> {
  const since = performance.now();
  while (!(said() && talk.complete) && crowd.fault === undefined) {
    await Bun.sleep(LOOK_MS);
    if (performance.now() - Math.max(since, crowd.heardAt) > STALLED_MS)
      return crowd.blame(`nobody heard anything for ${STALLED_MS / 1_000} s`);
  }
}
