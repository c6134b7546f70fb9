// The least that a server in Bun can do: every line goes to everyone, in one write a listener and turn. No rules, no log.
import type { Socket } from "bun";

const sockets = new Set<Socket>();
let turn: Uint8Array[] = [];

const server = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open(socket) {
      socket.setNoDelay(true);
      sockets.add(socket);
    },
    data(_socket, bytes) {
      if (turn.length === 0) setImmediate(flush);
      turn.push(bytes);
    },
    close(socket) {
      sockets.delete(socket);
    },
  },
});

function flush(): void {
  const batch = Buffer.concat(turn);
  turn = [];
  // Listeners that do not read are cut off, since nothing is kept for them.
  for (const socket of sockets) if (socket.write(batch) < batch.length) socket.terminate();
}

console.log(JSON.stringify({ text: "listening", port: server.port }));
