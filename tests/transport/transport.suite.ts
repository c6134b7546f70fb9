// What every wire promises. A wire's own test opens one and hands it to this suite.
import { describe, expect, jest, test } from "bun:test";
import { FIRST_LINE_BYTES_MAX } from "../../lib/protocol/limits.ts";
import type { LineFault } from "../../lib/protocol/line.ts";
import type { Accept, Connection, Dial, Receiver } from "../../lib/transport/connection.ts";

/** A door that leads to `accept`, and the way to it. */
export interface Door extends AsyncDisposable {
  readonly dial: Dial;
}

export interface WireTraits {
  /** The wire has an end: a peer that does not read leaves a backlog. */
  readonly fills: boolean;
  /** What may be sent: bytes, cut anywhere and of any kind, or only whole lines of text. */
  readonly carries: "bytes" | "lines";
  /** What its two ends are bound by. */
  readonly binding: RegExp;
}

const MIB = 1_048_576;
/** A line that no wire finds too long by itself, whatever the limit is. */
const CHUNK = 65_000;
const LF = 0x0a;
const utf8 = new TextEncoder();

/** Remembers what a connection told it, and lets a test wait for it. */
export class Ear implements Receiver {
  readonly lines: string[] = [];
  readonly faults: LineFault[] = [];
  ends = 0;
  bytes = 0;
  /** Called with each line, after it was noted. */
  heard: (line: string) => void = () => {};
  readonly #watchers = new Set<() => void>();

  received(line: string): void {
    this.lines.push(line);
    this.bytes += line.length + 1;
    this.heard(line);
    this.#changed();
  }

  broken(fault: LineFault): void {
    this.faults.push(fault);
    this.#changed();
  }

  closed(): void {
    this.ends++;
    this.#changed();
  }

  /** Resolves once `done` is true of what was heard. */
  async until(done: (ear: this) => boolean): Promise<void> {
    if (done(this)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (done(this)) resolve();
    };
    this.#watchers.add(look);
    await promise;
    this.#watchers.delete(look);
  }

  #changed(): void {
    for (const look of this.#watchers) look();
  }
}

export interface End {
  readonly wire: Connection;
  readonly ear: Ear;
}

export interface Ends extends AsyncDisposable {
  readonly dialled: End;
  readonly accepted: End;
  /** Resolves after a line went to and fro over another connection: what was to arrive before it has arrived. */
  beat(): Promise<void>;
}

/** Both ends of a new connection. */
export async function connect(open: (accept: Accept) => Promise<Door>): Promise<Ends> {
  const arrivals: End[] = [];
  const door = await open((wire) => {
    const ear = new Ear();
    arrivals.push({ wire, ear });
    return ear;
  });
  const dial = async (): Promise<{ readonly dialled: End; readonly accepted: End }> => {
    const ear = new Ear();
    const wire = await door.dial(ear);
    send(wire, "hello");
    // Ends come in the order of dialling, because each is greeted before the next is dialled.
    const accepted = await arrival(arrivals);
    await accepted.ear.until(({ lines }) => lines.length === 1);
    accepted.ear.lines.pop();
    accepted.ear.bytes = 0;
    return { dialled: { wire, ear }, accepted };
  };
  const ends = await dial();
  return {
    ...ends,
    async beat() {
      const { dialled, accepted } = await dial();
      send(accepted.wire, "beat");
      await dialled.ear.until(({ lines }) => lines.length === 1);
      dialled.wire.abort();
      await accepted.ear.until(({ ends }) => ends > 0);
    },
    async [Symbol.asyncDispose]() {
      ends.dialled.wire.abort();
      ends.accepted.wire.abort();
      await door[Symbol.asyncDispose]();
    },
  };
}

/** A listener may learn of a peer a little later than the peer of the listener. */
async function arrival(arrivals: End[]): Promise<End> {
  while (arrivals.length === 0) await new Promise<void>((resolve) => void setImmediate(resolve));
  return arrivals.shift()!;
}

