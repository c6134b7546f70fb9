// When a page was closed for good.
import { expect, jest, test } from "bun:test";
import { Tabs } from "../../lib/web/tabs.ts";

test("it is over when the last tab has been closed for a while, and not before one was ever open", async () => {
  jest.useFakeTimers();
  try {
    let ends = 0;
    const tabs = new Tabs(15_000, () => ends++);
    jest.advanceTimersByTime(60_000);
    const [first, second] = [tabs.stream(), tabs.stream()];
    await first.cancel();
    jest.advanceTimersByTime(60_000);
    await second.cancel();
    jest.advanceTimersByTime(14_999);
    // A reload, or a laptop that was asleep.
    const third = tabs.stream();
    jest.advanceTimersByTime(60_000);
    await third.cancel();
    jest.advanceTimersByTime(14_999);
    expect(ends).toBe(0);
    jest.advanceTimersByTime(1);
    expect(ends).toBe(1);
    jest.advanceTimersByTime(60_000);
    expect(ends).toBe(1);
  } finally {
    jest.useRealTimers();
  }
});

test("a tab hears a beat more often than a silent connection is closed", async () => {
  jest.useFakeTimers();
  try {
    const heard = new Tabs(0, () => {})
      .stream()
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
      .getReader();
    expect((await heard.read()).value).toBe("retry: 1000\n\n");
    for (let beat = 0; beat < 3; beat++) {
      jest.advanceTimersByTime(5_000);
      expect((await heard.read()).value).toMatch(/^(:\n\n)+$/);
    }
    await heard.cancel();
  } finally {
    jest.useRealTimers();
  }
});
