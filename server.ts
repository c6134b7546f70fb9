// chatd: opens a room. Flags → parts → wiring → signals; the rules live in lib/room.
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { CHATD, chatdSettings, type ChatdSettings } from "./lib/flags/chatd.ts";
import { EXIT_USAGE, FlagError, helpText } from "./lib/flags/flags.ts";
import { COMMIT, VERSION, versionLine } from "./lib/flags/version.ts";
import { Hub } from "./lib/hub/hub.ts";
import { type Log, LogUnusable, StorageFailed } from "./lib/log/log.ts";
import { MemoryLog } from "./lib/log/memory.ts";
import { openSqliteLog } from "./lib/log/sqlite.ts";
import { DEFAULT_PORT } from "./lib/protocol/limits.ts";
import type { RoomEvent } from "./lib/protocol/message.ts";
import { HOST_NAME } from "./lib/room/room.ts";
import type { Listener } from "./lib/transport/connection.ts";
import { listenTcp } from "./lib/transport/listen-tcp.ts";
import { linesOf } from "./lib/tty/lines.ts";
import { dialPipe } from "./lib/transport/pipe.ts";

const EXIT_FAILED = 1;
/** How long members may take to hear the goodbye and hang up. */
const GOODBYE_MS = 2_500;
/** A shutdown that takes longer than this is stuck. */
const SHUTDOWN_MS = 4_500;

/** The room cannot be opened; the message says why and what to do. */
class CannotStart extends Error {}

await main(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof FlagError || error instanceof CannotStart || error instanceof LogUnusable;
  console.error(expected ? `chatd: ${(error as Error).message}` : error);
  process.exit(error instanceof FlagError ? EXIT_USAGE : EXIT_FAILED);
});

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help") || args.includes("-h")) return print(helpText(CHATD));
  if (args.includes("--version") || args.includes("-V")) return print(versionLine("chatd"));
  const settings = chatdSettings(args, process.env, openFileLimit());
  const log = settings.directory === undefined ? new MemoryLog() : openSqliteLog(settings.directory);
  await run(settings, log);
}

