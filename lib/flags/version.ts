// What this program is. The build writes the commit in; a run from the sources has none.
import { version } from "../../package.json" with { type: "json" };

declare const BUILD_COMMIT: string;

export const VERSION = version;
export const COMMIT = typeof BUILD_COMMIT === "undefined" ? "source" : BUILD_COMMIT;

export function versionLine(program: string): string {
  return `${program} ${VERSION} (${COMMIT})`;
}
