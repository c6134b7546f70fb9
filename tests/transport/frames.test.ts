// Frames and lines by values.
import { expect, test } from "bun:test";
import { framesOf, isTooLong, linesIn } from "../../lib/transport/frames.ts";

const utf8 = new TextEncoder();

test.each([
  ["one", ["one"]],
  ["one\n", ["one"]],
  ["one\ntwo", ["one", "two"]],
  ["one\ntwo\n", ["one", "two"]],
  ["one\r\ntwo\r\n", ["one", "two"]],
  ["one\r", ["one"]],
  ["o\rne\n", ["o\rne"]],
  ["\n", [""]],
  ["\n\n", ["", ""]],
  ["", [""]],
])("in the frame %j are the lines %j", (frame, lines) => {
  expect(linesIn(frame)).toEqual(lines);
});

test.each([
  ["x".repeat(10), 10, false],
  ["x".repeat(11), 10, true],
  ["é".repeat(5), 10, false],
  ["é".repeat(5), 9, true],
  ["世".repeat(3), 9, false],
  ["世".repeat(3), 8, true],
  ["👋".repeat(2), 8, false],
  ["👋".repeat(2), 7, true],
  ["", 0, false],
])("a line is measured in bytes of UTF-8: %j in %i", (line, limit, tooLong) => {
  expect(isTooLong(line, limit)).toBe(tooLong);
});

test.each([
  ["one\ntwo\n", 8, ["one\ntwo\n"]],
  ["one\ntwo\n", 7, ["one\n", "two\n"]],
  ["one\ntwo\n", 4, ["one\n", "two\n"]],
  ["one\ntwo\nthree\n", 9, ["one\ntwo\n", "three\n"]],
  ["a long one\ntwo\n", 5, ["a long one\n", "two\n"]],
  ["two\na long one\ntwo\n", 5, ["two\n", "a long one\n", "two\n"]],
  ["a long one", 5, ["a long one"]],
  ["two\na long one", 5, ["two\n", "a long one"]],
  ["", 5, []],
])("%j goes in frames of %i bytes as %j", (text, limit, frames) => {
  expect(framesOf(utf8.encode(text), limit).map((frame) => Buffer.from(frame).toString())).toEqual(frames);
});
