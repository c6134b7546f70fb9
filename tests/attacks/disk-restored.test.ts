// A room whose history was set back to an older copy, or has lost its end, and has grown again since: whoever has seen what is
// not in it any more begins anew, and whoever has not goes on. Nobody is shown anything wrong, or misses what is new.
import { expect, test } from "bun:test";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Membership } from "../../lib/client/membership.ts";
import type { Notice } from "../../lib/client/notice.ts";
import { DEFAULT_ROOM } from "../../lib/protocol/limits.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { Evidence } from "../chaos/evidence.ts";
import { peer } from "../support/peer.ts";
import { tempDir } from "../support/temp-dir.ts";
import { InsistentMember } from "./insistent-member.ts";
import { openTarget, type Target } from "./target.ts";

const TIMEOUT_MS = 20_000;
const FIRST_SEGMENT = "room-0000000000000001.log";

/** Somebody with the project's own client: what is on the screen, and where it comes back to. */
class Onlooker {
  port: number;
  /** What it has seen said, since it began or began anew. */
  shown: string[] = [];
  readonly backs: boolean[] = [];
  readonly #membership: Membership;
  #watchers = new Set<() => void>();

  static async arrive(name: string, port: number): Promise<Onlooker> {
    const onlooker = new Onlooker(port);
    await onlooker.#membership.join(name);
    return onlooker;
  }

  private constructor(port: number) {
    this.port = port;
    this.#membership = new Membership({
      dial: (receiver) => dialTcp({ hostname: "127.0.0.1", port: this.port }, receiver),
      room: DEFAULT_ROOM,
      told: (notice) => this.#told(notice),
    });
  }

  #told(notice: Notice): void {
    if (notice.type === "back") {
      this.backs.push(notice.resumed);
      if (!notice.resumed) this.shown = [];
    }
    if (notice.type === "heard" && notice.message.type === "said") this.shown.push(notice.message.text);
    for (const look of this.#watchers) look();
  }

  hurry(): void {
    this.#membership.hurry();
  }

  /** Resolves once it has seen this as the newest. */
  async sees(text: string): Promise<void> {
    if (this.shown.at(-1) === text) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => this.shown.at(-1) === text && resolve();
    this.#watchers.add(look);
    await promise;
    this.#watchers.delete(look);
  }

  [Symbol.dispose](): void {
    this.#membership.close();
  }
}

async function kill({ program }: Target): Promise<void> {
  program.kill("SIGKILL");
  await program.exited();
}

const harms: Record<string, (directory: string, copy: string) => void> = {
  "set back to an older copy": (directory, copy) => {
    rmSync(directory, { recursive: true });
    cpSync(copy, directory, { recursive: true });
  },
  // The register of the copy is gone, or is newer than the copy.
  "set back, but for its register": (directory, copy) =>
    cpSync(join(copy, FIRST_SEGMENT), join(directory, FIRST_SEGMENT)),
  "damaged at its end": (directory) => {
    const path = join(directory, FIRST_SEGMENT);
    const bytes = readFileSync(path);
    const at = bytes.indexOf('"text":"5"');
    // Everything from there on is nonsense.
    writeFileSync(path, Buffer.from(bytes).fill(0xaa, at - 60, bytes.indexOf("\0")));
  },
};

test.each(Object.entries(harms))(
  "a history that was %s is not taken for what it was",
  async (_what, harm) => {
    await using folder = await tempDir();
    const [directory, copy] = [join(folder.path, "data"), join(folder.path, "copy")];
    const flags = ["--data", directory, "--rate", "off", "--no-web"];
    const say = async (member: InsistentMember, text: string) => {
      expect(await member.ask({ type: "say", text })).toMatchObject({ type: "said", text });
    };
    let target = await openTarget({ flags });
    using knowing = await Onlooker.arrive("Knowing", target.port);
    const ada = await InsistentMember.arrive("Ada", target.port, new Evidence());
    const early = await InsistentMember.arrive("Early", target.port, new Evidence());
    for (const text of ["1", "2", "3", "4"]) await say(ada, text);
    await early.ask({ type: "ping" });
    // From here on it hears nothing: its place is before what will be lost.
    early.wire.hears = () => {};
    const place = { log: early.welcome["log"], after: early.view.last };
    cpSync(directory, copy, { recursive: true });
    for (const text of ["5", "6", "7"]) await say(ada, text);
    await knowing.sees("7");
    await kill(target);
    await target[Symbol.asyncDispose]();
    harm(directory, copy);

    target = await openTarget({ flags });
    await using _ = target;
    const bob = await InsistentMember.arrive("Bob", target.port, new Evidence());
    // More than there was, so that every number is in use again.
    const others = Array.from({ length: 12 }, (__, n) => `other ${n}`);
    for (const text of others) await say(bob, text);
    knowing.port = target.port;
    knowing.hurry();
    await knowing.sees("other 11");
    expect(knowing.backs).toEqual([false]);
    expect(knowing.shown).toEqual(["1", "2", "3", "4", ...others]);
    await say(bob, "new");
    await knowing.sees("new");

    // Who had not seen what is lost goes on where it was.
    await using back = await peer((receiver) => dialTcp({ hostname: "127.0.0.1", port: target.port }, receiver));
    expect(await back.join("Early", place)).toMatchObject({ resumed: true });
    const seen: unknown[] = [];
    while (seen.at(-1) !== "new") seen.push((await back.until("said"))["text"]);
    expect(seen).toEqual([...others, "new"]);
  },
  TIMEOUT_MS,
);
