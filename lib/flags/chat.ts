// What chat may be told on its command line, and what it tells its caller when it ends.
import type { ArgsDef } from "citty";
import { type Address, readAddress } from "../protocol/address.ts";
import { DEFAULT_ROOM } from "../protocol/limits.ts";
import { FlagError, type Program, readFlags } from "./flags.ts";

/** The variable that says how long, and the time that it says by itself: a reload takes less, a sleeping laptop more. */
const LINGER = { variable: "CHAT_GUI_LINGER_S", seconds: 15 } as const;

/** Exit codes of chat; 2 is EXIT_USAGE. */
export const EXIT = { left: 0, fault: 1, refused: 3, unreachable: 4, kicked: 5, lost: 6, untrusted: 7 } as const;

const args = {
  server: { type: "positional", required: false, valueHint: "SERVER", description: "where the room is" },
  name: { type: "string", alias: "n", valueHint: "NAME", description: "your name in the room" },
  cli: { type: "boolean", alias: "c", description: "the line client, which a terminal gets anyway" },
  gui: { type: "boolean", alias: "g", description: "a page in this machine's browser, to any chatd" },
  guest: { type: "boolean", description: "join without your key: the name is yours only while you are here" },
  link: {
    type: "string",
    valueHint: "CODE",
    description: "the code from /link on another device: its names are this one's, too",
  },
  plain: { type: "boolean", description: "no prompt, no colours: for screen readers, dumb terminals and pipes" },
  json: { type: "boolean", alias: "j", description: "one JSON message a line, both ways: for bots" },
} as const satisfies ArgsDef;

export const CHAT: Program<typeof args> = {
  name: "chat",
  summary: "Joins a chat room that somebody opened with chatd. Asks for what you do not say.",
  usage: ["[SERVER] [FLAGS]"],
  args,
  examples: [
    ["chat", "asks for server, port and name"],
    ["chat 192.168.1.5", "the room on that machine, port 3001"],
    ["chat ada@example.org:4000", "as Ada, on another port"],
    ["chat 'chat://192.168.1.5:3001/lobby#pin=…'", "a link, as chatd and /invite show it"],
    ["chat --gui", "the same in a browser: asks for server, port and name"],
    ["df -h | chat localhost -n disk", "says each line, then leaves"],
    ["chat localhost -n bot --json", "for programs: see docs/protocol.md"],
  ],
  notes: [
    "In the room: /help shows the commands, Tab completes, Alt+Enter begins a new line, Ctrl+C twice leaves.",
    `With --gui, chat runs as long as its page is open; Ctrl+C leaves the room. Nobody but you can use the page. Where no browser can be opened, the address is printed. BROWSER names another browser, ${LINGER.variable} says how many seconds after its last tab was closed the page may come back (${LINGER.seconds}).`,
    "A name belongs to whoever was the first to use it with a key. chat makes one for you and keeps it in its folder, ~/.local/state/chat/key: whoever has that file has your names, and without it they are lost. /link in the room gives a code for your other device.",
    "Others on this machine can see what a program is started with. chat covers invitations and codes there as soon as it runs; to show them to nobody, paste the link when chat asks for the server, or put them into CHAT_SERVER and CHAT_LINK.",
    "Exit codes: 0 left, or not joined after all (Esc or Ctrl+C at a question), 1 a fault in this program, 2 wrong flags, 3 refused (a name that is taken, an invitation that does not hold, a message that may not be said), 4 unreachable or not a chatd, 5 kicked or banned, 6 lost (replaced, or input ended and the room did not come back), 7 not to be trusted (another key than before or than in the link, or no encryption any more): nothing was sent.",
    "The connection is encrypted wherever the server can do that. A link names the server's key, and chat checks it; without a link, it believes the key that it sees first, and remembers it in known_hosts in its folder for settings (~/.config/chat). A server with another key, or without encryption where there was some, is not joined.",
    "NO_COLOR turns colours off.",
  ],
};

export interface ChatSettings {
  readonly address: Address | undefined;
  readonly name: string | undefined;
  /** No key is to be shown. */
  readonly guest: boolean;
  /** Adds this device's key to those of another one. */
  readonly link: string | undefined;
  readonly plain: boolean;
  readonly json: boolean;
  /** Nothing where the screen is not to be a browser's. */
  readonly gui: { readonly lingerMs: number } | undefined;
}

/** Throws FlagError. */
export function chatSettings(
  rawArgs: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ChatSettings {
  const flags = readFlags(CHAT, rawArgs, env);
  const address = flags.server === undefined || flags.server === "" ? undefined : readAddress(flags.server);
  if (address && "problem" in address) throw new FlagError(address.problem);
  if (flags.gui && address && address.room !== DEFAULT_ROOM)
    throw new FlagError(`--gui opens the room ${DEFAULT_ROOM} only: leave "/${address.room}" out.`);
  const screen = (["json", "plain", "cli"] as const).find((other) => flags[other]);
  if (flags.gui && screen) throw new FlagError(`--gui opens a page and --${screen} does not: give one of them.`);
  if (flags.guest && flags.link !== undefined)
    throw new FlagError("--link makes a name this device's, for which it needs the key that --guest leaves out.");
  return {
    address,
    guest: flags.guest === true,
    link: flags.link,
    name: flags.name ?? address?.name,
    plain: flags.plain === true,
    json: flags.json === true,
    gui: flags.gui ? { lingerMs: lingerMs(env[LINGER.variable]) } : undefined,
  };
}

function lingerMs(seconds = ""): number {
  if (seconds === "") return LINGER.seconds * 1_000;
  if (/^\d{1,6}$/.test(seconds)) return Number(seconds) * 1_000;
  throw new FlagError(`${LINGER.variable} is "${seconds}"; write a number of seconds.`);
}
