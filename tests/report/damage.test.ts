import { expect, test } from "bun:test";
import { damageTeller } from "../../lib/report/damage.ts";

test("damage is told when there is more of it than before, and not again", () => {
  const told: string[] = [];
  const tell = damageTeller("here", (text) => told.push(text));
  for (const damaged of [0, 0, 1, 1, 3, 3]) tell(damaged);
  expect(told.map((text) => text.slice(0, text.indexOf(":")))).toEqual([
    "A part of the history in here cannot be read",
    "3 parts of the history in here cannot be read",
  ]);
});
