// What a membership tells: the notices of what happened, and the error of a join that was refused.
import type { RoomEvent, ServerMessage } from "../protocol/message.ts";
import { scrub } from "../protocol/text.ts";
import type { Marked } from "./pending.ts";

/** The server said it. `line` is what it said, to the letter. */
export interface Heard<M = ServerMessage> {
  readonly type: "heard";
  readonly message: M;
  readonly line: string;
  /** The request of our own that this answers, where the answer is for us alone. */
  readonly request?: Marked | undefined;
}

/** What happened, in order, each thing once. */
export type Notice =
  | Heard
  /** The server has let us in, and not by our key: nobody can tell that the name is ours. Follows the welcome. */
  | { readonly type: "unproved" }
  /** The connection is gone; the next try is in `retryMs`. */
  | { readonly type: "away"; readonly why: string; readonly retryMs: number }
  /** It is there again, and what was missed is told next. Where not `resumed`, the server's log is not what it was. */
  | { readonly type: "back"; readonly awayMs: number; readonly missed: readonly RoomEvent[]; readonly resumed: boolean }
  /** This was sent and not answered, and is not sent again: nobody can tell whether it was done. */
  | { readonly type: "unsure"; readonly request: Marked }
  /** It is over, and does not come back. What was `unsent` has never left this machine. */
  | { readonly type: "ended"; readonly code: string; readonly text: string; readonly unsent: readonly Marked[] };

const ABOUT_NAME: ReadonlySet<string> = new Set(["bad-name", "name-taken", "name-reserved", "name-owned"]);

/** The server said no. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;

  constructor(code: string, text: string) {
    // It is shown as it is.
    super(scrub(text));
    this.code = code;
  }

  /** Another name may be let in, over the same connection. */
  get isAboutName(): boolean {
    return ABOUT_NAME.has(this.code);
  }
}
