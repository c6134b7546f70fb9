// Builds dist/chatd and dist/chat: two files that run on a machine which has nothing else.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "..", "..");
const dist = join(root, "dist");

function git(...args: readonly string[]): string | undefined {
  const run = Bun.spawnSync(["git", ...args], { cwd: root, stderr: "ignore" });
  return run.success ? run.stdout.toString().trim() : undefined;
}

const commit = git("rev-parse", "--short=12", "HEAD") ?? "unknown";
// The commit's time and not this one: the same sources make the same program.
const time = git("log", "-1", "--format=%cI") ?? new Date().toISOString();

mkdirSync(dist, { recursive: true });
for (const [entry, name] of [
  ["server.ts", "chatd"],
  ["client.ts", "chat"],
] as const) {
  const build = await Bun.build({
    entrypoints: [join(root, entry)],
    // Neither a bunfig.toml nor a .env in the folder where the program is started may change what it does.
    compile: { outfile: join(dist, name), autoloadBunfig: false, autoloadDotenv: false },
    minify: true,
    sourcemap: "linked",
    bytecode: true,
    // What is loaded late is read late, by the page's browsers too.
    splitting: true,
    format: "esm",
    define: {
      BUILD_COMMIT: JSON.stringify(commit),
      BUILD_TIME: JSON.stringify(time),
      "process.env.NODE_ENV": '"production"',
    },
  });
  for (const log of build.logs) console.error(log.message);
  if (!build.success) process.exit(1);
  console.log(`dist/${name}`);
}

// Bun writes the maps of the page's scripts beside the programs, under names that change with every build. Nobody reads them.
for (const file of readdirSync(dist)) if (/^chunk-\w+\.js\.map$/.test(file)) rmSync(join(dist, file));
