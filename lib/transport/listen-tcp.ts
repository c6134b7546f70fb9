// The TCP door of a room. Knows nothing of rooms.
import type { Accept, Listener } from "./connection.ts";
import { Gate } from "./gate.ts";
import { TcpConnection, tcpHandlers, type Wire } from "./tcp.ts";

/** Listens at once; port 0 takes a free one. Throws Bun's error with a `code` where it cannot. */
export function listenTcp(
  at: { readonly hostname: string; readonly port: number },
  accept: Accept,
  failed: (error: Error) => void,
  gate = new Gate(),
): Listener {
  let open = 0;
  let emptied = () => {};
  const server = Bun.listen<Wire>({
    ...at,
    data: {},
    socket: {
      ...tcpHandlers,
      open(socket) {
        open++;
        const connection = new TcpConnection(socket);
        socket.data = { connection };
        connection.attach(accept(connection, gate.enter(connection)));
      },
      close(socket) {
        tcpHandlers.close(socket);
        if (socket.data.connection) gate.leave(socket.data.connection);
        if (--open === 0) emptied();
      },
      error(socket, error) {
        failed(error);
        socket.terminate();
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
