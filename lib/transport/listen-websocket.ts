// The WebSocket door of a room, and what else is served beside it. Knows nothing of rooms, and of pages only that there is a site.
import type { Socket } from "bun";
import type { Certificate } from "./certificate.ts";
import type { Arrival, Listener, Receiver } from "./connection.ts";
import { LastFrame } from "./frame-writer.ts";
import { Turnstile, type TooMany } from "./turnstile.ts";
import { HttpConversation, type Surroundings } from "./http-conversation.ts";
import type { Site } from "./site.ts";
import { plainAddress } from "./tcp.ts";
import { WebSocketConnection } from "./websocket.ts";

/** A peer has come over `url`, and may not come in where there are too many: answers who listens to it. */
export type AcceptWebSocket = (arrival: Arrival, tooMany: TooMany | undefined, url: URL) => Receiver;

const SWEEP_MS = 1_000;

/** What Bun keeps beside a socket: whose turn it is. */
interface Wire {
  at?: HttpConversation | WebSocketConnection;
}

export interface WebSocketDoor {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Nothing for plain http. */
  readonly certificate?: Certificate | undefined;
}

/** Listens at once. Throws Bun's error with a `code` where it cannot. */
export function listenWebSocket(
  { hostname, port, certificate }: WebSocketDoor,
  site: Site,
  accept: AcceptWebSocket,
  failed: (error: Error) => void,
  turnstile = new Turnstile(),
): Listener {
  const lastFrame = new LastFrame();
  const conversations = new Set<HttpConversation>();
  let open = 0;
  let isStopped = false;
  let emptied = () => {};
  const around: Surroundings = {
    site,
    asked: (conversation) => turnstile.browse(conversation),
    failed: (error) => failed(asError(error)),
    upgraded(conversation, request, rest) {
      conversations.delete(conversation);
      turnstile.leave(conversation);
      const socket = conversation.socket as Socket<Wire>;
      const host = request.headers.get("host") ?? "";
      const at = {
        address: plainAddress(socket.localAddress),
        port: socket.localPort,
        isHttps: certificate !== undefined,
      };
      const connection = new WebSocketConnection(socket, site.isOwn(host, at) ? host : undefined, lastFrame);
      socket.data.at = connection;
      const tooMany = turnstile.enter(connection);
      guarded(connection, () => {
        connection.attach(accept(connection, tooMany, new URL(request.url)));
        if (rest.length > 0) connection.data(rest);
      });
    },
  };
  /** Bun's handlers must not throw. Whoever's they are pays for it. */
  const guarded = (connection: WebSocketConnection, run: () => void): void => {
    try {
      run();
    } catch (error) {
      failed(asError(error));
      connection.fail();
    }
  };
  const server = Bun.listen<Wire>({
    hostname,
    port,
    ...(certificate && { tls: { key: certificate.key, cert: certificate.cert } }),
    data: {},
    socket: {
      open(socket) {
        open++;
        const conversation = new HttpConversation(socket, around, performance.now());
        socket.data = { at: conversation };
        conversations.add(conversation);
        socket.setNoDelay(true);
        socket.setKeepAlive(true, 30_000);
        turnstile.browse(conversation);
        if (isStopped) conversation.abort();
      },
      // Without this one, Bun tells of a peer only when the handshake of TLS is over: one that is never would be bounded by nothing.
      handshake(socket, done) {
        if (!done) socket.terminate();
      },
      data({ data: { at } }, bytes) {
        if (at instanceof WebSocketConnection) guarded(at, () => at.data(bytes));
        else at?.data(bytes);
      },
      drain({ data: { at } }) {
        at?.drain();
      },
      close({ data: { at } }) {
        if (at instanceof WebSocketConnection) guarded(at, () => at.closed());
        else if (at) {
          conversations.delete(at);
          at.closed();
        }
        if (at) turnstile.leave(at);
        if (--open === 0) emptied();
      },
      error(socket, error) {
        failed(error);
        socket.terminate();
      },
    },
  });
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const conversation of conversations) conversation.sweep(now);
  }, SWEEP_MS);
  sweep.unref();
  return {
    port: server.port,
    stop() {
      isStopped = true;
      server.stop(false);
      // None of those who have only asked for the page, or not even that, can open a WebSocket any more.
      for (const conversation of conversations) conversation.stop();
    },
    emptied: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => (emptied = resolve))),
    async [Symbol.asyncDispose]() {
      clearInterval(sweep);
      server.stop(true);
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
