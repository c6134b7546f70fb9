// Starts a process that keeps a log, and talks to it.
import { join } from "node:path";
import type { Fact } from "../../lib/protocol/message.ts";
import type { Answer } from "./writer.ts";
import { processLines } from "../support/process-lines.ts";

export interface Writer extends AsyncDisposable {
  readonly pid: number;
  /** Sends lines without waiting. */
  tell(...lines: readonly (readonly Fact[] | "look" | "close")[]): void;
  /** The next answer; nothing where the process has ended. */
  next(): Promise<Answer | undefined>;
  /** One line and its answer. */
  ask(line: readonly Fact[] | "look" | "close"): Promise<Answer | undefined>;
  /** Ends the process as a loss of power would. */
  kill(): void;
}

/** `shell` runs the command `"$@"`, after it has set the limits of the process. */
export function startWriter(directory: string, shell = 'exec "$@"'): Writer {
  const child = Bun.spawn(["sh", "-c", shell, "sh", process.execPath, join(import.meta.dir, "writer.ts"), directory], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
    // One that hangs must not outlive the test that it fails.
    timeout: 10_000,
    killSignal: "SIGKILL",
  });
  const answers = processLines(child.stdout);
  const writer: Writer = {
    pid: child.pid,
    tell(...lines) {
      for (const line of lines) void child.stdin.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
      void child.stdin.flush();
    },
    async next() {
      const { value, done } = await answers.next();
      return done ? undefined : (JSON.parse(value) as Answer);
    },
    ask(line) {
      writer.tell(line);
      return writer.next();
    },
    kill: () => child.kill("SIGKILL"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
  return writer;
}
