// What chatd may be told on its command line.
import type { ArgsDef, ParsedArgs } from "citty";
import {
  CLIENTS_MAX,
  CONNECTIONS_PER_ADDRESS,
  DEFAULT_PORT,
  RATE_BURST,
  RATE_PER_S,
  RESERVED_FILES,
} from "../protocol/limits.ts";
import { FlagError, type Program, readFlags, wholeNumber } from "./flags.ts";
import { stateFolder } from "./places.ts";

/** The word with which chatd opens no room and looks whether one could be opened. */
export const DOCTOR_COMMAND = "doctor";
export const INVITE_COMMAND = "invite";

const args = {
  port: {
    type: "string",
    alias: "p",
    valueHint: "PORT",
    default: String(DEFAULT_PORT),
    description: "port for chat; 0 takes a free one",
  },
  host: {
    type: "string",
    valueHint: "ADDRESS",
    default: "0.0.0.0",
    description: "address to listen on; :: for IPv6 and IPv4, 127.0.0.1 for this machine only",
  },
  data: { type: "string", alias: "d", valueHint: "DIR", description: "folder for the history; one chatd a folder" },
  private: { type: "boolean", description: "let in only who has an invitation; /invite and chatd invite make some" },
  ephemeral: { type: "boolean", description: "keep nothing on disk: the history ends with chatd" },
  rate: {
    type: "string",
    valueHint: "N/BURST|off",
    default: `${RATE_PER_S}/${RATE_BURST}`,
    description: "messages a second and at once of one member; beyond it they wait",
  },
  "per-address": {
    type: "string",
    valueHint: "N|off",
    default: String(CONNECTIONS_PER_ADDRESS),
    description: "connections from one address; it may join twice as often a minute",
  },
  clients: {
    type: "string",
    valueHint: "N",
    description: `connections in all (${CLIENTS_MAX}, or what the open-file limit allows)`,
  },
  log: {
    type: "enum",
    valueHint: "text|json",
    options: ["text", "json"],
    default: "text",
    description: "how chatd reports what happens",
  },
  tls: {
    type: "enum",
    valueHint: "optional|required|off",
    options: ["optional", "required", "off"],
    default: "optional",
    description: "encryption: for all who ask, as chat does; or for everyone; --no-tls is --tls off",
  },
  "tls-cert": {
    type: "string",
    valueHint: "FILE",
    description: "your own certificate, as PEM, for chat and for the page, which is then https",
  },
  "tls-key": { type: "string", valueHint: "FILE", description: "its key, as PEM, without a passphrase" },
  "web-port": {
    type: "string",
    valueHint: "PORT",
    description: "port for the page in a browser; 0 takes a free one (one above --port)",
  },
  web: { type: "boolean", default: true, description: "serve no page" },
  origin: {
    type: "string",
    valueHint: "URL[,URL]",
    description: "where else the page is reached, as behind a proxy: https://chat.example.org",
  },
} as const satisfies ArgsDef;

export const CHATD: Program<typeof args> = {
  name: "chatd",
  summary: "Opens a chat room on this machine. Everything that is said is on disk before anyone sees it.",
  usage: ["[FLAGS]", `${INVITE_COMMAND} [FLAGS]`, `${DOCTOR_COMMAND} [FLAGS]`],
  args,
  examples: [
    ["chatd", "a room for everyone on this network"],
    ["chatd --port 4000 --data ./class", "another port, the history in ./class"],
    ["chatd --host 127.0.0.1 --ephemeral", "to try it: this machine only, nothing kept"],
    ["chatd --web-port 8080", "the page on another port"],
    ["chatd --origin https://chat.example.org", "the page behind a proxy of that name"],
    ["echo 'Back in 5 min' | chatd", "without a terminal, lines are the host's"],
    ["chatd doctor", "what stands in a room's way on this machine, and what to do about it"],
  ],
  notes: [
    "At the console: HELP shows the commands, KICK NAME puts somebody out, LIST_USERS shows who is here, /invite how others join, EXIT closes the room.",
    "Behind a proxy, all browsers come from its one address: add --per-address off, and let the proxy do the counting.",
    "To fill a room for a test: --rate off --per-address off. Then one guest can take all of the room's time and all of its connections: only on a network you trust, and only for the test.",
    "chatd makes its own key on the first start and keeps it in the folder of the history; with --ephemeral, a new one for each run. The links that it shows name the key, so chat knows whether it has reached this server. Your friends' programs remember it: a server that shows another key is not joined. Renew a certificate of your own with the same key, then nobody notices.",
    "The page is plain http, unless it has a certificate that browsers take (--tls-cert) or nothing may be plain (--tls required).",
    "Browsers are answered under IP addresses, localhost, this machine's name and what --origin says, and under no other name: so no other site's page gets in.",
    "Exit codes: 0 closed as asked, 1 could not start or go on, 2 wrong flags.",
  ],
};

/** chatd's flags, checked. */
export interface ChatdSettings {
  readonly hostname: string;
  readonly port: number;
  /** Nothing for a room without a page. */
  readonly web: WebSettings | undefined;
  /** Nothing for a room that keeps nothing. */
  readonly directory: string | undefined;
  /** Only who is invited comes in. */
  readonly isPrivate: boolean;
  readonly rate: { readonly perSecond: number; readonly burst: number } | undefined;
  readonly perAddress: number | undefined;
  readonly clients: number;
  readonly log: "text" | "json";
  readonly tls: TlsSettings;
}

