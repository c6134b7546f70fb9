// What `chatd doctor` may be told: all that chatd may, so that it looks at the room that would be opened.
import type { ArgsDef } from "citty";
import { CHATD, type ChatdSettings, DOCTOR_COMMAND, settingsOf } from "./chatd.ts";
import { type Program, readFlags } from "./flags.ts";

const args = {
  json: { type: "boolean", alias: "j", description: "one JSON object instead of lines: for programs" },
  ...CHATD.args,
} as const satisfies ArgsDef;

export const DOCTOR: Program<typeof args> = {
  name: CHATD.name,
  command: DOCTOR_COMMAND,
  summary:
    "Looks whether a room can be opened on this machine and reached by others, and says what to do where not. Give it the flags that you give chatd. It opens no room, joins none, changes no history and calls nobody on the network.",
  usage: ["[FLAGS]"],
  args,
  examples: [
    ["chatd doctor", "before the first room, or when friends cannot join"],
    ["chatd doctor --port 4000 -d ./class", "the same, for that port and that folder"],
    ["chatd doctor --clients 2000", "whether 2,000 may come"],
    ["chatd doctor --json", "for programs: {ok, checks: [{name, status, text, …}]}"],
  ],
  notes: [
    "Each check is ok, a warning (the room opens, and something about it may surprise you) or a problem (it does not open, or not for your friends, or it may lose what is said). Below whatever is not ok stands what to do next.",
    "Ports: that chatd may have them, or that a chatd has them already and answers; tried from this machine through each of its addresses. What stands between it and your friends, a router or the firewall of whoever rents it to you, cannot be seen from here: only a friend who tries can tell.",
    "Disk: that the folder for the history is yours alone, has room (a message of 100 characters takes 237 bytes) and syncs fast enough, for which a small file is written there and removed. Every message waits for such a sync before anyone sees it.",
    "While a chatd runs on the same folder, the doctor may be asked as well: it takes no lock and only reads.",
    "With --json, ok says whether there is no problem; each check has a name, a status (ok, warning, problem), a text, advice and commands where there are some, and what was measured, under names that end with their unit.",
    "Exit codes: 0 no problem (there may be warnings), 1 at least one problem, 2 wrong flags.",
    "NO_COLOR turns colours off.",
  ],
};

export interface DoctorSettings {
  /** The room that is meant; `clients` as it was asked for, whatever this machine allows. */
  readonly room: ChatdSettings;
  /** Somebody asked for just so many clients. */
  readonly clientsNamed: boolean;
  readonly json: boolean;
}

/** Throws FlagError. */
export function doctorSettings(
  rawArgs: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): DoctorSettings {
  const flags = readFlags(DOCTOR, rawArgs, env);
  return {
    room: settingsOf(flags, env, Number.MAX_SAFE_INTEGER),
    clientsNamed: flags.clients !== undefined,
    json: flags.json === true,
  };
}
