// The page for one person: served to this machine's browser alone, and joined to any server over a wire of the program's own. Chooses no wire and no screen.
import type { Signer } from "../client/signer.ts";
import { type Address, readAddress } from "../protocol/address.ts";
import { decodeClient, decodeServer, encode } from "../protocol/codec.ts";
import { DEFAULT_PORT } from "../protocol/limits.ts";
import { type ClientMessage, refuse, type ServerMessage, type Standing } from "../protocol/message.ts";
import { Bridge } from "../transport/bridge.ts";
import { type Connection, type Dial, type Listener, type Receiver, Unreachable } from "../transport/connection.ts";
import type { Site } from "../transport/site.ts";
import { answer, sentence } from "./answer.ts";
import type { Guard } from "./guard.ts";
import { Introduction } from "./introduction.ts";
import { openSite } from "./site.ts";
import { Tabs } from "./tabs.ts";

/** How long the servers may take to say goodbye. */
const GOODBYE_MS = 2_000;
const SECRET_BYTES = 16;

type Place = Pick<Address, "hostname" | "port" | "extras">;

/** Who is where. */
export interface Visit extends Place {
  readonly room: string;
  readonly name: string;
}

/** What stands in the form when the page opens. */
export interface Form {
  readonly server?: string | undefined;
  readonly port?: number | undefined;
  /** Of the server's key, where a link names it. */
  readonly pin?: string | undefined;
  readonly name?: string | undefined;
  /** Lets its bearer in, and adds this machine's key to those of another device. */
  readonly invite?: string | undefined;
  readonly link?: string | undefined;
  /** Nothing is left to ask: the page connects by itself. */
  readonly connect: boolean;
}

export interface GuiOptions {
  readonly form: Form;
  /** How long after its last tab was closed the page may come back. */
  readonly lingerMs: number;
  /** Opens the door for browsers, to this machine only. */
  listen(site: Site, accept: (connection: Connection, tooMany: unknown, url: URL) => Receiver): Listener;
  /** The way to a server. */
  dialTo(place: Place): Dial;
  /** The person's own key. */
  readonly signer?: Signer | undefined;
  /** Why the person cannot have that name now, for people; nothing where they can. */
  taken?(visit: Visit): string | undefined;
  /** How far the wire can be trusted that led there last. */
  standingOf(place: Place): Standing | undefined;
  /** The token that an earlier run has left behind. */
  tokenOf(visit: Visit): string | undefined;
  /** The person has come in … */
  entered(visit: Visit, token: string): void;
  /** … and is out for good. */
  left(visit: Visit): void;
}

export interface Gui {
  /** Of the page. Who knows it may use this program to go anywhere, so it is told to this person only. */
  readonly address: string;
  /** Leads there once. Other users of this machine may see what a browser is started with, so it is worth nothing afterwards. */
  readonly opening: string;
  /** Resolves when the page was closed for good, or `close` is through. */
  readonly over: Promise<void>;
  /** Leaves the rooms and ends. */
  close(): Promise<void>;
}

export function openGui(options: GuiOptions): Gui {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  // The global one: a bundle would load node:crypto at every start of chat, also where there is no page.
  const secret = () => crypto.getRandomValues(Buffer.alloc(SECRET_BYTES)).toString("base64url");
  const base = `/${secret()}/`;
  const opening = `/${secret()}`;
  let isOpened = false;
  const opens = (request: Request) =>
    !isOpened && request.method === "GET" && new URL(request.url).pathname === opening;
  const tabs = new Tabs(options.lingerMs, () => void close());
  const bridges = new Set<Bridge>();

  const guard: Guard = (host, origin) => {
    const { port } = listener;
    // Anything else is a page of somebody else, under a name of its own that leads here.
    if (![`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`].includes(host ?? ""))
      return { status: 421, text: "This page is for the browser of this machine only." };
    if (origin !== null && origin !== `http://${host}`)
      return { status: 403, text: "Only the page of this program may do that." };
    return undefined;
  };
  const site = openSite({ path: `${base}ws`, base, settings: { form: true, ...options.form }, guard });

  const listener = options.listen(
    {
      ...site,
      refuse: (request) =>
        site.refuse(request) ??
        (isInside(request, base) || opens(request) ? undefined : sentence(404, "There is nothing here.")),
      answer: (request) => {
        if (opens(request)) {
          isOpened = true;
          return answer(302, null, { location: base, "cache-control": "no-store" });
        }
        return new URL(request.url).pathname === `${base}alive` && request.method === "GET"
          ? answer(200, tabs.stream(), { "content-type": "text/event-stream", "cache-control": "no-store" })
          : site.answer(request);
      },
    },
    (connection, _, url) => {
      const [bridge, receiver] = connect(options, connection, url);
      bridges.add(bridge);
      void bridge.over.then(() => bridges.delete(bridge));
      return receiver;
    },
  );

  let closing: Promise<void> | undefined;
  const close = () => (closing ??= leave());
  const leave = async () => {
    listener.stop();
    const lastWords = encode({ type: "leave" });
    const goodbyes = [...bridges].map((bridge) => {
      bridge.conclude(lastWords);
      return bridge.over;
    });
    await Promise.race([Promise.all(goodbyes), Bun.sleep(GOODBYE_MS)]);
    for (const bridge of bridges) bridge.abort();
    await listener[Symbol.asyncDispose]();
    end();
  };

  const origin = `http://127.0.0.1:${listener.port}`;
  return { address: `${origin}${base}`, opening: `${origin}${opening}`, over, close };
}

