// chatd: opens a room. Flags → parts → wiring → signals; the rules live in lib/room.
import { hostname as machineName, networkInterfaces } from "node:os";
import { Access, AccessUnusable } from "./lib/access/access.ts";
import { addressesOf, bannerLines, inviteLines, type OpenRoom, type Screen } from "./lib/console/banner.ts";
import { CHATD, chatdSettings, type ChatdSettings, type WebSettings } from "./lib/flags/chatd.ts";
import { EXIT_USAGE, FlagError, helpText } from "./lib/flags/flags.ts";
import { hangUpIsIgnored, openFileLimit } from "./lib/flags/machine.ts";
import { VERSION, versionLine } from "./lib/flags/version.ts";
import { Hub } from "./lib/hub/hub.ts";
import { type Log, LogUnusable, StorageFailed } from "./lib/log/log.ts";
import { MemoryLog } from "./lib/log/memory.ts";
import { openFileLog } from "./lib/log/open-file.ts";
import type { RoomEvent } from "./lib/protocol/message.ts";
import { happening } from "./lib/report/happening.ts";

import { HOST_NAME } from "./lib/room/decide.ts";
import type { Listener } from "./lib/transport/connection.ts";
import { Gate } from "./lib/transport/gate.ts";
import { listenTcp } from "./lib/transport/listen-tcp.ts";
import { listenWebSocket } from "./lib/transport/listen-websocket.ts";
import { dialPipe } from "./lib/transport/pipe.ts";
import { linesOf } from "./lib/tty/lines.ts";
import { guardOf, type Known, ownHostname } from "./lib/web/guard.ts";
import { guideBrowsers } from "./lib/web/lost-browser.ts";
import { openSite } from "./lib/web/site.ts";

const EXIT_FAILED = 1;
/** How long members may take to hear the goodbye and hang up. */
const GOODBYE_MS = 2_500;
/** A shutdown that takes longer than this is stuck. */
const SHUTDOWN_MS = 4_500;

/** A room in which nothing has happened for so long is quiet. */
const TIDY_MS = 10_000;

/** The room cannot be opened; the message says why and what to do. */
class CannotStart extends Error {}

await main(process.argv.slice(2)).catch((error: unknown) => {
  const expected = [FlagError, CannotStart, LogUnusable, AccessUnusable].some((kind) => error instanceof kind);
  console.error(expected ? `chatd: ${(error as Error).message}` : error);
  process.exit(error instanceof FlagError ? EXIT_USAGE : EXIT_FAILED);
});

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help") || args.includes("-h")) return print(helpText(CHATD));
  if (args.includes("--version") || args.includes("-V")) return print(versionLine("chatd"));
  const settings = chatdSettings(args, process.env, openFileLimit());
  const log = settings.directory === undefined ? new MemoryLog() : openFileLog(settings.directory);
  await run(settings, log, Access.open(settings.directory));
}

