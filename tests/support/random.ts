// Chance that comes out the same in every run, so that a failure can be seen again.

export interface Random {
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number;
  /** One of `things`, which are not empty. */
  pick<T>(things: readonly T[]): T;
}

export function random(seed: number): Random {
  let state = seed >>> 0;
  const below = (end: number) => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  };
  return { below, pick: (things) => things[below(things.length)]! };
}
