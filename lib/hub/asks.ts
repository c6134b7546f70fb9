// What a session submits to the room's turns: decided on the fold, answered once it is on disk.
import type { Access } from "../access/access.ts";
import type { Log } from "../log/log.ts";
import { decodeStored } from "../protocol/codec.ts";
import {
  type Bye,
  type ClientMessage,
  type Fact,
  type Join,
  type Limits,
  type Refusal,
  refuse,
  type RoomEvent,
} from "../protocol/message.ts";
import { type Decision, decide, NOT_JOINED, type Request, type Whispered } from "../room/decide.ts";
import type { Member } from "../room/member.ts";
import { notAllowed } from "../room/moderation.ts";
import type { Room } from "../room/room.ts";
import { attempt } from "./attempt.ts";
import type { Door } from "./door.ts";
import type { Done, Order } from "./order.ts";
import { rememberName, type Seat, type Seats, type Sitter } from "./seats.ts";
import type { Ask, Caused, Turns } from "./turns.ts";
import { undoLast } from "./undo.ts";

/** A session as its asks see it. */
export interface Guest extends Sitter {
  readonly host: boolean;
  /** Where its wire comes from. */
  readonly address: string;
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
  /** It need not wait between its messages. */
  unlimited(): void;
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
  readonly access: Access;
  readonly order: Order;
  readonly door: Door;
  readonly limits: Limits;
  readonly server: string;
  /** Lets everybody hear of what is in force already. */
  announce(fact: Fact): void;
  /** The disk did not give what somebody asked for. */
  unreadable(error: unknown): void;
  /** Puts out members who are still inside, each with an event of its own. */
  expel(seats: readonly Seat[], why: Expulsion): void;
  unseat(seat: Seat, bye: Pick<Bye, "code" | "text" | "re">): void;
  /** Milliseconds from any start that never go back. */
  now(): number;
  /** Seconds since 1970. */
  clockS(): number;
  /** Time of day for what is not in the log. */
  wallClock(): string;
}

/** Why somebody is put out. */
export interface Expulsion {
  readonly code: "kicked" | "banned";
  readonly by: string;
  readonly text?: string | undefined;
}

/** Bytes that an event is larger than the line that asked for it: type, name, number, time. */
export const EVENT_BYTES = 200;
export const STORAGE_FAILED =
  "The server cannot write its history at the moment (disk full?). Nothing was said; try again later.";

/** What goes to the one who asked; a repeated request is answered with the event that it has caused, which is on its way if it is of this turn. */
type Answer = Refusal | Whispered | Caused;

/** What everybody reads: slow mode is about all of it. */
const SLOWED: ReadonlySet<string> = new Set(["said", "topic", "renamed"]);

/** What a member asks for and has a decision on. */
export type Petition = Exclude<Request, Join> | Extract<ClientMessage, { type: "undo" }>;

/** Everything of a member but coming in. A class, because it is made for each message. */
export class RequestAsk implements Ask {
  readonly bytes: number;
  readonly #house: House;
  readonly #guest: Guest;
  readonly #message: Petition;
  #answer: Answer | undefined;
  #target: Seat | undefined;
  /** What it has put in force. */
  #done: Done | undefined;
  /** What the guest had been sent of the log when it asked. */
  readonly #told: number;

  constructor(house: House, guest: Guest, message: Petition, bytes: number) {
    this.bytes = bytes + EVENT_BYTES;
    this.#house = house;
    this.#guest = guest;
    this.#message = message;
    this.#told = guest.told;
  }

