// The program the prompt is tested with: says what it was given, and prints numbered lines when asked to (SIGUSR1, or an entry like "burst 20").

import { openPrompt } from "../../lib/tty/prompt.ts";

const names = ["Ada", "Adele", "Bob", "Zoë"];
let number = 0;

const prompt = openPrompt({
  input: process.stdin,
  output: process.stdout,
  // With the number of columns in the label, the screen shows when the program has heard of a new size.
  label: () => (Bun.argv.includes("--columns") ? `${process.stdout.columns} > ` : `\x1b[32mAda ${number}\x1b[0m > `),
  complete(before) {
    const from = before.lastIndexOf(" ") + 1;
    const typed = before.slice(from).toLowerCase();
    return {
      from,
      candidates: names.filter((name) => name.toLowerCase().startsWith(typed)),
    };
  },
  submitted(entry) {
    const burst = /^burst (\d+)$/.exec(entry)?.[1];
    for (let left = Number(burst ?? 0); left > 0; left -= 1) printNumber();
    if (entry.length > 1000) prompt.print(`got: ${entry.length} characters`);
    else if (!burst) prompt.print(`got: ${JSON.stringify(entry)}`);
  },
  interrupted(how) {
    prompt.print(`interrupted: ${how}`);
    process.off("SIGUSR1", printNumber);
    prompt.close();
    prompt.close();
  },
});
process.on("SIGUSR1", printNumber);

function printNumber(): void {
  number += 1;
  prompt.print(`line ${number}`);
}
