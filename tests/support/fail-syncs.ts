// A disk that fails, for a process that runs: strace answers its system calls in the place of the kernel.

/** Makes every sync of a running process fail, until it is disposed of. */
export function failSyncs(pid: number): Promise<AsyncDisposable> {
  return tamper(pid, "fsync,fdatasync", "error=EIO");
}

/** Does `what` to the system calls `calls` of a running process, both in the words of strace, until it is disposed of. */
export async function tamper(pid: number, calls: string, what: string): Promise<AsyncDisposable> {
  const strace = Bun.spawn(
    ["strace", "-f", "-p", `${pid}`, "-e", `trace=${calls}`, "-e", "signal=none", "-e", `inject=${calls}:${what}`],
    {
      stdout: "ignore",
      stderr: "pipe",
    },
  );
  const said = strace.stderr.getReader();
  const first = new TextDecoder().decode((await said.read()).value);
  if (!first.includes("attached")) throw new Error(`strace: ${first}`);
  // It must not wait for somebody to read.
  const rest = (async () => {
    while (!(await said.read()).done);
  })();
  return {
    async [Symbol.asyncDispose]() {
      // It may wait for ever for the threads of a process that it has killed.
      strace.kill(what.startsWith("signal=KILL") ? "SIGKILL" : "SIGINT");
      await strace.exited;
      await rest;
    },
  };
}

/** Whether strace is here and may trace a process that is not its own child. */
export async function canTrace(): Promise<boolean> {
  if (Bun.which("strace") === null) return false;
  const child = Bun.spawn(["sleep", "60"]);
  try {
    await using _ = await failSyncs(child.pid);
    return true;
  } catch {
    return false;
  } finally {
    child.kill();
  }
}