export interface TlsSettings {
  readonly mode: "optional" | "required" | "off";
  /** The host's own; nothing for what chatd makes itself. */
  readonly given: { readonly certFile: string; readonly keyFile: string } | undefined;
}

export interface WebSettings {
  readonly port: number;
  /** Somebody asked for just this port. */
  readonly named: boolean;
  /** Where else the page is reached, as browsers write it: scheme, host, and the port where it is not the scheme's own. */
  readonly origins: readonly string[];
}

/** Throws FlagError. `openFiles` is how many this process may have open. */
export function chatdSettings(
  rawArgs: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  openFiles: number,
): ChatdSettings {
  return settingsOf(readFlags(CHATD, rawArgs, env), env, openFiles);
}

/** The same of flags that were read. Throws FlagError. */
export function settingsOf(
  flags: ParsedArgs<typeof args>,
  env: Readonly<Record<string, string | undefined>>,
  openFiles: number,
): ChatdSettings {
  if (flags.ephemeral && flags.data !== undefined)
    throw new FlagError("--ephemeral keeps nothing and --data says where to keep it: give one of them.");
  const port = wholeNumber("port", flags.port, 0, 65_535);
  const most = Math.max(1, openFiles - RESERVED_FILES);
  return {
    hostname: flags.host,
    port,
    web: webSettings(port, flags),
    directory: flags.ephemeral ? undefined : (flags.data ?? stateFolder("chatd", env)),
    isPrivate: flags.private === true,
    rate: readRate(flags.rate),
    perAddress:
      flags["per-address"] === "off" ? undefined : wholeNumber("per-address", flags["per-address"], 1, 1_000_000),
    clients:
      flags.clients === undefined
        ? Math.min(CLIENTS_MAX, most)
        : Math.min(wholeNumber("clients", flags.clients, 1, 1_000_000), most),
    log: flags.log === "json" ? "json" : "text",
    tls: tlsSettings(flags),
  };
}

interface TlsFlags {
  readonly tls: TlsSettings["mode"];
  readonly "tls-cert"?: string | undefined;
  readonly "tls-key"?: string | undefined;
}

function tlsSettings({ tls: mode, "tls-cert": certFile, "tls-key": keyFile }: TlsFlags): TlsSettings {
  if (certFile === undefined && keyFile === undefined) return { mode, given: undefined };
  const [one, other] = certFile === undefined ? ["--tls-key", "--tls-cert"] : ["--tls-cert", "--tls-key"];
  if (mode === "off")
    throw new FlagError(`--no-tls encrypts nothing and ${one} says with what to encrypt: give one of them.`);
  if (certFile === undefined || keyFile === undefined)
    throw new FlagError(`${one} needs ${other} too: a certificate and its key, each as a PEM file.`);
  return { mode, given: { certFile, keyFile } };
}

function readRate(value: string): ChatdSettings["rate"] {
  if (value === "off") return undefined;
  const [, perSecond, burst] = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(value) ?? [];
  const rate = { perSecond: Number(perSecond), burst: Number(burst ?? RATE_BURST) };
  if (rate.perSecond > 0 && rate.burst >= 1) return rate;
  throw new FlagError(
    `--rate ${value}: write messages a second and at once, for instance ${RATE_PER_S}/${RATE_BURST}, or off.`,
  );
}

interface WebFlags {
  readonly web: boolean;
  readonly "web-port"?: string | undefined;
  readonly origin?: string | undefined;
}

function webSettings(chatPort: number, { web, "web-port": named, origin }: WebFlags): WebSettings | undefined {
  if (!web) {
    const [flag, value] = named === undefined ? ["--origin", origin] : ["--web-port", named];
    if (value === undefined) return undefined;
    throw new FlagError(`--no-web serves no page and ${flag} says where one is: give one of them.`);
  }
  const beside = chatPort > 0 && chatPort < 65_535 ? chatPort + 1 : 0;
  const port = named === undefined ? beside : wholeNumber("web-port", named, 0, 65_535);
  if (port > 0 && port === chatPort)
    throw new FlagError(`--port and --web-port are both ${port}: chat and page need a port each.`);
  return { port, named: named !== undefined, origins: origin === undefined ? [] : readOrigins(origin) };
}

function readOrigins(list: string): readonly string[] {
  return list.split(",").map((written) => {
    const text = written.trim();
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const wrong = (why: string) =>
      new FlagError(`--origin ${text}: ${why}. Write it as browsers show it: https://chat.example.org`);
    if (!url || !/^https?:\/\//i.test(text)) throw wrong("an origin begins with https:// or http://");
    if (url.username !== "" || url.password !== "") throw wrong("an origin has no user name");
    if (url.pathname !== "/" || url.search !== "" || url.hash !== "" || /[?#]/.test(text))
      throw wrong("an origin ends after the host and the port; the page is at the top of its host");
    if (!/^[a-z0-9.:[\]_-]+$/.test(url.host)) throw wrong("an origin names one host");
    return url.origin;
  });
}
