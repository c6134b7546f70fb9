// A program in a real pseudo-terminal, with an emulator as its screen, for every test that drives one. Knows nothing of what is run.

import { Terminal as Emulator } from "@xterm/headless";

/** Below the limit that bun test sets, so that the screen is shown and not only a time-out. */
const DEADLINE_MS = 4500;
const SCROLLBACK_ROWS = 20_000;

/**
 * Bun gives a process the terminal's files, but not the terminal's signals: a change of size, Ctrl+C, the hang-up. Those go to the
 * session whose leader has opened the terminal by its name. `detached` makes it a leader, and this shell, which the command replaces, opens.
 */
const takeTerminal = ["sh", "-c", ': < "$(tty)" && exec "$@"', "sh"];

export interface TerminalOptions {
  readonly cols?: number;
  readonly rows?: number;
  readonly cwd?: string;
  /** Laid over the environment of the test. */
  readonly env?: Record<string, string | undefined>;
}

/** What to wait for: text that must be on screen, or a test of the whole screen. Rows end at their last sign: a blank behind it is not there. */
export type Expected = string | RegExp | ((screen: string) => boolean);

export async function openTerminal(command: readonly string[], options: TerminalOptions = {}): Promise<TestTerminal> {
  const terminal = new TestTerminal(command, options);
  await Promise.resolve();
  return terminal;
}

/** Turns of the event loop without output after which a program that has ended has said everything. */
const QUIET_TURNS = 10;

export class TestTerminal implements AsyncDisposable {
  /** The exit code, once all that the program has written is on the screen. */
  readonly exited: Promise<number>;
  readonly #emulator: Emulator;
  readonly #pty: Bun.Terminal;
  readonly #process: Bun.Subprocess;
  readonly #watchers = new Set<() => void>();
  #received = "";
  #ended = false;

  constructor(command: readonly string[], options: TerminalOptions) {
    const { cols = 80, rows = 24 } = options;
    const decoder = new TextDecoder();
    this.#emulator = new Emulator({
      cols,
      rows,
      scrollback: SCROLLBACK_ROWS,
      allowProposedApi: true,
    });
    this.#pty = new Bun.Terminal({
      cols,
      rows,
      data: (_, bytes) => {
        this.#received += decoder.decode(bytes, { stream: true });
        this.#emulator.write(bytes, () => this.#look());
      },
    });
    // A terminal answers questions (where is the cursor?); a program may wait for it.
    this.#emulator.onData((answer) => this.type(answer));
    this.#process = Bun.spawn([...takeTerminal, ...command], {
      terminal: this.#pty,
      detached: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...Bun.env, TERM: "xterm-256color", ...options.env },
    });
    this.exited = this.#drained();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Sends keys or bytes, as the keyboard would. */
  type(keys: string | Uint8Array<ArrayBuffer>): void {
    if (!this.#pty.closed) this.#pty.write(keys);
  }

  /** Waits until the screen shows what is expected; looks again whenever the program has written. */
  async until(expected: Expected, timeoutMs = DEADLINE_MS): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const look = (): void => {
      const screen = this.screen();
      if (isOn(screen, expected)) resolve(screen);
      else if (this.#ended) reject(this.#missing(expected, "before the program ended"));
    };
    const deadline = setTimeout(() => reject(this.#missing(expected, `within ${timeoutMs} ms`)), timeoutMs);
    this.#watchers.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(deadline);
      this.#watchers.delete(look);
    }
  }

  /** The rows of the window, trailing blanks trimmed. */
  screen(): string {
    return this.#rows(this.#emulator.buffer.active.baseY);
  }

  /** The rows of the window and all that has scrolled out of it. */
  everything(): string {
    return this.#rows(0);
  }

  /** All that the program has written, escape sequences included. */
  received(): string {
    return this.#received;
  }

  /** Where the cursor is in the window, counted from 0. */
  cursor(): { x: number; y: number } {
    const { cursorX, cursorY } = this.#emulator.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  /** Whether the program has asked for pastes to be marked. */
  marksPastes(): boolean {
    return this.#emulator.modes.bracketedPasteMode;
  }

  /** The local flags of the line discipline (c_lflag): tells raw mode from the usual one. */
  localFlags(): number {
    return this.#pty.localFlags;
  }

  resize(cols: number, rows: number): void {
    this.#emulator.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    this.#process.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) this.#process.kill("SIGKILL");
    await this.exited;
    this.#pty.close();
    this.#emulator.dispose();
  }

  /**
   * The last output may still be on its way when the process has ended. It stands in the kernel by then, and each turn of
   * the loop reads some of it: after a few that brought nothing, all is here. The emulator's queue follows.
   */
  async #drained(): Promise<number> {
    const code = await this.#process.exited;
    for (let quiet = 0, before = -1; quiet < QUIET_TURNS;) {
      quiet = this.#received.length === before ? quiet + 1 : 0;
      before = this.#received.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise<void>((resolve) => this.#emulator.write("", resolve));
    this.#ended = true;
    this.#look();
    return code;
  }

  #look(): void {
    for (const look of this.#watchers) look();
  }

  #rows(from: number): string {
    const buffer = this.#emulator.buffer.active;
    const end = buffer.baseY + this.#emulator.rows;
    const rows: string[] = [];
    // A line may still hold what it showed in a wider window.
    for (let at = from; at < end; at += 1) {
      rows.push(buffer.getLine(at)?.translateToString(true, 0, this.#emulator.cols).trimEnd() ?? "");
    }
    return rows.join("\n").trimEnd();
  }

  #missing(expected: Expected, when: string): Error {
    const { x, y } = this.cursor();
    return new Error(
      `${String(expected)} was not on screen ${when}; cursor at column ${x}, row ${y}\n┌────\n${this.screen().replace(/^/gm, "│")}\n└────`,
    );
  }
}

function isOn(screen: string, expected: Expected): boolean {
  if (typeof expected === "string") return screen.includes(expected);
  return typeof expected === "function" ? expected(screen) : expected.test(screen);
}
