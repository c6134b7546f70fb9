// The host's console without a terminal: commands and texts come line by line from a pipe, answers go to the operator's output.
import { Conversation } from "../client/conversation.ts";
import { Membership } from "../client/membership.ts";
import { lineOf } from "../client/print.ts";
import type { Sight } from "../client/view.ts";
import { DEFAULT_ROOM } from "../protocol/limits.ts";
import type { Dial } from "../transport/connection.ts";

export interface PipedConsoleOptions {
  readonly name: string;
  readonly dial: Dial;
  readonly lines: AsyncIterable<string>;
  /** Takes the answers to commands, line by line. */
  print(line: string): void;
  /** The host wants to close the room. */
  close(): void;
}

/**
 * Obeys what is piped in until the pipe ends; the server runs on after that. The host is in the room from the first line
 * to the last, so a service that nobody sits at has no host among its members.
 */
export async function obeyPipe(options: PipedConsoleOptions): Promise<void> {
  let membership: Membership | undefined;
  const conversation = new Conversation({
    host: true,
    // What happens in the room is reported anyway; here only what a command brought.
    show: (sights) => {
      if (!isNews(sights)) for (const sight of sights) options.print(lineOf(sight, false));
    },
    quit: () => options.close(),
    ended: () => {},
  });
  for await (const line of options.lines) {
    if (line.trim() === "") continue;
    if (!membership) {
      membership = new Membership({ dial: options.dial, room: DEFAULT_ROOM, told: conversation.told });
      conversation.membership = membership;
      await membership.join(options.name);
    }
    conversation.typed(line);
  }
  await membership?.pending.settled();
  membership?.leave();
}

/** Whether it is what happened, and not what a command brought: a page of history holds what was said too, but ends otherwise. */
function isNews(sights: readonly Sight[]): boolean {
  const last = sights.at(-1)?.tone;
  return last === "said" || last === "own" || sights.some(({ tone }) => tone === "event");
}
