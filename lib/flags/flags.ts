// Flags: one declaration gives parsing, types, help and environment variables. Knows no program.
import { type ArgDef, type ArgsDef, type ParsedArgs, parseArgs } from "citty";

export interface Program<A extends ArgsDef> {
  readonly name: string;
  /** The word that follows its name, where this is one of several things that it does. */
  readonly command?: string;
  readonly summary: string;
  /** Ways to call it, without the words that call it. */
  readonly usage: readonly string[];
  readonly args: A;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Further paragraphs of the help. */
  readonly notes: readonly string[];
}

/** The flags cannot be understood; the message says what to type instead. */
export class FlagError extends Error {
  override readonly name = "FlagError";
}

export const EXIT_USAGE = 2;
const COLUMNS = 80;
/** Every program has these. */
export const COMMON = {
  help: { type: "boolean", alias: "h", description: "show this help" },
  version: { type: "boolean", alias: "V", description: "show version and commit" },
} as const satisfies ArgsDef;

/** What people type to call it. */
function callOf<A extends ArgsDef>({ name, command }: Program<A>): string {
  return command === undefined ? name : `${name} ${command}`;
}

/** The environment variable of a flag: CHATD_WEB_PORT for chatd's --web-port. */
export function variableOf(program: string, flag: string): string {
  return `${program}_${flag}`.toUpperCase().replaceAll("-", "_");
}

/** Reads the command line; what it does not say, the environment does. Throws FlagError. */
export function readFlags<A extends ArgsDef>(
  program: Program<A>,
  rawArgs: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedArgs<A> {
  const args = { ...program.args, ...COMMON };
  const words = spelledOut(args, rawArgs);
  checkKnown(program, args, words);
  const declared = Object.entries(args).map(([name, arg]): [string, ArgDef] => {
    const value = env[variableOf(program.name, name)];
    return [name, value === undefined || value === "" ? arg : withDefault(program, name, arg, value)];
  });
  try {
    return parseArgs<A>([...words], Object.fromEntries(declared));
  } catch (error) {
    throw wrong(program, error instanceof Error ? error.message : String(error));
  }
}

/** `--no-tls` is short for `--tls off`, where that is one of its options. */
function spelledOut(args: ArgsDef, words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  return words.map((word, index) => {
    if (!word.startsWith("--no-") || (end >= 0 && index > end)) return word;
    const name = word.slice("--no-".length);
    return hasOff(args[name]) ? `--${name}=off` : word;
  });
}

function hasOff(arg: ArgDef | undefined): boolean {
  return arg?.type === "enum" && arg.options?.includes("off") === true;
}

function withDefault<A extends ArgsDef>(program: Program<A>, name: string, arg: ArgDef, value: string): ArgDef {
  if (arg.type === "boolean") {
    const on = /^(1|true|yes|on)$/i.test(value);
    if (!on && !/^(0|false|no|off)$/i.test(value))
      throw wrong(program, `${variableOf(program.name, name)} is "${value}"; write 1 or 0.`);
    return { ...arg, default: on };
  }
  if (arg.type === "enum" && !arg.options?.includes(value))
    throw wrong(program, `${variableOf(program.name, name)} is "${value}"; write one of ${arg.options?.join(", ")}.`);
  return { ...arg, default: value } as ArgDef;
}

/** citty takes any flag and any number of words; a typing error must not be taken for a wish. */
function checkKnown<A extends ArgsDef>(program: Program<A>, args: ArgsDef, rawArgs: readonly string[]): void {
  const byName = new Map<string, ArgDef>();
  let places = 0;
  let tooMany: string | undefined;
  for (const [name, arg] of Object.entries(args)) {
    if (arg.type === "positional") places++;
    else for (const known of [name, ...aliasesOf(arg)]) byName.set(known, arg);
  }
  const words = [...rawArgs];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--") {
      tooMany ??= words[places];
      break;
    }
    if (!/^-./.test(word)) {
      if (--places < 0) tooMany ??= word;
      continue;
    }
    const [flag = "", inline] = word.replace(/^--?/, "").split(/=(.*)/s);
    const arg =
      byName.get(flag) ??
      (word.startsWith("--no-") && byName.get(flag.slice(3))?.type === "boolean"
        ? byName.get(flag.slice(3))
        : undefined);
    if (!arg) throw wrong(program, `There is no flag ${word.split("=")[0]}.`);
    if (inline !== undefined && arg.type === "boolean") throw wrong(program, `${word.split("=")[0]} takes no value.`);
    if (arg.type === "boolean") continue;
    if (inline !== undefined && !word.startsWith("--")) throw wrong(program, `Write -${flag} ${inline}.`);
    const value = inline ?? words.shift();
    if (value === undefined || value === "")
      throw wrong(program, `${word.split("=")[0]} needs a value: ${word.split("=")[0]} ${arg.valueHint ?? "VALUE"}.`);
  }
  if (tooMany === undefined) return;
  const usage = program.usage.find((way) => way.startsWith(`${tooMany} `));
  if (usage !== undefined) throw wrong(program, `Write "${tooMany}" first: ${program.name} ${usage}.`);
  throw wrong(program, `"${tooMany}" is one word too many.`);
}

