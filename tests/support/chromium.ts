// Where a Chromium is on this machine, for tests, benchmarks and pictures.
import { existsSync } from "node:fs";

/** Its path; nothing where there is none. Throws where CHROMIUM names one that is not there. */
export function findChromium(): string | undefined {
  const named = Bun.env["CHROMIUM"];
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new Error(`CHROMIUM names ${named}, which is not there.`);
    return named;
  }
  if (existsSync("/usr/bin/chromium")) return "/usr/bin/chromium";
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    const path = Bun.which(name);
    if (path !== null) return path;
  }
  return undefined;
}
