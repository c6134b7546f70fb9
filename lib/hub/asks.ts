// What a session submits to the room's turns: decided on the fold, answered once it is on disk.
import { decodeStored, encodeWelcome } from "../protocol/codec.ts";
import { HISTORY_PAGE, JOIN_HISTORY_BYTES_MAX, PROTOCOL } from "../protocol/limits.ts";
import {
  type Bye,
  type Fact,
  type Join,
  type Limits,
  type Refusal,
  refuse,
  type RoomEvent,
  type Welcome,
} from "../protocol/message.ts";
import { decide, NOT_JOINED, type Member, type Request, type Room, type Whispered } from "../room/room.ts";
import type { Log } from "../log/log.ts";
import { newToken, rememberName, type Seat, type Seats, type Sitter } from "./seats.ts";
import type { Ask, Caused, Turns } from "./turns.ts";

/** A session as its asks see it. */
export interface Guest extends Sitter {
  readonly host: boolean;
  /** Its wire is gone, or about to go. */
  readonly over: boolean;
  seat: Seat | undefined;
  /** Sends one line, LF included. */
  sendBytes(line: Uint8Array): void;
  sendLines(lines: readonly string[]): void;
  /** It was sent the log up to here. */
  readonly told: number;
  /** Something broke on this side: the operator hears what, the peer that it may try again. */
  fault(error: unknown): void;
  /** Lets the log come in from `after` on. */
  follow(after: number): void;
  /** One of its asks has had its turn. */
  settled(): void;
}

/** The hub as its sessions see it. */
export interface House {
  readonly room: Room;
  readonly log: Log;
  readonly turns: Turns;
  readonly seats: Seats;
  readonly limits: Limits;
  readonly server: string;
  unseat(seat: Seat, bye: Pick<Bye, "code" | "text" | "re">): void;
  /** Milliseconds from any start that never go back. */
  now(): number;
  /** Time of day for what is not in the log. */
  wallClock(): string;
}

/** Bytes that an event is larger than the line that asked for it: type, name, number, time. */
const EVENT_BYTES = 200;
/** … and that a welcome has for each member, about. */
const NAME_BYTES = 16;
const STORAGE_FAILED =
  "The server cannot write its history at the moment (disk full?). Nothing was said; try again later.";

/** What goes to the one who asked; a repeated request is answered with the event that it has caused, which is on its way if it is of this turn. */
type Answer = Refusal | Whispered | Caused;

/** Everything of a member but coming in. A class, because it is made for each message. */
export class RequestAsk implements Ask {
  readonly bytes: number;
  readonly host: boolean;
  readonly #house: House;
  readonly #guest: Guest;
  readonly #message: Exclude<Request, Join>;
  #answer: Answer | undefined;
  #target: Seat | undefined;
  /** What the guest had been sent of the log when it asked. */
  readonly #told: number;

  constructor(house: House, guest: Guest, message: Exclude<Request, Join>, bytes: number) {
    this.bytes = bytes + EVENT_BYTES;
    this.host = guest.host;
    this.#house = house;
    this.#guest = guest;
    this.#message = message;
    this.#told = guest.told;
  }

