// How a room is kept in order, as sentences for people.
import type { RoomEvent, ServerMessage } from "../protocol/message.ts";
import type { AuditEntry, Ban, Invitation } from "../protocol/moderation.ts";
import { timeOf } from "./when.ts";

type Moderated = Extract<RoomEvent, { type: "moderated" }>;

/** "10 minutes", "2 hours": the largest unit that fits. */
export function durationOf(seconds: number): string {
  const units = [
    [604_800, "week"],
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
    [1, "second"],
  ] as const;
  const [size, unit] = units.find(([each]) => seconds >= each && seconds % each === 0) ?? [1, "second"];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

export function actSentence({ act, by, name = "somebody", text, seconds, undo }: Moderated): string {
  const lasting = seconds === undefined || act === "slowed" ? "" : ` for ${durationOf(seconds)}`;
  const because = text ? `: ${text}` : ".";
  const back = undo ? `${by} took that back: ` : "";
  switch (act) {
    case "banned":
      return `${back}${name} was banned${lasting} by ${by}${because}`;
    case "unbanned":
      return `${back}${name} is no longer banned${undo ? "." : `, says ${by}.`}`;
    case "muted":
      return `${back}${name} was muted${lasting} by ${by}${because}`;
    case "unmuted":
      return `${back}${name} may speak again${undo ? "." : `, says ${by}.`}`;
    case "opped":
      return `${back}${by} made ${name} an operator.`;
    case "deopped":
      return `${back}${name} is no longer an operator${undo ? "." : `, says ${by}.`}`;
    case "slowed":
      return seconds
        ? `${back}${by} set slow mode: one message every ${durationOf(seconds)}.`
        : `${back}${by} ended slow mode.`;
    case "locked":
      return `${back}${by} locked the room: nobody new may enter.`;
    case "unlocked":
      return `${back}${by} unlocked the room.`;
    case "purged":
      return `${by} withdrew what ${name} said lately.`;
    case "restored":
      return `${back}what ${name} said is back in the history.`;
    case "kicked":
    case "invited":
    case "uninvited":
    case "other":
      return `${by} did something to keep order; this program is too old to tell what.`;
  }
}

export function banLines(bans: readonly Ban[]): string[] {
  if (bans.length === 0) return ["Nobody is banned."];
  return bans.map(({ name, by, at, until, text }) => {
    const end = until === undefined ? "" : `, until ${momentOf(until)}`;
    return `${name}, by ${by} on ${momentOf(at)}${end}${text ? `: ${text}` : ""}`;
  });
}

export function auditLines(acts: readonly AuditEntry[]): string[] {
  if (acts.length === 0) return ["Nothing was done to keep order."];
  return acts.map(({ at, act, by, name, text, seconds, undone }) => {
    const lasting =
      seconds === undefined ? "" : act === "slowed" ? ` to ${durationOf(seconds)}` : ` for ${durationOf(seconds)}`;
    const what = `${by} ${act}${name === undefined ? "" : ` ${name}`}${lasting}${text ? `: ${text}` : ""}`;
    return `${momentOf(at)}  ${what}${undone ? " (taken back)" : ""}`;
  });
}

export function inviteLines(invites: readonly Invitation[]): string[] {
  if (invites.length === 0) return ["There are no invitations. /invite makes one."];
  return invites.map(
    ({ id, scope, until, uses, by }) =>
      `#${id}  ${scope}, ${uses} ${uses === 1 ? "use" : "uses"} left, until ${momentOf(until)}, by ${by}. /uninvite ${id} calls it back.`,
  );
}

/** A new invitation, as the link that it is part of. */
export function invitationLines(
  { id, scope, until, uses }: Extract<ServerMessage, { type: "invitation" }>,
  links: readonly string[],
): string[] {
  const what = scope === "join" ? "lets in" : scope === "read" ? "lets read" : `makes ${scope}`;
  return [
    `Invitation #${id} ${what} ${uses} ${uses === 1 ? "time" : "times"}, until ${momentOf(until)}. Its secret is shown only now:`,
    ...links.map((link) => `  ${link}`),
  ];
}

export function linkLines({ code, until }: Extract<ServerMessage, { type: "link" }>): string[] {
  return [
    `On your other device, until ${momentOf(until)} and once: join with the code`,
    `  ${code}`,
    "(chat SERVER -n NAME --link CODE; on the page, in the field for a code). Your names are that device's, too.",
  ];
}

function momentOf(at: string): string {
  const date = new Date(at);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${day.join("-")} ${timeOf(date).slice(0, 5)}`;
}
