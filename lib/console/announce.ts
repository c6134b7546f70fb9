// Says that a room is open: to its host, to a file, or to a program that reads the report.
import type { Access } from "../access/access.ts";
import type { Report, ReportForm } from "../report/report.ts";
import { HOST_NAME } from "../room/decide.ts";
import { bannerLines, linksTo, operatorLines, type OpenRoom, type RoomState } from "./banner.ts";
import type { Screen } from "./screen.ts";

export interface Opening {
  readonly room: OpenRoom;
  readonly access: Access;
  /** Where its history lies; nothing where it keeps none. */
  readonly directory: string | undefined;
  readonly version: string;
  readonly tls: string;
  readonly form: ReportForm;
  readonly report: Report;
  /** Nothing where no host sits at a terminal. */
  readonly screen: Screen | undefined;
  readonly state: Omit<RoomState, "isNew">;
  print(text: string): void;
}

export function announce(opening: Opening): void {
  if (opening.form === "json") reportTo(opening);
  else opening.print(linesOf(opening).join("\n"));
}

function reportTo({ room, directory, tls, report }: Opening): void {
  const { hostname: host, port, page, pin = null } = room;
  const web_port = typeof page === "number" ? page : null;
  const data = directory ?? null;
  report.info("listening", { host, port, web_port, data, tls: { mode: tls, pin }, links: linksTo(room) });
  if (typeof page === "string") report.warn(`There is no page: ${page}.`);
}

function linesOf({ room, access, directory, version, screen, state }: Opening): string[] {
  // Only where the host alone sees it: what goes anywhere else may be kept.
  const invite = screen !== undefined && directory !== undefined && access.isNew ? operatorInviteOf(access) : undefined;
  const isNew = invite !== undefined;
  return [
    ...(isNew ? operatorLines(room, invite) : []),
    ...bannerLines(room, { version, directory, screen, state: { ...state, isNew } }),
  ];
}

function operatorInviteOf(access: Access): string | undefined {
  try {
    return access.invite({ scope: "operator" }, { name: HOST_NAME, host: true }, Math.floor(Date.now() / 1_000)).secret;
  } catch {
    // The disk is full, perhaps. /invite operator makes one later.
    return undefined;
  }
}
