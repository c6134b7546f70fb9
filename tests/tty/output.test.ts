import { PassThrough } from "node:stream";
import { afterEach, describe, expect, jest, spyOn, test } from "bun:test";
import { readFileSync } from "node:fs";
import { openOutput, type Output, PATIENCE_MS } from "../../lib/tty/output.ts";
import { openPrompt, type Prompt } from "../../lib/tty/prompt.ts";
import { canOpenPty, UnreadPty } from "../support/unread-pty.ts";

/** More than a terminal that nobody reads takes. */
const PLENTY = 100_000;

afterEach(() => {
  jest.restoreAllMocks();
});

/** From now on it is so much later. */
function later(ms: number): void {
  const now = performance.now.bind(performance);
  spyOn(performance, "now").mockImplementation(() => now() + ms);
}

test("where there is no terminal, the stream is written to as it is", async () => {
  const stream = new PassThrough();
  const output = openOutput(stream as unknown as NodeJS.WriteStream, () => {});
  output.write("one");
  output.close();
  output.write("two");
  stream.end();
  expect(await stream.setEncoding("utf8").toArray()).toEqual(["onetwo"]);
  expect(output.stuckSince).toBeUndefined();
});

if (!canOpenPty) console.warn("Not Linux: nobody tests a terminal that is not read.");

describe.skipIf(!canOpenPty)("a terminal", () => {
  /** An output that is stuck: begun with "<", then filled. */
  function stuck(pty: UnreadPty, freed: () => void = () => {}): Output {
    const output = openOutput(pty.stream, freed);
    output.write(`<${"x".repeat(PLENTY)}`);
    expect(output.stuckSince).toBeNumber();
    return output;
  }

  test("that is read gets everything at once", () => {
    using pty = new UnreadPty();
    const output = openOutput(pty.stream, () => expect.unreachable());
    for (const text of ["one", "", "zwei ", "漢字"]) output.write(text);
    expect(pty.read()).toBe("onezwei 漢字");
    expect(output.stuckSince).toBeUndefined();
  });

  test("that nobody reads holds nobody up, gets everything in order when it is read again, and tells once", async () => {
    using pty = new UnreadPty();
    const freed = jest.fn();
    const output = stuck(pty, freed);
    output.write("漢".repeat(PLENTY));
    output.write(">");
    expect(freed).not.toHaveBeenCalled();
    const text = await pty.readUntil((read) => read.endsWith(">"));
    expect(text === `<${"x".repeat(PLENTY)}${"漢".repeat(PLENTY)}>`).toBeTrue();
    expect(freed).toHaveBeenCalledTimes(1);
    expect(output.stuckSince).toBeUndefined();
  });

  test("goes on to block for the other programs that write to it", () => {
    using pty = new UnreadPty();
    stuck(pty).close();
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${pty.fd}`, "utf8"))![1]!;
    expect(Number.parseInt(flags, 8) & 0o4000).toBe(0);
  });

  test("that is stuck is given up when the output is closed, and stays so", async () => {
    using pty = new UnreadPty();
    const output = stuck(pty);
    later(PATIENCE_MS * 2);
    const started = Bun.nanoseconds();
    output.close();
    output.write("last words");
    expect((Bun.nanoseconds() - started) / 1e6).toBeLessThan(PATIENCE_MS / 4);
    expect(pty.read()).toMatch(/^<x+$/);
    expect(await pty.readUntil(() => true)).toBe("");
  });

  test("that was not stuck takes last words after the output is closed", () => {
    using pty = new UnreadPty();
    const output = openOutput(pty.stream, () => {});
    output.write("one ");
    output.close();
    output.write("two");
    expect(pty.read()).toBe("one two");
  });

  test("that has hung up takes nothing, which is no fault", () => {
    using pty = new UnreadPty();
    const output = openOutput(pty.stream, () => {});
    pty.hangUp();
    output.write("one");
    output.write("two");
    output.close();
    expect(output.stuckSince).toBeUndefined();
  });

  describe("with a prompt", () => {
    function openStuck(pty: UnreadPty): Prompt {
      const input = Object.assign(new PassThrough(), { isRaw: false, setRawMode: () => {} });
      return openPrompt({
        input: input as unknown as NodeJS.ReadStream,
        output: pty.stream,
        label: () => "label > ",
        complete: () => ({ from: 0, candidates: [] }),
        submitted: () => {},
        interrupted: () => {},
      });
    }

    /** Lets the prompt draw, which is a turn of the event loop away. */
    const turn = () => new Promise((resolve) => setImmediate(resolve));

    const isDrawn = (text: string) => text.includes("the end\r\n") && text.endsWith("label > \x1b[0m\x1b[?7h");

    async function fill(pty: UnreadPty, prompt: Prompt): Promise<void> {
      await turn();
      pty.read();
      prompt.print("x".repeat(PLENTY));
      await turn();
    }

    test("that is merely slow gets every line", async () => {
      using pty = new UnreadPty();
      using prompt = openStuck(pty);
      await fill(pty, prompt);
      for (let number = 1; number <= 2_000; number += 1) prompt.print(`line ${number}`);
      await turn();
      prompt.print("the end");
      const text = await pty.readUntil(isDrawn);
      expect(text.match(/line \d+\r\n/g)).toHaveLength(2_000);
      expect(text).not.toContain("not shown");
      // The drawing with which it got stuck, and one for everything since.
      expect(text.split("\x1b[?7h")).toHaveLength(3);
    });

    test("that nobody reads gets the newest lines when it is read again, and how many it did not get", async () => {
      using pty = new UnreadPty();
      using prompt = openStuck(pty);
      await fill(pty, prompt);
      later(PATIENCE_MS * 2);
      for (let number = 1; number <= 2_000; number += 1) prompt.print(`line ${number}`);
      await turn();
      prompt.print("two\nthe end");
      const text = await pty.readUntil(isDrawn);
      expect(text).toContain("… 1502 lines were not shown.\r\nline 1503\r\nline 1504\r\n");
      expect(text.match(/line \d+\r\n/g)).toHaveLength(498);
      expect(text).toMatch(/line 2000\r\ntwo\r\nthe end\r\n[^\n]*label > [^\n]*$/);
    });
  });
});
