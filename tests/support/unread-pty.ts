// A pseudo-terminal within the test's own process, read only when the test says so. Linux only. Knows nothing of what is written.
import { dlopen, ptr } from "bun:ffi";
import { closeSync, constants, openSync, readSync } from "node:fs";

const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;

export const canOpenPty = process.platform === "linux";

export class UnreadPty implements Disposable {
  /** The end that programs write to. */
  readonly fd: number;
  readonly #master: number;
  readonly #decoder = new TextDecoder();
  #open = true;

  constructor() {
    const { symbols } = dlopen("libc.so.6", {
      unlockpt: { args: ["int"], returns: "int" },
      ptsname_r: { args: ["int", "ptr", "usize"], returns: "int" },
    });
    this.#master = openSync("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
    const name = new Uint8Array(64);
    if (symbols.unlockpt(this.#master) !== 0 || symbols.ptsname_r(this.#master, ptr(name), name.length) !== 0)
      throw new Error("There is no pseudo-terminal to be had.");
    this.fd = openSync(new TextDecoder().decode(name.subarray(0, name.indexOf(0))), O_RDWR | O_NOCTTY);
  }

  /** As much of a stream as a prompt asks for. What is written to it, instead of to the terminal, is a mistake. */
  get stream(): NodeJS.WriteStream & { readonly fd: number } {
    const write = () => {
      throw new Error("The stream itself was written to, which waits for the terminal.");
    };
    const stream = { isTTY: true, fd: this.fd, columns: 80, rows: 24, on: () => stream, off: () => stream, write };
    return stream as unknown as NodeJS.WriteStream & { readonly fd: number };
  }

  /** What is there to be read. */
  read(): string {
    const bytes = new Uint8Array(65_536);
    let text = "";
    for (;;) {
      try {
        text += this.#decoder.decode(bytes.subarray(0, readSync(this.#master, bytes)), { stream: true });
      } catch {
        return text;
      }
    }
  }

  /** Reads on until `done` says of all of it that it is enough. Line ends are as they were written: the system adds a CR. */
  async readUntil(done: (text: string) => boolean): Promise<string> {
    let read = "";
    for (;;) {
      read += this.read();
      const text = read.replaceAll("\r\r\n", "\r\n");
      if (done(text)) return text;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  hangUp(): void {
    if (this.#open) closeSync(this.#master);
    this.#open = false;
  }

  [Symbol.dispose](): void {
    this.hangUp();
    closeSync(this.fd);
  }
}
