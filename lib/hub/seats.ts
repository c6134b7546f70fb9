// Seats: a member's place in the room outlives the connection. Who may take it, and until when it is kept.
import type { NameHeld } from "../protocol/moderation.ts";
import { foldName } from "../protocol/name.ts";
import { hashSecret } from "../access/secret.ts";
import type { Member } from "../room/member.ts";
import type { ByeCode, ServerMessage } from "../protocol/message.ts";

/** Whoever is connected, as far as a seat is concerned. */
export interface Sitter {
  send(message: ServerMessage): void;
  /** Says why it is over, and closes the wire. */
  end(code: ByeCode, text: string, more?: { readonly re?: string | undefined; readonly retry_ms?: number }): void;
}

/** By what somebody is known again, whatever the name. */
export interface Bearer {
  /** Whose key was proved. */
  readonly identity: number | undefined;
  readonly address: string | undefined;
}

/** A name that was given up. */
export interface FormerName extends NameHeld {
  /** When, in seconds since 1970. */
  readonly atS: number;
}

export interface Seat {
  readonly member: Member;
  tokenHash: string;
  /** Where its member came from last. */
  address: string;
  /** The last names that this member had, newest last: a lost `renamed` must not lock its owner out. */
  formerNames: FormerName[] | undefined;
  /** It has its name since this event; 0 where it came with it. */
  namedAfter: number;
  /** Who sits here now. Nobody while the connection is broken. */
  session: Sitter | undefined;
  /** When the connection broke, in the hub's milliseconds. */
  lostAt: number;
}

/** A resent request may be this many names old. */
const FORMER_NAMES_MAX = 8;

/** The seat's member is about to give up `name`. What is answered is to be told with which event. */
export function rememberName(seat: Seat, name: string, atS: number): (seq: number) => void {
  const former: FormerName = { name: foldName(name), atS };
  const formerNames = (seat.formerNames ??= []);
  formerNames.push(former);
  if (formerNames.length > FORMER_NAMES_MAX) formerNames.shift();
  return (seq) => {
    Object.assign(former, { after: seat.namedAfter, until: seq });
    seat.namedAfter = seq;
  };
}

function formerName({ formerNames }: Seat, fold: string): FormerName | undefined {
  return formerNames?.findLast(({ name }) => name === fold);
}

/** Those who went last can still be banned. */
const LATELY_MAX = 1_000;

export class Seats {
  readonly #byMember = new Map<Member, Seat>();
  readonly #byToken = new Map<string, Seat>();
  /** Who had a name, by its fold, before they went. */
  readonly #lately = new Map<string, Bearer>();

  add(member: Member, token: string, address: string): Seat {
    const tokenHash = hashSecret(token);
    const seat: Seat = {
      member,
      tokenHash,
      address,
      formerNames: undefined,
      namedAfter: 0,
      session: undefined,
      lostAt: 0,
    };
    this.#byMember.set(member, seat);
    this.#byToken.set(seat.tokenHash, seat);
    return seat;
  }

  remove(seat: Seat): void {
    const { member, address } = seat;
    this.#byMember.delete(member);
    this.#byToken.delete(seat.tokenHash);
    const fold = foldName(member.name);
    this.#lately.delete(fold);
    this.#lately.set(fold, { identity: member.identity, address });
    const [oldest] = this.#lately.keys();
    if (this.#lately.size > LATELY_MAX && oldest !== undefined) this.#lately.delete(oldest);
  }

  of(member: Member): Seat | undefined {
    return this.#byMember.get(member);
  }

  /** From now on the seat is proved by `token`, and by nothing else that was given for it. */
  renew(seat: Seat, token: string): void {
    this.#byToken.delete(seat.tokenHash);
    seat.tokenHash = hashSecret(token);
    this.#byToken.set(seat.tokenHash, seat);
  }

  /** The seat that `token` proves to be of whoever asks for `name`. */
  claimed(name: string, token: string | undefined): Seat | undefined {
    const seat = token === undefined ? undefined : this.#byToken.get(hashSecret(token));
    if (!seat) return undefined;
    const fold = foldName(name);
    return foldName(seat.member.name) === fold || formerName(seat, fold) ? seat : undefined;
  }

  /** Who has the name, or had it lately. */
  bearerOf(name: string): Bearer | undefined {
    const seat = this.named(name);
    return seat ? { identity: seat.member.identity, address: seat.address } : this.#lately.get(foldName(name));
  }

  /** Whoever is inside and gave up the name last, where nobody has it now: to be renamed is not to be gone. */
  formerly(name: string): Seat | undefined {
    if (this.named(name)) return undefined;
    const fold = foldName(name);
    const gaveUpS = (seat: Seat) => formerName(seat, fold)?.atS ?? 0;
    const seats = [...this.#byMember.values()].filter((seat) => formerName(seat, fold));
    return seats.toSorted((one, other) => gaveUpS(other) - gaveUpS(one))[0];
  }

  /** The name, and those that whoever has it had before and gave up at `sinceS` or later. Where nobody has it, it is that of all who had it. */
  namesOf(name: string, sinceS: number): readonly NameHeld[] {
    const seat = this.named(name);
    const after = seat?.namedAfter ?? 0;
    const former = (seat?.formerNames ?? [])
      .filter(({ atS }) => atS >= sinceS)
      .map(({ name, after, until }) => ({ name, after, until }));
    return [{ name: foldName(name), ...(after > 0 && { after }) }, ...former];
  }

  /** Every place of one person: `seat`, and those of the same key. */
  allOf(identity: number | undefined, seat: Seat | undefined): Seat[] {
    return [...this.#byMember.values()].filter(
      (each) => each === seat || (identity !== undefined && each.member.identity === identity),
    );
  }

  membersOf(identity: number): Member[] {
    return [...this.#byMember.keys()].filter((member) => member.identity === identity);
  }

  /** The seat of whoever is called `name` now. */
  named(name: string): Seat | undefined {
    const fold = foldName(name);
    for (const seat of this.#byMember.values()) if (foldName(seat.member.name) === fold) return seat;
    return undefined;
  }

  [Symbol.iterator](): IterableIterator<Seat> {
    return this.#byMember.values();
  }
}
