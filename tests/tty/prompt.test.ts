import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { expect, test } from "bun:test";
import { lineOf } from "../../lib/tty/edit.ts";
import { layOut } from "../../lib/tty/layout.ts";
import { openPrompt } from "../../lib/tty/prompt.ts";
import { openTerminal, type TerminalOptions, type TestTerminal } from "../support/terminal.ts";

const left = "\x1b[D";
const up = "\x1b[A";
const down = "\x1b[B";

const echo = ["bun", `${import.meta.dir}/echo-prompt.ts`];

async function openEcho(options?: TerminalOptions): Promise<TestTerminal> {
  const term = await openTerminal(echo, options);
  await term.until("Ada 0 >");
  return term;
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `line ${at + 1}`);
}

/** Waits until this, row by row, is all there is on screen and in the scrollback. */
async function untilAll(term: TestTerminal, ...rows: string[]): Promise<void> {
  const expected = rows.join("\n");
  // On failure the two texts say more than a deadline that was missed.
  await term.until(() => term.everything() === expected).catch(() => expect(term.everything()).toBe(expected));
}

/** Does `act` and waits until the prompt has been drawn once more because of it. */
async function redrawn(term: TestTerminal, act: () => void): Promise<void> {
  const before = drawings(term);
  act();
  await term.until(() => drawings(term) > before);
}

/** How often the prompt has been drawn: every drawing ends by letting rows wrap again. */
function drawings(term: TestTerminal): number {
  return term.received().split("\x1b[?7h").length - 1;
}

async function untilCursor(term: TestTerminal, x: number, y: number): Promise<void> {
  const isThere = (): boolean => term.cursor().x === x && term.cursor().y === y;
  await term.until(isThere).catch(() => expect(term.cursor()).toEqual({ x, y }));
}

test("what is typed is submitted with Enter and makes room for what the program prints", async () => {
  await using term = await openEcho();
  term.type("Hello");
  await untilAll(term, "Ada 0 > Hello");
  await untilCursor(term, 13, 0);
  term.type("\r");
  await untilAll(term, 'got: "Hello"', "Ada 0 >");
  await untilCursor(term, 8, 1);
});

test("text that scrolls above does not tear what is typed, nor move its cursor", async () => {
  await using term = await openEcho({ cols: 20, rows: 10 });
  term.type(`漢字 漢字 漢字 漢字 漢字 é${left}${left}${left}`);
  await untilAll(term, "Ada 0 > 漢字 漢字 漢", "字 漢字 漢字 é");
  await untilCursor(term, 10, 1);
  term.kill("SIGUSR1");
  await untilAll(term, "line 1", "Ada 1 > 漢字 漢字 漢", "字 漢字 漢字 é");
  await untilCursor(term, 10, 2);
  term.kill("SIGUSR1");
  term.type("語");
  await untilAll(term, "line 1", "line 2", "Ada 2 > 漢字 漢字 漢", "字 漢字 漢語字 é");
  await untilCursor(term, 12, 3);
  term.type("\x1b[H");
  await untilCursor(term, 8, 2);
  term.kill("SIGUSR1");
  await untilAll(term, "line 1", "line 2", "line 3", "Ada 3 > 漢字 漢字 漢", "字 漢字 漢語字 é");
  await untilCursor(term, 8, 3);
});

test("the cursor is right on a terminal that draws emoji narrower than expected", async () => {
  await using term = await openEcho();
  // @xterm/headless draws an emoji in one column, and a family as its members.
  term.type(`👍👨‍👩‍👧👍x${left}y`);
  await untilAll(term, "Ada 0 > 👍👨‍👩‍👧👍yx");
  await untilCursor(term, "Ada 0 > ".length + 1 + 3 + 1 + 1, 0);
  term.type("\x7f\x7f\x7f\r");
  await untilAll(term, 'got: "👍x"', "Ada 0 >");
});

test("a flood is printed whole, in order, and costs few redraws", async () => {
  await using term = await openEcho({ rows: 10 });
  term.type("burst 500\rhalf");
  await untilAll(term, ...numbered(500), "Ada 500 > half");
  expect(drawings(term)).toBeLessThan(10);
});

const typed = Array.from({ length: 42 }, (_, at) => `w${at + 10}漢`).join("");

