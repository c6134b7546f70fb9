// chatd: opens a room. Flags → parts → wiring → signals; the rules live in lib/room.
import { constants, hostname as machineName, networkInterfaces } from "node:os";
import { Access, AccessUnusable } from "./lib/access/access.ts";
import { announce } from "./lib/console/announce.ts";
import { addressesOf, invitedLines, inviteLines, type OpenRoom } from "./lib/console/banner.ts";
import type { Console } from "./lib/console/console.ts";
import { openScreen, type Screen } from "./lib/console/screen.ts";
import {
  CHATD,
  chatdSettings,
  type ChatdSettings,
  DOCTOR_COMMAND,
  INVITE_COMMAND,
  type WebSettings,
} from "./lib/flags/chatd.ts";
import { EXIT_USAGE, FlagError, helpText } from "./lib/flags/flags.ts";
import { hangUpIsIgnored, openFileLimit } from "./lib/flags/machine.ts";
import { openPort, PortUnusable } from "./lib/flags/port.ts";
import { VERSION, versionLine } from "./lib/flags/version.ts";
import { Hub, type HubOptions } from "./lib/hub/hub.ts";
import { tidier } from "./lib/hub/tidier.ts";
import { type Log, LogUnusable, StorageFailed } from "./lib/log/log.ts";
import { MemoryLog } from "./lib/log/memory.ts";
import { openFileLog } from "./lib/log/open-file.ts";
import type { RoomEvent } from "./lib/protocol/message.ts";
import { scrub } from "./lib/protocol/text.ts";
import { damageTeller } from "./lib/report/damage.ts";
import { happening } from "./lib/report/happening.ts";
import type { Report } from "./lib/report/report.ts";
import { HOST_NAME } from "./lib/room/decide.ts";
import { looksOf } from "./lib/room/look.ts";
import type { Certificate } from "./lib/transport/certificate.ts";
import type { Dial, Listener } from "./lib/transport/connection.ts";
import { Turnstile } from "./lib/transport/turnstile.ts";
import { listenTcp } from "./lib/transport/listen-tcp.ts";
import { listenWebSocket } from "./lib/transport/listen-websocket.ts";
import { answerMaker, makeCertificateApart, MAKER_COMMAND } from "./lib/transport/make-certificate.ts";
import { CertificateUnusable, givenCertificate, keepCertificate } from "./lib/transport/own-certificate.ts";
import { dialPipe } from "./lib/transport/pipe.ts";
import { requireEncryption } from "./lib/transport/require-encryption.ts";
import { linesOf } from "./lib/tty/lines.ts";
import { guardOf, type Known, ownHostname } from "./lib/web/guard.ts";
import { guideBrowsers } from "./lib/web/lost-browser.ts";
import { openSite } from "./lib/web/site.ts";

const EXIT_FAILED = 1;
/** What shells add to the number of the signal that has ended a program. */
const SIGNAL_EXIT = 128;
/** How long members may take to hear the goodbye and hang up. */
const GOODBYE_MS = 2_500;
/** A shutdown that takes longer than this is stuck. */
const SHUTDOWN_MS = 4_500;

/** Once a second, the room looks after itself. */
const SWEEP_MS = 1_000;

/** The room cannot be opened; the message says why and what to do. */
class CannotStart extends Error {}

await main(process.argv.slice(2)).catch((error: unknown) => {
  const expected = [FlagError, CannotStart, PortUnusable, LogUnusable, AccessUnusable, CertificateUnusable].some(
    (kind) => error instanceof kind,
  );
  console.error(expected ? `chatd: ${scrub((error as Error).message)}` : error);
  process.exit(error instanceof FlagError ? EXIT_USAGE : EXIT_FAILED);
});

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === DOCTOR_COMMAND) return await doctor(args.slice(1));
  // Of its own, not of a person.
  if (args[0] === MAKER_COMMAND) return await answerMaker();
  if (args[0] === INVITE_COMMAND) return await invite(args.slice(1));
  if (args.includes("--help") || args.includes("-h")) return console.log(helpText(CHATD));
  if (args.includes("--version") || args.includes("-V")) return console.log(versionLine("chatd"));
  const settings = chatdSettings(args, process.env, openFileLimit());
  const log = settings.directory === undefined ? new MemoryLog() : openFileLog(settings.directory);
  await run(settings, log, Access.open(settings.directory));
}

