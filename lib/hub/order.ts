// The order of a room: puts in force what operators ask for and the rules allow. Kept in the guest list, taken back where the log cannot take it.
import type { Access } from "../access/access.ts";
import type { ActRow, Restriction } from "../access/acts.ts";
import { PURGE_S } from "../protocol/limits.ts";
import { type Fact, type Refusal, refuse } from "../protocol/message.ts";
import type { Act } from "../protocol/moderation.ts";
import { foldName } from "../protocol/name.ts";
import { looksOf } from "../room/look.ts";
import type { Member, Role } from "../room/member.ts";
import type { Room } from "../room/room.ts";
import { networkOf } from "../transport/turnstile.ts";
import { attempt } from "./attempt.ts";
import { Purges } from "./purges.ts";
import { type Clocks, Restrictions } from "./restrictions.ts";
import type { Bearer, Seat, Seats } from "./seats.ts";

export interface OrderOptions {
  readonly access: Access;
  readonly room: Room;
  readonly seats: Seats;
  readonly clocks: Clocks;
}

export type Moderated = Extract<Fact, { type: "moderated" }>;
export type Ordering = Moderated | Extract<Fact, { type: "exited" }>;

/** An act that is in force, as everybody is to hear of it. */
export interface Done {
  readonly fact: Ordering;
  /** Who is to be put out by it: whoever was meant when it was decided, whatever they are called by the time it is on disk. */
  readonly meant: readonly Seat[];
  /** It is in the log, at this sequence number. */
  settled(seq: number): void;
  /** The log could not take it: everything is as before. */
  takeBack(): void;
}

/** What it takes to take an act back. */
export interface Detail {
  readonly restriction?: Restriction;
  readonly purge?: number;
  readonly slowMs?: number;
  readonly identity?: number | undefined;
  /** What the identity was on the list before. */
  readonly role?: string | undefined;
}

/** Changes what the list says; what it answers changes it back, and may say what it takes to do so later. */
type Change = () => (() => void) | { readonly back: () => unknown; readonly detail: Detail };

const nothing = () => {};
const unchanged = () => nothing;

export class Order {
  readonly purges = new Purges();
  readonly restrictions: Restrictions;
  readonly #options: OrderOptions;
  /** Purges whose reach is known, and not on the list yet, because the disk did not take it. */
  readonly #reaches = new Map<number, number>();
  /** When members have spoken last, as far as the room is in slow mode: whoever leaves and comes again has not waited. */
  #spoke = new Map<number | string, number>();

  /** Takes up what held when the last process ended. */
  constructor(options: OrderOptions) {
    this.#options = options;
    this.restrictions = new Restrictions(options.access.acts, options.clocks);
    this.#reload();
  }

