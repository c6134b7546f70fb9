// The WebSocket door of a room, and what else is served beside it. Knows nothing of rooms, and of pages only that there is a site.
import type { ServerWebSocket } from "bun";
import { BACKLOG_BYTES_MAX, LINE_BYTES_MAX } from "../protocol/limits.ts";
import type { Certificate } from "./certificate.ts";
import type { Connection, Listener, Receiver } from "./connection.ts";
import type { Site } from "./site.ts";
import { LastText, WebSocketConnection, type Wire } from "./websocket.ts";

/** A peer has come over `url`: answers who listens to it. */
export type AcceptWebSocket = (connection: Connection, url: URL) => Receiver;

/** How long a request may take to come, or a connection may wait for its next one. */
const HTTP_IDLE_S = 10;
/** Nobody has anything to post here. */
const REQUEST_BODY_BYTES_MAX = 1_024;

/** A longer message is answered with close code 1009. A line may end with CR and LF. */
const FRAME_BYTES_MAX = LINE_BYTES_MAX + 2;

/** Beyond it Bun drops what is sent without a word. A session that is that far behind was ended long before, so here it means a flood. */
const UNSENT_BYTES_MAX = 16 * BACKLOG_BYTES_MAX;

const CLOSE_NO_TEXT = 1_003;
const CLOSE_INTERNAL = 1_011;

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
): Listener {
  const texts = new LastText();
  let open = 0;
  let emptied = () => {};
  /** Bun's handlers must not throw: that would end the process. Whoever's they are pays for it. */
  const guarded = (socket: ServerWebSocket<Wire>, run: () => void): void => {
    try {
      run();
    } catch (error) {
      failed(asError(error));
      socket.close(CLOSE_INTERNAL);
    }
  };
  const server = Bun.serve<Wire>({
    hostname,
    port,
    ...(certificate && { tls: { key: certificate.key, cert: certificate.cert } }),
    development: false,
    // Unless this is said, a second server of this process gets the port too.
    reusePort: false,
    idleTimeout: HTTP_IDLE_S,
    maxRequestBodySize: REQUEST_BODY_BYTES_MAX,
    async fetch(request, server) {
      const refusal = site.refuse(request);
      if (refusal) return refusal;
      const url = new URL(request.url);
      if (url.pathname !== site.path) return site.answer(request);
      if (server.upgrade(request, { data: { url, host: request.headers.get("host") ?? url.host } })) return undefined;
      return site.sentence(426, "Here is a chat room's WebSocket; a browser's page or a program may open it.", {
        upgrade: "websocket",
      });
    },
    error(error) {
      failed(error);
      return site.sentence(500, "Something broke on the server.");
    },
    websocket: {
      maxPayloadLength: FRAME_BYTES_MAX,
      // The room itself asks who is still there, and ends who is not.
      idleTimeout: 0,
      sendPings: false,
      perMessageDeflate: false,
      backpressureLimit: UNSENT_BYTES_MAX,
      // It would close a peer that reads slowly; when that is too slow is for the session to say.
      closeOnBackpressureLimit: false,
      open(socket) {
        open++;
        guarded(socket, () => {
          const connection = new WebSocketConnection(socket, texts);
          socket.data.connection = connection;
          connection.attach(accept(connection, socket.data.url));
        });
      },
      message(socket, message) {
        guarded(socket, () => {
          if (typeof message === "string") socket.data.connection?.heard(message);
          else socket.close(CLOSE_NO_TEXT, "Only text frames are understood here.");
        });
      },
      ping(socket) {
        socket.data.connection?.checkFlood();
      },
      drain(socket) {
        socket.data.connection?.drain();
      },
      close(socket) {
        const { connection } = socket.data;
        connection?.closed();
        // Bun tells it in the midst of our own goodbye; the owner hears of it when that is done.
        queueMicrotask(() => {
          guarded(socket, () => connection?.tellEnd());
          if (--open === 0) emptied();
        });
      },
    },
  });
  return {
    port: server.port ?? port,
    stop() {
      // Requests that have only half come are cut off, so none of them can open a WebSocket any more.
      void server.stop(false);
    },
    emptied: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => (emptied = resolve))),
    async [Symbol.asyncDispose]() {
      void server.stop(true);
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