/** Makes an invitation to a room, be it open or not, and ends. */
async function invite(args: readonly string[]): Promise<void> {
  const { INVITE, inviteSettings } = await import("./lib/flags/invite.ts");
  if (args.includes("--help") || args.includes("-h")) return console.log(helpText(INVITE));
  if (args.includes("--version") || args.includes("-V")) return console.log(versionLine("chatd"));
  const { directory, ...wish } = inviteSettings(args, process.env);
  const { inviteTo, NoRoomThere } = await import("./lib/console/invite.ts");
  const { stdout } = process;
  const colour = stdout.isTTY && !process.env["NO_COLOR"];
  const screen = stdout.isTTY ? await openScreen(stdout, colour) : undefined;
  try {
    print(inviteTo(directory, wish, screen, Math.floor(Date.now() / 1_000)).join("\n"));
  } catch (error) {
    throw error instanceof NoRoomThere ? new CannotStart(error.message) : error;
  }
}

/** Looks whether a room could be opened, and ends. Nobody who opens one loads what is needed for that. */
async function doctor(args: readonly string[]): Promise<void> {
  const { DOCTOR, doctorSettings } = await import("./lib/flags/doctor.ts");
  if (args.includes("--help") || args.includes("-h")) return console.log(helpText(DOCTOR));
  if (args.includes("--version") || args.includes("-V")) return console.log(versionLine("chatd"));
  const settings = doctorSettings(args, process.env);
  const { runDoctor } = await import("./lib/doctor/doctor.ts");
  const { dialTcp } = await import("./lib/transport/dial-tcp.ts");
  const { stdout } = process;
  stdout.on("error", () => {});
  // What it has begun is cleared away at the exit.
  for (const signal of ["SIGINT", "SIGTERM", ...(hangUpIsIgnored() ? [] : ["SIGHUP" as const])] as const)
    process.on(signal, () => process.exit(SIGNAL_EXIT + constants.signals[signal]));
  const isWell = await runDoctor(settings, {
    listen: listenTcp,
    dialTo: (hostname, port) => (receiver) => dialTcp({ hostname, port }, receiver),
    addressesOf: (hostname) => addressesOf(hostname, networkInterfaces()),
    page: { columns: stdout.columns || 80, colour: stdout.isTTY && !process.env["NO_COLOR"] },
    print,
  });
  process.exit(isWell ? 0 : EXIT_FAILED);
}

