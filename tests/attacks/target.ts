// A compiled chatd that is attacked: where its doors are, and what it has said.
import { existsSync } from "node:fs";
import { CHATD, type Env, type Home, home } from "../support/binaries.ts";
import type { Program } from "../support/program.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { IS_QUIET_MACHINE } from "./own-time.ts";

export interface Target extends AsyncDisposable {
  /** The machine that it runs on. */
  readonly place: Home;
  readonly program: Program;
  readonly port: number;
  readonly webPort: number;
}

export interface TargetOptions {
  readonly flags?: readonly string[];
  /** How many files it may have open. */
  readonly files?: number;
  readonly env?: Env;
  /** Runs the command that follows it as somebody else. */
  readonly as?: readonly string[];
}

/** What the disk of this machine does while others are at it is no attack. */
const MEMORY = "/dev/shm";

/** For the history of a room that is attacked. */
export function historyFolder(): Promise<TempDir> {
  return tempDir(!IS_QUIET_MACHINE && existsSync(MEMORY) ? MEMORY : undefined);
}

/** What no line may hold that an operator sees; its LF is cut off. */
const CONTROLS = /\p{Cc}/u;

export async function openTarget({ flags = [], files, env = {}, as = [] }: TargetOptions = {}): Promise<Target> {
  await using opening = new AsyncDisposableStack();
  const place = opening.use(await home());
  const limited = files === undefined ? [] : ["sh", "-c", `ulimit -n ${files} && exec "$@"`, "sh"];
  const command = [...limited, ...as, CHATD, "--host", "127.0.0.1", "--port", "0", "--log", "json", ...flags];
  const program = opening.use(place.run(command, { env }));
  const listening = JSON.parse(await program.until('"listening"')) as { port: number; web_port: number };
  const open = opening.move();
  return {
    place,
    program,
    port: listening.port,
    webPort: listening.web_port,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** What it has said that an operator should not have to read, as sentences. */
export function complaintsOf({ program: { out, err } }: Target): readonly string[] {
  const strange = [...out, ...err].filter((line) => CONTROLS.test(line));
  return [
    ...err.map((line) => `chatd wrote to standard error: ${JSON.stringify(line)}`),
    ...out
      .filter((line) => (JSON.parse(line) as { level: string }).level !== "info")
      .map((line) => `chatd reported ${JSON.stringify(line)}`),
    ...strange.map((line) => `chatd wrote a control character: ${JSON.stringify(line)}`),
  ];
}
