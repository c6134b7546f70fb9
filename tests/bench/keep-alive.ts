// Signs of life for members who say nothing. Who gives them is never pinged, so nobody has to look out for pings.
import type { Member } from "./member.ts";

/** Less than the silence after which a server pings. */
const ALIVE_MS = 20_000;
/** Not all in one moment, which would be a load of its own. */
const STEPS = 40;

export function keepAlive(members: () => readonly Member[]): Disposable {
  let step = 0;
  const timer = setInterval(() => {
    step = (step + 1) % STEPS;
    const all = members();
    for (let index = step; index < all.length; index += STEPS) {
      const member = all[index]!;
      if (!member.ended) member.send({ type: "pong" });
    }
  }, ALIVE_MS / STEPS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
