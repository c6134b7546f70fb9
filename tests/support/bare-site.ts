// A site for tests of wires: it has nothing but its WebSocket.
import type { Site } from "../../lib/transport/site.ts";

export const BARE_SITE: Site = {
  path: "/ws",
  refuse: () => undefined,
  isOwn: () => true,
  answer: () => new Response("Nothing is here.", { status: 404 }),
  sentence: (status, text, headers) => new Response(`${text}\n`, { status, headers: { ...headers, site: "ours" } }),
};
