// chat's own key: a file for its owner alone, made when it is first needed, and never written over.
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { webCurve } from "../client/curve.ts";
import { KeptKey, newKey, type Signer, signerOf } from "../client/signer.ts";

export interface OwnKey {
  /** Nothing where the key is damaged: then its owner is a guest. */
  readonly signer: Signer | undefined;
  /** What is wrong with it, and what to do, for people. */
  readonly complaint?: string;
}

export async function ownKey(folder: string): Promise<OwnKey> {
  const file = join(folder, "key");
  const found = read(file);
  if (found !== undefined) return opened(file, found);
  const kept = await newKey(webCurve);
  try {
    // Another chat may have been quicker.
    if (!publish(folder, file, kept)) return await opened(file, read(file) ?? "");
    return { signer: await signerOf(kept, webCurve) };
  } catch (error) {
    return {
      signer: await signerOf(kept, webCurve),
      complaint: `Your key cannot be kept in ${folder} (${codeOf(error)}): your name is yours in this run, and nobody's who comes later, not even yours. --guest joins without a key.`,
    };
  }
}

/** What is in the file; nothing where there is none. */
function read(file: string): string | { readonly error: unknown } | undefined {
  try {
    const text = readFileSync(file, "utf8");
    if ((statSync(file).mode & 0o077) !== 0) tighten(file, 0o600);
    return text;
  } catch (error) {
    return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR" ? undefined : { error };
  }
}

async function opened(file: string, found: string | { readonly error: unknown }): Promise<OwnKey> {
  if (typeof found !== "string") return guest(`The key in ${file} cannot be read (${codeOf(found.error)})`);
  const kept = keptIn(found);
  const signer = kept && (await signerOf(kept, webCurve));
  return signer ? { signer } : guest(`The key in ${file} is damaged`);
}

function guest(what: string): OwnKey {
  return {
    signer: undefined,
    complaint: `${what}, so you come as a guest, and a name that is yours may be refused. Put a copy of the file back, or move it away for a new key.`,
  };
}

function keptIn(text: string): KeptKey | undefined {
  try {
    return v.parse(KeptKey, JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Whole or not at all, and on disk: a name that is owned by half a key is nobody's. Answers false where there was one by now. Throws where it cannot be kept. */
function publish(folder: string, file: string, kept: KeptKey): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  tighten(folder, 0o700);
  const draft = `${file}.${crypto.randomUUID()}`;
  const descriptor = openSync(draft, "wx", 0o600);
  try {
    writeSync(descriptor, `${JSON.stringify(kept)}\n`);
    fsyncSync(descriptor);
    return linked(draft, file);
  } finally {
    closeSync(descriptor);
    if (existsSync(draft)) unlinkSync(draft);
  }
}

/** Gives the file its name, unless there is one of that name. */
function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    // Not every disk knows a file by two names.
    if (existsSync(file)) return false;
    renameSync(draft, file);
    return true;
  }
}

/** What others may do with it is taken from them, as far as this program may. */
function tighten(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch {
    // Somebody else's folder, or a disk without modes.
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
