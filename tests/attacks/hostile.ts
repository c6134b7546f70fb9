// Servers that let everybody in and say whatever a test puts in their mouths: one inside the process, one on a port.
import type { Dial } from "../../lib/transport/connection.ts";
import { dialPipe } from "../../lib/transport/pipe.ts";

/** Turns of the event loop in which everything that is under way inside the process has arrived. */
const SETTLED_TURNS = 12;

/** Dials a server that answers a join with these lines. */
export function saying(lines: readonly (string | Uint8Array)[]): Dial {
  const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line as string), Buffer.from("\n")]));
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

/** On a port: answers a join with these lines, and whatever is said with the last one. */
export function serve(lines: readonly string[], last: string): Disposable & { readonly port: number } {
  const held = new Map<unknown, Uint8Array>();
  /** As much as the network takes; the rest when it takes more. */
  const write = (socket: { write(bytes: Uint8Array): number }, text: string) => {
    const rest = Buffer.concat([held.get(socket) ?? Buffer.alloc(0), Buffer.from(text)]);
    held.set(socket, rest.subarray(Math.max(0, socket.write(rest))));
  };
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, bytes) {
        for (const line of bytes.toString().trim().split("\n")) {
          const { type, re } = JSON.parse(line) as { type: string; re?: string };
          // An old one, which knows neither encryption nor keys.
          if (type === "starttls" || type === "challenge")
            write(socket, `${JSON.stringify({ type: "refused", code: "unknown-type", text: "No.", re })}\n`);
          if (type === "join") write(socket, lines.map((line) => `${line}\n`).join(""));
          if (type === "members") write(socket, `${JSON.stringify({ type, members: [], re })}\n`);
          if (type === "say") write(socket, `${last}\n`);
        }
      },
      drain: (socket) => write(socket, ""),
    },
  });
  return { port: server.port, [Symbol.dispose]: () => server.stop(true) };
}
