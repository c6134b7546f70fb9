// Asks a room what it is, before a crowd comes: one member that joins, reads its welcome and leaves.
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { Refused, type Welcome } from "./member.ts";
import type { Place } from "./servers.ts";

const WELCOME_MS = 10_000;

/** Something answers there, but it is no chatd. */
export class NoRoom extends Error {
  override readonly name = "NoRoom";
}

/** Throws Unreachable, NoRoom and Refused. */
export async function scout(at: Place, name: string): Promise<Welcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Welcome>();
  promise.catch(() => {});
  const none = (why: string) => new NoRoom(`${at.hostname}:${at.port} is not the chat port of a chatd: ${why}.`);
  const connection = await dialTcp(at, {
    received(line) {
      const message = read(line);
      if (message?.type === "welcome") resolve(message);
      else if (message?.type === "refused") reject(new Refused(message.code, message.text));
      else reject(none(`it says "${line.slice(0, 60)}"`));
    },
    broken: () => reject(none("what it says is no line")),
    closed: () => reject(none("it hangs up")),
  });
  connection.limitLines(Number.MAX_SAFE_INTEGER);
  const timer = setTimeout(() => reject(none("it says nothing")), WELCOME_MS);
  const send = (message: object) => connection.send(Buffer.from(`${JSON.stringify(message)}\n`));
  try {
    send({ type: "join", name });
    return await promise;
  } finally {
    clearTimeout(timer);
    send({ type: "leave" });
    connection.finish();
  }
}

function read(line: string): (Welcome & { type: string; code: string; text: string }) | undefined {
  try {
    return JSON.parse(line) as Welcome & { type: string; code: string; text: string };
  } catch {
    return undefined;
  }
}
