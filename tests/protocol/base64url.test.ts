// Bytes as text for links: the same as everybody's, and one text for each.
import { expect, test } from "bun:test";
import { fromBase64url, toBase64url } from "../../lib/protocol/base64url.ts";

test("is what others make of the same bytes, and comes back", () => {
  for (const length of [0, 1, 2, 3, 16, 32, 64]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 97 + 251) % 256);
    const text = toBase64url(bytes);
    expect(text).toBe(Buffer.from(bytes).toString("base64url"));
    expect(fromBase64url(text, length)).toEqual(bytes);
  }
});

test.each(["AAA", "AAAAA", "AAA=", "AA+A", "AA/A", "AA A", "ÄAAA", ""])("%j is not three bytes", (text) => {
  expect(fromBase64url(text, 3)).toBeUndefined();
});

test("a text with bits that nobody reads is none", () => {
  expect(fromBase64url("AA", 1)).toEqual(new Uint8Array(1));
  expect(fromBase64url("AB", 1)).toBeUndefined();
});
