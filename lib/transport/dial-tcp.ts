// The TCP way to a room, encrypted where whoever dials has an opinion on that. Knows nothing of rooms.
import { bracketed } from "../protocol/address.ts";
import { type Connection, type Receiver, type Trust, Unreachable, Untrusted } from "./connection.ts";
import { dialledHandlers, type DialledWire, Opening } from "./opening.ts";
import { TcpConnection } from "./tcp.ts";

export const DIAL_TIMEOUT_MS = 8_000;

export interface TcpPlace {
  readonly hostname: string;
  readonly port: number;
  /** The address of this machine that the wire is to come from, where that is not all the same. */
  readonly localAddress?: string;
}

/**
 * Connects to a server within DIAL_TIMEOUT_MS. Asks for encryption where there is a `trust`, which judges the answer; without
 * one, all is plain text. Throws Unreachable, or Untrusted.
 */
export async function dialTcp(to: TcpPlace, receiver: Receiver, trust?: Trust): Promise<Connection> {
  const { hostname, port, localAddress } = to;
  const place = `${bracketed(hostname)}:${port}`;
  let abandoned = false;
  let opening: Opening | undefined;
  const { promise: late, reject } = Promise.withResolvers<never>();
  // Bun's connect has no time limit and cannot be called off: a socket that opens too late is closed again.
  const timer = setTimeout(() => {
    if (opening) opening.giveUp();
    else reject(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" }));
  }, DIAL_TIMEOUT_MS);
  const dialled = Bun.connect<DialledWire>({
    hostname,
    port,
    // Bun knows it, its types do not.
    ...(localAddress !== undefined && ({ localAddress } as object)),
    data: {},
    socket: {
      ...dialledHandlers,
      open(socket) {
        if (abandoned) {
          socket.terminate();
          return;
        }
        if (trust) {
          opening = new Opening(socket, { port, place, receiver, trust });
          socket.data = { opening };
          return;
        }
        const connection = new TcpConnection(socket, { port });
        socket.data = { connection };
        connection.attach(receiver);
      },
      connectError() {},
    },
  });
  try {
    const socket = await Promise.race([dialled, late]);
    return opening ? await opening.settled : socket.data.connection!;
  } catch (error) {
    abandoned = true;
    dialled.catch(() => {});
    if (error instanceof Unreachable || error instanceof Untrusted) throw error;
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
