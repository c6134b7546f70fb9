// The host's console without a terminal: commands and texts come line by line from a pipe, answers go to the operator's output.
import { understand } from "../client/commands.ts";
import { Conversation } from "../client/conversation.ts";
import { Membership } from "../client/membership.ts";
import { Refused } from "../client/notice.ts";
import { lineOf } from "../client/print.ts";
import { Stranger } from "../client/stranger.ts";
import { problem, type Sight } from "../client/view.ts";
import { DEFAULT_ROOM } from "../protocol/limits.ts";
import type { Dial } from "../transport/connection.ts";

const NOT_HERE =
  "An invitation is a secret, and what is answered here may be kept in a file: chatd invite makes one, also while the room is open.";

export interface PipedConsoleOptions {
  readonly name: string;
  readonly dial: Dial;
  readonly lines: AsyncIterable<string>;
  /** Takes the answers to commands, line by line. */
  print(line: string): void;
  /** How others join, line by line; nothing where only who is invited may. */
  readonly invite: (() => readonly string[]) | undefined;
  /** How others join with an invitation, line by line; nothing where it is not to be told here. */
  readonly links: ((invite: string) => readonly string[]) | undefined;
  /** The host wants to close the room. */
  close(): void;
}

/**
 * Obeys what is piped in until the pipe ends; the server runs on after that. The host is in the room from the first line
 * to the last, so a service that nobody sits at has no host among its members. Where the room does not let the host in, or
 * not back in, because the disk is full, the next line tries again.
 */
export async function obeyPipe(options: PipedConsoleOptions): Promise<void> {
  const show = (sights: readonly Sight[]) => sights.forEach((sight) => options.print(lineOf(sight, false)));
  let membership: Membership | undefined;
  const conversation = new Conversation({
    host: true,
    // What happens in the room is reported anyway; here only what a command brought.
    show: (sights) => (isNews(sights) ? undefined : show(sights)),
    quit: () => options.close(),
    ...(options.invite && { invite: options.invite }),
    links: (invite) => options.links?.(invite) ?? [],
    ended: (code, text) => {
      membership = undefined;
      if (code !== "left") show([problem(text)]);
    },
  });
  for await (const line of options.lines) {
    if (line.trim() === "") continue;
    if (!membership) {
      membership = new Membership({ dial: options.dial, room: DEFAULT_ROOM, told: conversation.told });
      conversation.membership = membership;
      const refusal = await refusalOf(membership.join(options.name));
      if (refusal !== undefined) {
        membership = undefined;
        show([problem(refusal)]);
      }
    }
    const intent = understand(line, conversation);
    if (intent.type === "ask" && intent.message.type === "invite" && !options.links) show([problem(NOT_HERE)]);
    // Help and the end of the room need nobody inside.
    else if (membership || !(intent.type === "ask" || intent.type === "topic")) conversation.typed(line);
    else show([problem(`Not done: ${line}`)]);
    // Beyond that, input waits in its pipe.
    await membership?.pending.bounded();
  }
  await membership?.pending.settled();
  membership?.leave();
}

/** Why the room does not let the host in now; nothing where it does. */
async function refusalOf(joined: Promise<unknown>): Promise<string | undefined> {
  try {
    await joined;
    return undefined;
  } catch (error) {
    if (error instanceof Refused || error instanceof Stranger) return error.message;
    throw error;
  }
}

/** Whether it is what happened, and not what a command brought: a page of history holds what was said too, but ends otherwise. */
function isNews(sights: readonly Sight[]): boolean {
  const last = sights.at(-1)?.tone;
  return last === "said" || last === "own" || sights.some(({ tone }) => tone === "event");
}
