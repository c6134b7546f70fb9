// How far a wire can be trusted, in words. Knows no wire.
import type { Standing } from "../protocol/message.ts";
import { notice, problem, type Sight } from "./view.ts";

export const PLAIN_MEANS = "whoever is on the way can read and change what is said";

export function standingWords(standing: Standing): string {
  switch (standing) {
    case "verified":
      return "encrypted, verified";
    case "first-time":
      return "encrypted, first time";
    case "renewed":
      return "encrypted, with another key than before";
    case "plain":
      return "NOT ENCRYPTED";
  }
}

export function standingSight(standing: Standing): Sight {
  const words = `The connection is ${standingWords(standing)}`;
  switch (standing) {
    case "verified":
      return notice(`${words}.`);
    case "first-time":
      return notice(`${words}: this server is known from now on.`);
    case "renewed":
      return notice(
        `${words}: the link names this one, and it is believed from now on. If its host knows of no new key, leave.`,
      );
    case "plain":
      return problem(`${words}: ${PLAIN_MEANS}.`);
  }
}

/** What there is to say of each connection in turn. */
export class StandingNews {
  #last: Standing | undefined;

  /** Nothing where it is as it was, or has become what was to be expected. */
  of(standing: Standing | undefined): Standing | undefined {
    const before = this.#last;
    this.#last = standing ?? before;
    return standing === before || (standing === "verified" && (before === "first-time" || before === "renewed"))
      ? undefined
      : standing;
  }
}
