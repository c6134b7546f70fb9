// What the input field offers at the caret: commands, names, emoji. Pure; the field shows it and puts it in.
import type { Typist } from "../../client/command.ts";
import { commandsFor, complete } from "../../client/commands.ts";
import { emojisStarting } from "./emoji.ts";
import type { Suggested, Suggestion } from "./suggestions.tsx";

/** As many names as a terminal lists; a room may have 10,000. */
const NAMES_MAX = 100;
const EMOJI_MAX = 8;
/** Two letters at least: ":D" and ":p" are faces of their own. */
const EMOJI_WORD = /(?<![\p{L}\p{N}_:]):([a-z0-9_+-]{2,50})$/iu;
const NAME_WORD = /(?<!\S)@(\S*)$/;

/** After "@" only names count: no commands of a member, and none of the host's words. */
const NOBODY: Typist = { host: false };

/** What may take the place of the word at the end of `before`: the same as Tab offers on a terminal, and emoji. */
export function suggest(before: string, names: readonly string[], typist: Typist): Suggested {
  return emojiAt(before) ?? namesAt(before, names) ?? wordAt(before, names, typist);
}

function emojiAt(before: string): Suggested | undefined {
  const typed = EMOJI_WORD.exec(before);
  if (!typed || isInCode(before)) return undefined;
  return {
    from: typed.index,
    items: emojisStarting(typed[1]!, EMOJI_MAX).map(({ code, emoji }) => ({
      insert: `${emoji} `,
      label: `${emoji} :${code}:`,
    })),
  };
}

function namesAt(before: string, names: readonly string[]): Suggested | undefined {
  const typed = NAME_WORD.exec(before);
  if (!typed) return undefined;
  const from = typed.index;
  const start = before.slice(0, from);
  const begun = typed[1]!.toLowerCase();
  const found = names.filter((name) => name.toLowerCase().startsWith(begun)).slice(0, NAMES_MAX);
  // Each is completed from its whole self, for what comes behind it: ": " where the line begins.
  return { from, items: found.flatMap((name) => complete(start + name, [name], NOBODY).candidates.map(plain)) };
}

function wordAt(before: string, names: readonly string[], typist: Typist): Suggested {
  const { from, candidates } = complete(before, names, typist);
  const commands = new Map(commandsFor(typist).map((command) => [`/${command.name} `, command]));
  return {
    from,
    items: candidates.slice(0, NAMES_MAX).map((candidate) => {
      const command = commands.get(candidate);
      return command
        ? { insert: candidate, label: `${candidate}${command.usage}`.trimEnd(), hint: command.help }
        : plain(candidate);
    }),
  };
}

/** A name, or a word of the 2015 original, is shown without what comes behind it. */
function plain(candidate: string): Suggestion {
  return { insert: candidate, label: candidate.replace(/:? $/, "") };
}

/** Whether a backtick is open: what is typed there is not prose. */
function isInCode(before: string): boolean {
  return (before.match(/`+/g)?.length ?? 0) % 2 === 1;
}
