// The TCP way to a room. Knows nothing of rooms.
import { bracketed } from "../protocol/address.ts";
import { type Connection, type Receiver, Unreachable } from "./connection.ts";
import { TcpConnection, tcpHandlers, type Wire } from "./tcp.ts";

export const DIAL_TIMEOUT_MS = 8_000;

/** Connects to a server within DIAL_TIMEOUT_MS. Throws Unreachable. */
export async function dialTcp(
  to: { readonly hostname: string; readonly port: number },
  receiver: Receiver,
): Promise<Connection> {
  let abandoned = false;
  const { promise: late, reject } = Promise.withResolvers<never>();
  // Bun's connect has no time limit and cannot be called off: a socket that opens too late is closed again.
  const timer = setTimeout(() => reject(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" })), DIAL_TIMEOUT_MS);
  const dialled = Bun.connect<Wire>({
    ...to,
    data: {},
    socket: {
      ...tcpHandlers,
      open(socket) {
        if (abandoned) {
          socket.terminate();
          return;
        }
        const connection = new TcpConnection(socket, to.port);
        socket.data = { connection };
        connection.attach(receiver);
      },
      error(socket) {
        socket.terminate();
      },
      connectError() {},
    },
  });
  try {
    const socket = await Promise.race([dialled, late]);
    return socket.data.connection!;
  } catch (error) {
    abandoned = true;
    dialled.catch(() => {});
    throw new Unreachable(sentence(error, to), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function sentence(error: unknown, { hostname, port }: { readonly hostname: string; readonly port: number }): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const at = `${bracketed(hostname)}:${port}`;
  switch (code) {
    case "ECONNREFUSED":
      return `Nothing answers at ${at}. Is chatd running there, and is the port right?`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `There is no machine called ${hostname}. Check the spelling, or use its IP address.`;
    case "ETIMEDOUT":
      return `${at} does not answer. Is it on the same network, and does its firewall let port ${port} through?`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `There is no way from here to ${hostname}. Is this machine on the same network?`;
    default:
      return `No connection to ${at}${code && ` (${code})`}.`;
  }
}