export function send(wire: Connection, ...lines: string[]): void {
  wire.send(utf8.encode(lines.map((line) => `${line}\n`).join("")));
}

const SIDES = ["dialled", "accepted"] as const;
const other = { dialled: "accepted", accepted: "dialled" } as const;

export function transportSuite(name: string, traits: WireTraits, open: (accept: Accept) => Promise<Door>): void {
  // A wire that never fills up has nothing to promise about it.
  const filling = traits.fills ? test : () => {};
  describe(name, () => {
    describe.each(SIDES)("from the end that was %s", (side) => {
      const begin = async () => {
        const ends = await connect(open);
        return { ends, near: ends[side], far: ends[other[side]] };
      };

      test("lines arrive whole and in order, wherever the bytes were cut", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        const lines = Array.from({ length: 500 }, (_, index) => `${index} ${"é👋".repeat(index % 7)}`);
        const bytes = utf8.encode(lines.map((line) => `${line}\n`).join(""));
        for (let at = 0, end = 0; at < bytes.length; at = end) {
          end = traits.carries === "bytes" ? at + 13 : bytes.indexOf(LF, at + 13) + 1 || bytes.length;
          near.wire.send(bytes.subarray(at, end));
        }
        await far.ear.until(({ lines }) => lines.length === 500);
        expect(far.ear.lines).toEqual(lines);
      });

      test("a line ends with LF, and a CR before it is no part of it", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        near.wire.send(utf8.encode("one\r\ntwo\n\nthr\ree\n"));
        await far.ear.until(({ lines }) => lines.length === 4);
        expect(far.ear.lines).toEqual(["one", "two", "", "thr\ree"]);
      });

      test("a goodbye is told once to each end", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        near.wire.finish();
        near.wire.finish();
        await Promise.all([near, far].map(({ ear }) => ear.until(({ ends }) => ends > 0)));
        near.wire.abort();
        far.wire.finish();
        await ends.beat();
        expect([near.ear.ends, far.ear.ends]).toEqual([1, 1]);
      });

      test("a cut is told once to each end", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        near.wire.abort();
        near.wire.abort();
        await Promise.all([near, far].map(({ ear }) => ear.until(({ ends }) => ends > 0)));
        far.wire.abort();
        await ends.beat();
        expect([near.ear.ends, far.ear.ends]).toEqual([1, 1]);
      });

      test("two goodbyes at once are told once to each end", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        send(near.wire, "bye");
        near.wire.finish();
        far.wire.finish();
        await Promise.all([near, far].map(({ ear }) => ear.until(({ ends }) => ends > 0)));
        await ends.beat();
        expect([near.ear.ends, far.ear.ends]).toEqual([1, 1]);
      });

      test("everything may be called on a wire that is gone", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        far.wire.abort();
        await near.ear.until(({ ends }) => ends > 0);
        for (const { wire } of [near, far]) {
          send(wire, "anybody?");
          wire.pause();
          wire.resume();
          wire.limitLines(10);
          await wire.drained();
          expect(wire.backlog).toBe(0);
          wire.finish();
          wire.abort();
          send(wire, "anybody?");
        }
        await ends.beat();
        expect([near.ear.lines, far.ear.lines]).toEqual([[], []]);
      });

      test("a goodbye comes after all that was sent, to a peer that goes on sending too", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        const total = 8 * MIB;
        far.wire.limitLines(MIB);
        const talk = "I am still talking ".repeat(50);
        far.ear.heard = () => send(far.wire, talk, talk, talk, talk);
        for (let index = 0; index < 1_000; index++) send(far.wire, talk);
        const line = "x".repeat(16_383);
        for (let sent = 0; sent < total; sent += line.length + 1) send(near.wire, line);
        near.wire.finish();
        await far.ear.until(({ ends }) => ends > 0);
        expect(far.ear.bytes).toBe(total);
        await near.ear.until(({ ends }) => ends > 0);
        expect(near.ear.lines).toEqual([]);
      });

      test("a goodbye waits for a peer that has paused", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        far.wire.pause();
        send(near.wire, "one", "two");
        near.wire.finish();
        await ends.beat();
        expect([far.ear.lines, far.ear.ends]).toEqual([[], 0]);
        far.wire.resume();
        await far.ear.until(({ ends }) => ends > 0);
        expect(far.ear.lines).toEqual(["one", "two"]);
      });

      test("nothing is heard after one's own goodbye, not even the rest of what came with the last line", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        near.ear.heard = () => near.wire.finish();
        far.wire.send(utf8.encode(`one\ntwo\n${"x".repeat(FIRST_LINE_BYTES_MAX + 1)}\n`));
        send(far.wire, "three");
        await far.ear.until(({ ends }) => ends > 0);
        await near.ear.until(({ ends }) => ends > 0);
        expect([near.ear.lines, near.ear.faults]).toEqual([["one"], []]);
      });

      test("nothing is heard after the wire was cut, not even the rest of what came with the last line", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        near.ear.heard = () => near.wire.abort();
        far.wire.send(utf8.encode(`one\ntwo\n${"x".repeat(FIRST_LINE_BYTES_MAX + 1)}\n`));
        await far.ear.until(({ ends }) => ends > 0);
        await near.ear.until(({ ends }) => ends > 0);
        expect([near.ear.lines, near.ear.faults]).toEqual([["one"], []]);
      });

      test("nothing is heard while reading is paused, and nothing is lost", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        far.wire.pause();
        send(near.wire, "one");
        await ends.beat();
        send(near.wire, "two");
        await ends.beat();
        expect(far.ear.lines).toEqual([]);
        far.wire.resume();
        await far.ear.until(({ lines }) => lines.length === 2);
        expect(far.ear.lines).toEqual(["one", "two"]);
      });

      test("a line may be as long as the limit that holds when it begins", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        far.ear.heard = (line) => far.wire.limitLines(Number(line.slice(0, 6)));
        const first = "065536".padEnd(FIRST_LINE_BYTES_MAX, "x");
        const second = "000010".padEnd(65_536, "x");
        near.wire.send(utf8.encode(`${first}\n${second}\r\n0123456789\n`));
        await far.ear.until(({ lines }) => lines.length === 3);
        // What carries lines may know a bound of its own for what it takes in one piece.
        send(near.wire, "x".repeat(traits.carries === "bytes" ? 123_457 : 23_456));
        await far.ear.until(({ faults }) => faults.length > 0);
        expect(far.ear.lines).toEqual([first, second, "0123456789"]);
        expect(far.ear.faults).toEqual(["line-too-long"]);
      });

      const nonsense: readonly (readonly [LineFault, Uint8Array])[] = [
        ["line-too-long", utf8.encode("x".repeat(FIRST_LINE_BYTES_MAX + 2))],
        ["line-too-long", utf8.encode(`${"x".repeat(FIRST_LINE_BYTES_MAX + 1)}\n`)],
        ["bad-utf8", new Uint8Array([0x7b, 0xff, 0x7d, 0x0a])],
        ["bad-utf8", new Uint8Array([0x7b, 0xed, 0xa0, 0x80, 0x7d, 0x0a])],
      ];
      const sendable = nonsense.filter(([fault]) => traits.carries === "bytes" || fault !== "bad-utf8");
      test.each(sendable)("bytes that make no lines are told once as %s, and nothing follows", async (fault, bytes) => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        send(near.wire, "one");
        near.wire.send(bytes);
        send(near.wire, "two", "three");
        near.wire.send(bytes);
        await far.ear.until(({ faults }) => faults.length > 0);
        await ends.beat();
        expect([far.ear.lines, far.ear.faults, far.ear.ends]).toEqual([["one"], [fault], 0]);
        send(far.wire, "what was that?");
        far.wire.finish();
        await near.ear.until(({ ends }) => ends > 0);
        expect(near.ear.lines).toEqual(["what was that?"]);
      });

      test("each end knows who is at the other", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        expect(near.wire.address).toBe(far.wire.address);
        expect(near.wire.address).toMatch(/^(127\.0\.0\.1|local)$/);
      });

      test("each end knows which wire it is, and both mean the same", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        const { binding } = near.wire;
        expect(binding).toMatch(traits.binding);
        expect(far.wire.binding).toBe(binding);
        near.wire.abort();
        await far.ear.until(({ ends }) => ends > 0);
        expect([near.wire.binding, far.wire.binding]).toEqual([binding, binding]);
      });

      filling("what a peer does not read is backlog, and what it reads is taken", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        far.wire.pause();
        far.wire.limitLines(2 * MIB);
        const before = near.wire.taken;
        const sent = fill(near.wire);
        expect(near.wire.taken - before + near.wire.backlog).toBe(sent);
        let empty = false;
        const drained = near.wire.drained().then(() => (empty = true));
        await ends.beat();
        expect([empty, far.ear.lines.length]).toEqual([false, 0]);
        far.wire.resume();
        await drained;
        expect([near.wire.backlog, near.wire.taken - before]).toEqual([0, sent]);
        await far.ear.until(({ bytes }) => bytes === sent);
        expect(far.ear.lines.map((line) => Number(line.slice(0, 6)))).toEqual(far.ear.lines.map((_, index) => index));
      });

      filling("nobody waits for a wire that is gone", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        far.wire.pause();
        fill(near.wire);
        const waiting = [near.wire.drained(), near.wire.drained()];
        far.wire.abort();
        await Promise.all(waiting);
        await near.ear.until(({ ends }) => ends > 0);
        expect([near.wire.backlog, near.ear.ends]).toEqual([0, 1]);
      });

      filling("a peer that reads nothing any more is cut off some time after the goodbye", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        far.wire.pause();
        fill(near.wire);
        jest.useFakeTimers();
        try {
          near.wire.finish();
          for (let second = 0; second < 30 && near.ear.ends === 0; second++) jest.advanceTimersByTime(1_000);
        } finally {
          jest.useRealTimers();
        }
        await near.ear.until(({ ends }) => ends > 0);
        expect([near.wire.backlog, near.ear.ends]).toEqual([0, 1]);
      });

      filling("a peer that reads slowly gets all of it before the goodbye", async () => {
        const { ends, near, far } = await begin();
        await using _ = ends;
        far.wire.limitLines(2 * MIB);
        far.wire.pause();
        const sent = fill(near.wire);
        jest.useFakeTimers();
        try {
          near.wire.finish();
          // Ten seconds pass whenever the network was seen to take some megabytes of it.
          let { taken } = near.wire;
          far.ear.heard = () => {
            if (near.wire.taken < taken + 2 * MIB) return;
            ({ taken } = near.wire);
            if (near.wire.backlog > 0) jest.advanceTimersByTime(10_000);
          };
          far.wire.resume();
          await far.ear.until(({ ends }) => ends > 0);
        } finally {
          jest.useRealTimers();
        }
        expect(far.ear.bytes).toBe(sent);
      });
    });
  });
}

/** Sends numbered lines until the wire takes no more; answers how many bytes that was. */
function fill(wire: Connection): number {
  let sent = 0;
  for (let index = 0; wire.backlog < 8 * MIB; index++) {
    const line = utf8.encode(`${String(index).padStart(6, "0")}${"x".repeat(CHUNK)}\n`);
    wire.send(line);
    sent += line.length;
    if (sent > 256 * MIB) throw new Error("This wire takes everything.");
  }
  return sent;
}