/** All that should be seen when `count` lines were printed above `typed`, in a window of that width. */
function below(count: number, columns: number): string[] {
  const { rows } = layOut(`${columns} > `, lineOf(typed), { columns, rows: 24 });
  return [...numbered(count), ...rows.map((row) => Bun.stripANSI(row))];
}

const sizes = [
  [40, 12],
  [80, 24],
  [61, 20],
  [100, 9],
  [33, 30],
  [80, 24],
] as const;

// xterm.js cuts the cursor's row and wraps the others. The cursor is in the last row: xterm.js takes it along when it wraps rows below.
for (const back of [0, 1, 9]) {
  test(`a window is resized with the cursor ${back} before the end, and nothing is lost or left over`, async () => {
    await using term = await openTerminal([...echo, "--columns"]);
    await term.until("80 >");
    term.type("burst 2\r");
    await untilAll(term, ...numbered(2), "80 >");
    term.type(typed);
    await untilAll(term, ...below(2, 80));
    for (let times = 0; times < back; times += 1) await redrawn(term, () => term.type(left));
    const { x, y } = term.cursor();
    for (const [columns, rows] of sizes) {
      term.resize(columns, rows);
      await untilAll(term, ...below(2, columns));
    }
    await untilCursor(term, x, y);
    // Dragged: many changes before the program hears of the first.
    for (let columns = 79; columns > 35; columns -= 1) term.resize(columns, 24);
    await untilAll(term, ...below(2, 36));
  });
}

// tmux wraps every row and keeps the cursor at its sign, as do most terminals but xterm.js.
for (const back of [0, 60, 150, 168]) {
  test.concurrent.skipIf(!Bun.which("tmux"))(`the same in tmux, with the cursor ${back} before the end`, async () => {
    const tmux = ["tmux", "-u", "-L", `prompt-test-${process.pid}-${back}`, "-f", "/dev/null"];
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(async () => void (await Bun.$`${tmux} kill-server`.quiet().nothrow()));
    const program = `${echo.join(" ")} --columns`;
    await using term = await openTerminal([...tmux, "new-session", program, ";", "set", "status", "off"], {
      env: { TMUX: undefined },
    });
    await term.until("80 >");
    // So many that the prompt is at the bottom: in tmux, what wrapping pushes out at the top is out of reach.
    term.type("burst 30\r");
    await term.until("line 30\n80 >");
    term.type(typed);
    await term.until("w51漢");
    term.type(`${left.repeat(back)}|`);
    await term.until("|");
    term.type("\x7f");
    await term.until((screen) => !screen.includes("|"));
    const { x } = term.cursor();
    // tmux takes its time to resize, hence few of them.
    for (const [columns, rows] of sizes.slice(0, 3)) {
      term.resize(columns, rows);
      await term.until((screen) => screen.endsWith(below(30, columns).slice(29).join("\n")));
      const everything = await Bun.$`${tmux} capture-pane -p -S -`.text();
      expect(everything.trimEnd()).toBe(below(30, columns).join("\n"));
    }
    term.resize(80, 24);
    await term.until(() => term.cursor().x === x);
  });
}

test("Up and Down walk through what was entered and keep a half-typed line", async () => {
  await using term = await openEcho();
  term.type("one\rtwo\nlines\rhalf");
  await term.until("> half");
  term.type(up);
  await term.until("> two⏎lines");
  term.type(up);
  await term.until("> one");
  term.type(down + down);
  await term.until("> half");
  term.type(`${up}!\r`);
  await term.until('got: "two\\nlines!"');
});

test("pasted lines are one entry, which waits for Enter", async () => {
  await using term = await openEcho();
  expect(term.marksPastes()).toBe(true);
  term.type("a \x1b[200~one\rtwo\x1b[31m\tred\r\nthree\x1b[201~ z");
  await untilAll(term, "Ada 0 > a one⏎two red⏎three z");
  term.type("\r");
  await term.until('got: "a one\\ntwo red\\nthree z"');
});

test("a paste of a million characters is taken and can still be edited", async () => {
  await using term = await openEcho();
  term.type(`\x1b[200~${"0123456789\r".repeat(100_000)}\x1b[201~`);
  await term.until("…");
  term.type("\x7f\x7f end\r");
  await term.until("got: 1100002 characters");
});

