// What clients have seen and what they were promised, collected for the comparison with the log.
import type { RoomEvent } from "../../lib/protocol/message.ts";

/** "It is on disk, at `seq`, for everyone." */
export interface Ack {
  readonly name: string;
  readonly re: string;
  /** Nothing where the client only knows that it was answered. */
  readonly seq: number | undefined;
}

export class Evidence {
  readonly acks: Ack[] = [];
  readonly views: View[] = [];
  /** The bytes of each event, as the first client saw them. */
  readonly lines = new Map<number, string>();
  readonly problems: string[] = [];
  #watchers = new Set<() => void>();

  view(name: string): View {
    const view = new View(name, this);
    this.views.push(view);
    return view;
  }

  acked(ack: Ack): void {
    this.acks.push(ack);
    this.changed();
  }

  /** Also of what is no news: an answer to something that was sent again. */
  saw(name: string, seq: number, line: string): void {
    const known = this.lines.get(seq);
    if (known === undefined) this.lines.set(seq, line);
    else if (known !== line) this.problems.push(`${name} saw ${line} where another saw ${known}`);
  }

  changed(): void {
    for (const look of this.#watchers) look();
  }

  /** Resolves once `done` is true; looks again whenever somebody saw something. */
  async until(done: () => boolean): Promise<void> {
    if (done()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (done()) resolve();
    };
    this.#watchers.add(look);
    await promise;
    this.#watchers.delete(look);
  }
}

/** What one client was told, from its welcome on. */
export class View {
  readonly name: string;
  /** It holds everything after this number; before it there is only some of what was said. */
  from: number | undefined;
  readonly seqs: number[] = [];
  readonly #evidence: Evidence;

  constructor(name: string, evidence: Evidence) {
    this.name = name;
    this.#evidence = evidence;
  }

  get last(): number {
    return this.seqs.at(-1) ?? this.from ?? 0;
  }

  welcomed({ seq, resumed }: { readonly seq: number; readonly resumed: boolean }): void {
    if (resumed) {
      if (this.from === undefined) this.#evidence.problems.push(`${this.name} was resumed before it had begun`);
      return;
    }
    if (this.seqs.length > 0)
      this.#evidence.problems.push(
        `${this.name} lost its place: it had seen up to ${this.last}, and began anew at ${seq}`,
      );
    this.from = seq;
  }

  heard(event: RoomEvent, line: string): void {
    this.#evidence.saw(this.name, event.seq, line);
    if (this.from === undefined) this.#evidence.problems.push(`${this.name} heard ${line} before its welcome`);
    else if (event.seq > this.from || this.seqs.length > 0) this.seqs.push(event.seq);
    this.#evidence.changed();
  }
}
