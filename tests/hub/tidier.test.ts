import { expect, test } from "bun:test";
import { QUIET_LOOKS, TIDY_BYTES, tidier } from "../../lib/hub/tidier.ts";

const MB = 1_048_576;

/** Looks as long as `bytes` says how much there is; answers at which looks something was collected. */
function looks(bytes: readonly number[], head: (look: number) => number = () => 7): number[] {
  const collected: number[] = [];
  let look = 0;
  const tidy = tidier({ rss: () => bytes[look]!, collect: () => void collected.push(look) });
  for (; look < bytes.length; look++) tidy(head(look));
  return collected;
}

test("what has come together is collected once the room is quiet, and not while something happens", () => {
  const grown = Array.from({ length: 30 }, () => 100 * MB);
  expect(looks(grown)).toEqual([QUIET_LOOKS]);
  expect(looks(grown, (look) => look)).toEqual([]);
  // Something happens at look 5, and then nothing.
  expect(looks(grown, (look) => Math.min(look, 5))).toEqual([5 + QUIET_LOOKS]);
});

test("it is not done again at once, however much comes together", () => {
  const growing = Array.from({ length: 3 * QUIET_LOOKS }, (_, look) => 100 * MB + look * TIDY_BYTES);
  expect(looks(growing)).toEqual([QUIET_LOOKS, 2 * QUIET_LOOKS]);
});

test("it is done again when enough has come together since, counted from the least there was", () => {
  const before = Array.from({ length: QUIET_LOOKS + 1 }, () => 100 * MB);
  // It falls some time after it was collected, and grows by a fourth of a megabyte a look.
  const after = Array.from({ length: 16 }, (_, look) => (look === 0 ? 100 : 90 + look / 4) * MB);
  const again = before.length + 1 + TIDY_BYTES / (MB / 4);
  expect(looks([...before, ...after]).slice(0, 2)).toEqual([QUIET_LOOKS, again]);
});
