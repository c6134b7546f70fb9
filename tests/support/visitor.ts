// One person at a page, for tests: what the page shows is awaited, and a wait in vain tells what it shows. Knows nothing of the page.
import type { Locator, Page } from "playwright-core";
import type { Problems } from "./problems.ts";

/** Of one wait, below the limit that bun test sets: what the page shows says more than a test that ran out of time. */
export const DEADLINE_MS = 4_500;
/** Not by animation frames: a tab in the background has none. */
const LOOK_AGAIN_MS = 20;
const SHOWN_CHARS = 3_000;

/** One person at one page. */
export class Visitor implements AsyncDisposable {
  readonly page: Page;
  readonly #problems: Problems;
  readonly #close: () => Promise<void>;
  #closed: Promise<void> | undefined;
  #lastText = "";

  constructor(page: Page, problems: Problems, close: () => Promise<void>) {
    this.page = page;
    this.#problems = problems;
    this.#close = close;
  }

  /** Every problem so far. */
  get problems(): readonly string[] {
    return this.#problems.all;
  }

  /** Problems that belong to the test, whether they come or came. */
  allow(...problems: readonly (string | RegExp)[]): void {
    this.#problems.allowed.push(...problems);
  }

  /** Waits for a problem that the test wants, which is allowed by that. */
  async problem(meant: string | RegExp): Promise<string> {
    this.allow(meant);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const look = () => {
      const found = this.#problems.like(meant);
      if (found !== undefined) resolve(found);
    };
    const deadline = setTimeout(() => reject(new Error(`There was no problem like ${String(meant)}`)), DEADLINE_MS);
    this.#problems.watchers.add(look);
    look();
    try {
      return await promise.catch((error: unknown) => this.#missed(String(meant), error));
    } finally {
      clearTimeout(deadline);
      this.#problems.watchers.delete(look);
    }
  }

  /** Another tab of the same person: it shares storage and problems. */
  async another(url: string): Promise<Visitor> {
    const page = await this.page.context().newPage();
    await page.goto(url);
    return new Visitor(page, this.#problems, () => page.close());
  }

  /** Waits until the page shows this text, or this element. */
  async sees(what: string | RegExp | Locator, timeoutMs = DEADLINE_MS): Promise<void> {
    await this.#looks(what, true, timeoutMs);
  }

  /** Waits until it does not. */
  async seesNo(what: string | RegExp | Locator, timeoutMs = DEADLINE_MS): Promise<void> {
    await this.#looks(what, false, timeoutMs);
  }

  /** Waits until `done`, which runs in the page, says so. */
  async until<A>(done: (given: A) => unknown, given: A, what = String(done), timeoutMs = DEADLINE_MS): Promise<void> {
    // The types of playwright-core ask what a page would make of `A`; a test knows.
    const inPage = done as (given: unknown) => unknown;
    const wait = this.page.waitForFunction(inPage, given, { timeout: timeoutMs, polling: LOOK_AGAIN_MS });
    await wait.catch((error: unknown) => this.#missed(what, error));
  }

  /** What people can read on the page. */
  text(): Promise<string> {
    return this.page.evaluate(() => document.body.innerText);
  }

  expectNoProblems(): void {
    const unexpected = this.#problems.unexpected();
    if (unexpected.length === 0) return;
    const list = unexpected.map((problem) => `\n  - ${problem}`).join("");
    throw new Error(`The page had problems that the test does not allow:${list}\n${framed(this.#lastText)}`);
  }

  async #looks(what: string | RegExp | Locator, seen: boolean, timeout: number): Promise<void> {
    const named = `${String(what)} was ${seen ? "not" : "still"} to be seen`;
    if (typeof what !== "string" && !(what instanceof RegExp)) {
      const wait = what.first().waitFor({ state: seen ? "visible" : "hidden", timeout });
      return wait.catch((error: unknown) => this.#missed(named, error));
    }
    const pattern = typeof what === "string" ? { source: RegExp.escape(what), flags: "" } : what;
    const given = { source: pattern.source, flags: pattern.flags, seen };
    const isSo = ({ source, flags, seen }: typeof given) =>
      new RegExp(source, flags).test(document.body.innerText) === seen;
    await this.until(isSo, given, named, timeout);
  }

  async #missed(what: string, error: unknown): Promise<never> {
    const problems = this.#problems.unexpected().map((problem) => `\n  - ${problem}`);
    throw new Error(
      `${what} (${firstLine(error)}) at ${this.page.url()}\n${framed(await this.#read())}${problems.join("")}`,
    );
  }

  /** Where the page is too busy to answer, that is said. */
  async #read(): Promise<string> {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const deadline = setTimeout(() => reject(new Error("the page does not answer")), DEADLINE_MS);
    try {
      return await Promise.race([this.text(), tooLate]);
    } catch (error) {
      return `(nothing to be read: ${firstLine(error)})`;
    } finally {
      clearTimeout(deadline);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= (async () => {
      // Whatever the page has said comes before its answer.
      this.#lastText = await this.#read();
      await this.#close();
    })();
    await this.#closed;
  }
}

function firstLine(error: unknown): string {
  return String(error).split("\n")[0]!;
}

function framed(text: string): string {
  const shown = text.length > SHOWN_CHARS ? `…${text.slice(-SHOWN_CHARS)}` : text;
  return `┌────\n${shown.trimEnd().replace(/^/gm, "│")}\n└────`;
}