async function run(settings: ChatdSettings, log: Log, access: Access): Promise<void> {
  // Whoever reads the report may stop reading; the room goes on.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
  const onTerminal =
    process.stdin.isTTY && process.stdout.isTTY && settings.log === "text" && process.env["TERM"] !== "dumb";
  let write = print;
  // Loaded only when there is something to report: a start must cost nothing.
  const { openReport } = await import("./lib/report/report.ts");
  const report = openReport(settings.log, (line) => write(line));
  if (log.damaged > 0)
    report.warn(
      `${log.damaged === 1 ? "A part" : `${log.damaged} parts`} of the history in ${settings.directory} cannot be read: the disk has changed it. The rest is shown; what was in it is lost.`,
    );
  const gate = new Gate({ wires: settings.clients, perAddress: settings.perAddress });
  const hub = await openHub(
    log,
    access,
    gate,
    settings,
    (event) => {
      // On a terminal, the host sees the room itself.
      if (!onTerminal && event.type !== "said") report.info(happening(event), { event });
    },
    (what, error) => report.error(what, error),
  );
  const { promise: closing, resolve: close } = Promise.withResolvers<void>();
  let asked = false;
  const stop = () => {
    if (asked) process.exit(EXIT_FAILED);
    asked = true;
    close();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
  if (!hangUpIsIgnored()) process.on("SIGHUP", stop);

  const { listeners, room } = listen(settings, hub, gate, (error) => report.error("A connection failed.", error));
  const sweep = setInterval(() => hub.sweep(), 1_000);
  const tidy = setInterval(tidier(log), TIDY_MS);
  const colour = onTerminal && !process.env["NO_COLOR"];
  const screen = onTerminal ? await openScreen(process.stdout, colour) : undefined;
  if (settings.log === "json") {
    const { hostname: host, port, page } = room;
    const web_port = typeof page === "number" ? page : null;
    report.info("listening", { host, port, web_port, data: settings.directory ?? null });
    if (typeof page === "string") report.warn(`There is no page: ${page}.`);
  } else {
    const { directory } = settings;
    print(bannerLines(room, { version: VERSION, directory, screen }).join("\n"));
  }

  const dial = async (receiver: Parameters<typeof dialPipe>[1]) => dialPipe(hub.acceptHost, receiver);
  let endConsole = () => {};
  if (screen) {
    const { openConsole } = await import("./lib/console/console.ts");
    const { stdin: input, stdout: output } = process;
    const console = await openConsole({
      name: HOST_NAME,
      dial,
      input,
      output,
      colour,
      invite: () => inviteLines(room, screen),
      close: stop,
    });
    write = (line) => console.print(line);
    endConsole = () => console[Symbol.dispose]();
  } else {
    const { obeyPipe } = await import("./lib/console/piped.ts");
    const lines = linesOf(process.stdin);
    const page = await openScreen(undefined, false);
    const invite = () => inviteLines(room, page);
    obeyPipe({ name: HOST_NAME, dial, lines, print: (line) => report.info(line), invite, close: stop }).catch(
      (error: unknown) => report.warn("Standard input cannot be read.", error),
    );
  }

  await closing;
  setTimeout(() => process.exit(EXIT_FAILED), SHUTDOWN_MS).unref();
  clearInterval(sweep);
  clearInterval(tidy);
  for (const listener of listeners) listener.stop();
  const closed = hub.close();
  endConsole();
  await closed;
  // Who does not hang up by then has had its time.
  await Promise.race([Promise.all(listeners.map((listener) => listener.emptied())), Bun.sleep(GOODBYE_MS)]);
  for (const listener of listeners) await listener[Symbol.asyncDispose]();
  await log[Symbol.asyncDispose]();
  access[Symbol.dispose]();
  if (settings.log === "json") report.info("closed");
  else write("The room is closed.");
  process.exit(0);
}

/** Gives back the memory that a busy time has left behind, once it is over: nobody notices 30 ms of a quiet room. */
function tidier(log: Log): () => void {
  let [seen, tidied] = [log.head, log.head];
  return () => {
    if (log.head === seen && seen !== tidied) {
      Bun.gc(true);
      tidied = seen;
    }
    seen = log.head;
  };
}

async function openHub(
  log: Log,
  access: Access,
  gate: Gate,
  { rate, isPrivate }: ChatdSettings,
  happened: (event: RoomEvent) => void,
  broke: (what: string, error: unknown) => void,
): Promise<Hub> {
  try {
    return await Hub.open(log, {
      access,
      isPrivate,
      rate,
      gate,
      server: `chatd/${VERSION}`,
      happened,
      broke,
    });
  } catch (error) {
    if (error instanceof StorageFailed)
      throw new CannotStart(
        "The history cannot be written. Is the disk full? Make room, or choose another folder with --data.",
      );
    throw error;
  }
}

/** Opens the doors of the room: one for chat programs and, unless it is not wanted, one for browsers. */
function listen(
  { hostname, port, web }: ChatdSettings,
  hub: Hub,
  gate: Gate,
  failed: (error: Error) => void,
): { listeners: readonly Listener[]; room: OpenRoom } {
  const { origins = [] } = web ?? {};
  const known: Known = { names: [hostname, machineName(), `${machineName()}.local`], origins };
  let door: Listener | string | undefined;
  const accept = guideBrowsers(hub.accept, {
    port: () => (typeof door === "object" ? door.port : undefined),
    hostname: (host) => ownHostname(host, known),
  });
  const listener = opened("port", hostname, port, () => listenTcp({ hostname, port }, accept, failed, gate));
  door =
    web &&
    openWeb(hostname, web, (at) => {
      const site = openSite({ path: "/ws", base: "/", settings: { form: false }, guard: guardOf(known) });
      return listenWebSocket(at, site, hub.accept, failed, gate);
    });
  return {
    listeners: typeof door === "object" ? [listener, door] : [listener],
    room: {
      hostname,
      port: listener.port,
      page: typeof door === "object" ? door.port : door,
      origins,
      addresses: addressesOf(hostname, networkInterfaces()),
    },
  };
}

/** Where nobody asked for just this port, the room opens without it: then, a sentence says why. */
function openWeb(
  hostname: string,
  { port, named }: WebSettings,
  listenAt: (at: { hostname: string; port: number }) => Listener,
): Listener | string {
  try {
    return opened("web-port", hostname, port, () => listenAt({ hostname, port }));
  } catch (error) {
    if (named || !(error instanceof CannotStart)) throw error;
    return `port ${port} ${codeOf(error.cause) === "EADDRINUSE" ? "is in use" : "cannot be used"}; choose another with --web-port`;
  }
}

function opened(flag: "port" | "web-port", hostname: string, port: number, listenThere: () => Listener): Listener {
  try {
    return listenThere();
  } catch (error) {
    throw new CannotStart(whyNot(codeOf(error), flag, hostname, port), { cause: error });
  }
}

function whyNot(code: unknown, flag: string, hostname: string, port: number): string {
  if (code === "EADDRINUSE")
    return `Port ${port} is in use, perhaps by another chatd. Stop that one, or choose another port: --${flag} ${port > 65_525 ? 4_000 : port + 10} (0 takes a free one).`;
  if (code === "EACCES") return `Port ${port} is for the administrator only. Choose one above 1023 with --${flag}.`;
  return `This machine cannot listen on ${hostname}. Choose one of its own addresses with --host, or leave --host out.`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** The window as it is when it is asked. Without a terminal there are no borders. */
async function openScreen(output: NodeJS.WriteStream | undefined, colour: boolean): Promise<Screen> {
  const { qrLines } = await import("./lib/tty/qr.ts");
  return {
    get columns() {
      return output ? output.columns || 80 : Infinity;
    },
    get rows() {
      return output ? output.rows || 24 : Infinity;
    },
    qr: (text) => qrLines(text, { colour }),
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
