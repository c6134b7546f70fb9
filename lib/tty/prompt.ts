// The line a human types at the bottom of a terminal while text scrolls above it. Knows nothing of chat.

import { Area } from "./area.ts";
import { Backlog } from "./backlog.ts";
import { completed, listed, type Completion } from "./complete.ts";
import { edit, emptyLine, insert, lineOf, type Line } from "./edit.ts";
import { History } from "./history.ts";
import { KeyReader, type Key, type Press } from "./keys.ts";
import { layOut, type Size } from "./layout.ts";
import { openOutput, type Output, PATIENCE_MS } from "./output.ts";

export interface PromptOptions {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** The label in front of what is typed, asked anew whenever the prompt is drawn. May hold SGR colours, no other controls. Left out of a window too narrow for it. */
  readonly label: () => string;
  /** What stands in a row above the label, asked anew whenever the prompt is drawn; nothing for no such row. Like the label. Left out of a window too low for it. */
  readonly status?: (() => string) | undefined;
  /** What Tab may put at the cursor: `before` is the text left of it; answers the start of the word to be completed and the candidates. */
  readonly complete: (before: string) => Completion;
  /** An entry was submitted. It may be empty, and it holds LF where several lines were pasted or Alt+Enter or Ctrl+J was pressed. It is erased from the screen by now: the caller prints what should stay. */
  readonly submitted: (entry: string) => void;
  /** What stands in the place of lines that were given up because the terminal was not read for a while. */
  readonly skipped?: (lines: number) => string;
  /** Ctrl+C or Ctrl+D on an empty line, or the end of the input. The prompt stays open: the caller closes it. */
  readonly interrupted: (how: "ctrl-c" | "ctrl-d" | "end") => void;
}

export interface Prompt extends Disposable {
  /**
   * Writes whole lines above the prompt. What is printed in one turn of the event loop is written at once. After `close`, written as it is.
   * Never waits for a terminal that nobody reads: then the newest lines are kept until it is read again, and the others only counted.
   */
  print(text: string): void;
  /** Draws the prompt anew, with a new label. */
  refresh(): void;
  /** Writes what is still to be printed, erases the prompt and leaves the terminal as it was found. Closing twice is closing once. */
  close(): void;
}

const MARK_PASTES = "\x1b[?2004h";
const LEAVE_PASTES = "\x1b[?2004l";
const WHERE_IS_THE_CURSOR = "\x1b[6n";
const CLEAR_SCREEN = "\x1b[H\x1b[2J";
/** What is kept for a terminal that takes no more. A slow one, as in a burst of lines, gets them all, up to the size. */
const MAX_KEPT_LINES = 500;
const MAX_KEPT_CHARS = 2 * 1024 * 1024;

/** Takes over the terminal. Until `close`, all output goes through `print`: what others write lands in the prompt. */
export function openPrompt(options: PromptOptions): Prompt {
  return new TerminalPrompt(options);
}

class TerminalPrompt implements Prompt {
  readonly #options: PromptOptions;
  readonly #wasRaw: boolean;
  readonly #keys = new KeyReader();
  readonly #history = new History();
  readonly #area = new Area();
  /** Nothing is drawn while it is stuck, so what it holds is one drawing, and the area is as it will be. */
  readonly #output: Output;
  #line: Line = emptyLine;
  readonly #printed = new Backlog();
  #tabbed = false;
  #drawing = false;
  #open = true;
  #questions = 0;
  #cursorColumn: number | undefined;

