// The files of a certificate: those that were named, or those in the folder for the history.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ChatdSettings } from "../flags/chatd.ts";
import { CERT_FILE, KEY_FILE } from "../transport/own-certificate.ts";
import { codeOf } from "./error-code.ts";
import type { CertificateSeen, FileSeen } from "./certificate.ts";

/** A file that is larger holds something else. */
const FILE_BYTES_MAX = 1_048_576;

/** What there is of the certificate that a room with these settings would show. */
export async function readCertificate(
  { tls, directory }: Pick<ChatdSettings, "tls" | "directory">,
  now: number,
): Promise<CertificateSeen | "off" | "none yet"> {
  if (tls.mode === "off") return "off";
  if (tls.given) return pair(tls.given.certFile, tls.given.keyFile, now);
  if (directory === undefined) return "none yet";
  const own = await pair(join(directory, CERT_FILE), join(directory, KEY_FILE), now);
  // Of the key alone, chatd makes another certificate.
  return isMissing(own.certificate) ? "none yet" : own;
}

async function pair(certificate: string, key: string, now: number): Promise<CertificateSeen> {
  return { certificate: await read(certificate), key: await read(key), now };
}

function isMissing(file: FileSeen): boolean {
  return "code" in file && file.code === "ENOENT";
}

async function read(path: string): Promise<FileSeen> {
  try {
    const { size, mode } = await stat(path);
    // What is no file, such as a pipe, has no size.
    if (size === 0 || size > FILE_BYTES_MAX) return { path, code: "EFBIG" };
    return { path, text: await readFile(path, "utf8"), mode: process.platform === "win32" ? undefined : mode & 0o777 };
  } catch (error) {
    return { path, code: codeOf(error) };
  }
}
