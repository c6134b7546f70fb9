// Some of a crowd who talk, and how long each of them waits to hear itself: from its write until its own words are back.
import type { Attendee, Crowd } from "./crowd.ts";

const TALKER_DIGITS = 4;
const COUNT_DIGITS = 9;
const ZERO = 0x30;
const SPACE = 0x20;

interface Talker {
  readonly attendee: Attendee;
  /** All before the count of its next message. */
  readonly head: string;
  said: number;
  /** How many of its messages somebody has heard. */
  heard: number;
  /** When those were written that are not back yet … */
  readonly saidAt: number[];
  /** … and where in the transcript those of them end that somebody has heard. */
  readonly ends: number[];
}

export interface TalkOptions {
  readonly talkers: number;
  /** Of one text. */
  readonly bytes: number;
  /** Each message bears a mark, as those of a client do that says again what it does not know to be kept. */
  readonly marks?: boolean;
}

export class Talk {
  readonly talkers: readonly Talker[];
  /** Milliseconds, in the order in which the words came back. */
  echo: number[] = [];
  said = 0;
  /** Messages of this talk that somebody has heard. */
  heard = 0;
  /** Called when so many messages of a talker are back. */
  back: (talker: number, count: number) => void = () => {};
  readonly #crowd: Crowd;
  readonly #sign: Buffer;
  readonly #tail: string;
  readonly #marks: boolean;

  constructor(crowd: Crowd, { talkers, bytes, marks = false }: TalkOptions) {
    this.#crowd = crowd;
    this.#marks = marks;
    this.#sign = Buffer.from(`"text":"${crowd.run} `);
    const filler = bytes - crowd.run.length - TALKER_DIGITS - COUNT_DIGITS - 3;
    this.#tail = ` ${"x".repeat(Math.max(1, filler))}"`;
    const { attendees } = crowd;
    // They sit among the others, so that a server's order serves them neither first nor last.
    this.talkers = Array.from({ length: talkers }, (_, index) => {
      const attendee = attendees[Math.floor(((index + 0.5) * attendees.length) / talkers)]!;
      attendee.ear.moved = () => this.#moved(index);
      const head = `{"type":"say","text":"${crowd.run} ${String(index).padStart(TALKER_DIGITS, "0")} `;
      return { attendee, head, said: 0, heard: 0, saidAt: [], ends: [] };
    });
    crowd.transcript.heard = (line, end) => this.#note(line, end);
  }

  /** Says `count` messages in one write. */
  say(index: number, count = 1): void {
    const talker = this.talkers[index]!;
    let lines = "";
    for (let n = 0; n < count; n++) {
      const number = String(talker.said++).padStart(COUNT_DIGITS, "0");
      const mark = this.#marks ? `,"re":"${this.#crowd.run}-${index}-${number}"` : "";
      lines += `${talker.head}${number}${this.#tail}${mark}}\n`;
    }
    this.said += count;
    const now = performance.now();
    for (let n = 0; n < count; n++) talker.saidAt.push(now);
    talker.attendee.member.write(Buffer.from(lines));
  }

  /** All that was said has come to everyone, each message once and each talker's in order. */
  get complete(): boolean {
    return this.#crowd.complete && this.heard === this.said && this.talkers.every(({ saidAt }) => saidAt.length === 0);
  }

  /** A line that is new to everyone. Others in the room may talk as well. */
  #note(line: Buffer, end: number): void {
    const sign = line.indexOf(this.#sign);
    if (sign < 0) return;
    let at = sign + this.#sign.length;
    const index = numberAt(line, at, TALKER_DIGITS);
    at += TALKER_DIGITS + 1;
    const count = numberAt(line, at, COUNT_DIGITS);
    const talker = this.talkers[index];
    if (!talker || count !== talker.heard || line[at + COUNT_DIGITS] !== SPACE)
      return this.#crowd.blame(`message ${count} of talker ${index} came where ${talker?.heard} was due`);
    talker.heard++;
    this.heard++;
    talker.ends.push(end);
  }

  #moved(index: number): void {
    const { attendee, ends, saidAt } = this.talkers[index]!;
    const { position } = attendee.ear;
    const now = performance.now();
    let count = 0;
    for (; ends.length > 0 && ends[0]! <= position; count++) {
      ends.shift();
      this.echo.push(now - saidAt.shift()!);
    }
    if (count > 0) this.back(index, count);
  }
}

function numberAt(line: Buffer, at: number, digits: number): number {
  let number = 0;
  for (let index = at; index < at + digits; index++) number = number * 10 + line[index]! - ZERO;
  return number;
}
