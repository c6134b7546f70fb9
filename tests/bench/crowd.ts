// Members of one room who all hear the same, each of them checked against the others.
import { openFileLimit } from "../../lib/flags/machine.ts";
import { RESERVED_FILES } from "../../lib/protocol/limits.ts";
import { keepAlive } from "./keep-alive.ts";
import { type Join, Member, Refused, type Welcome } from "./member.ts";
import { UsageError } from "./options.ts";
import { scout } from "./scout.ts";
import type { Place } from "./servers.ts";
import { type Ear, Transcript } from "./transcript.ts";

/** So many are on their way in at once. */
const JOINING = 50;
const GOODBYE_MS = 5_000;

export interface Attendee {
  readonly name: string;
  readonly ear: Ear;
  /** Hears of goodbyes and refusals. */
  told: (line: string) => void;
  member: Member;
}

export class Crowd implements AsyncDisposable {
  /** Random letters in the names, so that no two crowds in one room meet. */
  readonly run: string;
  readonly transcript = new Transcript();
  readonly attendees: Attendee[] = [];
  /** When anybody heard something last, by `performance.now`. */
  heardAt = 0;
  readonly #at: Place;
  #fault: string | undefined;
  #alive: Disposable | undefined;

  /** `size` members, all in. All of them hear the room from one moment on, whatever others say meanwhile. Throws Unreachable, NoRoom, Refused, UsageError. */
  static async gather(at: Place, size: number): Promise<Crowd> {
    checkOpenFiles(size);
    const run = newRun();
    const since = await scout(at, `bench-${run}`);
    const crowd = new Crowd(at, run);
    try {
      for (let first = 0; first < size; first += JOINING) {
        const joining = Array.from({ length: Math.min(JOINING, size - first) }, (_, index) =>
          crowd.#admit(first + index, since),
        );
        const reasons = (await Promise.allSettled(joining)).flatMap((each) =>
          each.status === "rejected" ? [each.reason as unknown] : [],
        );
        // Of many who are turned away at once, not all are told why.
        if (reasons.length > 0) throw reasons.find((reason) => reason instanceof Refused) ?? reasons[0];
      }
      if (since.limits) crowd.#alive = keepAlive(() => crowd.attendees.map(({ member }) => member));
      return crowd;
    } catch (error) {
      crowd.cut();
      throw error;
    }
  }

  private constructor(at: Place, run: string) {
    this.#at = at;
    this.run = run;
  }

  /** The first thing that went wrong. */
  get fault(): string | undefined {
    return this.#fault ?? this.transcript.fault;
  }

  /** Everybody has heard everything, in the same order, and nothing went wrong. */
  get complete(): boolean {
    return this.fault === undefined && this.transcript.complete;
  }

  /** Comes in, or back in; what it hears is checked from where `ear` is on. */
  async enter(name: string, ear: Ear, join: Omit<Join, "name">, at = this.#at): Promise<Member> {
    const member = await Member.join(at, { name, ...join }, (bytes) => {
      this.heardAt = performance.now();
      ear.hear(bytes);
    });
    member.lost = (why) => this.blame(`${name}: ${why}`);
    return member;
  }

  blame(fault: string): void {
    this.#fault ??= fault;
  }

  /** Ends all wires as a broken network does. */
  cut(): void {
    this.#alive?.[Symbol.dispose]();
    for (const { member } of this.attendees) member.cut();
  }

  /** Everybody says goodbye, so that nobody who stays has to wait for the crowd to be given up. */
  async leave(): Promise<void> {
    this.#alive?.[Symbol.dispose]();
    const left = this.attendees.map(
      ({ member }) =>
        new Promise<void>((resolve) => {
          member.lost = () => resolve();
          if (member.ended) resolve();
          else member.send({ type: "leave" });
        }),
    );
    await Promise.race([Promise.all(left), Bun.sleep(GOODBYE_MS)]);
    this.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
  }

  async #admit(index: number, { seq, log }: Welcome): Promise<void> {
    const name = `bench-${this.run}-${index}`;
    const blame = (line: string) => this.blame(`${name} was told ${line}`);
    const ear = this.transcript.listen((line) => (this.attendees[index]?.told ?? blame)(line));
    // With a place in the log, nobody is told what was said before.
    const member = await this.enter(name, ear, log === undefined ? {} : { log, after: seq });
    this.attendees[index] = { name, ear, member, told: blame };
  }
}

export function newRun(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(3))).toString("hex");
}

/** A program that has too many files open hears of it as if nobody listened. Throws UsageError. */
export function checkOpenFiles(members: number): void {
  const limit = openFileLimit();
  if (members > limit - RESERVED_FILES)
    throw new UsageError(
      `${members} members need as many open files, and this program may have ${limit}: "ulimit -n" raises that, or measure less.`,
    );
}
