// How a room is kept in order, as sentences for people.
import type { RoomEvent, ServerMessage } from "../protocol/message.ts";
import { cleanName } from "../protocol/name.ts";
import type { AuditEntry, Ban, Invitation } from "../protocol/moderation.ts";
import { durationOf } from "../protocol/duration.ts";
import { timeOf } from "./when.ts";

type Moderated = Extract<RoomEvent, { type: "moderated" }>;

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
      `#${id} ${scopeWords(scope)}, ${uses === 1 ? "1 use" : `${uses} uses`} left, until ${momentOf(until)}, by ${by}. /uninvite ${id} calls it back.`,
  );
}

function scopeWords(scope: string): string {
  switch (scope) {
    case "join":
      return "lets somebody in";
    case "read":
      return "lets somebody in to read";
    case "bot":
      return "lets a program in";
    case "operator":
      return "makes an operator";
    default:
      return "lets somebody in, as what this program is too old to tell";
  }
}

/** A new invitation. `links`: how others join with it, line by line. */
export function invitationLines(
  { id, scope, until, uses }: Extract<ServerMessage, { type: "invitation" }>,
  links: readonly string[],
): string[] {
  return [
    `Invitation #${id} ${scopeWords(scope)}, ${uses === 1 ? "once" : `${uses} times`}, until ${momentOf(until)}. It is shown only now:`,
    ...links,
  ];
}

/** A code for another device of `me`. */
export function linkLines({ code, until }: Extract<ServerMessage, { type: "link" }>, me: string): string[] {
  const name = "value" in cleanName(me) ? me : "NAME";
  return [
    `This makes your name that of another device too, once and until ${momentOf(until)}. There, in a terminal:`,
    `  chat SERVER -n ${name} --link ${harmless(code)}`,
    `On a page, join as ${name}, and give this code when it asks for one:`,
    `  ${harmless(code)}`,
  ];
}

/** A secret, as no server can make it a command of a shell, into which people copy it. */
export function harmless(secret: string): string {
  return secret.replace(/[^\w-]/g, "");
}

function momentOf(at: string): string {
  const date = new Date(at);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${day.join("-")} ${timeOf(date).slice(0, 5)}`;
}
