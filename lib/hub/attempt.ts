// What needs the guest list, whose disk may be full or broken: then it is refused, and the room goes on.
import { type Refusal, refuse } from "../protocol/message.ts";

const TEXT = "The server cannot use its guest list at the moment (disk full?). Nothing was done; try again later.";

/** What `run` answers; a refusal where the disk does not let it. */
export function attempt<T>(re: string | undefined, run: () => T): T | Refusal {
  try {
    return run();
  } catch {
    return refuse("storage-failed", TEXT, re);
  }
}
