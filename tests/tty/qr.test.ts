// QR codes of half blocks: what a camera sees is what the encoder meant.
import { describe, expect, test } from "bun:test";
import { encode } from "uqr";
import { qrLines } from "../../lib/tty/qr.ts";

/** The modules that are dark to who looks at the screen, row by row. */
function darkModules(lines: readonly string[], colour: boolean): boolean[][] {
  return lines.flatMap((line) => {
    const signs = Array.from(Bun.stripANSI(line));
    return ["▀█", "▄█"].map((inked) => signs.map((sign) => inked.includes(sign) === colour));
  });
}

const TEXTS = [
  "http://192.168.1.5:3002/",
  "http://192.168.100.200:65535/",
  "http://[2001:db8::1234:5678:9abc:def0]:3002/",
  "https://chat.example.org/",
];

describe.each([
  ["black on white", true],
  ["in light blocks, without colours", false],
])("%s", (_, colour) => {
  test.each(TEXTS)("%s is drawn module by module, with quiet around it", (text) => {
    const { data, size } = encode(text, { ecc: "L", border: 0 });
    const seen = darkModules(qrLines(text, { colour }), colour);
    const inside = seen.slice(2, 2 + size).map((row) => row.slice(2, 2 + size));
    expect(inside).toEqual(data);
    const dark = seen.flat().filter(Boolean).length;
    expect(dark).toBe(data.flat().filter(Boolean).length);
    for (const row of seen) expect(row).toHaveLength(size + 4);
    expect(seen.length).toBeGreaterThanOrEqual(size + 4);
  });

  test("the address of a home network leaves room for words on a screen of 80x24", () => {
    const lines = qrLines("http://192.168.100.200:3002/", { colour });
    expect(lines.length).toBeLessThanOrEqual(15);
    for (const line of lines) expect(Bun.stringWidth(line)).toBe(29);
  });
});

test("colours are its own from the first sign of a row to the last", () => {
  for (const line of qrLines(TEXTS[0]!, { colour: true }))
    // oxlint-disable-next-line no-control-regex
    expect(line).toMatch(/^\x1b\[38;5;16;48;5;231m[ ▀▄█]+\x1b\[0m$/);
  expect(qrLines(TEXTS[0]!, { colour: false }).join("")).toMatch(/^[ ▀▄█]+$/);
});
