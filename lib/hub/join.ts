// Coming in: as somebody new, or on a seat that is one's own already.
import { newSecret } from "../access/secret.ts";
import { encodeWelcome } from "../protocol/codec.ts";
import { HISTORY_PAGE, JOIN_HISTORY_BYTES_MAX, PROTOCOL } from "../protocol/limits.ts";
import { type Join, type Refusal, refuse, type Welcome } from "../protocol/message.ts";
import { foldName } from "../protocol/name.ts";
import { decide, lockedOut } from "../room/decide.ts";
import type { Room } from "../room/room.ts";
import { EVENT_BYTES, type Guest, type House, STORAGE_FAILED } from "./asks.ts";
import { attempt } from "./attempt.ts";
import type { Entered } from "./door.ts";
import type { Seat } from "./seats.ts";
import type { Ask } from "./turns.ts";

/** Bytes that a welcome has for each member, about. */
const NAME_BYTES = 16;

/** What is told at the moment of the join, whatever happens until it is on disk. */
interface Snapshot extends Pick<Welcome, "name" | "token" | "topic" | "role"> {
  readonly names: Uint8Array;
  readonly verified: Uint8Array;
}

/** `key`: it was proved to be the guest's. */
export function joinAsk(house: House, guest: Guest, message: Join, key: string | undefined): Ask {
  const token = newSecret();
  let refusal: Refusal | undefined;
  /** The seat of somebody new; an own one is there already. */
  let entering: Seat | undefined;
  let entered: Entered | undefined;
  let snapshot: Snapshot | undefined;
  const seated = (room: Room, seat: Seat, proof: string) => {
    guest.seat = seat;
    seat.address = guest.address;
    const { name, role } = seat.member;
    snapshot = {
      name,
      token: proof,
      names: room.names,
      verified: room.verified,
      ...(role && { role }),
      ...(room.topic !== undefined && { topic: room.topic }),
    };
  };
  /** On a seat that is there. */
  const replaced = (room: Room, own: Seat, proof: string): undefined => {
    own.session?.end("replaced", "You are here over another connection now; this one has left.");
    own.session = guest.over ? undefined : guest;
    seated(room, own, proof);
  };
  return {
    // Who has a place here is in already: it may be about to be given up.
    isEntrance: house.seats.claimed(message.name, message.token) === undefined,
    // In a room of a thousand, a thousand who come at once are many turns, and those who talk have theirs in each of them.
    bytes: EVENT_BYTES + house.room.size * NAME_BYTES,
    get rights() {
      return entered?.rights;
    },
    decide(room) {
      const own = guest.seat ? undefined : house.seats.claimed(message.name, message.token);
      if (own && message.room === room.name && room.has(own.member)) {
        const ban = house.door.banOf(own.member.identity, guest.address);
        // One whose going the log could not take.
        if (!ban || own.member.host) return replaced(room, own, message.token!);
      }
      const decision = decide(room, guest.seat?.member ?? { host: guest.host }, message);
      // What is wrong whoever asks is said first; whether a name is free is told only to those who may come in.
      const isWrong = decision.type === "refused" && decision.code !== ABOUT_HOLDER;
      const admitted = isWrong
        ? decision
        : house.door.admit(message, { host: guest.host, address: guest.address, key });
      if ("type" in admitted) {
        refusal = admitted;
        return undefined;
      }
      const held = seatOfKey(house, room, message.name, admitted.rights.identity);
      if (held) {
        const known = attempt(message.re, () => house.door.known(admitted));
        if (typeof known === "object") {
          refusal = known;
          return undefined;
        }
        // Its old proofs are those of another device, or lost.
        house.seats.renew(held, token);
        return replaced(room, held, token);
      }
      refusal = decision.type === "refused" ? decision : lockedOut(room, admitted.rights, message.re);
      if (refusal || decision.type !== "entered") return undefined;
      const entering = attempt(message.re, () => house.door.entering(admitted, message.name));
      if ("type" in entering) {
        refusal = entering;
        return undefined;
      }
      entered = entering;
      return entered.rights.identity === undefined ? decision : { ...decision, verified: true };
    },
    applied(room) {
      const member = room.get(message.name)!;
      const seat = house.seats.add(member, token, guest.address);
      member.saidAt = house.order.spokeAt(member, guest.address);
      // Who is gone before the turn is a member all the same, one whose connection broke.
      if (guest.over) seat.lostAt = house.now();
      else seat.session = guest;
      entering = seat;
      seated(room, seat, token);
    },
    settled(_event, seq) {
      if (refusal) guest.send(refusal);
      if (entering) house.door.named(entering.member.identity, entering.member.name);
      if (snapshot) letIn(house, guest, message, { ...snapshot, seq });
      if (entered?.promotedBy !== undefined)
        house.announce({ type: "moderated", act: "opped", by: entered.promotedBy, name: message.name });
      guest.settled();
    },
    failed(room) {
      const { seat } = guest;
      // Coming back writes nothing, so it needs no disk; but the place may have been one of this very turn.
      if (snapshot && seat && !entering && room.has(seat.member)) {
        seated(room, seat, snapshot.token);
        letIn(house, guest, message, { ...snapshot, seq: house.log.head });
      } else {
        guest.send(refuse("storage-failed", STORAGE_FAILED, message.re));
        if (snapshot) guest.seat = undefined;
      }
      if (entering) house.seats.remove(entering);
      attempt(message.re, () => entered?.takeBack());
      guest.settled();
    },
  };
}

/** Lets the member in: where it left off, or with the newest of what was said. */
function letIn(
  house: House,
  guest: Guest,
  { after, log: cursorOf, re, room }: Join,
  now: Snapshot & Pick<Welcome, "seq">,
): void {
  const { log, limits, server, order } = house;
  const { name, token, names, verified, role, topic, seq } = now;
  if (role === "bot" || guest.host) guest.unlimited();
  try {
    const resumed = after !== undefined && cursorOf !== undefined && after <= seq && log.continues(cursorOf, after);
    const welcome = {
      type: "welcome" as const,
      room,
      name,
      token,
      log: log.id,
      seq,
      role,
      topic,
      limits,
      server,
      protocol: PROTOCOL,
      resumed,
      re,
    };
    guest.sendBytes(encodeWelcome(welcome, names, verified));
    if (!resumed) guest.sendLines(order.purges.shown(log.said(seq + 1, HISTORY_PAGE, JOIN_HISTORY_BYTES_MAX).lines));
    guest.follow(resumed ? after : seq);
  } catch (error) {
    guest.fault(error);
  }
}

/** The refusal that is about who has the name: it does not stop its owner. */
const ABOUT_HOLDER = "name-taken";

/** The seat of whoever has proved the same key, and sits there under the same name. */
function seatOfKey({ seats }: House, room: Room, name: string, identity: number | undefined): Seat | undefined {
  const member = identity === undefined ? undefined : room.get(name);
  return member && member.identity === identity && foldName(member.name) === foldName(name)
    ? seats.of(member)
    : undefined;
}
