// What `chatd invite` may be told.
import type { ArgsDef } from "citty";
import { HOW_TO_TYPE, readDuration } from "../protocol/duration.ts";
import { INVITE_USES } from "../protocol/limits.ts";
import { type Scope, SCOPES } from "../protocol/moderation.ts";
import { CHATD, INVITE_COMMAND } from "./chatd.ts";
import { FlagError, type Program, readFlags, wholeNumber } from "./flags.ts";
import { stateFolder } from "./places.ts";

const USES_MAX = 1_000_000;

const args = {
  for: { type: "string", valueHint: "TIME", default: "1w", description: "how long it holds: 90s, 10m, 2h, 1d, 1w" },
  uses: {
    type: "string",
    valueHint: "N",
    description: `how many may come in with it (${INVITE_USES}; 1 for an operator)`,
  },
  scope: {
    type: "enum",
    valueHint: "join|read|bot|operator",
    options: [...SCOPES],
    default: "join",
    description: "what it makes of them",
  },
  data: CHATD.args.data,
} as const satisfies ArgsDef;

export const INVITE: Program<typeof args> = {
  name: CHATD.name,
  command: INVITE_COMMAND,
  summary:
    "Makes an invitation to the room of a folder, and shows it as links, once. The room may be open; it hears of it at once.",
  usage: ["[FLAGS]"],
  args,
  examples: [
    ["chatd invite", "ten may come in, within a week"],
    ["chatd invite --for 2h --uses 30", "for a class that begins"],
    ["chatd invite --scope read", "for somebody who may read, and not speak"],
    ["chatd invite --scope operator", "for somebody who keeps order with you"],
    ["chatd invite --data ./class", "to the room that chatd --data ./class opens"],
  ],
  notes: [
    "A link lets in whoever has it: give it to those who are meant, and over a way that others do not read. /invites in the room shows those that hold, /uninvite NUMBER calls one back.",
    "Who comes with a key, as chat and the page do, needs the invitation once: the room knows them from then on.",
    "Exit codes: 0 there it is, 1 there is no such room or its list cannot be written, 2 wrong flags.",
  ],
};

export interface InviteSettings {
  readonly directory: string;
  readonly scope: Scope;
  readonly seconds: number;
  /** Nothing for what the scope has where nothing is said. */
  readonly uses: number | undefined;
}

/** Throws FlagError. */
export function inviteSettings(
  rawArgs: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): InviteSettings {
  const flags = readFlags(INVITE, rawArgs, env);
  const seconds = readDuration(flags.for);
  if (typeof seconds !== "number") throw new FlagError(`--for ${flags.for}: ${HOW_TO_TYPE.replace(/^W/, "w")}`);
  return {
    directory: flags.data ?? stateFolder("chatd", env),
    scope: flags.scope,
    seconds,
    uses: flags.uses === undefined ? undefined : wholeNumber("uses", flags.uses, 1, USES_MAX),
  };
}
