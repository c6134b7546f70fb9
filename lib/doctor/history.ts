// The history in the folder: whether this chatd can go on with it, and who has it. Pure.
import type { LogSurvey } from "../log/survey.ts";
import { sizeOf } from "./disk.ts";
import type { Finding, Part } from "./finding.ts";
import { shellWord, visible } from "./visible.ts";

export interface HistoryContext {
  /** A chatd answers on the port that is asked about. */
  readonly open: boolean;
  /** A newer chatd has written who may come in. */
  readonly newerGuests: boolean;
}

export function judgeHistory(directory: string, seen: LogSurvey, context: HistoryContext): Finding {
  const { form, newest, bytes, keeper } = seen;
  const measured = {
    form,
    bytes,
    newest_seq: newest?.seq ?? null,
    newest_at: newest === undefined ? null : new Date(newest.at).toISOString(),
    keeper_pid: keeper ?? null,
  };
  return { name: "history", measured, ...partOf(visible(directory), seen, context) };
}

function partOf(directory: string, seen: LogSurvey, { open, newerGuests }: HistoryContext): Part {
  if (newerGuests) return newerPart("guest list", directory);
  switch (seen.form) {
    case "newer":
      return newerPart("history", directory);
    case "foreign":
      return {
        status: "problem",
        text: `room.db in ${directory} is not a chat history, or it is damaged.`,
        advice: "Move it away to keep it, or choose another folder with --data.",
      };
    case "none":
      return open
        ? elsewherePart("None here yet.")
        : { status: "ok", text: "None yet: it begins with the first room." };
    case "older":
    case "current":
      return keptPart(seen, open);
  }
}

function newerPart(what: string, directory: string): Part {
  return {
    status: "problem",
    text: `The ${what} in ${directory} was written by a newer chatd.`,
    advice: "Update chatd, or choose another folder with --data.",
  };
}

function keptPart({ form, newest, bytes, keeper }: LogSurvey, open: boolean): Part {
  const until = newest === undefined ? "" : `, the newest event (number ${newest.seq}) of ${timeOf(newest.at)}`;
  const old =
    form === "older" ? " It is of an older form: chatd takes it over, and an older chatd cannot read it then." : "";
  const text = `${sizeOf(bytes)}${until}.${old}`;
  if (keeper === undefined) return open ? elsewherePart(text) : { status: "ok", text };
  const owner = keeper > 0 ? `The chatd with process number ${keeper}` : "Another chatd";
  if (open) return { status: "ok", text: `${owner} has it open. ${text}` };
  return {
    status: "problem",
    text: `${owner} has it open, and does not answer on this port. A folder is for one chatd at a time.`,
    advice: "Stop that one first, or choose another folder with --data.",
    ...(keeper > 0 && { commands: [`ps -p ${keeper} -o args`] }),
  };
}

/** What is said here of the folder is not about the room that answers. */
function elsewherePart(text: string): Part {
  return {
    status: "warning",
    text: `${text} The chatd that answers on this port keeps its history elsewhere, or none.`,
    advice: "To look at that room, name its folder with --data; for another room, choose another port with --port.",
  };
}

function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** It is there, and may not be read. */
export function unreadHistory(directory: string): Finding {
  return {
    name: "history",
    status: "problem",
    text: `The history in ${visible(directory)} cannot be read.`,
    advice: "Check the permissions of its files, or choose another folder with --data.",
    commands: [`ls -l ${shellWord(directory)}`],
  };
}
