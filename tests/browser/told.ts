// Rooms in which much was said before the test began: a log that is written at once, at the times that a test wants.
import { join } from "node:path";
import { openFileLog } from "../../lib/log/open-file.ts";
import type { Chatd, Home } from "../support/binaries.ts";

/** Something said, `at` milliseconds since 1970. */
export interface Told {
  readonly from: string;
  readonly text: string;
  readonly at: number;
}

/** A room with a page on a free port, in which all this was said, in this order. */
export async function chatdAfter(place: Home, told: readonly Told[], ...flags: readonly string[]): Promise<Chatd> {
  const folder = join(place.path, "history");
  let now = 0;
  {
    await using log = openFileLog(folder, () => now);
    for (const { at, said } of inMoments(told)) {
      now = at;
      await log.append(said.map(({ from, text }) => ({ type: "said", from, text })));
    }
  }
  return place.chatd("--web-port", "0", "--data", folder, ...flags);
}

/** What was said at one time is kept by one append. */
function inMoments(told: readonly Told[]): { at: number; said: Told[] }[] {
  const moments: { at: number; said: Told[] }[] = [];
  for (const one of told) {
    const last = moments.at(-1);
    if (last?.at === one.at) last.said.push(one);
    else moments.push({ at: one.at, said: [one] });
  }
  return moments;
}