  constructor(options: PromptOptions) {
    const { input, output } = options;
    this.#options = options;
    this.#wasRaw = input.isRaw;
    input.setRawMode(true);
    input.on("data", this.#received).on("end", this.#ended).on("error", this.#ended).resume();
    output.on("resize", this.#resized);
    // The window may have changed meanwhile, without a question.
    this.#output = openOutput(output, () => this.#resized());
    this.#output.write(MARK_PASTES);
    this.refresh();
  }

  print(text: string): void {
    const lines = `${text.replace(/\r?\n$/, "").replace(/\r?\n/g, "\r\n")}\r\n`;
    if (!this.#open) {
      this.#output.write(lines);
      return;
    }
    this.#keep(lines);
    this.refresh();
  }

  refresh(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    setImmediate(() => {
      this.#drawing = false;
      if (this.#open) this.#draw();
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    const { input, output } = this.#options;
    this.#output.write(this.#erased() + this.#unprinted() + LEAVE_PASTES);
    this.#output.close();
    output.off("resize", this.#resized);
    input.off("data", this.#received).off("end", this.#ended).off("error", this.#ended);
    input.setRawMode(this.#wasRaw);
    input.pause();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #draw(): void {
    if (this.#isStuck) return;
    const size = this.#size();
    const above = this.#erased() + this.#unprinted();
    const layout = layOut(this.#options.label(), this.#line, size, this.#options.status?.());
    this.#output.write(above + this.#area.draw(layout, size.columns));
  }

  get #isStuck(): boolean {
    return this.#output.stuckSince !== undefined;
  }

  #keep(lines: string): void {
    this.#printed.add(lines);
    const { stuckSince } = this.#output;
    if (stuckSince === undefined) return;
    const isSlow = performance.now() - stuckSince < PATIENCE_MS;
    this.#printed.trim(isSlow ? Number.POSITIVE_INFINITY : MAX_KEPT_LINES, MAX_KEPT_CHARS);
  }

  #unprinted(): string {
    const { skipped, text } = this.#printed.take();
    if (skipped === 0) return text;
    const sentence = this.#options.skipped?.(skipped) ?? `… ${skipped} lines were not shown.`;
    return `${sentence}\r\n${text}`;
  }

  #erased(): string {
    const erased = this.#area.erase(this.#size().columns, this.#cursorColumn);
    this.#cursorColumn = undefined;
    return erased;
  }

  /** A terminal that does not know its size says 0. */
  #size(): Size {
    const { columns, rows } = this.#options.output;
    return { columns: columns || 80, rows: rows || 24 };
  }

  readonly #received = (chunk: Uint8Array | string): void => {
    const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
    for (const key of this.#keys.read(bytes)) {
      if (!this.#open) return;
      if (key.type === "position") this.#located(key.column);
      else this.#handle(key);
    }
  };

  readonly #ended = (): void => this.#options.interrupted("end");

  readonly #resized = (): void => {
    this.#cursorColumn = undefined;
    if (this.#isStuck) return;
    if (!this.#area.isWrapped(this.#size().columns)) return this.refresh();
    // A terminal that does not answer is redrawn with the next key or line.
    this.#questions += 1;
    this.#output.write(WHERE_IS_THE_CURSOR);
  };

  /** Of several answers under way only the last one speaks of the window as it is. */
  #located(column: number): void {
    if (this.#questions === 0) return;
    this.#questions -= 1;
    if (this.#questions > 0) return;
    this.#cursorColumn = column;
    this.refresh();
  }

  #handle(key: Exclude<Key, { type: "position" }>): void {
    const tabbed = this.#tabbed;
    this.#tabbed = false;
    if (key.type === "text") this.#line = insert(this.#line, key.text);
    else this.#press(key.press, tabbed);
    this.refresh();
  }

  #press(press: Press, tabbed: boolean): void {
    switch (press) {
      case "enter":
        return this.#submit();
      case "tab":
        return this.#complete(tabbed);
      case "up":
        return this.#recall(-1);
      case "down":
        return this.#recall(1);
      case "clear-screen":
        return this.#keep(CLEAR_SCREEN);
      case "ctrl-c":
        if (!this.#line.text) return this.#options.interrupted("ctrl-c");
        this.#history.leave();
        this.#line = emptyLine;
        return;
      case "ctrl-d":
        if (!this.#line.text) return this.#options.interrupted("ctrl-d");
        this.#line = edit(this.#line, "delete");
        return;
      default:
        this.#line = edit(this.#line, press);
    }
  }

  #submit(): void {
    const entry = this.#line.text;
    this.#line = emptyLine;
    this.#history.add(entry);
    if (!this.#isStuck) this.#output.write(this.#erased());
    this.#options.submitted(entry);
  }

  #recall(step: -1 | 1): void {
    const text = this.#history.move(step, this.#line.text);
    if (text !== undefined) this.#line = lineOf(text);
  }

  #complete(tabbed: boolean): void {
    const { text, cursor } = this.#line;
    const completion = this.#options.complete(text.slice(0, cursor));
    const line = completed(this.#line, completion);
    if (line === this.#line && tabbed && completion.candidates.length > 1) {
      this.print(listed(completion.candidates, this.#size().columns));
    }
    this.#line = line;
    this.#tabbed = true;
  }
}
