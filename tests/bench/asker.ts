// A member that asks the server something again and again, and notes how long each answer takes.
import { LineSplitter } from "../../lib/protocol/line.ts";
import { Member } from "./member.ts";
import type { Place } from "./servers.ts";

const PAUSE_MS = 20;

/** Joins as `name` and asks `question` until `over` says so. Answers the milliseconds of each answer. */
export async function ask(
  at: Place,
  name: string,
  question: { readonly type: string; readonly [field: string]: unknown },
  over: () => boolean,
): Promise<readonly number[]> {
  const lines = new LineSplitter(Number.MAX_SAFE_INTEGER);
  let answered = (_mark: string) => {};
  const member = await Member.join(
    at,
    { name },
    (bytes) =>
      void lines.push(bytes, (line) => {
        const { re } = JSON.parse(line) as { readonly re?: string };
        if (re !== undefined) answered(re);
      }),
  );
  const times: number[] = [];
  try {
    for (let count = 0; !over() && !member.ended; count++) {
      const mark = `${name}-${count}`;
      const start = performance.now();
      await new Promise<void>((resolve) => {
        answered = (re) => {
          if (re === mark) resolve();
        };
        member.lost = () => resolve();
        member.send({ ...question, re: mark });
      });
      times.push(performance.now() - start);
      await Bun.sleep(PAUSE_MS);
    }
  } finally {
    member.cut();
  }
  return times;
}
