// What was said and withdrawn: it stays in the log, and nobody is shown it any more.
import type { Purge } from "../access/acts.ts";
import { decodeStored } from "../protocol/codec.ts";
import type { RoomEvent } from "../protocol/message.ts";
import { foldName } from "../protocol/name.ts";
import type { Batch } from "../log/log.ts";

export class Purges {
  #purges = new Map<number, Purge>();
  /** Nothing from here on is withdrawn. */
  #before = 0;

  reload(purges: readonly Purge[]): void {
    this.#purges = new Map(purges.map((purge) => [purge.id, purge]));
    this.#before = Math.max(0, ...purges.map(({ before }) => before));
  }

  get(id: number): Purge | undefined {
    return this.#purges.get(id);
  }

  /** The lines of a page, without those that were withdrawn. */
  shown(lines: readonly string[]): readonly string[] {
    return this.#before === 0 ? lines : lines.filter((line) => !this.#covers(decodeStored(line)));
  }

  /** The bytes of a batch, without what was withdrawn. What is live costs one comparison. */
  bytesOf({ after, bytes }: Batch): Uint8Array {
    if (after >= this.#before) return bytes;
    const lines = Buffer.from(bytes).toString().split("\n");
    const shown = this.shown(lines.filter((line) => line !== ""));
    return shown.length === 0 ? new Uint8Array() : Buffer.from(`${shown.join("\n")}\n`);
  }

  #covers(event: RoomEvent): boolean {
    if (event.type !== "said") return false;
    const fold = foldName(event.from);
    for (const { names, since, before } of this.#purges.values())
      if (event.seq < before && event.at >= since && names.includes(fold)) return true;
    return false;
  }
}
