// Bans and mutes that hold: of keys and addresses, never of names alone. Kept in the guest list.
import type { Acts, Restriction } from "../access/acts.ts";
import { foldName } from "../protocol/name.ts";
import { networkOf } from "../transport/turnstile.ts";
import type { Bearer } from "./seats.ts";

/** A restriction, and when it ends in the hub's milliseconds: whatever the machine's clock does meanwhile. */
interface Held {
  readonly row: Restriction;
  readonly endsAt: number;
}

export interface Clocks {
  /** Milliseconds from any start that never go back. */
  now(): number;
  /** Seconds since 1970. */
  clockS(): number;
}

export class Restrictions {
  readonly #acts: Acts;
  readonly #clocks: Clocks;
  #held: readonly Held[] = [];

  constructor(acts: Acts, clocks: Clocks) {
    this.#acts = acts;
    this.#clocks = clocks;
    this.reload();
  }

  /** Takes up what the list says now. What goes on holding ends when it would have ended. */
  reload(): void {
    const known = new Map(this.#held.map((held) => [held.row.id, held]));
    this.#held = this.#acts.restrictions.map((row) => known.get(row.id) ?? this.#hold(row));
  }

  /** The ban that keeps `bearer` out. */
  banOf(bearer: Bearer): Restriction | undefined {
    return this.inForce("ban").find((row) => concerns(row, bearer));
  }

  /** Until when `bearer` may not speak, in the hub's milliseconds. */
  mutedUntil(bearer: Bearer): number {
    const now = this.#clocks.now();
    const ends = this.#held
      .filter(({ row, endsAt }) => row.kind === "mute" && endsAt > now && concerns(row, bearer))
      .map(({ endsAt }) => endsAt);
    return Math.max(Number.NEGATIVE_INFINITY, ...ends);
  }

  inForce(kind: Restriction["kind"]): Restriction[] {
    const now = this.#clocks.now();
    return this.#held.flatMap(({ row, endsAt }) => (row.kind === kind && endsAt > now ? [row] : []));
  }

  /** Those on who was called `name`. */
  on(name: string, kind: Restriction["kind"]): Restriction[] {
    const fold = foldName(name);
    return this.inForce(kind).filter((row) => foldName(row.name) === fold);
  }

  #hold(row: Restriction): Held {
    // A clock that was set back must not make it longer than it was meant to be.
    const restS =
      row.seconds === null
        ? Infinity
        : Math.min(Math.max(row.at + row.seconds - this.#clocks.clockS(), 0), row.seconds);
    return { row, endsAt: this.#clocks.now() + restS * 1_000 };
  }
}

/** Whether `row` is about `bearer`: by the key, or by the address, where it has no key, or only one that is newer than the restriction. */
function concerns(row: Restriction, { identity, address }: Bearer): boolean {
  return (
    (identity !== undefined && row.identity === identity) ||
    (address !== undefined &&
      row.address !== null &&
      networkOf(row.address) === networkOf(address) &&
      (identity === undefined || identity > row.newest))
  );
}
