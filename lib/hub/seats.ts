// Seats: a member's place in the room outlives the connection. Who may take it, and until when it is kept.
import { foldName } from "../protocol/name.ts";
import type { Member } from "../room/room.ts";
import type { ByeCode, ServerMessage } from "../protocol/message.ts";

/** Whoever is connected, as far as a seat is concerned. */
export interface Sitter {
  send(message: ServerMessage): void;
  /** Says why it is over, and closes the wire. */
  end(code: ByeCode, text: string, more?: { readonly re?: string | undefined; readonly retry_ms?: number }): void;
}

export interface Seat {
  readonly member: Member;
  readonly tokenHash: string;
  /** Folds of the last names that this member had, newest last: a lost `renamed` must not lock its owner out. */
  formerNames: Set<string> | undefined;
  /** Who sits here now. Nobody while the connection is broken. */
  session: Sitter | undefined;
  /** When the connection broke, in the hub's milliseconds. */
  lostAt: number;
}

/** A resent request may be this many names old. */
const FORMER_NAMES_MAX = 8;

/** The seat's member is about to give up `name`. */
export function rememberName(seat: Seat, name: string): void {
  const formerNames = (seat.formerNames ??= new Set());
  const fold = foldName(name);
  formerNames.delete(fold);
  formerNames.add(fold);
  const [oldest] = formerNames;
  if (formerNames.size > FORMER_NAMES_MAX && oldest !== undefined) formerNames.delete(oldest);
}

export function newToken(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url");
}

function hashToken(token: string): string {
  return new Bun.CryptoHasher("sha256").update(token).digest("base64url");
}

export class Seats {
  readonly #byMember = new Map<Member, Seat>();
  readonly #byToken = new Map<string, Seat>();

  add(member: Member, token: string): Seat {
    const seat: Seat = { member, tokenHash: hashToken(token), formerNames: undefined, session: undefined, lostAt: 0 };
    this.#byMember.set(member, seat);
    this.#byToken.set(seat.tokenHash, seat);
    return seat;
  }

  remove(seat: Seat): void {
    this.#byMember.delete(seat.member);
    this.#byToken.delete(seat.tokenHash);
  }

  of(member: Member): Seat | undefined {
    return this.#byMember.get(member);
  }

  /** The seat that `token` proves to be of whoever asks for `name`. */
  claimed(name: string, token: string | undefined): Seat | undefined {
    const seat = token === undefined ? undefined : this.#byToken.get(hashToken(token));
    if (!seat) return undefined;
    const fold = foldName(name);
    return foldName(seat.member.name) === fold || seat.formerNames?.has(fold) ? seat : undefined;
  }

  [Symbol.iterator](): IterableIterator<Seat> {
    return this.#byMember.values();
  }
}
