// Installs the pinned packages where they are missing, with Bun if it is there and with npm's npx if not. Plain JavaScript: npm's Node runs it.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

if (!existsSync(join(root, "node_modules", ".bin", "bun"))) {
  const install = ["install", "--frozen-lockfile"];
  const [command, args] = process.versions.bun
    ? [process.execPath, install]
    : ["npx", ["--yes", `bun@${devDependencies.bun}`, ...install]];
  console.error("Installing the packages of this project, once…");
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error(`The packages could not be installed${error ? `: ${error.message}` : ""}. Is this machine online?`);
    process.exit(status ?? 1);
  }
}
