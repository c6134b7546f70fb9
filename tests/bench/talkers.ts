// Members who talk on a schedule in a process of their own, so that what this process reads does not delay what they hear.
import { Crowd } from "./crowd.ts";
import { type Spread, spreadOf } from "./figures.ts";
import { onSchedule } from "./loads.ts";
import type { Place } from "./servers.ts";
import { Talk } from "./talk.ts";

interface Spec {
  readonly at: Place;
  readonly talkers: number;
  /** Of all together. */
  readonly perSecond: number;
  readonly bytes: number;
}

/** How what they said since they were asked last came back. */
interface Phase {
  readonly echo: Spread;
  readonly said: number;
  readonly fault: string | null;
}

export class Talkers implements AsyncDisposable {
  readonly #process: Bun.Subprocess;
  readonly #answers: PromiseWithResolvers<Phase>[] = [];

  /** They are in, and begin to talk. */
  static async begin(spec: Spec): Promise<Talkers> {
    const talkers = new Talkers(spec);
    await talkers.#next();
    return talkers;
  }

  private constructor(spec: Spec) {
    this.#process = Bun.spawn([process.execPath, import.meta.path, JSON.stringify(spec)], {
      stdio: ["ignore", "inherit", "inherit"],
      serialization: "json",
      ipc: (phase) => this.#answers.shift()?.resolve(phase as Phase),
      onExit: () => this.#answers.forEach(({ reject }) => reject(new Error("the talkers ended"))),
    });
  }

  /** Ends a phase and begins the next one; answers once all that was said in it is back. */
  phase(): Promise<Phase> {
    this.#process.send("phase");
    return this.#next();
  }

  /** They say nothing more; answers once they have heard all that they said. */
  end(): Promise<Phase> {
    this.#process.send("end");
    return this.#next();
  }

  #next(): Promise<Phase> {
    const answer = Promise.withResolvers<Phase>();
    this.#answers.push(answer);
    return answer.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    await this.#process.exited;
  }
}

if (import.meta.main) await talk(JSON.parse(Bun.argv[2]!) as Spec);

async function talk({ at, talkers, perSecond, bytes }: Spec): Promise<void> {
  // Whoever has begun them is gone.
  process.on("disconnect", () => process.exit());
  await using crowd = await Crowd.gather(at, talkers);
  const talk = new Talk(crowd, { talkers, bytes });
  /** Of phases that are over. */
  let back = 0;
  const tell = () => {
    const { said } = talk;
    back += talk.echo.length;
    process.send?.({ echo: spreadOf(talk.echo), said, fault: crowd.fault ?? null } satisfies Phase);
    talk.echo = [];
  };
  let over = false;
  const phase = async () => {
    const { said } = talk;
    while (back + talk.echo.length < said && crowd.fault === undefined) await Bun.sleep(1);
    tell();
  };
  process.on("message", (word) => {
    if (word === "end") over = true;
    else void phase();
  });
  tell();
  await onSchedule(crowd, talk, { perSecond, over: () => over });
  tell();
  process.disconnect?.();
}
