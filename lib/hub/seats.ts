// Seats: a member's place in the room outlives the connection. Who may take it, and until when it is kept.
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

export interface Seat {
  readonly member: Member;
  tokenHash: string;
  /** Where its member came from last. */
  address: string;
  /** Folds of the last names that this member had, newest last, and when each was given up, in seconds since 1970: a lost `renamed` must not lock its owner out. */
  formerNames: Map<string, number> | undefined;
  /** Who sits here now. Nobody while the connection is broken. */
  session: Sitter | undefined;
  /** When the connection broke, in the hub's milliseconds. */
  lostAt: number;
}

/** A resent request may be this many names old. */
const FORMER_NAMES_MAX = 8;

/** The seat's member is about to give up `name`. */
export function rememberName(seat: Seat, name: string, nowS: number): void {
  const formerNames = (seat.formerNames ??= new Map());
  const fold = foldName(name);
  formerNames.delete(fold);
  formerNames.set(fold, nowS);
  const [oldest] = formerNames.keys();
  if (formerNames.size > FORMER_NAMES_MAX && oldest !== undefined) formerNames.delete(oldest);
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
    const seat: Seat = { member, tokenHash, address, formerNames: undefined, session: undefined, lostAt: 0 };
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
    return foldName(seat.member.name) === fold || seat.formerNames?.has(fold) ? seat : undefined;
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
    const seats = [...this.#byMember.values()].filter(({ formerNames }) => formerNames?.has(fold));
    return seats.toSorted((one, other) => other.formerNames!.get(fold)! - one.formerNames!.get(fold)!)[0];
  }

  /** Folds of the names that whoever has this one had before, and gave up at `sinceS` or later. */
  formerNamesOf(name: string, sinceS: number): readonly string[] {
    return [...(this.named(name)?.formerNames ?? [])].filter(([, at]) => at >= sinceS).map(([fold]) => fold);
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
