// How people come to the page of a compiled chatd: its address, and a browser that is there. Where the network is bad, it lies between.
import { CHAT, type Chatd, type Home } from "../support/binaries.ts";
import { visit, type VisitOptions } from "../support/browser.ts";
import { Network } from "../support/network.ts";
import type { Program } from "../support/program.ts";
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
export async function pageOf(chatd: Chatd, hostname = "127.0.0.1", scheme = "http"): Promise<string> {
  return `${scheme}://${hostname}:${await webPort(chatd)}/`;
}

export async function webPort({ program }: Chatd): Promise<number> {
  const { web_port } = JSON.parse(await program.until('"listening"')) as { web_port: number | null };
  if (web_port === null) throw new Error("This chatd has no page.");
  return web_port;
}

/** chat --gui, with its page. */
export interface Gui extends AsyncDisposable {
  readonly program: Program;
  readonly address: string;
}

/** The program, and where its page is. It ends with its last tab. */
export async function gui(place: Home, ...args: readonly string[]): Promise<Gui> {
  // Over ssh no browser is opened, so none of whoever runs the tests.
  const env = { BROWSER: undefined, SSH_CONNECTION: "a test", CHAT_GUI_LINGER_S: "0" };
  const program = place.run([CHAT, "--gui", ...args], { env });
  const line = await program.until("http://");
  const address = line.slice(line.indexOf("http://"));
  return { program, address, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}
