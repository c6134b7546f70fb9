// A membership for tests: its wires break and swallow on demand, its time is set by hand, and what it was told is kept.
import { jest } from "bun:test";
import { Membership, type MembershipOptions } from "../../lib/client/membership.ts";
import type { Notice } from "../../lib/client/notice.ts";
import type { Connection, Dial, Receiver } from "../../lib/transport/connection.ts";
import { Unreachable } from "../../lib/transport/connection.ts";
import { dialPipe } from "../../lib/transport/pipe.ts";
import { brief } from "../support/hub.ts";

/** Turns of the event loop in which everything that is under way inside the process has arrived. */
const SETTLED_TURNS = 20;

export class Visit implements Disposable {
  readonly membership: Membership;
  readonly notices: Notice[] = [];
  /** Leads to the server; may be changed while the visit is away. */
  dial: Dial;
  /** Nobody answers. */
  down = false;
  /** What is sent does not arrive. */
  swallows = false;
  dials = 0;
  /** Types of what was sent, swallowed or not. */
  readonly sent: string[] = [];
  /** The wire breaks as soon as this was received; once. */
  breaksAfter: string | undefined;
  #wire: Connection | undefined;
  #now = 0;

  /** Takes over the timers of the process until it is disposed of. `random` is 0, so the next try is after half a second. */
  constructor(dial: Dial, options: Partial<MembershipOptions> = {}) {
    jest.useFakeTimers();
    this.dial = dial;
    this.membership = new Membership({
      room: "lobby",
      now: this.now,
      random: () => 0,
      ...options,
      told: (notice) => {
        this.notices.push(notice);
        options.told?.(notice);
      },
      dial: this.wire,
    });
  }

  /** Dials over wires of this visit, for a membership of somebody else's too. */
  readonly wire: Dial = async (receiver) => {
    this.dials++;
    if (this.down) throw new Unreachable("Nobody is at home.");
    this.#wire = await this.dial(this.#brittle(receiver));
    return this.#leaky(this.#wire);
  };

  readonly now = () => this.#now;

  /** What it was told, in short. */
  get told(): string[] {
    return this.notices.map((notice) => {
      switch (notice.type) {
        case "heard":
          return brief([notice.message]).join();
        case "away":
          return `away ${notice.retryMs}`;
        case "back":
          return `back${notice.resumed ? "" : " anew"}, missed ${notice.missed.length}`;
        case "unproved":
          return "unproved";
        case "unsure":
          return `unsure ${notice.request.type}`;
        case "ended":
          return `ended ${notice.code}`;
      }
    });
  }

  /** The same from here on. */
  since(): () => string[] {
    const start = this.notices.length;
    return () => this.told.slice(start);
  }

  async join(name: string): Promise<this> {
    await this.membership.join(name);
    await this.settle();
    return this;
  }

  /** The wire breaks; nothing that is under way arrives any more. */
  async break(): Promise<void> {
    this.#wire?.abort();
    await this.settle();
  }

  async pass(ms: number): Promise<void> {
    // In steps, so that timers set by timers have their turn.
    for (let left = ms; left > 0; left -= 250) {
      this.#now += Math.min(left, 250);
      jest.advanceTimersByTime(Math.min(left, 250));
      await this.settle();
    }
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < SETTLED_TURNS; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
  }

  #brittle(receiver: Receiver): Receiver {
    let broken = false;
    return {
      received: (line) => {
        if (broken) return;
        receiver.received(line);
        if (this.breaksAfter === undefined || !line.includes(`"type":"${this.breaksAfter}"`)) return;
        this.breaksAfter = undefined;
        broken = true;
        this.#wire?.abort();
      },
      broken: (fault) => receiver.broken(fault),
      closed: () => receiver.closed(),
    };
  }

  #leaky(wire: Connection): Connection {
    const swallows = () => this.swallows;
    return {
      address: wire.address,
      binding: wire.binding,
      backlog: 0,
      taken: 0,
      send: (bytes) => {
        this.sent.push((JSON.parse(new TextDecoder().decode(bytes)) as { type: string }).type);
        if (!swallows()) wire.send(bytes);
      },
      drained: () => wire.drained(),
      pause: () => wire.pause(),
      resume: () => wire.resume(),
      limitLines: (bytes) => wire.limitLines(bytes),
      finish: () => wire.finish(),
      abort: () => wire.abort(),
    };
  }

  [Symbol.dispose](): void {
    this.membership.close();
    jest.useRealTimers();
  }
}

/** Dials somebody who says these lines, whatever he hears. */
export function saying(...lines: readonly string[]): Dial {
  return async (receiver) =>
    dialPipe((connection) => {
      for (const line of lines) connection.send(Buffer.from(`${line}\n`));
      return { received() {}, broken() {}, closed() {} };
    }, receiver);
}

/** Dials somebody whose bytes make no lines, which is known before the wire is; and the wire stays. */
export const babbling: Dial = async (receiver) => {
  const wire = await saying()(receiver);
  receiver.broken("bad-utf8");
  return wire;
};