test("Alt+Enter and Ctrl+J break the line", async () => {
  await using term = await openEcho();
  term.type("one\x1b\rtwo\nthree\r");
  await term.until('got: "one\\ntwo\\nthree"');
});

test("Backspace removes a whole family of emoji", async () => {
  await using term = await openEcho();
  term.type("a👨‍👩‍👧e\u0301\x7f\x7fb\r");
  await term.until('got: "ab"');
});

test("Tab completes a name, or as much as several share, and lists them when pressed again", async () => {
  await using term = await openEcho();
  term.type("Hi zo\t!");
  await untilAll(term, "Ada 0 > Hi Zoë!");
  term.type("\x15Hi a bob\x1b[D\x1b[D\x1b[D\x1b[D\t");
  await untilAll(term, "Ada 0 > Hi Ad bob");
  term.type("\t");
  await untilAll(term, "Ada  Adele", "Ada 0 > Hi Ad bob");
  await untilCursor(term, 13, 1);
});

test("keys that mean nothing leave nothing in the line", async () => {
  await using term = await openEcho();
  term.type("a\x1b[15~\x1bOP\x1b[1;9Z\x1bz\x00\x1b]11;rgb:0/0/0\x07b\r");
  await term.until('got: "ab"');
});

test("Ctrl+C clears what is typed first, then interrupts", async () => {
  await using term = await openEcho();
  term.type("one\r");
  await untilAll(term, 'got: "one"', "Ada 0 >");
  term.type(`oops${up}`);
  await untilAll(term, 'got: "one"', "Ada 0 > one");
  term.type("\x03");
  await untilAll(term, 'got: "one"', "Ada 0 >");
  term.type(`${up}${down}?`);
  await untilAll(term, 'got: "one"', "Ada 0 > ?");
  term.type("\x03\x03");
  expect(await term.exited).toBe(0);
  await untilAll(term, 'got: "one"', "interrupted: ctrl-c");
});

test("Ctrl+D deletes to the right in a line, and interrupts an empty one", async () => {
  await using term = await openEcho();
  term.type("ab\x02\x04\r");
  await term.until('got: "a"');
  term.type("\x04");
  expect(await term.exited).toBe(0);
  await untilAll(term, 'got: "a"', "interrupted: ctrl-d");
});

test("Ctrl+L clears the screen but not the line", async () => {
  await using term = await openEcho();
  term.type("one\rtwo");
  await untilAll(term, 'got: "one"', "Ada 0 > two");
  term.type("\x0c");
  await term.until((screen) => screen === "Ada 0 > two");
});

test("a closed prompt leaves the terminal as it was found", async () => {
  const program = `stty -a; ${echo.join(" ")}; stty -a`;
  await using term = await openTerminal(["sh", "-c", program]);
  await term.until("Ada 0 >");
  const [before] = term.screen().split("\nAda 0 >");
  term.type("\x1b[200~one\x1b[201~\r\x04");
  expect(await term.exited).toBe(0);
  expect(term.everything()).toBe(`${before}\ngot: "one"\ninterrupted: ctrl-d\n${before}`);
  expect(term.marksPastes()).toBe(false);
  expect(term.cursor().x).toBe(0);
});

test("the end of the input interrupts, and what is printed afterwards is not lost", async () => {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isRaw: false,
    setRawMode: (raw: boolean) => modes.push(raw),
  });
  const output = new PassThrough();
  let written = "";
  output.setEncoding("utf8").on("data", (chunk: string) => (written += chunk));
  const heard: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  using prompt = openPrompt({
    input: input as unknown as NodeJS.ReadStream,
    output: output as unknown as NodeJS.WriteStream,
    label: () => "> ",
    complete: () => ({ from: 0, candidates: [] }),
    submitted: (entry) => heard.push(entry),
    interrupted: (how) => resolve(void heard.push(how)),
  });
  input.end("bye\r");
  await ended;
  prompt.print("one");
  prompt.close();
  prompt.print("two");
  expect(modes).toEqual([true, false]);
  expect(heard).toEqual(["bye", "end"]);
  output.end();
  await finished(output);
  expect(Bun.stripANSI(written)).toEndWith("one\r\ntwo\r\n");
});
