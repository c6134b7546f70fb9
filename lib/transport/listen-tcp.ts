// The TCP door of a room, for peers in plain text and for those that ask for encryption. Knows nothing of rooms.
import type { Certificate } from "./certificate.ts";
import type { Accept, Listener } from "./connection.ts";
import { Turnstile } from "./turnstile.ts";
import { type Offer, TcpConnection, tcpHandlers, type Wire } from "./tcp.ts";

export interface TcpDoor {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Nothing where no wire is encrypted. */
  readonly certificate?: Certificate | undefined;
}

/** Listens at once. Throws Bun's error with a `code` where it cannot. */
export function listenTcp(
  { hostname, port, certificate }: TcpDoor,
  accept: Accept,
  failed: (error: Error) => void,
  turnstile = new Turnstile(),
): Listener {
  let open = 0;
  let emptied = () => {};
  const broke = {
    error(socket: Bun.Socket<Wire>, error: Error) {
      failed(error);
      socket.terminate();
    },
  };
  const offer: Offer = {
    certificate,
    handlers: {
      ...tcpHandlers,
      ...broke,
      handshake(socket, done) {
        socket.data.connection?.shaken(done);
      },
    },
    failed: (error) => failed(error instanceof Error ? error : new Error(String(error))),
  };
  const server = Bun.listen<Wire>({
    hostname,
    port,
    data: {},
    socket: {
      ...tcpHandlers,
      ...broke,
      open(socket) {
        open++;
        const connection = new TcpConnection(socket, { offer });
        socket.data = { connection };
        connection.attach(accept(connection, turnstile.enter(connection)));
      },
      close(socket) {
        const { connection, carried = connection } = socket.data;
        // Bun tells the encrypted socket after the one that carries it; whoever hears of the end may still ask something of the turnstile.
        carried?.closed();
        if (carried) turnstile.leave(carried);
        if (--open === 0) emptied();
      },
    },
  });
  return {
    port: server.port,
    stop: () => server.stop(false),
    emptied: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => (emptied = resolve))),
    async [Symbol.asyncDispose]() {
      server.stop(true);
    },
  };
}
