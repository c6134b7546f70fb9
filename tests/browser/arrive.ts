// How people come to the page of a compiled chatd: its address, and a browser that is there. Where the network is bad, it lies between.
import type { Chatd, Home } from "../support/binaries.ts";
import { visit, type VisitOptions } from "../support/browser.ts";
import { Network } from "../support/network.ts";
import type { Visitor } from "../support/visitor.ts";

/** A room on this machine with a page on a free port. */
export function chatdWithPage(place: Home, ...flags: readonly string[]): Promise<Chatd> {
  return place.chatd("--web-port", "0", "--ephemeral", ...flags);
}

/** A browser at the page: through `network` where one is given. It is noon there, or soon, as for the programs. */
export async function arrive(
  place: Home,
  chatd: Chatd,
  { network, ...options }: VisitOptions & { readonly network?: Network } = {},
): Promise<Visitor> {
  const url = network?.url ?? (await pageOf(chatd));
  return visit({ url, timezone: place.env["TZ"]!, ...options });
}

/** A network that can be broken, in front of the page. */
export async function networkTo(chatd: Chatd): Promise<Network> {
  return Network.to(await webPort(chatd));
}

/** The page's address; `hostname` is another one of this machine. */
export async function pageOf(chatd: Chatd, hostname = "127.0.0.1"): Promise<string> {
  return `http://${hostname}:${await webPort(chatd)}/`;
}

export async function webPort({ program }: Chatd): Promise<number> {
  const { web_port } = JSON.parse(await program.until('"listening"')) as { web_port: number | null };
  if (web_port === null) throw new Error("This chatd has no page.");
  return web_port;
}
