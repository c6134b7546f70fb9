// The door: who may come in, as what, and under whose name. Asks the guest list; changes it only by who comes.
import type { Access } from "../access/access.ts";
import type { Restriction } from "../access/acts.ts";
import type { InvitationRow } from "../access/invitations.ts";
import { type Join, type Refusal, refuse } from "../protocol/message.ts";
import { foldName } from "../protocol/name.ts";
import { looksOf } from "../room/look.ts";
import { GUEST, type Role, type Rights } from "../room/member.ts";
import { attempt } from "./attempt.ts";
import type { Buckets } from "./buckets.ts";
import type { Order } from "./order.ts";
import type { Clocks } from "./restrictions.ts";

/** Who stands there. */
export interface Comer {
  readonly host: boolean;
  readonly address: string;
  /** It has proved this one. */
  readonly key: string | undefined;
}

/** Somebody may come in. */
export interface Entrance {
  readonly rights: Rights;
  /** What it came with, which is used up by it. */
  readonly invitation?: InvitationRow | undefined;
  readonly link?: string | undefined;
  /** Its key, where that is not on the list yet, or another's until now. */
  readonly key?: string | undefined;
}

/** Somebody has come in, as far as the guest list is concerned. */
export interface Entered {
  readonly rights: Rights;
  /** Throws where the disk does not take it. */
  takeBack(): void;
  /** Who has made an operator of them, by the invitation. */
  readonly promotedBy?: string;
}

export interface DoorOptions {
  readonly access: Access;
  readonly order: Order;
  /** Wrong secrets: whoever guesses has to wait. */
  readonly tries: Buckets;
  readonly clocks: Clocks;
  /** Only who is invited comes in. */
  readonly isPrivate: boolean;
}

/** Of one who may do no more than everybody, but was let in. */
const ADMITTED = "member";
const ROLE_OF_SCOPE: Readonly<Record<string, Role | undefined>> = { read: "reader", bot: "bot", operator: "operator" };

export class Door {
  readonly #options: DoorOptions;

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** Whether `comer` may come in, under the name that it wants, and as what. */
  admit(join: Join, comer: Comer): Entrance | Refusal {
    return attempt(join.re, () => this.#admit(join, comer));
  }

  #admit(join: Join, comer: Comer): Entrance | Refusal {
    const { access, order } = this.#options;
    const { re } = join;
    if (comer.host) return { rights: { ...GUEST, host: true } };
    const identity = this.#identityOf(join, comer);
    if (typeof identity === "object") return identity;
    const bearer = { identity, address: comer.address };
    const own = comer.key === undefined ? undefined : access.names.identityOf(comer.key);
    // Another's code does not make a key another one.
    const ban = order.restrictions.banOf(bearer) ?? (own === undefined ? undefined : this.banOf(own, comer.address));
    if (ban) return refuse("banned", banSentence(ban, identity !== undefined && ban.identity === identity), re);
    const known = identity === undefined ? undefined : access.names.roleOf(identity);
    const invitation = this.#invitationOf(join, comer, known);
    if (invitation && "type" in invitation) return invitation;
    if (this.#options.isPrivate && !invitation && known === undefined)
      return refuse("invite-needed", "This room is private: ask its host for an invitation, a link to join with.", re);
    const owned = this.ownedByOther(join.name, identity, re);
    if (owned) return owned;
    const rights = {
      host: false,
      identity,
      role: roleOf(invitation?.scope, known),
      mutedUntil: order.restrictions.mutedUntil(bearer),
    };
    const isLinking = join.link !== undefined && own !== identity;
    const key = own === undefined || isLinking ? comer.key : undefined;
    return { rights, invitation, key, ...(isLinking && { link: join.link }) };
  }

  banOf(identity: number | undefined, address: string): Restriction | undefined {
    return this.#options.order.restrictions.banOf({ identity, address });
  }

  /** Whose the key is from now on; nothing where there is none. Throws where the disk does not take it. */
  known({ link, key, rights: { identity } }: Entrance): number | undefined {
    const { names } = this.#options.access;
    if (key === undefined) return identity;
    if (identity === undefined) return names.add(key);
    if (link !== undefined) names.link(link, key, identity);
    return identity;
  }

  /** Somebody comes in: what they came with is used up, and they are known from now on. Throws where the disk does not take it. */
  entering(entrance: Entrance, name: string): Entered {
    const { access, clocks } = this.#options;
    const { invitation, rights } = entrance;
    const identity = this.known(entrance);
    const entered = { ...rights, identity };
    if (!invitation) return { rights: entered, takeBack() {} };
    const stored = identity === undefined ? undefined : access.names.roleOf(identity);
    const isPromoted = rights.role === "operator" && stored !== "operator";
    const act = access.together(() => {
      access.invitations.use(invitation.id);
      if (identity !== undefined) access.names.setRole(identity, rights.role ?? ADMITTED);
      if (!isPromoted) return undefined;
      return access.acts.add({
        at: clocks.clockS(),
        act: "opped",
        by: invitation.by,
        host: false,
        name,
        text: `by invitation ${invitation.id}`,
        seconds: null,
        detail: JSON.stringify({ identity, role: stored }),
        final: false,
      });
    });
    const takeBack = () =>
      access.together(() => {
        access.invitations.use(invitation.id, -1);
        if (identity !== undefined) access.names.setRole(identity, stored);
        if (act !== undefined) access.acts.remove(act);
      });
    return { rights: entered, takeBack, ...(isPromoted && { promotedBy: invitation.by }) };
  }

  /** Why nobody but its owner may be called `name`, or what is taken for it at a glance. */
  ownedByOther(name: string, identity: number | undefined, re: string | undefined): Refusal | undefined {
    const { access, clocks } = this.#options;
    return attempt(re, () => {
      const owner = access.names.ownerOf(looksOf(name), clocks.clockS(), identity);
      if (!owner) return undefined;
      const whose = owner.name === name ? "is" : `looks like ${owner.name}, which is`;
      return refuse(
        "name-owned",
        `${name} ${whose} somebody else's name; try another one. If it is yours, use the device you had it on: /link there adds this one.`,
        re,
      );
    });
  }

  /** A member with a key goes by `name`: it is theirs. */
  named(identity: number | undefined, name: string): void {
    if (identity === undefined) return;
    const { access, clocks } = this.#options;
    try {
      access.names.use(identity, foldName(name), name, looksOf(name), clocks.clockS());
    } catch {
      // The disk is full, perhaps: then the name is theirs while they are here, like a guest's.
    }
  }

  /** Whose key it is, as far as that is known. */
  #identityOf({ link, re }: Join, { key, address }: Comer): number | undefined | Refusal {
    const { access, clocks, tries } = this.#options;
    if (key === undefined)
      return link === undefined ? undefined : refuse("bad-signature", "A link code needs a key to link.", re);
    const identity = access.names.identityOf(key);
    if (link === undefined) return identity;
    const tooMany = this.#mayNotTry(address, re);
    if (tooMany) return tooMany;
    const linked = access.names.linkedBy(link, clocks.clockS());
    // Whoever comes again, after a welcome that was lost, has used it already.
    if (linked !== undefined || identity !== undefined) return linked ?? identity;
    tries.take(address, clocks.now());
    return refuse("bad-invite", "That code is wrong, used or too old; /link on the other device gives a new one.", re);
  }

