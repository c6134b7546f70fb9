// Starts client-program.ts, kills it and starts it again under the same name, and notes what each life saw.
import { join } from "node:path";
import type { RoomEvent, Welcome } from "../../lib/protocol/message.ts";
import type { Evidence, View } from "./evidence.ts";
import { processLines } from "../support/process-lines.ts";
import { QUIET_MS, within } from "./settings.ts";

const PROGRAM = join(import.meta.dir, "client-program.ts");

export class ClientProcess implements AsyncDisposable {
  readonly name: string;
  /** Texts that it has sent; known once it is quiet. */
  sent = 0;
  readonly #directory: string;
  readonly #port: number;
  readonly #evidence: Evidence;
  #view: View | undefined;
  #child: Bun.Subprocess<"pipe", "pipe", "inherit"> | undefined;
  #reading: Promise<void> = Promise.resolve();
  #lives = 0;
  /** Settled by the first welcome of a life, by its being quiet. */
  #welcomed = Promise.withResolvers<void>();
  #quiet = Promise.withResolvers<void>();

  constructor(options: { name: string; directory: string; port: number; evidence: Evidence }) {
    this.name = options.name;
    this.#directory = options.directory;
    this.#port = options.port;
    this.#evidence = options.evidence;
  }

  start(): void {
    this.#lives++;
    const file = join(this.#directory, `${this.name}.json`);
    this.#welcomed = Promise.withResolvers<void>();
    this.#child = Bun.spawn([process.execPath, PROGRAM, this.name, String(this.#port), file], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#view = this.#evidence.view(`${this.name}, life ${this.#lives},`);
    this.#reading = this.#read(this.#child.stdout, this.#view);
  }

  /** What the present life sees. */
  get view(): View {
    return this.#view!;
  }

  /** Resolves once this life has come in. */
  arrived(): Promise<void> {
    return within(QUIET_MS, () => `${this.name} did not come in`, this.#welcomed.promise);
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.exited;
    await this.#reading;
  }

  /** It says nothing new. Resolves once all of its texts are acked. */
  async quiet(): Promise<void> {
    await this.#child?.stdin.write("quiet\n");
    await this.#child?.stdin.flush();
    await within(QUIET_MS, () => `${this.name} is not done`, this.#quiet.promise);
  }

  async #read(stdout: ReadableStream<Uint8Array>, view: View): Promise<void> {
    for await (const printed of processLines(stdout)) {
      const [kind] = printed.split(" ", 1);
      const rest = printed.slice(kind!.length + 1);
      switch (kind) {
        case "welcome":
          view.welcomed(JSON.parse(rest) as Welcome);
          this.#welcomed.resolve();
          break;
        case "event": {
          const event = JSON.parse(rest) as RoomEvent;
          view.heard(event, rest);
          if (event.type === "said" && event.from === this.name && event.re !== undefined)
            this.#evidence.acked({ name: this.name, re: event.re, seq: event.seq });
          break;
        }
        case "acked":
          this.#evidence.acked({ name: this.name, re: rest, seq: undefined });
          break;
        case "quiet":
          this.sent = Number(rest);
          this.#quiet.resolve();
          break;
        default:
          this.#evidence.problems.push(`${this.name}: ${printed}`);
      }
    }
    // A life that ended before it came in saw nothing.
    if (view.from === undefined) this.#evidence.views.splice(this.#evidence.views.indexOf(view), 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
