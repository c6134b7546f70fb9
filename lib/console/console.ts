// The host's console: a member of the room like any other, at the machine's own keyboard or pipe.
import { Conversation } from "../client/conversation.ts";
import { Membership } from "../client/membership.ts";
import { lineOf } from "../client/print.ts";
import { timeOf } from "../client/when.ts";
import { complete } from "../client/commands.ts";
import { problem, unshown } from "../client/view.ts";
import { DEFAULT_ROOM } from "../protocol/limits.ts";
import type { Dial } from "../transport/connection.ts";
import { openPrompt, type Prompt } from "../tty/prompt.ts";

export interface ConsoleOptions {
  readonly name: string;
  /** Connects to the room inside the process. */
  readonly dial: Dial;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly colour: boolean;
  /** How others join, line by line; nothing where only who is invited may. */
  readonly invite: (() => readonly string[]) | undefined;
  /** How others join with an invitation, line by line. */
  links(invite: string): readonly string[];
  /** The host wants to close the room. */
  close(): void;
}

export interface Console extends Disposable {
  /** Shows a line of the operator's above the prompt. */
  print(line: string): void;
}

/** Opens the console on a terminal. The room closes with EXIT or Ctrl+C. */
export async function openConsole(options: ConsoleOptions): Promise<Console> {
  const { input, output, colour } = options;
  let prompt: Prompt | undefined;
  const conversation = new Conversation({
    host: true,
    show: (sights) => sights.forEach((sight) => prompt?.print(lineOf(sight, colour))),
    columns: () => output.columns,
    quit: () => options.close(),
    ...(options.invite && { invite: options.invite }),
    links: (invite) => options.links(invite),
    // Whatever ended it, the host should know that typing has no effect any more.
    ended: (_code, text) =>
      prompt?.print(lineOf(problem(`${text} Close the room with Ctrl+C and open it again.`), colour)),
  });
  const membership = new Membership({ dial: options.dial, room: DEFAULT_ROOM, told: conversation.told });
  conversation.membership = membership;
  prompt = openPrompt({
    input,
    output,
    label: () => `[${timeOf(new Date())}] ${membership.name} > `,
    complete: (before) => complete(before, conversation.roster.names, conversation),
    skipped: (lines) => lineOf(unshown(lines), colour),
    submitted: (entry) => conversation.typed(entry),
    interrupted: (how) => (how === "ctrl-d" ? prompt?.print("[*] EXIT closes the room.") : options.close()),
  });
  await membership.join(options.name);
  return {
    print: (line) => prompt.print(line),
    [Symbol.dispose]() {
      membership.close();
      prompt.close();
    },
  };
}