function aliasesOf(arg: ArgDef): readonly string[] {
  if (!("alias" in arg) || arg.alias === undefined) return [];
  return Array.isArray(arg.alias) ? arg.alias : [arg.alias];
}

function wrong<A extends ArgsDef>(program: Program<A>, text: string): FlagError {
  return new FlagError(`${text.replace(/\.?$/, ".")} "${callOf(program)} --help" shows the flags.`);
}

/** A whole number between `least` and `most`, for a flag of `program`. Throws FlagError. */
export function wholeNumber(flag: string, value: string, least: number, most: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new FlagError(`--${flag} ${value}: write a number from ${least} to ${most}.`);
}

/** The help, for a terminal of 80 columns. */
export function helpText<A extends ArgsDef>(program: Program<A>): string {
  const declared: ArgsDef = { ...program.args, ...COMMON };
  const flags = Object.entries(declared).filter(([, arg]) => arg.type !== "positional");
  const rows = flags.map(([name, arg]): [string, string] => {
    const short = aliasesOf(arg).find((alias) => alias.length === 1);
    const negative = arg.type === "boolean" && arg.default === true;
    const head = `${short ? `-${short}, ` : "    "}--${negative ? "no-" : ""}${name}${arg.type === "boolean" ? "" : ` ${arg.valueHint ?? "VALUE"}`}`;
    const preset = typeof arg.default === "string" && arg.default !== "" ? ` (${arg.default})` : "";
    return [head, `${arg.description ?? ""}${preset}`];
  });
  const width = Math.max(...rows.map(([head]) => head.length)) + 2;
  const exampleWidth = Math.max(...program.examples.map(([command]) => command.length)) + 2;
  return [
    ...wrap(program.summary, 0),
    "",
    ...program.usage.map((usage, index) =>
      `${index === 0 ? "Usage: " : "       "}${callOf(program)} ${usage}`.trimEnd(),
    ),
    "",
    ...rows.flatMap(([head, text]) => wrap(text, width + 2, `  ${head}`)),
    "",
    "Examples:",
    ...program.examples.flatMap(([command, what]) => wrap(what, exampleWidth + 2, `  ${command}`)),
    ...[
      ...program.notes,
      `Every flag has an environment variable: ${variableOf(program.name, flags[0]![0])} for --${flags[0]![0]}, and so on.`,
    ].flatMap((note) => ["", ...wrap(note, 0)]),
  ].join("\n");
}

/** `text` in lines of at most 80 columns, indented by `indent`, the first one after `head`. */
function wrap(text: string, indent: number, head = ""): string[] {
  const lines: string[] = [];
  let line = head.padEnd(indent);
  for (const word of text.split(" ")) {
    const joined = line.trim() === "" || line.length === indent ? line + word : `${line} ${word}`;
    if (joined.length > COLUMNS && line.trim() !== "") {
      lines.push(line.trimEnd());
      line = " ".repeat(indent) + word;
    } else line = joined;
  }
  return [...lines, line.trimEnd()];
}
