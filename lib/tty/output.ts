// Output to a terminal that never waits for it: what the terminal does not take now is kept and tried again. Knows nothing of what is written.
import { closeSync, constants, fstatSync, openSync, readFileSync, writeSync } from "node:fs";
import { isatty } from "node:tty";

export interface Output {
  /** Since when (as `performance.now()` tells) the terminal has not taken everything; undefined when it has. */
  readonly stuckSince: number | undefined;
  /** Keeps order, and keeps whatever is not taken at once: who goes on writing while the terminal is stuck fills the memory. */
  write(text: string): void;
  /** Waits a little for a terminal that is slow, not for one that is stuck, and gives up the rest. Writing goes on to be possible in the same way. */
  close(): void;
}

/** A terminal that has been stuck for so long is not slow: nobody reads it. */
export const PATIENCE_MS = 1_000;
/** How soon the terminal is tried again: at first, and at last when it takes nothing. */
const RETRY_MS = 1;
const MAX_RETRY_MS = 50;
/** What `close` grants a terminal that takes nothing more, and one that goes on taking. */
const LAST_STALL_MS = 100;
const LAST_WAIT_MS = 500;

/** `freed` is called when a terminal that was stuck has taken everything. Where the terminal cannot be opened anew, the stream is written to as it is. */
export function openOutput(stream: NodeJS.WriteStream & { readonly fd?: number }, freed: () => void): Output {
  const fd = stream.isTTY && stream.fd !== undefined ? openAnew(stream.fd) : undefined;
  if (fd !== undefined) return new PatientOutput(fd, freed);
  return { stuckSince: undefined, write: (text) => void stream.write(text), close: () => {} };
}

class PatientOutput implements Output {
  stuckSince: number | undefined;
  /** Stays open after `close`, for last words; it goes with the process. */
  readonly #fd: number;
  readonly #freed: () => void;
  readonly #held: Uint8Array[] = [];
  #retryMs = RETRY_MS;
  #timer: Timer | undefined;
  #closed = false;
  /** The terminal has hung up, or was given up. */
  #gone = false;

  constructor(fd: number, freed: () => void) {
    this.#fd = fd;
    this.#freed = freed;
  }

  write(text: string): void {
    if (this.#gone || text === "") return;
    this.#held.push(Buffer.from(text));
    if (this.#closed) this.#finish();
    else if (this.stuckSince === undefined) this.#flush();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#finish();
  }

  #flush(): void {
    const took = this.#push();
    if (this.#held.length > 0) {
      this.stuckSince ??= performance.now();
      this.#retryMs = took ? RETRY_MS : Math.min(this.#retryMs * 2, MAX_RETRY_MS);
      // Not waited for by the process: what it shows is no reason to live on.
      this.#timer = setTimeout(() => this.#flush(), this.#retryMs).unref();
      return;
    }
    const wasStuck = this.stuckSince !== undefined;
    this.stuckSince = undefined;
    this.#retryMs = RETRY_MS;
    if (wasStuck) this.#freed();
  }

  /** Writes as much as the terminal takes. Answers whether it took anything. */
  #push(): boolean {
    let took = false;
    for (let bytes = this.#held[0]; bytes; bytes = this.#held[0]) {
      const written = this.#tryWrite(bytes);
      if (written > 0) took = true;
      if (this.#gone) this.#held.length = 0;
      else if (written < bytes.length) {
        this.#held[0] = bytes.subarray(written);
        if (written === 0) break;
      } else this.#held.shift();
    }
    return took;
  }

  #tryWrite(bytes: Uint8Array): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      // A terminal that has hung up takes nothing ever again, and that is nobody's fault.
      if (code !== "EAGAIN" && code !== "EINTR") this.#gone = true;
      return 0;
    }
  }

  /** The only place that waits: the last words of a program. */
  #finish(): void {
    const started = performance.now();
    const isStuck = this.stuckSince !== undefined && started - this.stuckSince > PATIENCE_MS;
    let tookAt = started;
    for (;;) {
      if (this.#push()) tookAt = performance.now();
      if (this.#held.length === 0) break;
      const now = performance.now();
      if (isStuck || now - tookAt > LAST_STALL_MS || now - started > LAST_WAIT_MS) {
        this.#gone = true;
        this.#held.length = 0;
        break;
      }
      Bun.sleepSync(RETRY_MS);
    }
    this.stuckSince = undefined;
  }
}

/**
 * The terminal behind `fd`, in an open file description of its own: not to block is a property of the description, and the one that
 * `fd` has belongs to the shell and its other programs too.
 */
function openAnew(fd: number): number | undefined {
  if (process.platform === "win32") return undefined;
  const { rdev } = fstatSync(fd);
  for (const path of waysTo(fd, rdev)) {
    const opened = tryOpen(path);
    if (opened === undefined) continue;
    if (isatty(opened) && (path === CONTROLLING || fstatSync(opened).rdev === rdev)) return opened;
    closeSync(opened);
  }
  return undefined;
}

const CONTROLLING = "/dev/tty";

function waysTo(fd: number, rdev: number): readonly string[] {
  // What /dev/fd opens on macOS is the old description; there, a terminal is called by its minor number.
  if (process.platform === "darwin") return [`/dev/ttys${String(rdev & 0xff_ff_ff).padStart(3, "0")}`];
  // After su or sudo, the terminal may be somebody else's; by its other name it opens all the same.
  return [`/proc/self/fd/${fd}`, ...(controllingTerminal() === rdev ? [CONTROLLING] : [])];
}

/** The device that /dev/tty stands for: the fifth field behind the program's name, which may hold blanks and brackets. */
function controllingTerminal(): number | undefined {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[4]);
  } catch {
    return undefined;
  }
}

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}
