// How findings are told on a screen of any width: the words of one finding as lines. Pure.
import type { Finding, Status } from "./finding.ts";

export interface Page {
  readonly columns: number;
  readonly colour: boolean;
}

const SIGNS: Readonly<Record<Status, string>> = { ok: "✓", warning: "!", problem: "✗" };
const COLOURS: Readonly<Record<Status, number>> = { ok: 32, warning: 33, problem: 31 };
/** As wide as the longest of them. */
const STATUS_COLUMNS = "problem".length;
const NAME_COLUMNS = "certificate".length;
/** Sign, status and name, each with a blank or two behind it. */
const INDENT = 2 + STATUS_COLUMNS + 2 + NAME_COLUMNS + 2;
/** On a narrower page the words stand below the name. */
const WIDE_COLUMNS = 64;
const NARROW_INDENT = 2;
/** Lines that are longer are hard to read. */
const COLUMNS_MAX = 100;

export function linesOf(finding: Finding, { columns: window, colour }: Page): string[] {
  const columns = Math.min(window, COLUMNS_MAX);
  const { name, status, text, advice, commands = [] } = finding;
  const wide = columns >= WIDE_COLUMNS;
  const indent = wide ? INDENT : NARROW_INDENT;
  const width = Math.max(1, columns - indent);
  const told = wrap(text, width);
  const below = [
    ...(advice === undefined ? [] : wrap(advice, width - 2).map((line, index) => `${index === 0 ? "→" : " "} ${line}`)),
    ...commands.flatMap((command) => wrapCommand(command, width - 4)).map((line) => `    ${line}`),
  ];
  const mark = coloured(`${SIGNS[status]} ${status}`, status, colour);
  const pad = " ".repeat(STATUS_COLUMNS - status.length);
  const head = wide ? `${mark}${pad}  ${name.padEnd(NAME_COLUMNS)}  ${told.shift() ?? ""}` : `${mark}${pad}  ${name}`;
  return [head, ...[...told, ...below].map((line) => " ".repeat(indent) + line)];
}

/** The last line. */
export function verdictLines(verdict: string, status: Status, { columns, colour }: Page): string[] {
  return wrap(verdict, Math.min(columns, COLUMNS_MAX)).map((line) => coloured(line, status, colour));
}

function coloured(text: string, status: Status, colour: boolean): string {
  return colour ? `\x1b[${COLOURS[status]}m${text}\x1b[0m` : text;
}

/** `text` in lines of at most `width` columns. A word that is longer is cut, so that what is beside it stays where it is. */
export function wrap(text: string, width: number): string[] {
  return filled(
    text.split(" ").flatMap((word) => cut(word, width)),
    width,
    "",
  );
}

/** A command in lines that a shell takes for one: broken between two of its words, and with a backslash before each break. */
function wrapCommand(command: string, width: number): string[] {
  const words = command.match(/(?:\$'(?:\\.|[^'\\])*'|'[^']*'|\\.|[^\s'\\])+/g) ?? [];
  return filled(words, width, " \\");
}

function filled(words: readonly string[], width: number, atBreak: string): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    // Room for the backslash is kept also where none comes.
    if (line !== undefined && Bun.stringWidth(`${line} ${word}${atBreak}`) <= width)
      lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? line + atBreak : line));
}

function cut(word: string, width: number): string[] {
  if (Bun.stringWidth(word) <= width) return [word];
  const pieces = [""];
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (pieces.at(-1) !== "" && Bun.stringWidth(pieces.at(-1) + segment) > width) pieces.push("");
    pieces[pieces.length - 1] += segment;
  }
  return pieces;
}