  /** What holds is what the list says. */
  #reload(): void {
    const { access, room, seats } = this.#options;
    this.restrictions.reload();
    this.purges.reload(
      access.acts.purges.map((purge) => ({ ...purge, before: this.#reaches.get(purge.id) ?? purge.before })),
    );
    room.slowMs = Number(access.acts.setting("slow_ms") ?? 0);
    const lock = access.acts.setting("locked_after") ?? "";
    room.lockedAfter = lock === "" ? undefined : Number(lock);
    for (const { member, address } of seats)
      member.mutedUntil = this.restrictions.mutedUntil({ identity: member.identity, address });
  }

  /** Puts `fact` in force, which `who` asked for and the rules allow. `undoes`: the act that it takes back. */
  put(fact: Ordering, who: Member, undoes?: ActRow): Done | Refusal {
    const { access } = this.#options;
    return attempt(fact.re, () => {
      const change = this.#changeOf(fact, who, JSON.parse(undoes?.detail ?? "{}") as Detail);
      if ("refusal" in change) return change.refusal;
      const { named = fact, settled, inMemory } = change;
      const meant = this.#meant(named, change.bearer);
      const [back, id] = access.together(() => {
        if (undoes) access.acts.setUndone(undoes.id);
        const done = change.run();
        const { back, detail } = typeof done === "function" ? { back: done, detail: {} } : done;
        const act = named.type === "exited" ? "kicked" : named.act;
        return [back, this.#note(act, who, named, detail, undoes !== undefined)] as const;
      });
      const takeBack = () => {
        back();
        access.acts.remove(id);
        if (undoes) access.acts.setUndone(undoes.id, false);
      };
      // Only now: what the disk has not taken must not hold.
      const forget = inMemory?.() ?? nothing;
      if (change.run !== unchanged) this.#reload();
      return {
        fact: named,
        meant,
        settled: (seq) => settled && this.#amend(() => settled(seq)),
        takeBack: () => {
          forget();
          this.#amend(takeBack);
        },
      };
    });
  }

  /** The places of whoever is to be put out. Somebody else of the same name is not meant. */
  #meant({ type, name = "" }: Ordering, bearer: Bearer | undefined): readonly Seat[] {
    const { seats } = this.#options;
    const seat = seats.named(name);
    if (type === "exited") return seats.allOf(seat?.member.identity, seat);
    if (!bearer) return [];
    const { identity, address } = bearer;
    const isMeant =
      seat &&
      seat.member.identity === identity &&
      (identity !== undefined || (address !== undefined && networkOf(seat.address) === networkOf(address)));
    return seats.allOf(identity, isMeant ? seat : undefined);
  }

  /** Notes what was done without an event of its own. Throws where the disk does not take it. */
  note(act: Act, who: Member, text: string): void {
    this.#note(act, who, { text }, {}, false);
  }

  #note(act: Act | "other", { name: by, host }: Member, fact: Noted, detail: Detail, final: boolean): number {
    const { name = null, text = null, seconds = null } = fact;
    const at = this.#options.clocks.clockS();
    return this.#options.access.acts.add({
      at,
      act,
      by,
      host,
      name,
      text,
      seconds,
      detail: JSON.stringify(detail),
      final,
    });
  }

  /** Where the disk does not take it, the list goes on as it is, and so does what holds. */
  #amend(run: () => void): void {
    try {
      this.#options.access.together(() => {
        run();
        this.#writeReaches();
      });
      this.#reaches.clear();
    } catch {
      // What must hold all the same is in memory.
    }
    this.#reload();
  }

  #writeReaches(): void {
    for (const [id, before] of this.#reaches) this.#options.access.acts.purgeUpTo(id, before);
  }

  /** Withdraws what was to be withdrawn when the last process ended before its reach was noted: up to the event `before`. */
  finishPurges(before: number): void {
    for (const purge of this.#options.access.acts.purges) if (purge.before === 0) this.#reaches.set(purge.id, before);
    if (this.#reaches.size > 0) this.#amend(nothing);
  }

  /** A member has spoken in slow mode. */
  spoke(member: Member, address: string): void {
    member.saidAt = this.#options.clocks.now();
    this.#spoke.set(member.identity ?? networkOf(address), member.saidAt);
  }

  /** When whoever this is has spoken last. */
  spokeAt({ identity }: Member, address: string): number {
    if (this.#options.room.slowMs === 0) this.#spoke.clear();
    return this.#spoke.get(identity ?? networkOf(address)) ?? Number.NEGATIVE_INFINITY;
  }

  #changeOf(fact: Ordering, who: Member, detail: Detail): Changing | { readonly refusal: Refusal } {
    if (fact.type === "exited") return { run: unchanged };
    switch (fact.act) {
      case "banned":
      case "muted":
        return this.#restricted(fact, who, fact.act === "banned" ? "ban" : "mute", detail.restriction);
      case "unbanned":
      case "unmuted":
        return this.#lifted(fact, fact.act === "unbanned" ? "ban" : "mute", detail.restriction);
      case "opped":
      case "deopped":
        return this.#promoted(fact, detail);
      case "slowed":
        return this.#slowed(fact, detail.slowMs ?? (fact.seconds ?? 0) * 1_000);
      case "locked":
      case "unlocked":
        return this.#locked(fact.act === "locked");
      case "purged":
        return this.#purged(fact);
      case "restored":
        return this.#restored(fact, detail.purge ?? 0);
      case "kicked":
      case "invited":
      case "uninvited":
      case "other":
        return { refusal: refuse("not-allowed", "Nobody can ask for that.", fact.re) };
    }
  }

  #restricted(fact: Moderated, who: Member, kind: "ban" | "mute", again?: Restriction): Changing | NoChange {
    const { access, seats, clocks } = this.#options;
    const name = fact.name ?? "";
    const bearer: Bearer | undefined = again
      ? { identity: again.identity ?? undefined, address: again.address ?? undefined }
      : (seats.bearerOf(name) ?? this.#absent(name));
    if (!bearer)
      return noChange("no-such-member", `${name} is not here and was not here lately; /names shows who is.`, fact);
    const row = {
      kind,
      name,
      identity: bearer.identity ?? null,
      address: bearer.address ?? null,
      newest: again?.newest ?? access.names.newest,
      by: who.name,
      at: again?.at ?? clocks.clockS(),
      seconds: again?.seconds ?? fact.seconds ?? null,
      text: again?.text ?? fact.text ?? null,
    };
    return {
      ...(kind === "ban" && { bearer }),
      run: () => {
        const restriction = access.acts.restrict(row);
        return { back: () => access.acts.lift(restriction.id), detail: { restriction } };
      },
    };
  }

  /** Whoever owns the name, and was not here lately. */
  #absent(name: string): Bearer | undefined {
    const owned = this.#options.access.names.ownerOf(looksOf(name), this.#options.clocks.clockS());
    return owned && { identity: owned.identity, address: undefined };
  }

  /** `only`: where one act is taken back, others on the same name stay. */
  #lifted(fact: Moderated, kind: "ban" | "mute", only?: Restriction): Changing | NoChange {
    const name = fact.name ?? "";
    const { acts } = this.#options.access;
    const restrictions = this.restrictions.on(name, kind).filter(({ id }) => only === undefined || id === only.id);
    const [restriction] = restrictions;
    if (!restriction)
      return noChange(
        "no-such-member",
        `${name} is not ${kind === "ban" ? "banned; /bans shows who is" : "muted"}.`,
        fact,
      );
    return {
      named: { ...fact, name: restriction.name },
      run: () => {
        for (const { id } of restrictions) acts.lift(id);
        const back = () => {
          for (const { id: _lifted, ...row } of restrictions) acts.restrict(row);
        };
        return { back, detail: { restriction } };
      },
    };
  }

  #promoted(fact: Moderated, { identity: absent, role: before }: Detail): Changing | NoChange {
    const { access, room, seats } = this.#options;
    const name = fact.name ?? "";
    const member = room.get(name);
    const identity = member?.identity ?? absent ?? this.#absent(name)?.identity;
    const isOp = fact.act === "opped";
    const stored = identity === undefined ? undefined : access.names.roleOf(identity);
    if (!member && (identity === undefined || (!isOp && stored !== "operator")))
      return noChange("no-such-member", `${name} is not here, and is no operator.`, fact);
    // Taken back, somebody is what they were; else one in whom it ends is still somebody who was let in.
    const next = isOp ? "operator" : (before ?? "member");
    const role: Role | undefined = next === "member" ? undefined : (next as Role);
    return {
      run: () => {
        if (identity !== undefined) access.names.setRole(identity, next);
        // What it was to make of others ends with it.
        if (!isOp) access.invitations.removeAll(member?.name ?? name, "operator");
        return {
          back: () => identity !== undefined && access.names.setRole(identity, stored),
          detail: { identity, role: stored },
        };
      },
      inMemory: () => {
        const devices = identity === undefined ? [member!] : seats.membersOf(identity);
        const roles = devices.map((each) => each.role);
        for (const each of devices) each.role = role;
        return () => devices.forEach((each, index) => (each.role = roles[index]));
      },
    };
  }

  #slowed(fact: Moderated, slowMs: number): Changing {
    const { access, room } = this.#options;
    const before = room.slowMs;
    const set = (value: number) => access.acts.set("slow_ms", String(value));
    return {
      named: { ...fact, seconds: slowMs / 1_000 },
      run: () => {
        set(slowMs);
        return { back: () => set(before), detail: { slowMs: before } };
      },
    };
  }

  #locked(locked: boolean): Changing {
    const { acts, names } = this.#options.access;
    const before = acts.setting("locked_after") ?? "";
    const set = (value: string) => acts.set("locked_after", value);
    return {
      run: () => {
        set(locked ? String(names.newest) : "");
        return () => set(before);
      },
    };
  }

  #purged({ seconds = PURGE_S, ...fact }: Moderated): Changing {
    const { access, seats, clocks } = this.#options;
    const name = fact.name ?? "";
    const sinceS = clocks.clockS() - seconds;
    const names = [...new Set([foldName(name), ...seats.formerNamesOf(name, sinceS)])];
    const since = new Date(sinceS * 1_000).toISOString();
    let id = 0;
    return {
      named: { ...fact, since, names },
      run: () => {
        // It covers nothing yet, should this process end before the event is on disk.
        ({ id } = access.acts.purge({ names, since, before: 0 }));
        return { back: () => access.acts.restore(id), detail: { purge: id } };
      },
      settled: (seq) => void this.#reaches.set(id, seq),
    };
  }

  #restored(fact: Moderated, id: number): Changing | NoChange {
    const { access } = this.#options;
    const purge = this.purges.get(id);
    if (!purge) return noChange("not-allowed", "That was taken back already.", fact);
    return {
      named: { ...fact, since: purge.since, names: [...purge.names] },
      run: () => {
        access.acts.restore(id);
        return () => void access.acts.purge(purge);
      },
    };
  }
}

/** A change that may be made. */
interface Changing {
  /** The fact, where more of it is known than was asked for. */
  readonly named?: Ordering;
  readonly run: Change;
  /** Who is meant by it, where they are to be put out. */
  readonly bearer?: Bearer;
  /** Changes what is not on the list, once that was changed; what it answers changes it back. */
  readonly inMemory?: () => () => void;
  readonly settled?: (seq: number) => void;
}

interface NoChange {
  readonly refusal: Refusal;
}

interface Noted {
  readonly name?: string | undefined;
  readonly text?: string | undefined;
  readonly seconds?: number | undefined;
}

function noChange(code: Refusal["code"], text: string, { re }: Moderated): NoChange {
  return { refusal: refuse(code, text, re) };
}
