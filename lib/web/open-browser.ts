// Opens a page in this machine's browser. No shell ever reads the address.

type Environment = Readonly<Record<string, string | undefined>>;

/** A program that lives for so long has most likely opened something; some go on as long as their browser. */
const TRIAL_MS = 3_000;

/** The commands that may open `url` here, best first. None where there is no screen for it, or it is in front of somebody else. */
export function browserCommands(
  url: string,
  env: Environment,
  platform: string = process.platform,
): readonly (readonly string[])[] {
  const { BROWSER: wish } = env;
  if (wish) return wishes(wish, url, platform);
  if (env["SSH_CONNECTION"] || env["SSH_TTY"]) return [];
  switch (platform) {
    case "darwin":
      return [["open", url]];
    case "win32":
      // `start` would be the shell's own.
      return [["rundll32", "url.dll,FileProtocolHandler", url]];
    default:
      // Without a screen, they would open a text browser in the terminal that we use.
      if (!env["DISPLAY"] && !env["WAYLAND_DISPLAY"]) return [];
      return [
        ["xdg-open", url],
        ["x-www-browser", url],
      ];
  }
}

/** BROWSER by custom: commands to be tried in turn, each with %s where the address goes, or with the address at its end. */
function wishes(wish: string, url: string, platform: string): readonly (readonly string[])[] {
  return wish
    .split(platform === "win32" ? ";" : ":")
    .map((command) => command.split(" ").filter((word) => word !== ""))
    .filter((words) => words.length > 0)
    .map((words) =>
      words.some((word) => word.includes("%s"))
        ? words.map((word) => word.replaceAll("%s", () => url))
        : [...words, url],
    );
}

/** Tries `commands` in turn. Answers whether one of them seems to have worked. */
export async function openBrowser(commands: readonly (readonly string[])[]): Promise<boolean> {
  for (const command of commands) if (await works(command)) return true;
  return false;
}

async function works(command: readonly string[]): Promise<boolean> {
  try {
    // In a process group of its own: Ctrl+C ends this program, not the browser that it has started.
    const child = Bun.spawn([...command], { stdin: "ignore", stdout: "ignore", stderr: "ignore", detached: true });
    child.unref();
    return (await Promise.race([child.exited, Bun.sleep(TRIAL_MS).then(() => 0)])) === 0;
  } catch {
    // There is no such program.
    return false;
  }
}
