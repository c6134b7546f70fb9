// Runs the benchmarks, one after another. Each prints its figures beside a peer's of the same run.
import { join } from "node:path";

for (const name of ["start.ts", "log.ts", "fan-out.ts", "page.ts"]) {
  console.log(`\n# ${name}`);
  const { exitCode } = Bun.spawnSync([process.execPath, join(import.meta.dir, name)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (exitCode !== 0) process.exit(exitCode);
}
