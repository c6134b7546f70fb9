// Taking back the last act: which one that is, who may, and what the opposite of it is.
import type { Access } from "../access/access.ts";
import type { ActRow } from "../access/acts.ts";
import { UNDO_S_MAX } from "../protocol/limits.ts";
import { type Refusal, refuse } from "../protocol/message.ts";
import type { Member } from "../room/member.ts";
import type { Done, Moderated, Order } from "./order.ts";

const OPPOSITES: Readonly<Record<string, Moderated["act"]>> = {
  banned: "unbanned",
  unbanned: "banned",
  muted: "unmuted",
  unmuted: "muted",
  opped: "deopped",
  deopped: "opped",
  slowed: "slowed",
  locked: "unlocked",
  unlocked: "locked",
  purged: "restored",
};

/** Takes back the newest act that was not taken back yet, as `who` asks. */
export function undoLast(
  order: Order,
  { acts }: Access,
  who: Member,
  nowS: number,
  re: string | undefined,
): Done | Refusal {
  const { last } = acts;
  // Whatever the clock did meanwhile, it was not this long ago.
  if (!last || Math.abs(nowS - last.at) > UNDO_S_MAX)
    return refuse("not-allowed", `Nothing was done in the last ${UNDO_S_MAX / 60} minutes that can be taken back.`, re);
  if (last.host && !who.host)
    return refuse("not-allowed", `The host did that, and only the host may take it back: ${deed(last)}.`, re);
  const opposite = OPPOSITES[last.act];
  if (!opposite) return refuse("not-allowed", `What was done last cannot be taken back: ${deed(last)}.`, re);
  const { name, seconds, text } = last;
  return order.put(
    {
      type: "moderated",
      act: opposite,
      by: who.name,
      ...(name !== null && { name }),
      ...((opposite === "banned" || opposite === "muted") && {
        ...(seconds !== null && { seconds }),
        ...(text !== null && { text }),
      }),
      undo: true,
      re,
    },
    who,
    last,
  );
}

function deed({ by, act, name, text }: ActRow): string {
  return `${by} ${act}${name === null ? "" : ` ${name}`}${text === null ? "" : ` (${text})`}`;
}
