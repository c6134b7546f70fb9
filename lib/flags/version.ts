// What this program is. The build writes the commit in; a run from the sources has none.
import { version } from "../../package.json" with { type: "json" };

declare const BUILD_COMMIT: string;
declare const BUILD_TIME: string;

export const VERSION = version;
export const COMMIT = typeof BUILD_COMMIT === "undefined" ? "source" : BUILD_COMMIT;
/** When this program was last changed, in milliseconds since 1970: no clock that is right shows an earlier time. Nothing for a run from the sources. */
export const CHANGED_AT = typeof BUILD_TIME === "undefined" ? undefined : Date.parse(BUILD_TIME);

export function versionLine(program: string): string {
  return `${program} ${VERSION} (${COMMIT})`;
}
