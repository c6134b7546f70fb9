// docs/SECURITY.md names tests that there are.
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";

const TOP = join(import.meta.dir, "..");

test("every threat names at least one test, and each that is named is there", () => {
  const page = readFileSync(join(TOP, "docs/SECURITY.md"), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (threat|-)/.test(line));
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) {
    const named = [...row.matchAll(/\btests\/[\w./*-]*\w/g)].map(([path]) => path);
    expect([row, named.length > 0]).toEqual([row, true]);
    for (const path of named)
      expect([path, existsSync(join(TOP, path)) || [...new Glob(path).scanSync(TOP)].length > 0]).toEqual([path, true]);
  }
});
