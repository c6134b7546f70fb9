// A program with pipes for its input and output, for tests that read it line by line. Knows nothing of what is run.

/** Below the limit that bun test sets, so that what was printed is shown and not only a time-out. */
const DEADLINE_MS = 4_500;

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class Program implements AsyncDisposable {
  /** Whole lines so far, from standard output … */
  readonly out: string[] = [];
  /** … and from standard error. */
  readonly err: string[] = [];
  readonly #process: Bun.Subprocess<"pipe", "pipe", "pipe">;
  readonly #watchers = new Set<() => void>();
  #over = false;

  constructor(command: readonly string[], options: ProgramOptions) {
    this.#process = Bun.spawn([...command], { ...options, stdin: "pipe", stdout: "pipe", stderr: "pipe" });
    void this.#read();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Writes lines to its input. */
  say(...lines: readonly string[]): void {
    void this.#process.stdin.write(lines.map((line) => `${line}\n`).join(""));
    void this.#process.stdin.flush();
  }

  /** Ends its input. */
  end(): void {
    void this.#process.stdin.end();
  }

  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    this.#process.kill(signal);
  }

  /** The exit code, once all that it has written was read. */
  exited(timeoutMs = DEADLINE_MS): Promise<number> {
    return this.#within(timeoutMs, "its end", () => (this.#over ? (this.#process.exitCode ?? -1) : undefined));
  }

  /** The first line, of either output, that is meant. */
  until(text: string | RegExp | ((line: string) => boolean), timeoutMs = DEADLINE_MS): Promise<string> {
    const isMeant = (line: string) => {
      if (typeof text === "string") return line.includes(text);
      return typeof text === "function" ? text(line) : text.test(line);
    };
    return this.#within(timeoutMs, String(text), () => this.out.find(isMeant) ?? this.err.find(isMeant));
  }

  /** Looks again whenever something was printed, and once more when it has ended. */
  async #within<T>(timeoutMs: number, what: string, seen: () => T | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = () => {
      const found = seen();
      if (found !== undefined) resolve(found);
      else if (this.#over) reject(this.#missing(what, `before it ended with ${this.#process.exitCode}`));
    };
    const deadline = setTimeout(() => reject(this.#missing(what, `within ${timeoutMs} ms`)), timeoutMs);
    this.#watchers.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(deadline);
      this.#watchers.delete(look);
    }
  }

  async #read(): Promise<void> {
    await Promise.all([this.#keep(this.#process.stdout, this.out), this.#keep(this.#process.stderr, this.err)]);
    await this.#process.exited;
    this.#over = true;
    this.#look();
  }

  async #keep(stream: ReadableStream<Uint8Array>, lines: string[]): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of stream) {
      const pieces = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = pieces.pop()!;
      lines.push(...pieces);
      this.#look();
    }
    if (rest !== "") lines.push(rest);
  }

  #look(): void {
    for (const look of this.#watchers) look();
  }

  #missing(what: string, when: string): Error {
    const shown = (lines: readonly string[]) =>
      lines
        .slice(-20)
        .map((line) => `\n  ${line.slice(0, 300)}`)
        .join("");
    return new Error(
      `${what} did not come ${when}.\nStandard output:${shown(this.out)}\nStandard error:${shown(this.err)}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) this.#process.kill("SIGKILL");
    // Not until its outputs end: what it started may hold them.
    await this.#process.exited;
  }
}
