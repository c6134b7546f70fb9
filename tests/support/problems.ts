// What goes wrong in the pages of a browser, as sentences: a test fails for those that it does not allow.
import type { BrowserContext } from "playwright-core";

/** Of all the pages of one browser profile. */
export class Problems {
  readonly all: string[] = [];
  readonly allowed: (string | RegExp)[] = [];
  /** Called when there is one more. */
  readonly watchers = new Set<() => void>();

  add(problem: string): void {
    this.all.push(problem);
    for (const look of this.watchers) look();
  }

  like(meant: string | RegExp): string | undefined {
    return this.all.find((problem) => isMeant(problem, meant));
  }

  unexpected(): readonly string[] {
    return this.all.filter((problem) => !this.allowed.some((allowed) => isMeant(problem, allowed)));
  }
}

function isMeant(problem: string, meant: string | RegExp): boolean {
  return typeof meant === "string" ? problem.includes(meant) : meant.test(problem);
}

/** Console errors and warnings, uncaught errors, violations of the security policy, failed requests, dialogs, crashes. */
export async function recordProblems(context: BrowserContext): Promise<Problems> {
  const problems = new Problems();
  const say = (problem: string) => problems.add(problem);
  context.on("console", (message) => {
    const { url, line } = message.location();
    if (["error", "warning", "assert"].includes(message.type()))
      say(`console ${message.type()}: ${message.text()}${url === "" ? "" : ` (${url}:${line})`}`);
  });
  context.on("weberror", (problem) => say(`uncaught: ${problem.error().stack ?? String(problem.error())}`));
  context.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // What a page lets go of when it is left, as an event stream.
    if (why !== "net::ERR_ABORTED") say(`request failed: ${request.method()} ${request.url()} ${why}`);
  });
  context.on("dialog", (dialog) => {
    say(`dialog: ${dialog.type()} ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  context.on("page", (page) => page.on("crash", () => say("The page crashed.")));
  // The console names some violations by the document alone; this names the place.
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (violation) => {
      const { violatedDirective, blockedURI, sourceFile, lineNumber } = violation;
      console.error(`security policy: ${violatedDirective} forbids ${blockedURI} at ${sourceFile}:${lineNumber}`);
    });
  });
  return problems;
}
