// The servers that chat knows by their keys: a file with a line for each, to be read and edited by people.
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bracketed } from "../protocol/address.ts";

export interface Place {
  readonly hostname: string;
  readonly port: number;
}

export interface KnownHost {
  readonly pin: string;
  /** Where it stands in the file, from 1. */
  readonly line: number;
}

const HEAD = "# The servers that chat knows: HOST:PORT and the pin of its key. A line that is removed is forgotten.\n";

export function knownHostsFile(folder: string): string {
  return join(folder, "known_hosts");
}

/** What is known of a server. Throws where there is a file that cannot be read: who knows nobody would believe everybody. */
export function knownHost(folder: string, place: Place): KnownHost | undefined {
  const host = hostOf(place);
  for (const [index, line] of linesOf(folder).entries()) {
    const [name, pin] = fieldsOf(line);
    if (name !== undefined && oneWay(name) === host && pin !== undefined) return { pin, line: index + 1 };
  }
  return undefined;
}

/** From now on the server is known by `pin`, and by no other. A folder that cannot be written costs the memory, not the chat. */
export function rememberHost(folder: string, place: Place, pin: string): void {
  const host = hostOf(place);
  const entry = `${host} ${pin}\n`;
  const file = knownHostsFile(folder);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const lines = linesOf(folder);
    const others = lines.filter((line) => oneWay(fieldsOf(line)[0] ?? "") !== host);
    if (others.length < lines.length || (lines.length > 0 && lines.at(-1) !== ""))
      return rewrite(file, `${others.join("\n").replace(/\n*$/, "\n")}${entry}`);
    // In one piece, and without reading it first: another chat may be writing too.
    appendFileSync(file, existsSync(file) ? entry : HEAD + entry, { mode: 0o600 });
  } catch {
    // The next time is a first time again.
  }
}

function rewrite(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}

/** The file's lines; the last one is empty where the file ends as it should. */
function linesOf(folder: string): readonly string[] {
  try {
    return readFileSync(knownHostsFile(folder), "utf8").split("\n");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw error;
  }
}

function fieldsOf(line: string): readonly string[] {
  return line.startsWith("#") ? [] : line.trim().split(/\s+/);
}

function hostOf({ hostname, port }: Place): string {
  return oneWay(`${bracketed(hostname)}:${port}`);
}

/** HOST:PORT, in one of the ways in which it may be written: small letters, no dot at the end, an IPv6 address as URLs have it. */
function oneWay(written: string): string {
  const [, host = "", port = ""] = /^(.+):(\d+)$/.exec(written.toLowerCase()) ?? [];
  if (host === "") return written.toLowerCase();
  const url = `http://${host}/`;
  const name = host.startsWith("[") && URL.canParse(url) ? new URL(url).hostname : host.replace(/\.$/, "");
  return `${name}:${port}`;
}
