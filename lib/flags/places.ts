// Where things are kept on this machine: the XDG folders, and their like on Windows.
import { homedir } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a program remembers and may not lose: histories, tokens, last answers. */
export function stateFolder(program: string, env: Environment, platform: string = process.platform): string {
  if (platform === "win32") return join(env["LOCALAPPDATA"] || join(homedir(), "AppData", "Local"), program);
  const { XDG_STATE_HOME: state } = env;
  // XDG: a relative path is to be ignored.
  return join(state?.startsWith("/") ? state : join(env["HOME"] || homedir(), ".local", "state"), program);
}
