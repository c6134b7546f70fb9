// What strace has written of a process: each system call as it begins and as it ends, in the order of the machine.

export interface SystemCall {
  /** A call that another thread's call came between has a line for each; any other begins and ends in one. */
  readonly phase: "begins" | "ends" | "both";
  readonly thread: string;
  readonly name: string;
  /** As strace writes them. Nothing where it has written them before. */
  readonly args: string;
  /** Nothing while it has not ended. */
  readonly result: number | undefined;
}

const LINE = /^(\d+) +(?:<\.\.\. )?(\w+)(?: resumed>|\()(.*)$/s;
const RESULT = / = (-?\d+|\?)[^=]*$/;

/** The calls in the output of `strace -f -o FILE`. */
export function systemCalls(trace: string): SystemCall[] {
  return trace.split("\n").flatMap((line) => {
    const [, thread, name, rest] = LINE.exec(line) ?? [];
    if (thread === undefined || name === undefined || rest === undefined) return [];
    const begins = rest.endsWith("<unfinished ...>");
    const phase = begins ? "begins" : line.includes(" resumed>") ? "ends" : "both";
    const result = begins ? undefined : Number(RESULT.exec(rest)?.[1]);
    return [{ phase, thread, name, args: phase === "ends" ? "" : rest, result }];
  });
}
