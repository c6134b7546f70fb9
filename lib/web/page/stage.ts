// How far a visit has come, from the form to the goodbye, and which field a refusal is about.

export type Stage =
  /** Who are you, and where to? */
  | { readonly at: "form"; readonly problem?: string; readonly about?: About }
  | { readonly at: "joining" }
  | { readonly at: "live" }
  /** The connection broke; the next try is at this moment, in milliseconds since 1970. */
  | { readonly at: "away"; readonly why: string; readonly nextTryAt: number }
  /** It is over, and not by the reader's wish. */
  | { readonly at: "over"; readonly code: string; readonly text: string };

/** What is to be said differently. `owner`: another name, or a code that makes this one the reader's here too. `link`: that code. */
export type About = "name" | "owner" | "link" | "invite" | "place";

/** What a refusal is about. */
export function aboutOf(code: string, linking: boolean): About {
  switch (code) {
    case "bad-name":
    case "name-taken":
    case "name-reserved":
      return "name";
    case "name-owned":
      return "owner";
    case "invite-needed":
      return "invite";
    case "bad-invite":
      return linking ? "link" : "invite";
    default:
      return "place";
  }
}
