// A server inside the process that lets everybody in and says whatever a test puts in its mouth.
import type { Dial } from "../../lib/transport/connection.ts";
import { dialPipe } from "../../lib/transport/pipe.ts";

/** Turns of the event loop in which everything that is under way inside the process has arrived. */
const SETTLED_TURNS = 12;

/** Dials a server that answers a join with these lines. */
export function saying(lines: readonly string[]): Dial {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  return async (receiver) =>
    dialPipe((connection) => {
      return {
        received(line) {
          const { type, re } = JSON.parse(line) as { type: string; re?: string };
          if (type === "join") connection.send(bytes);
          if (type === "members") connection.send(Buffer.from(`${JSON.stringify({ type, members: [], re })}\n`));
        },
        broken() {},
        closed() {},
      };
    }, receiver);
}

export async function settled(): Promise<void> {
  for (let turn = 0; turn < SETTLED_TURNS; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