  decide(room: Room): Fact | undefined {
    const guest = this.#guest;
    const member = memberOf(guest);
    this.#answer = member && this.#repeated(guest.seat!);
    if (this.#answer) return undefined;
    const decision = this.#decided(room, member);
    if (decision.type === "refused" || decision.type === "whispered") {
      this.#answer = decision;
      return undefined;
    }
    if (decision.type === "exited") this.#target = this.#house.seats.of(room.get(decision.name)!);
    if (decision.type === "renamed" && guest.seat) rememberName(guest.seat, decision.name, this.#house.clockS());
    if (room.slowMs > 0 && member && SLOWED.has(decision.type)) this.#house.order.spoke(member, guest.address);
    return decision;
  }

  /** What is asked to be known from the disk, and cannot be, is refused to the one who asks. */
  #repeated(seat: Seat): Answer | undefined {
    try {
      return repeated(this.#house, seat, this.#message);
    } catch (error) {
      this.#house.unreadable(error);
      return refuse("storage-failed", STORAGE_FAILED, this.#message.re);
    }
  }

  #decided(room: Room, member: Member | undefined): Decision {
    const { access, door, order } = this.#house;
    const message = this.#message;
    const { re } = message;
    if (message.type === "undo") {
      if (!member) return refuse("not-joined", NOT_JOINED, re);
      const undone = () => undoLast(order, access, member, this.#house.clockS(), re);
      return notAllowed(member, message) ?? this.#inForce(attempt(re, undone));
    }
    if (message.type === "rename" && member && !member.host) {
      const owned = door.ownedByOther(message.name, member.identity, re);
      if (owned) return owned;
    }
    const decision = decide(room, member ?? { host: this.#guest.host }, this.#meant(message));
    if (member && (decision.type === "moderated" || (decision.type === "exited" && decision.why === "kicked")))
      return this.#inForce(order.put(decision, member));
    return decision;
  }

  /** Who is to be put out may have taken another name in this moment. */
  #meant<M extends Exclude<Petition, { type: "undo" }>>(message: M): M {
    if (message.type !== "kick" && message.type !== "ban" && message.type !== "mute") return message;
    const renamed = this.#house.seats.formerly(message.name);
    return renamed ? { ...message, name: renamed.member.name } : message;
  }

  #inForce(done: Done | Refusal): Fact | Refusal {
    if ("type" in done) return done;
    this.#done = done;
    return done.fact;
  }

  settled(event: RoomEvent | undefined): void {
    const guest = this.#guest;
    const { type, re } = this.#message;
    // Whoever was never in may go as well.
    if (type === "leave" && !guest.seat) guest.end("left", "Goodbye.", { re });
    else if (this.#answer) this.#deliver(this.#answer);
    if (event) this.#happened(event);
    guest.settled();
  }

  #happened(event: RoomEvent): void {
    const { door } = this.#house;
    this.#done?.settled(event.seq);
    switch (event.type) {
      case "exited": {
        if (!this.#target) return;
        const { by, text } = event;
        if (event.why !== "kicked" || by === undefined)
          return this.#house.unseat(this.#target, { code: "left", text: "Goodbye.", re: this.#message.re });
        this.#house.unseat(this.#target, byeOf("kicked", by, text));
        return this.#house.expel(this.#done?.meant ?? [], { code: "kicked", by, text });
      }
      case "renamed":
        return door.named(this.#guest.seat?.member.identity, event.to);
      case "moderated":
        if (event.act !== "banned") return;
        return this.#house.expel(this.#done?.meant ?? [], { code: "banned", by: event.by, text: event.text });
      default:
    }
  }

  failed(): void {
    this.#done?.takeBack();
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
    if (decodeStored(line).seq > this.#told) return;
    if (this.#house.order.purges.shown([line]).length > 0) this.#guest.sendLines([line]);
    else this.#guest.send(refuse("not-allowed", "That was said, and withdrawn.", this.#message.re));
  }
}

/** What the member's request has caused already, also when it had another name. What is not in the log may be asked for again. */
function repeated({ turns }: House, seat: Seat, { type, re }: Petition): Caused | undefined {
  if (re === undefined || type === "whisper" || type === "leave") return undefined;
  for (const name of [seat.member.name, ...(seat.formerNames?.keys() ?? [])]) {
    const caused = turns.repeated(name, re);
    if (caused) return caused;
  }
  return undefined;
}

/** Who asks. Not a member any more who was replaced by another connection; still one whose own connection broke after asking. */
export function memberOf(guest: Guest): Member | undefined {
  const sitter = guest.seat?.session;
  return sitter === undefined || sitter === guest ? guest.seat?.member : undefined;
}

/** What somebody hears who is put out. */
export function byeOf(code: Expulsion["code"], by: string, text: string | undefined): Pick<Bye, "code" | "text"> {
  return { code, text: `You were ${code} by ${by}${text ? `: ${text}` : "."}` };
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
