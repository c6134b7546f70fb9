// The bar of every attack: five honest members and those who come to join them, in a process of their own, and what chatd has cost.
// Whoever attacks does so between `arrive` and `verdict`.
import { join } from "node:path";
import { ms, si, type Spread } from "../bench/figures.ts";
import { cpuSeconds, forgetPeakRss, openFiles, peakRssBytes, rssBytes } from "../bench/process-cost.ts";
import { within } from "../chaos/settings.ts";
import { complaintsOf, type Target } from "./target.ts";

const PROGRAM = join(import.meta.dir, "honest-program.ts");
const ECHO_P99_MS_MAX = 250;
const ENTRANCE_MS_MAX = 1_000;
const GROWTH_BYTES_MAX = 64 * 1_048_576;
const FILES_BACK_MS_MAX = 60_000;
const LOOK_AGAIN_MS = 50;
/** Of a log that has grown, a few older files stay open for those who read: no attacker's doing. */
const LOG_FILES = /\/room-\d+\.log$/;
/** For the program that the honest are to answer. */
const ANSWER_MS_MAX = 30_000;

/** What the honest are told to do next. Each word is answered once. */
export type Word = "newcomers" | "no more newcomers" | "end";

/** What the honest have seen until now. */
export interface Report {
  /** How long what they said took to come back. */
  readonly echo: Spread;
  /** How long newcomers took to get in. */
  readonly entrance: Spread;
  readonly problems: readonly string[];
}

export class Honest implements AsyncDisposable {
  readonly #target: Target;
  readonly #process: Bun.Subprocess;
  #answer = Promise.withResolvers<Report>();
  readonly #started = performance.now();
  #before: { readonly rss: number; readonly files: readonly string[]; readonly cpu: number } = {
    rss: 0,
    files: [],
    cpu: 0,
  };

  /** Five are in and talk; from now on somebody joins them each second. */
  static async arrive(target: Target): Promise<Honest> {
    const honest = new Honest(target);
    await honest.#next();
    const { pid } = target.program;
    forgetPeakRss(pid);
    honest.#before = { rss: rssBytes(pid)!, files: filesOf(pid)!, cpu: cpuSeconds(pid)! };
    await honest.#tell("newcomers");
    return honest;
  }

  private constructor(target: Target) {
    this.#target = target;
    const { port, webPort, program } = target;
    this.#process = Bun.spawn([process.execPath, PROGRAM, String(port), String(webPort), String(program.pid)], {
      stdio: ["ignore", "inherit", "inherit"],
      serialization: "json",
      ipc: (report) => this.#answer.resolve(report as Report),
      onExit: () => this.#answer.reject(new Error("the honest members' program has ended")),
    });
  }

  /**
   * The attack is over: what it has done to anybody, as sentences; nothing where nobody has noticed. An echo may take
   * `diskMs` more where the disk itself does.
   */
  async verdict({ diskMs = 0 } = {}): Promise<readonly string[]> {
    const echoMsMax = ECHO_P99_MS_MAX + diskMs;
    const { pid } = this.#target.program;
    const { rss, files, cpu } = this.#before;
    await this.#tell("no more newcomers");
    const seconds = (performance.now() - this.#started) / 1_000;
    const cpuShare = (cpuSeconds(pid)! - cpu) / seconds;
    const since = performance.now();
    let left = filesOf(pid);
    // What is judged is what was seen: the next look may see somebody who has just come.
    while (left && left.length > files.length && performance.now() - since < FILES_BACK_MS_MAX) {
      await Bun.sleep(LOOK_AGAIN_MS);
      left = filesOf(pid);
    }
    const backMs = performance.now() - since;
    if (left === undefined) return ["chatd has ended", ...complaintsOf(this.#target)];
    const { echo, entrance, problems } = await this.#tell("end");
    const growth = peakRssBytes(pid)! - rss;
    const more = left.filter((file) => !files.includes(file));
    const isBack = left.length <= files.length;
    const back = !isBack ? `${left.length - files.length} files left over` : `files back after ${ms(backMs)} ms`;
    console.log(
      `  echo ${ms(echo.p50)}/${ms(echo.p99)} ms (p50/p99 of ${echo.count}), newcomers ${ms(entrance.p50)}/${ms(entrance.max)} ms (p50/max of ${entrance.count}), RSS ${si(rss, "B")} + ${si(growth, "B")}, ${back}, CPU ${cpuShare.toFixed(2)} for ${seconds.toFixed(1)} s`,
    );
    return [
      ...problems,
      // Not `>`: no echo at all would pass for a fast one.
      ...(echo.p99 <= echoMsMax ? [] : [`the echo took ${ms(echo.p99)} ms (p99 of ${echo.count}), not ${echoMsMax}`]),
      ...(entrance.max <= ENTRANCE_MS_MAX
        ? []
        : [`a newcomer took ${ms(entrance.max)} ms to get in (the most of ${entrance.count}), not ${ENTRANCE_MS_MAX}`]),
      ...(growth <= GROWTH_BYTES_MAX ? [] : [`chatd grew by ${si(growth, "B")}, from ${si(rss, "B")}`]),
      ...(isBack
        ? []
        : [
            `${left.length} files are open ${ms(backMs)} ms after the attack; before it, ${files.length} were. New: ${more.join(", ")}`,
          ]),
      ...complaintsOf(this.#target),
    ];
  }

  #tell(word: Word): Promise<Report> {
    this.#answer = Promise.withResolvers<Report>();
    this.#process.send(word);
    return this.#next(word);
  }

  #next(word = "begin"): Promise<Report> {
    return within(ANSWER_MS_MAX, () => `the honest members did not ${word}`, this.#answer.promise);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#answer.promise.catch(() => {});
    this.#process.kill();
    await this.#process.exited;
  }
}

function filesOf(pid: number): readonly string[] | undefined {
  return openFiles(pid)?.filter((file) => !LOG_FILES.test(file));
}