async function run(settings: ChatdSettings, log: Log, access: Access): Promise<void> {
  // It is read, or made, while the history is opened.
  const certified = certificateFor(settings);
  certified.catch(() => {});
  let write = print;
  // Loaded only when there is something to report: a start must cost nothing.
  const { openReport } = await import("./lib/report/report.ts");
  const report = openReport(settings.log, (line) => write(line));
  const tellDamage = damageTeller(settings.directory, (text) => report.warn(text));
  const turnstile = new Turnstile({ wires: settings.clients, perAddress: settings.perAddress });
  let onTerminal = false;
  const hub = await openHub(
    log,
    access,
    turnstile,
    settings,
    (event) => {
      // On a terminal, the host sees the room itself.
      if (!onTerminal && event.type !== "said") report.info(happening(event), { event });
    },
    { broke: (what, error) => report.error(what, error), mended: (what) => report.info(what) },
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

  // Who stops it before it is open does not wait for the key.
  const certificate = await Promise.race([certified, closing.then(() => "stopped" as const)]);
  if (certificate === "stopped") {
    await log[Symbol.asyncDispose]();
    access[Symbol.dispose]();
    process.exit(0);
  }
  const { listeners, room } = listen(settings, certificate, hub, turnstile, (error) =>
    report.error("A connection failed.", error),
  );
  // The streams of a process take a fourth of a start, so they are not looked at before the doors are open.
  // Whoever reads the report may stop reading; the room goes on.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
  onTerminal = process.stdin.isTTY && process.stdout.isTTY && settings.log === "text" && process.env["TERM"] !== "dumb";
  tellDamage(log.damaged);
  const tidy = tidier({ rss: () => process.memoryUsage.rss(), collect: () => Bun.gc(true) });
  const sweep = setInterval(() => {
    hub.sweep();
    tellDamage(log.damaged);
    tidy(log.head);
  }, SWEEP_MS);
  const colour = onTerminal && !process.env["NO_COLOR"];
  const screen = onTerminal ? await openScreen(process.stdout, colour) : undefined;
  announce({
    room,
    access,
    directory: settings.directory,
    version: VERSION,
    tls: settings.tls.mode,
    form: settings.log,
    report,
    screen,
    state: { isLocked: hub.room.lockedAfter !== undefined, slowMs: hub.room.slowMs },
    print,
  });
  void noted(access, room).catch((error: unknown) => report.warn("chatd invite cannot find this room.", error));
  // The first who comes need not wait for the table of letters that look alike.
  setImmediate(() => looksOf(HOST_NAME));

  const host = { room, hub, settings, report, close: stop };
  const console = screen ? await openConsoleAt(screen, colour, host) : undefined;
  if (console) write = (line) => console.print(line);
  else await obey(host);

  await closing;
  setTimeout(() => process.exit(EXIT_FAILED), SHUTDOWN_MS).unref();
  clearInterval(sweep);
  for (const listener of listeners) listener.stop();
  const closed = hub.close();
  console?.[Symbol.dispose]();
  await closed;
  // Who does not hang up by then has had its time.
  await Promise.race([Promise.all(listeners.map((listener) => listener.emptied())), Bun.sleep(GOODBYE_MS)]);
  for (const listener of listeners) await listener[Symbol.asyncDispose]();
  const kept = await ended(log, (error) =>
    report.error("The end of the history could not be put in order. All that was told is in it.", error),
  );
  access[Symbol.dispose]();
  if (settings.log === "json") report.info("closed");
  else write("The room is closed.");
  process.exit(kept ? 0 : EXIT_FAILED);
}

/** What a host has to do with, be it at a terminal or at the other end of a pipe. */
interface Hosting {
  readonly room: OpenRoom;
  readonly hub: Hub;
  readonly settings: ChatdSettings;
  readonly report: Report;
  close(): void;
}

function dialHost(hub: Hub): Dial {
  return async (receiver) => dialPipe(hub.acceptHost, receiver);
}

async function openConsoleAt(
  screen: Screen,
  colour: boolean,
  { room, hub, settings, close }: Hosting,
): Promise<Console> {
  const { openConsole } = await import("./lib/console/console.ts");
  const { stdin: input, stdout: output } = process;
  return await openConsole({
    name: HOST_NAME,
    dial: dialHost(hub),
    input,
    output,
    colour,
    invite: settings.isPrivate ? undefined : () => inviteLines(room, screen),
    links: (invite) => invitedLines(room, invite, screen),
    close,
  });
}

/** Does what is piped in, for as long as the room is open. */
async function obey({ room, hub, settings, report, close }: Hosting): Promise<void> {
  const { obeyPipe } = await import("./lib/console/piped.ts");
  const lines = linesOf(process.stdin);
  const page = await openScreen(undefined, false);
  obeyPipe({
    name: HOST_NAME,
    dial: dialHost(hub),
    lines,
    print: (line) => report.info(line),
    invite: settings.isPrivate ? undefined : () => inviteLines(room, page),
    // Elsewhere `chatd invite` makes them, and no report has them.
    links: settings.directory === undefined ? (invite) => invitedLines(room, invite, page) : undefined,
    close,
  }).catch((error: unknown) => report.warn("Standard input cannot be read.", error));
}

/** Once it is open, nobody waits for this. */
async function noted(access: Access, room: OpenRoom): Promise<void> {
  const { noteRoom } = await import("./lib/console/invite.ts");
  noteRoom(access, room);
}

/** Ends the log, and answers whether its disk has let it. */
async function ended(log: Log, failed: (error: unknown) => void): Promise<boolean> {
  try {
    await log[Symbol.asyncDispose]();
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

async function openHub(
  log: Log,
  access: Access,
  turnstile: Turnstile,
  { rate, perAddress, isPrivate }: ChatdSettings,
  happened: (event: RoomEvent) => void,
  operator: Pick<HubOptions, "broke" | "mended">,
): Promise<Hub> {
  try {
    return await Hub.open(log, {
      access,
      isPrivate,
      rate,
      perAddress,
      turnstile,
      server: `chatd/${VERSION}`,
      happened,
      ...operator,
    });
  } catch (error) {
    if (error instanceof StorageFailed) throw new CannotStart(error.message, { cause: error });
    throw error;
  }
}

/** What the room is known by; nothing where it encrypts nothing. */
async function certificateFor({ tls, directory }: ChatdSettings): Promise<Certificate | undefined> {
  if (tls.mode === "off") return undefined;
  if (tls.given) return givenCertificate(tls.given.keyFile, tls.given.certFile);
  const names = [machineName(), `${machineName()}.local`];
  return directory === undefined
    ? makeCertificateApart(names)
    : keepCertificate(directory, names, makeCertificateApart);
}

/** Opens the doors of the room: one for chat programs and, unless it is not wanted, one for browsers. */
function listen(
  { hostname, port, web, tls, isPrivate }: ChatdSettings,
  certificate: Certificate | undefined,
  hub: Hub,
  turnstile: Turnstile,
  failed: (error: Error) => void,
): { listeners: readonly Listener[]; room: OpenRoom } {
  const { origins = [] } = web ?? {};
  // Of a certificate that no browser knows, guests would only learn to click warnings away.
  const isRequired = tls.mode === "required";
  const scheme = tls.given || isRequired ? "https" : "http";
  const known: Known = { names: [hostname, machineName(), `${machineName()}.local`], origins, scheme };
  let door: Listener | string | undefined;
  const accept = guideBrowsers(isRequired ? requireEncryption(hub.accept) : hub.accept, {
    scheme,
    port: () => (typeof door === "object" ? door.port : undefined),
    hostname: (host) => ownHostname(host, known),
  });
  const listener = openPort("port", hostname, port, () =>
    listenTcp({ hostname, port, certificate }, accept, failed, turnstile),
  );
  door =
    web &&
    openWeb(hostname, web, (at) => {
      const site = openSite({ path: "/ws", base: "/", settings: { form: false }, guard: guardOf(known), known });
      const shown = scheme === "https" ? certificate : undefined;
      return listenWebSocket({ ...at, certificate: shown }, site, hub.accept, failed, turnstile);
    });
  return {
    listeners: typeof door === "object" ? [listener, door] : [listener],
    room: {
      hostname,
      port: listener.port,
      page: typeof door === "object" ? door.port : door,
      origins,
      addresses: addressesOf(hostname, networkInterfaces()),
      isPrivate,
      pin: certificate?.pin,
      scheme: isRequired && !tls.given ? "https with a warning" : scheme,
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
    return openPort("web-port", hostname, port, () => listenAt({ hostname, port }));
  } catch (error) {
    if (named || !(error instanceof PortUnusable)) throw error;
    return `port ${port} ${error.isInUse ? "is in use" : "cannot be used"}; choose another with --web-port`;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
