// The real chatd as a process of its own, killed and started again on the same port and folder.
import { join, resolve } from "node:path";
import type { Random } from "../support/random.ts";
import { processLines } from "../support/process-lines.ts";

const ROOT = join(import.meta.dir, "../..");
const binary = process.env["CHATD_BINARY"];
const COMMAND = binary === undefined ? [process.execPath, join(ROOT, "server.ts")] : [resolve(binary)];
/**
 * Below what the system gives to outgoing connections (Linux: 32768 and up). Among those, another connection could take
 * the port while chatd is down; even a client that dials it could, and would then be connected to itself.
 */
const PORTS = { first: 10_000, count: 20_000 };

interface Life {
  readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  /** Whether it has come to listening; false where it ended before. */
  readonly listening: Promise<boolean>;
}

export class Chatd implements AsyncDisposable {
  readonly directory: string;
  port = 0;
  /** What it told its operator beyond the news of the room. */
  readonly complaints: string[] = [];
  #life: Life | undefined;
  #killed = false;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Starts on a port that is free. */
  static async open(directory: string, random: Random): Promise<Chatd> {
    const chatd = new Chatd(directory);
    for (;;) {
      chatd.port = PORTS.first + random.below(PORTS.count);
      try {
        await chatd.start();
        return chatd;
      } catch (error) {
        if (!String(error).includes("is in use")) throw error;
      }
    }
  }

  /** Resolves once it listens, or was killed. Throws what it says where it ends by itself. */
  async start(): Promise<void> {
    this.#killed = false;
    // The page would be one port above, which may be somebody else's.
    const where = ["--host", "127.0.0.1", "--port", String(this.port), "--no-web", "--data", this.directory];
    const child = Bun.spawn([...COMMAND, ...where, "--rate", "off", "--per-address", "off", "--log", "json"], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      cwd: this.directory,
    });
    const { promise: listening, resolve: settle } = Promise.withResolvers<boolean>();
    this.#life = { process: child, listening };
    void this.#read(child.stdout, settle);
    if (await listening) return;
    const [stderr, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    if (!this.#killed) throw new Error(`chatd ended with ${code}: ${stderr}`);
  }

  async #read(stdout: ReadableStream<Uint8Array>, listening: (is: boolean) => void): Promise<void> {
    for await (const line of processLines(stdout)) {
      const { level, text } = JSON.parse(line) as { level: string; text: string };
      if (text === "listening") listening(true);
      if (level !== "info") this.complaints.push(line);
    }
    listening(false);
  }

  /** Ends it as a loss of power would. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#life?.process.kill("SIGKILL");
    await this.#life?.process.exited;
  }

  /** Asks it to end, and answers its exit code. */
  async stop(): Promise<number | undefined> {
    this.#life?.process.kill("SIGTERM");
    return this.#life?.process.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
