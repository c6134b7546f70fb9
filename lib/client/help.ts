// The help: what can be typed and what it does, for a window of any width.
import type { Command, Typist } from "./command.ts";
import { commandsFor } from "./commands.ts";

/** Where nobody knows how wide the window is. */
export const COLUMNS = 80;
/** In a narrower one, what a word does stands below it. */
const TABLE_COLUMNS = 60;
const TYPED_CHARS = 18;

type Row = readonly [typed: string, does: string];

/** Of all commands that `typist` has, or of one. */
export function helpLines(typist: Typist, only?: Command, columns = COLUMNS): string[] {
  if (only) return written([rowOf(only, typist), ...(only.details ?? [])], columns);
  const all = commandsFor(typist);
  const isOrder = ({ who }: Command) => who === "operators";
  const alone = all.filter(({ beside }) => beside === undefined);
  const [order, talk] = [alone.filter(isOrder), alone.filter((command) => !isOrder(command))];
  const rows = (commands: readonly Command[]) =>
    commands.map((command) =>
      rowOf(
        command,
        typist,
        all.filter(({ beside }) => beside === command.name),
      ),
    );
  const slash: Row = ["//TEXT", "say a line that begins with a slash"];
  // One table, so that its columns are as wide above as below.
  const lines = written([...rows(talk), slash, ...rows(order)], columns);
  const above = written([...rows(talk), slash], columns).length;
  return [
    ...wrapped("Whatever you type is said to everyone. Commands:", "", columns),
    ...lines.slice(0, above),
    ...(order.length > 0 ? ["To keep order:", ...lines.slice(above)] : []),
  ];
}

function rowOf(command: Command, typist: Typist, besides: readonly Command[] = []): Row {
  const { help, original, aliases } = command;
  const names = [...(typist.host && original ? [original] : []), ...aliases.map((alias) => `/${alias}`)];
  const others = besides.map((beside) => ` · ${typedAs(beside)}`).join("");
  return [typedAs(command), `${help}${names.length > 0 ? `  (${names.join(", ")})` : ""}${others}`];
}

function typedAs({ name, usage }: Command): string {
  return `/${name} ${usage}`.trimEnd();
}

function written(rows: readonly Row[], columns: number): string[] {
  if (columns < TABLE_COLUMNS)
    return rows.flatMap(([typed, does]) => [...wrapped(typed, "  ", columns), ...wrapped(does, "      ", columns)]);
  const width = Math.max(TYPED_CHARS, ...rows.map(([typed]) => typed.length + 1));
  return rows.map(([typed, does]) => `  ${typed.padEnd(width)} ${does}`);
}

/** `text` in lines that are no wider than the window, but for words that are. */
function wrapped(text: string, indent: string, columns: number): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(/ +/)) {
    const joined = line === indent ? line + word : `${line} ${word}`;
    if (joined.length <= columns || line === indent) line = joined;
    else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line];
}
