// Gives back the memory that is not in use while nothing happens: then, nobody notices the 30 ms. Knows no room.

/** A room in which nothing has happened for so many looks is quiet. As many are between two times that it is tidied: others may be at work that make no history … */
export const QUIET_LOOKS = 5;
/** … and what has come together since it was tidied is worth the work. */
export const TIDY_BYTES = 2_097_152;

export interface Memory {
  /** Bytes that the process has in memory. */
  rss(): number;
  collect(): void;
}

/** To be called about once a second, with the number of what happened last. */
export function tidier({ rss, collect }: Memory): (head: number) => void {
  let [seen, least, quiet] = [-1, 0, 0];
  return (head) => {
    quiet = head === seen ? quiet + 1 : 0;
    seen = head;
    const bytes = rss();
    // What was given back is gone only some time later.
    least = Math.min(least, bytes);
    if (quiet < QUIET_LOOKS || bytes - least < TIDY_BYTES) return;
    collect();
    [least, quiet] = [bytes, 0];
  };
}
