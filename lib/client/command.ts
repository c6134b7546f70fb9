// A word that people type: what it is called, what it means, who may use it.
import type { RoomRequest } from "../protocol/message.ts";

/** Who may type it: everyone, members but not the host, those who keep order, or the host at the console alone. */
export type Who = "everyone" | "members" | "operators" | "host";

/** What a line means. */
export type Intent =
  | { readonly type: "ask"; readonly message: RoomRequest }
  /** Show the help, of one command or of all. */
  | { readonly type: "help"; readonly command?: Command | undefined }
  /** Leave, or at the console close the room. */
  | { readonly type: "quit"; readonly text?: string | undefined }
  /** Show what the room is about. */
  | { readonly type: "topic" }
  /** Show the host how others join. */
  | { readonly type: "invite" }
  /** It cannot be done; the text says what to type instead. */
  | { readonly type: "problem"; readonly text: string }
  /** There was nothing to do. */
  | { readonly type: "nothing" };

export interface Command {
  readonly name: string;
  readonly aliases: readonly string[];
  /** What follows the name, as help shows it. */
  readonly usage: string;
  readonly help: string;
  /** What else may follow, and what that does, for the help of this command alone. */
  readonly details?: readonly (readonly [typed: string, does: string])[];
  /** The command beside which the help of all tells it. */
  readonly beside?: string;
  readonly who: Who;
  /** A word of the 2015 original, typed without a slash at the console. */
  readonly original?: string;
  /** Its first argument is a member's name. */
  readonly takesName?: boolean;
  read(rest: string, typist: Typist): Intent;
}

/** What the meaning of a line depends on. */
export interface Typist {
  readonly host: boolean;
  /** May keep order. */
  readonly operator?: boolean;
  /** Who whispered to this person last. */
  readonly lastWhisper?: string | undefined;
}

export const ask = (message: RoomRequest): Intent => ({ type: "ask", message });

export function problem(text: string): Intent {
  return { type: "problem", text };
}

/** What to type instead. */
export function usageOf(name: string, usage: string, help: string): Intent {
  return problem(`Type ${`/${name} ${usage}`.trimEnd()}: ${help}.`);
}

export function firstWord(text: string): [string, string] {
  const trimmed = text.trimStart();
  const end = trimmed.search(/\s/);
  return end < 0 ? [trimmed, ""] : [trimmed.slice(0, end), trimmed.slice(end).trim()];
}
