// A disk that fails, for a process that runs: strace answers its syncs in the place of the kernel.

/** Makes every sync of a running process fail, until it is disposed of. */
export async function failSyncs(pid: number): Promise<AsyncDisposable> {
  const calls = "fsync,fdatasync";
  const strace = Bun.spawn(
    ["strace", "-f", "-p", `${pid}`, "-e", `trace=${calls}`, "-e", `inject=${calls}:error=EIO`],
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
      strace.kill("SIGINT");
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
