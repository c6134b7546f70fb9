import { expect, test } from "bun:test";
import { Backlog } from "../../lib/tty/backlog.ts";

function backlogOf(...entries: readonly string[]): Backlog {
  const backlog = new Backlog();
  for (const entry of entries) backlog.add(entry);
  return backlog;
}

test("what is added is handed out once, in order", () => {
  const backlog = backlogOf("one\r\n", "two\r\nthree\r\n");
  expect(backlog.take()).toEqual({ skipped: 0, text: "one\r\ntwo\r\nthree\r\n" });
  expect(backlog.take()).toEqual({ skipped: 0, text: "" });
});

test("beyond a number of lines the oldest entries are given up whole, and their lines counted", () => {
  const backlog = backlogOf("one\r\ntwo\r\n", "three\r\n", "four\r\n");
  backlog.trim(3, 1_000);
  expect(backlog.take()).toEqual({ skipped: 2, text: "three\r\nfour\r\n" });
});

test("beyond a size too, over and over", () => {
  const backlog = new Backlog();
  for (let number = 1; number <= 100; number += 1) {
    backlog.add(`${"x".repeat(98)}\r\n`);
    backlog.trim(Number.POSITIVE_INFINITY, 1_000);
  }
  const { skipped, text } = backlog.take();
  expect(skipped).toBe(90);
  expect(text).toHaveLength(1_000);
});

test("the newest entry stays, whatever its size", () => {
  const backlog = backlogOf("one\r\n", "x\r\n".repeat(10));
  backlog.trim(3, 3);
  expect(backlog.take()).toEqual({ skipped: 1, text: "x\r\n".repeat(10) });
});

test("what was given up is counted anew after it was handed out", () => {
  const backlog = backlogOf("one\r\n", "two\r\n");
  backlog.trim(1, 1_000);
  expect(backlog.take().skipped).toBe(1);
  backlog.add("three\r\n");
  backlog.trim(1, 1_000);
  expect(backlog.take()).toEqual({ skipped: 0, text: "three\r\n" });
});
