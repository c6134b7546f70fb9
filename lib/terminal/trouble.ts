// Why joining did not work, for people, and what to ask them again.
import { Refused } from "../client/notice.ts";
import { Stranger } from "../client/stranger.ts";
import { EXIT } from "../flags/chat.ts";
import { type Address, writeAddress } from "../protocol/address.ts";
import { Unreachable, Untrusted } from "../transport/connection.ts";

export interface Trouble {
  readonly sentence: string;
  /** `owner`: another name, or a code that proves this one. `nothing`: whatever is answered, it would not work. */
  readonly again: "name" | "owner" | "invite" | "place" | "nothing";
  /** To end with where nobody can be asked. */
  readonly code: number;
}

export interface Attempt {
  readonly place: Address;
  /** A code for this device went with the join. */
  readonly linking: boolean;
  /** It was made without the key that this device has. */
  readonly guest: boolean;
}

/** Throws what is no trouble but a fault. */
export function troubleOf(error: unknown, { place, linking, guest }: Attempt): Trouble {
  if (error instanceof Unreachable) return { sentence: error.message, again: "place", code: EXIT.unreachable };
  // Whoever is asked again would be led to give in.
  if (error instanceof Untrusted) return { sentence: error.message, again: "nothing", code: EXIT.untrusted };
  if (error instanceof Stranger)
    return { sentence: `${writeAddress(place)}: ${error.message}`, again: "place", code: EXIT.unreachable };
  if (!(error instanceof Refused)) throw error;
  const { message: sentence } = error;
  switch (error.code) {
    case "banned":
      return { sentence, again: "nothing", code: EXIT.kicked };
    case "name-owned":
      return {
        sentence: guest ? `${sentence} If it is yours on this device, leave --guest out.` : sentence,
        again: "owner",
        code: EXIT.refused,
      };
    case "invite-needed":
      return { sentence, again: "invite", code: EXIT.refused };
    case "bad-invite":
      return { sentence, again: linking ? "owner" : "invite", code: EXIT.refused };
    default:
      return { sentence, again: error.isAboutName ? "name" : "place", code: EXIT.refused };
  }
}