async function run(settings: ChatdSettings, log: Log): Promise<void> {
  // Whoever reads the report may stop reading; the room goes on.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
  const onTerminal =
    process.stdin.isTTY && process.stdout.isTTY && settings.log === "text" && process.env["TERM"] !== "dumb";
  let write = print;
  // Loaded only when there is something to report: a start must cost nothing.
  const { openReport } = await import("./lib/report/report.ts");
  const report = openReport(settings.log, (line) => write(line));
  const hub = await openHub(
    log,
    settings,
    (event) => {
      // On a terminal, the host sees the room itself.
      if (!onTerminal && event.type !== "said") report.info(reportText(event), { event });
    },
    (what, error) => report.error(what, error),
  );
  const listener = listen(settings, hub, (error) => report.error("A connection failed.", error));
  const sweep = setInterval(() => hub.sweep(), 1_000);
  if (settings.log === "json")
    report.info("listening", { host: settings.hostname, port: listener.port, data: settings.directory ?? null });
  else print(banner(settings, listener.port, onTerminal));

  const { promise: closing, resolve: close } = Promise.withResolvers<void>();
  let asked = false;
  const stop = () => {
    if (asked) process.exit(EXIT_FAILED);
    asked = true;
    close();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
  if (!hangUpIsIgnored()) process.on("SIGHUP", stop);

  const dial = async (receiver: Parameters<typeof dialPipe>[1]) => dialPipe(hub.acceptHost, receiver);
  let endConsole = () => {};
  if (onTerminal) {
    const { openConsole } = await import("./lib/console/console.ts");
    const { stdin: input, stdout: output } = process;
    const console = await openConsole({
      name: HOST_NAME,
      dial,
      input,
      output,
      colour: !process.env["NO_COLOR"],
      close: stop,
    });
    write = (line) => console.print(line);
    endConsole = () => console[Symbol.dispose]();
  } else {
    const { obeyPipe } = await import("./lib/console/piped.ts");
    const lines = linesOf(process.stdin);
    obeyPipe({ name: HOST_NAME, dial, lines, print: (line) => report.info(line), close: stop }).catch(
      (error: unknown) => report.warn("Standard input cannot be read.", error),
    );
  }

  await closing;
  setTimeout(() => process.exit(EXIT_FAILED), SHUTDOWN_MS).unref();
  clearInterval(sweep);
  listener.stop();
  const closed = hub.close();
  endConsole();
  await closed;
  // Who does not hang up by then has had its time.
  await Promise.race([listener.emptied(), Bun.sleep(GOODBYE_MS)]);
  await listener[Symbol.asyncDispose]();
  await log[Symbol.asyncDispose]();
  if (settings.log === "json") report.info("closed");
  else write("The room is closed.");
  process.exit(0);
}

async function openHub(
  log: Log,
  { rate, perAddress, clients }: ChatdSettings,
  happened: (event: RoomEvent) => void,
  broke: (what: string, error: unknown) => void,
): Promise<Hub> {
  try {
    return await Hub.open(log, { rate, perAddress, clients, server: `chatd/${VERSION}`, happened, broke });
  } catch (error) {
    if (error instanceof StorageFailed)
      throw new CannotStart(
        "The history cannot be written. Is the disk full? Make room, or choose another folder with --data.",
      );
    throw error;
  }
}

function listen({ hostname, port }: ChatdSettings, hub: Hub, failed: (error: Error) => void): Listener {
  try {
    return listenTcp({ hostname, port }, hub.accept, failed);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRINUSE")
      throw new CannotStart(
        `Port ${port} is in use, perhaps by another chatd. Stop that one, or choose another port: --port ${port === 65_535 ? 4_000 : port + 10} (0 takes a free one).`,
      );
    if (code === "EACCES")
      throw new CannotStart(`Port ${port} is for the administrator only. Choose one above 1023 with --port.`);
    throw new CannotStart(
      `This machine cannot listen on ${hostname}. Choose one of its own addresses with --host, or leave --host out.`,
    );
  }
}

/** What a host needs first: what to tell friends, where the history is, how to stop. */
function banner({ hostname, directory }: ChatdSettings, port: number, onTerminal: boolean): string {
  const suffix = port === DEFAULT_PORT ? "" : `:${port}`;
  const joins = addressesOf(hostname).map((address) => `chat ${bracketed(address)}${suffix}`);
  const local = `chat ${isAny(hostname) || hostname.startsWith("127.") ? "localhost" : bracketed(hostname)}${suffix}`;
  const rows = [
    ...(joins.length === 0
      ? [
          [
            "Friends join",
            isAny(hostname) ? "once this machine has a network" : `from this machine only (--host ${hostname})`,
          ],
        ]
      : joins.map((join, index) => [index === 0 ? "Friends join" : "", join])),
    ["From here", local],
    ["History", directory ?? "none is kept (--ephemeral)"],
    ["To stop", onTerminal ? "EXIT, or Ctrl+C; HELP shows more" : "EXIT on standard input, or SIGTERM"],
  ];
  return [
    `chatd ${VERSION}: the room is open on port ${port}.`,
    ...rows.map(([what = "", how = ""]) => `  ${what.padEnd(14)}${how}`),
    "",
  ].join("\n");
}

/** An IPv6 address as it stands before a port. */
function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** Whether a listener on `hostname` takes whatever address this machine has. */
function isAny(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}

/** The addresses by which other machines reach a listener on `hostname`. */
function addressesOf(hostname: string): string[] {
  if (!isAny(hostname))
    return hostname === "localhost" || hostname === "::1" || hostname.startsWith("127.") ? [] : [hostname];
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(
      ({ internal, family, address }) =>
        !internal && (family === "IPv4" || (hostname === "::" && !address.startsWith("fe80:"))),
    )
    .map(({ address }) => address);
}

function reportText(event: RoomEvent): string {
  switch (event.type) {
    case "said":
      return `${event.from} said something`;
    case "entered":
      return `${event.name} entered`;
    case "exited":
      return `${event.name} exited: ${event.why}${event.by === undefined ? "" : ` by ${event.by}`}`;
    case "renamed":
      return `${event.name} is now ${event.to}`;
    case "topic":
      return `${event.by} set the topic`;
    case "opened":
      return `the room is open (${COMMIT})`;
  }
}

/** Whether nohup has said that the end of the terminal means nothing: a handler of ours would take that back. */
function hangUpIsIgnored(): boolean {
  try {
    const ignored = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
    return (BigInt(`0x${ignored}`) & 1n) === 1n;
  } catch {
    return false;
  }
}

/** How many files this process may have open. Where the system does not tell, a cautious guess. */
function openFileLimit(): number {
  try {
    const limit = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return limit === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(limit);
  } catch {
    return 2_048;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
