// The words that people type: one table for parsing, help and completion, in the terminal, the page and the host's console.
import { ask, type Command, firstWord, type Intent, problem, type Typist, usageOf } from "./command.ts";
import { ORDER_COMMANDS } from "./order-commands.ts";

export const COMMANDS: readonly Command[] = [
  {
    name: "help",
    aliases: ["?"],
    usage: "[COMMAND]",
    help: "show the commands, or one of them",
    who: "everyone",
    original: "HELP",
    read: (rest, typist) => {
      if (rest === "") return { type: "help" };
      const command = find(rest.replace(/^\//, ""), typist);
      return command ? { type: "help", command } : problem(`There is no command "${rest}". /help shows them all.`);
    },
  },
  {
    name: "names",
    aliases: ["users", "who"],
    usage: "",
    help: "show who is here",
    details: [["✓", "whose name is proved by a key; nobody else can have it"]],
    who: "everyone",
    original: "LIST_USERS",
    read: () => ask({ type: "members" }),
  },
  {
    name: "me",
    aliases: [],
    usage: "TEXT",
    help: "say what you do: * Ada waves",
    who: "everyone",
    read: (rest) => (rest ? ask({ type: "say", text: rest, action: true }) : usage("me")),
  },
  {
    name: "msg",
    aliases: ["whisper", "w", "dm"],
    usage: "NAME TEXT",
    help: "whisper to one member",
    who: "everyone",
    takesName: true,
    read: (rest) => {
      const [to, text] = firstWord(rest);
      return to && text ? ask({ type: "whisper", to, text }) : usage("msg");
    },
  },
  {
    name: "r",
    aliases: ["reply"],
    usage: "TEXT",
    help: "answer the last whisper",
    who: "everyone",
    read: (rest, { lastWhisper }) => {
      if (!rest) return usage("r");
      return lastWhisper
        ? ask({ type: "whisper", to: lastWhisper, text: rest })
        : problem("Nobody has whispered to you yet. /msg NAME TEXT whispers first.");
    },
  },
  {
    name: "nick",
    aliases: ["rename"],
    usage: "NAME",
    help: "change your name",
    who: "everyone",
    read: (rest) => (rest ? ask({ type: "rename", name: rest }) : usage("nick")),
  },
  {
    name: "topic",
    aliases: [],
    usage: "[TEXT]",
    help: "show or set what the room is about",
    who: "everyone",
    read: (rest) => (rest ? ask({ type: "topic", text: rest }) : { type: "topic" }),
  },
  {
    name: "history",
    aliases: ["last"],
    usage: "[COUNT]",
    help: "show what was said (up to 500)",
    who: "everyone",
    read: (rest) => {
      const limit = rest === "" ? 50 : Number(rest);
      return Number.isInteger(limit) && limit > 0 ? ask({ type: "history", limit }) : usage("history");
    },
  },
  {
    name: "quit",
    aliases: ["exit", "leave"],
    usage: "[WHY]",
    help: "leave the room",
    who: "everyone",
    read: (rest) => ({ type: "quit", text: rest || undefined }),
  },
  {
    name: "exit",
    aliases: ["quit", "stop"],
    usage: "",
    help: "close the room for everyone",
    who: "host",
    original: "EXIT",
    read: () => ({ type: "quit" }),
  },
  ...ORDER_COMMANDS,
];

/** The commands that `typist` has. At the console, the host's own take the place of a member's with the same names. */
export function commandsFor(typist: Typist): readonly Command[] {
  const hosts = COMMANDS.filter((command) => command.who === "host");
  return COMMANDS.filter((command) =>
    typist.host
      ? command.who !== "members" &&
        (command.who === "host" || !hosts.some((own) => own.aliases.includes(command.name)))
      : command.who === "everyone" ||
        command.who === "members" ||
        (command.who === "operators" && typist.operator === true),
  );
}

/** Words that keep order are found whoever types them: it is the server that knows who may. */
function find(word: string, typist: Typist): Command | undefined {
  const commands = commandsFor({ ...typist, operator: true });
  const name = word.toLowerCase();
  return (
    commands.find((command) => command.name === name || command.aliases.includes(name)) ??
    (typist.host ? commands.find((command) => command.original === word) : undefined)
  );
}

/** What `line` means. Plain text is said; `//text` says a line that begins with a slash; an unknown `/word` is never said. */
export function understand(line: string, typist: Typist): Intent {
  const text = line.replace(/\s+$/, "");
  if (text.trim() === "") return { type: "nothing" };
  if (text.startsWith("//")) return ask({ type: "say", text: text.slice(1) });
  const [word, rest] = firstWord(text);
  if (word.startsWith("/")) {
    const command = find(word.slice(1), typist);
    return command
      ? command.read(rest, typist)
      : problem(`There is no command ${word}. /help shows them; //${word.slice(1)} says it.`);
  }
  const original = typist.host ? commandsFor(typist).find((command) => isOriginal(command, word, rest)) : undefined;
  return original ? original.read(rest, typist) : ask({ type: "say", text });
}

/** What Tab may put at the end of `before`: commands at the start of the line, members' names anywhere. */
export function complete(
  before: string,
  names: readonly string[],
  typist: Typist,
): { from: number; candidates: string[] } {
  const from = before.search(/\S*$/);
  const word = before.slice(from);
  const atStart = before.slice(0, from).trim() === "";
  const starts = (candidate: string) => candidate.toLowerCase().startsWith(word.toLowerCase());
  if (atStart && word.startsWith("/")) {
    return {
      from,
      candidates: commandsFor(typist)
        .map(({ name }) => `/${name} `)
        .filter(starts),
    };
  }
  if (word === "") return { from, candidates: [] };
  const originals =
    atStart && typist.host
      ? commandsFor(typist).flatMap(({ original }) => (original?.startsWith(word) ? [`${original} `] : []))
      : [];
  // A name at the start of a line addresses somebody.
  return {
    from,
    candidates: [...originals, ...names.filter(starts).map((name) => (atStart ? `${name}: ` : `${name} `))],
  };
}

/** An original word that takes nothing is a command where it stands alone: "EXIT is over there" is something to say. */
function isOriginal({ original, usage: takes }: Command, word: string, rest: string): boolean {
  return original === word && (rest === "" || takes.startsWith("NAME"));
}

function usage(name: string): Intent {
  const command = COMMANDS.find((candidate) => candidate.name === name)!;
  return usageOf(name, command.usage, command.help);
}
