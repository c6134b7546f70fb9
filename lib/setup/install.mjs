// Installs the pinned packages where they are missing, with Bun if it is there and with npm's npx if not. Plain JavaScript: npm's Node runs it.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { dependencies, devDependencies } = readJson("package.json");
const pinned = Object.entries({ ...dependencies, ...devDependencies });

// Also after an update of the project, which may need others.
if (!pinned.every(([name, version]) => versionOf(name) === version)) {
  const install = ["install", "--frozen-lockfile"];
  const [command, args] = process.versions.bun
    ? [process.execPath, install]
    : ["npx", ["--yes", `bun@${devDependencies.bun}`, ...install]];
  console.error("Installing the packages of this project…");
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error(`The packages could not be installed${error ? `: ${error.message}` : ""}. Is this machine online?`);
    process.exit(status ?? 1);
  }
  testAnew();
}

function versionOf(name) {
  const path = join("node_modules", name, "package.json");
  return existsSync(join(root, path)) ? readJson(path).version : undefined;
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

/** `bun test` has looked for packages in this folder before they were there, and does not look again: the tests need a new process. */
function testAnew() {
  const command = commandLine();
  if (command?.[1] !== "test") return;
  const { status } = spawnSync(process.execPath, command.slice(1), { stdio: "inherit" });
  process.exit(status ?? 1);
}

/** How this process was started, to the word: Bun does not tell a test's flags. Only Linux does. */
function commandLine() {
  if (!process.versions.bun) return undefined;
  try {
    return readFileSync("/proc/self/cmdline", "utf8").split("\0").slice(0, -1);
  } catch {
    // Without its flags, then.
    return process.argv[1]?.includes(".test.") ? [process.execPath, "test"] : undefined;
  }
}
