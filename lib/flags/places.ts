// Where things are kept on this machine: the XDG folders, and their like on Windows.
import { homedir } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a person may read and edit: settings, and whom a program trusts. */
export function configFolder(program: string, env: Environment, platform: string = process.platform): string {
  if (platform === "win32") return join(env["APPDATA"] || join(homedir(), "AppData", "Roaming"), program);
  const { XDG_CONFIG_HOME: config } = env;
  return join(config?.startsWith("/") ? config : join(env["HOME"] || homedir(), ".config"), program);
}

/** What a program remembers and may not lose: histories, tokens, last answers. */
export function stateFolder(program: string, env: Environment, platform: string = process.platform): string {
  if (platform === "win32") return join(env["LOCALAPPDATA"] || join(homedir(), "AppData", "Local"), program);
  const { XDG_STATE_HOME: state } = env;
  // XDG: a relative path is to be ignored.
  return join(state?.startsWith("/") ? state : join(env["HOME"] || homedir(), ".local", "state"), program);
}
