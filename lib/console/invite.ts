// An invitation that is made beside an open room, or before it opens: from the room's folder alone.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Access, ACCESS_FILE } from "../access/access.ts";
import type { Wish } from "../access/invitations.ts";
import { invitationLines } from "../client/order-view.ts";
import { HOST_NAME } from "../room/decide.ts";
import { invitedLines, type OpenRoom } from "./banner.ts";
import type { Screen } from "./screen.ts";

const ROOM = "room";

/** Nobody has opened a room there; the message says what to do. */
export class NoRoomThere extends Error {
  override readonly name = "NoRoomThere";
}

/** Notes where the room is, for those who make links to it without being in it. */
export function noteRoom(access: Access, room: OpenRoom): void {
  const written = JSON.stringify(room);
  // A start that changes nothing writes nothing.
  if (access.acts.setting(ROOM) !== written) access.acts.set(ROOM, written);
}

/** Makes an invitation to the room of `directory`, and answers it as lines for a person. Throws NoRoomThere or AccessUnusable. */
export function inviteTo(directory: string, wish: Wish, screen: Screen | undefined, nowS: number): string[] {
  const access = existsSync(join(directory, ACCESS_FILE)) ? Access.open(directory) : undefined;
  using _ = access;
  const room = access?.acts.setting(ROOM);
  if (!access || room === undefined)
    throw new NoRoomThere(
      `No room was opened in ${directory} yet. Start chatd first, or name the folder of the room: --data DIR.`,
    );
  const { secret, ...invitation } = access.invite(wish, { name: HOST_NAME, host: true }, nowS);
  const until = new Date(invitation.until * 1_000).toISOString();
  return invitationLines(
    { type: "invitation", secret, ...invitation, until },
    invitedLines(JSON.parse(room) as OpenRoom, secret, screen),
  );
}
