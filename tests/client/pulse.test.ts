// The pulse of a server, on a clock that is set by hand: when it is asked for a sign, and when it is gone.
import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { Pulse } from "../../lib/client/pulse.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** What a pulse with these times does, by the second. */
function pulse(ping_ms: number, gone_ms: number) {
  let now = 0;
  const did: string[] = [];
  const does = (what: string) => () => void did.push(`${what} at ${now / 1_000}`);
  const it = new Pulse({ limits: { ping_ms, gone_ms }, now: () => now, ping: does("ping"), gone: does("gone") });
  return {
    it,
    did,
    pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        now += 1_000;
        jest.advanceTimersByTime(1_000);
      }
    },
    /** The machine slept: the clock went on, the timers did not. */
    sleep: (seconds: number) => void (now += seconds * 1_000),
  };
}

test("who says something now and then is not asked", () => {
  const { it, did, pass } = pulse(30_000, 75_000);
  for (let n = 0; n < 10; n++) {
    pass(29);
    it.heard();
  }
  expect(did).toEqual([]);
});

test("who is silent is asked once, and is gone after the whole time; then it is over", () => {
  const { did, pass } = pulse(30_000, 75_000);
  pass(300);
  expect(did).toEqual(["ping at 30", "gone at 75"]);
});

test("who answers is asked again after the same silence", () => {
  const { it, did, pass } = pulse(30_000, 75_000);
  pass(40);
  it.heard();
  pass(75);
  expect(did[0]).toBe("ping at 30");
  expect(did.slice(1)).toEqual(["ping at 70", "gone at 115"]);
});

test("after a sleep of the machine that was longer than the server waits, it is gone at once", () => {
  const { did, pass, sleep } = pulse(30_000, 75_000);
  pass(10);
  sleep(3_600);
  pass(20);
  expect(did).toEqual(["gone at 3630"]);
});

test("a pulse that was stopped does nothing", () => {
  const { it, did, pass } = pulse(30_000, 75_000);
  pass(31);
  it.stop();
  pass(300);
  expect(did).toEqual(["ping at 30"]);
});

test.each([
  [0, 0],
  [-5, 1],
  [1, Number.POSITIVE_INFINITY],
])("times without reason, %p and %p, make no flood", (ping, gone) => {
  const { did, pass } = pulse(ping, gone);
  pass(1);
  pass(5);
  expect(did.filter((what) => what.startsWith("ping")).length).toBe(1);
});

test("times beyond all bounds do not overflow a timer", () => {
  const { did, pass } = pulse(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  pass(60);
  expect(did).toEqual([]);
});
