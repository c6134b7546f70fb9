// What axe-core finds wrong with a page for people who cannot see it, cannot hear it or have no mouse.
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

type WithAxe = typeof globalThis & { axe?: { run(where: Document, options: RunOptions): Promise<AxeResults> } };

/** Each problem as one text that says what, where and how to mend it. */
export async function axeProblems(page: Page): Promise<string[]> {
  // By the debugger: the page's policy stays as it is, which lets in no script of others.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(await source());
  const violations = await page.evaluate(async (tags) => {
    const { axe } = globalThis as WithAxe;
    const { violations } = await axe!.run(document, {
      runOnly: { type: "tag", values: tags },
      resultTypes: ["violations"],
    });
    return violations.map(({ id, impact, help, nodes }) => ({
      what: `${impact ?? "unknown"} ${id}: ${help}`,
      where: nodes.map(({ target, html, failureSummary }) => ({
        target: target.join(" "),
        html,
        how: failureSummary ?? "",
      })),
    }));
  }, TAGS);
  return violations.map(({ what, where }) => {
    const places = where.map(
      ({ target, html, how }) =>
        `\n  ${target}  ${html.slice(0, 200)}${how.replace(/\n\s*/g, "\n    ").replace(/^/, "\n    ")}`,
    );
    return `${what}${places.join("")}`;
  });
}

function source(): Promise<string> {
  return Bun.file(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir)).text();
}
