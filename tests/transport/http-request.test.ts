// The head of a request: what is one, what is none, and that neither takes long to tell.
import { describe, expect, test } from "bun:test";
import { type HeadFault, HeadReader, type RequestHead } from "../../lib/transport/http-request.ts";

function read(...lines: readonly string[]): RequestHead | HeadFault | undefined {
  const reader = new HeadReader();
  reader.push(Buffer.from(`${["GET / HTTP/1.1", ...lines].join("\r\n")}\r\n\r\n`, "latin1"));
  return reader.take();
}

test.each([
  ["a:b", "b"],
  ["a: b", "b"],
  ["a:\t b c \t", "b c"],
  ["a:", ""],
  ["a: \t ", ""],
  ["a: b:c", "b:c"],
  ["A: \xe9", "\xe9"],
  ["a: 'x' \t \"y\"", "'x' \t \"y\""],
])("the value of %j is %j", (line, value) => {
  const head = read(line);
  expect(typeof head === "object" && head.headers.get("a")).toBe(value);
});

describe("no request has the header", () => {
  test.each(["a", ":", ": b", "a : b", " a: b", "\ta: b", "a: b\x01", "a:\0", "a: b\x7f", "a\xe9: b", "a: b\rc: d"])(
    "%j",
    (line) => {
      expect(read("x: y", line, "z: y")).toBe(400);
    },
  );

  test("host twice", () => {
    expect(read("Host: a", "hOST: a")).toBe(400);
  });
});

test.each([
  ["blanks", `a:${" ".repeat(16_000)}\x01`],
  ["blanks after a value", `a:x${"\t".repeat(16_000)}\x01`],
  ["blanks between letters", `a:${"x ".repeat(8_000)}\x01`],
  ["a long name", `${"a".repeat(16_000)}\x01:`],
])("thousands of %s before what may not be there are refused within milliseconds", (_, line) => {
  read(line);
  const start = performance.now();
  expect(read(line)).toBe(400);
  expect(performance.now() - start).toBeLessThan(50);
});