/** Whether the request is for what lies under the secret path. Takes as long for a wrong path as for a nearly right one. */
function isInside(request: Request, base: string): boolean {
  const start = Buffer.from(new URL(request.url).pathname.slice(0, base.length));
  const right = Buffer.from(base);
  return start.length === right.length && crypto.timingSafeEqual(start, right);
}

/** The page's new wire, joined to the server that it asks for, and who listens to it. */
function connect(options: GuiOptions, connection: Connection, url: URL): readonly [Bridge, Receiver] {
  const place = placeIn(url);
  if ("problem" in place) {
    const bridge = new Bridge(connection, () => Promise.reject(new Unreachable(place.problem)));
    return [bridge, bridge];
  }
  let visit: Visit | undefined;
  /** The line as the page is to hear it. */
  const hear = (line: string): string => {
    // Most lines are what is said: they pass unread.
    if (visit && !line.startsWith('{"type":"bye"')) return line;
    const message = decodeServer(line);
    if (message?.type === "welcome") {
      visit = { ...place, room: message.room, name: message.name };
      options.entered(visit, message.token);
      // Whatever the server says of it, this is for us to say.
      return lineWith({ ...message, standing: options.standingOf(place) });
    }
    if (message?.type === "bye" && visit && ["left", "kicked", "banned"].includes(message.code)) options.left(visit);
    return line;
  };
  let binding = "";
  let toPage: Receiver | undefined;
  const introduction: Introduction = new Introduction({
    signer: options.signer,
    binding: () => binding,
    toServer: (line) => bridge.received(line),
    toPage: (line) => toPage?.received(line),
  });
  const bridge = new Bridge(connection, async (receiver) => {
    toPage = receiver;
    const far = await options.dialTo(place)({
      received(line) {
        introduction.heard(hear(line));
      },
      broken: (fault) => receiver.broken(fault),
      closed: () => receiver.closed(),
    });
    binding = far.binding ?? "";
    return far;
  });
  const receiver: Receiver = {
    received(line) {
      const message = visit ? undefined : decodeClient(line);
      if (message?.type !== "join") return introduction.said(line);
      const taken = options.taken?.({ ...place, ...message });
      if (taken !== undefined) return connection.send(encode(refuse("name-taken", taken, message.re)));
      // A join without a token may be that of a person whose program was ended by force: it proves that the name is theirs.
      introduction.join({ ...message, token: message.token ?? options.tokenOf({ ...place, ...message }) });
    },
    broken: (fault) => bridge.broken(fault),
    closed: () => bridge.closed(),
  };
  return [bridge, receiver];
}

function lineWith(message: ServerMessage | ClientMessage): string {
  return new TextDecoder().decode(encode(message)).trimEnd();
}

/** The server that the page asks for, or a sentence that says what is wrong with it. */
function placeIn({ searchParams }: URL): Place | { readonly problem: string } {
  const server = readAddress(searchParams.get("server") ?? "");
  if ("problem" in server) return server;
  const port = searchParams.get("port") ?? String(DEFAULT_PORT);
  if (!/^\d{1,5}$/.test(port)) return { problem: "A port is a number from 1 to 65535." };
  const pin = searchParams.get("pin");
  const place = readAddress(`localhost:${port}${pin === null ? "" : `#pin=${encodeURIComponent(pin)}`}`);
  return "problem" in place ? place : { ...place, hostname: server.hostname };
}