  decide(room: Room): Fact | undefined {
    const guest = this.#guest;
    const member = memberOf(guest);
    this.#answer = member && repeated(this.#house, guest.seat!, this.#message);
    if (this.#answer) return undefined;
    const decision = decide(room, member ?? { host: guest.host }, this.#message);
    if (decision.type === "refused" || decision.type === "whispered") {
      this.#answer = decision;
      return undefined;
    }
    if (decision.type === "exited") this.#target = this.#house.seats.of(room.get(decision.name)!);
    if (decision.type === "renamed" && guest.seat) rememberName(guest.seat, decision.name);
    return decision;
  }

  settled(event: RoomEvent | undefined): void {
    const guest = this.#guest;
    const { type, re } = this.#message;
    // Whoever was never in may go as well.
    if (type === "leave" && !guest.seat) guest.end("left", "Goodbye.", { re });
    else if (this.#answer) this.#deliver(this.#answer);
    if (event?.type === "exited" && this.#target) this.#house.unseat(this.#target, byeOf(event, re));
    guest.settled();
  }

  failed(): void {
    const guest = this.#guest;
    const { type, re } = this.#message;
    // A stored line is what it was; any other answer was decided on a fold that has been taken back.
    if (this.#answer && "line" in this.#answer && this.#answer.line !== undefined) this.#repeat(this.#answer.line);
    else guest.send(refuse("storage-failed", STORAGE_FAILED, re));
    // Who leaves is gone, whether or not the log could note it yet.
    if (type === "leave") guest.end("left", "Goodbye.", { re });
    guest.settled();
  }

  #deliver(answer: Answer): void {
    const guest = this.#guest;
    if ("line" in answer) return answer.line === undefined ? undefined : this.#repeat(answer.line);
    if (answer.type === "refused") return guest.send(answer);
    const { from, to, text, re } = answer;
    const listener = this.#house.seats.of(to)?.session;
    // The name is kept for a while, but a whisper is not.
    if (!listener) return guest.send(refuse("no-such-member", `${to.name} lost the connection; try again later.`, re));
    const whisper = { type: "whisper" as const, from: from.name, to: to.name, text, at: this.#house.wallClock() };
    if (to !== from) listener.send(whisper);
    // The sender's copy says that it was passed on.
    guest.send({ ...whisper, re });
  }

  /** Answers with an event that the log has. Where the guest had not been sent it when it asked, the log brings it, after what is older. */
  #repeat(line: string): void {
    if (decodeStored(line).seq <= this.#told) this.#guest.sendLines([line]);
  }
}

/** What the member's request has caused already, also when it had another name. What is not in the log may be asked for again. */
function repeated({ turns }: House, seat: Seat, { type, re }: Exclude<Request, Join>): Caused | undefined {
  if (re === undefined || type === "whisper" || type === "leave") return undefined;
  for (const name of [seat.member.name, ...(seat.formerNames ?? [])]) {
    const caused = turns.repeated(name, re);
    if (caused) return caused;
  }
  return undefined;
}

/** Who asks. Not a member any more who was replaced by another connection; still one whose own connection broke after asking. */
function memberOf(guest: Guest): Member | undefined {
  const sitter = guest.seat?.session;
  return sitter === undefined || sitter === guest ? guest.seat?.member : undefined;
}

function byeOf(
  event: Extract<RoomEvent, { type: "exited" }>,
  re: string | undefined,
): Pick<Bye, "code" | "text" | "re"> {
  if (event.why !== "kicked") return { code: "left", text: "Goodbye.", re };
  return { code: "kicked", text: `You were kicked by ${event.by}${event.text ? `: ${event.text}` : "."}` };
}

/** A question that changes nothing. It has its turn too, so that it is answered after what was asked before it. */
export function queryAsk<T>(
  guest: Guest,
  re: string | undefined,
  look: (room: Room) => T,
  answer: (seen: T) => void,
): Ask {
  let seen: { readonly what: T } | undefined;
  const see = (room: Room) => {
    seen = memberOf(guest) ? { what: look(room) } : undefined;
  };
  const reply = () => {
    if (seen) answer(seen.what);
    else guest.send(refuse("not-joined", NOT_JOINED, re));
    guest.settled();
  };
  return {
    bytes: 0,
    host: guest.host,
    decide(room) {
      see(room);
      return undefined;
    },
    settled: reply,
    failed(room) {
      // What it saw was taken back.
      see(room);
      reply();
    },
  };
}

export function namesOf(room: Room): string[] {
  return room.members.map((member: Member) => member.name);
}

/** Coming in: as somebody new, or on the seat that the token proves to be one's own. */
export function joinAsk(house: House, guest: Guest, message: Join): Ask {
  const token = newToken();
  let refusal: Refusal | undefined;
  /** The seat of somebody new; an own one is there already. */
  let entering: Seat | undefined;
  let snapshot: (Pick<Welcome, "name" | "token" | "topic"> & { readonly names: Uint8Array }) | undefined;
  const seated = (room: Room, seat: Seat, proof: string) => {
    guest.seat = seat;
    snapshot = {
      name: seat.member.name,
      token: proof,
      names: room.names,
      ...(room.topic !== undefined && { topic: room.topic }),
    };
  };
  return {
    // In a room of a thousand, a thousand who come at once are many turns, and those who talk have theirs between them.
    bytes: EVENT_BYTES + house.room.size * NAME_BYTES,
    host: guest.host,
    decide(room) {
      const own = guest.seat ? undefined : house.seats.claimed(message.name, message.token);
      if (own && message.room === room.name && room.has(own.member)) {
        own.session?.end("replaced", "You came back over another connection.");
        own.session = guest.over ? undefined : guest;
        seated(room, own, message.token!);
        return undefined;
      }
      const decision = decide(room, guest.seat?.member ?? { host: guest.host }, message);
      if (decision.type === "entered") return decision;
      if (decision.type === "refused") refusal = decision;
      return undefined;
    },
    applied(room) {
      const member = room.get(message.name)!;
      const seat = house.seats.add(member, token);
      // Who is gone before the turn is a member all the same, one whose connection broke.
      if (guest.over) seat.lostAt = house.now();
      else seat.session = guest;
      entering = seat;
      seated(room, seat, token);
    },
    settled(_event, seq) {
      if (refusal) guest.send(refusal);
      if (snapshot) letIn(house, guest, message, { ...snapshot, seq });
      guest.settled();
    },
    failed(room) {
      if (snapshot && !entering) {
        // Coming back writes nothing, so it needs no disk.
        seated(room, guest.seat!, message.token!);
        letIn(house, guest, message, { ...snapshot, seq: house.log.head });
      } else guest.send(refuse("storage-failed", STORAGE_FAILED, message.re));
      if (entering) {
        house.seats.remove(entering);
        guest.seat = undefined;
      }
      guest.settled();
    },
  };
}

/** Lets the member in: where it left off, or with the newest of what was said. */
function letIn(
  house: House,
  guest: Guest,
  { after, log: cursorOf, re, room }: Join,
  now: Pick<Welcome, "name" | "token" | "topic" | "seq"> & { readonly names: Uint8Array },
): void {
  const { log, limits, server } = house;
  const { name, token, names, topic, seq } = now;
  try {
    const resumed = after !== undefined && cursorOf !== undefined && after <= seq && log.continues(cursorOf, after);
    const welcome = {
      type: "welcome" as const,
      room,
      name,
      token,
      log: log.id,
      seq,
      topic,
      limits,
      server,
      protocol: PROTOCOL,
      resumed,
      re,
    };
    guest.sendBytes(encodeWelcome(welcome, names));
    if (!resumed) guest.sendLines(log.said(seq + 1, HISTORY_PAGE, JOIN_HISTORY_BYTES_MAX).lines);
    guest.follow(resumed ? after : seq);
  } catch (error) {
    guest.fault(error);
  }
}