  #invitationOf(
    { invite, re }: Join,
    { address }: Comer,
    known: string | undefined,
  ): InvitationRow | Refusal | undefined {
    if (invite === undefined) return undefined;
    const { access, clocks } = this.#options;
    const tooMany = known === undefined ? this.#mayNotTry(address, re) : undefined;
    if (tooMany) return tooMany;
    const invitation = access.invitations.find(invite, clocks.clockS());
    // Who was let in before keeps the link they came with, and it makes them no more than they are.
    if (known !== undefined && (!invitation || ROLE_OF_SCOPE[invitation.scope] === undefined)) return undefined;
    if (known === "operator") return undefined;
    if (invitation) return invitation;
    this.#options.tries.take(address, clocks.now());
    const way = this.#options.isPrivate ? "ask the host for a new one" : "the room is open to all, so join without it";
    return refuse("bad-invite", `That invitation is wrong, too old, used up or called back; ${way}.`, re);
  }

  #mayNotTry(address: string, re: string | undefined): Refusal | undefined {
    const waitMs = this.#options.tries.waitMs(address, this.#options.clocks.now());
    if (waitMs === 0) return undefined;
    return refuse(
      "too-many-tries",
      `Too many wrong invitations or codes came from your address. Try again in ${Math.ceil(waitMs / 1_000)} s.`,
      re,
    );
  }
}

/** The better of what somebody is and what the invitation makes of them. */
function roleOf(scope: string | undefined, known: string | undefined): Role | undefined {
  const [before, now] = [known, scope === undefined ? undefined : (ROLE_OF_SCOPE[scope] ?? ADMITTED)];
  for (const role of ["operator", "bot"] as const) if (before === role || now === role) return role;
  return before === ADMITTED || now === ADMITTED || (before ?? now) === undefined ? undefined : "reader";
}

/** `isSure`: it is the one who was meant, and not somebody else at the same address. */
function banSentence({ name, at, seconds, by, text }: Restriction, isSure: boolean): string {
  const until =
    seconds === null
      ? ""
      : ` until ${new Date((at + seconds) * 1_000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const because = text === null ? "." : `: ${text}`;
  if (isSure) return `You are banned${until} by ${by}${because}`;
  return `${name} was banned${until} by ${by}${because.replace(/\.?$/, ".")} That keeps out everybody at your address who is new. If you are not meant, ask ${by}.`;
}
