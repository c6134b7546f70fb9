// The files of a certificate: those that were named, or those in the folder for the history.
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DoctorSettings } from "../flags/doctor.ts";
import type { CertificateSeen, FileSeen } from "./certificate.ts";

const CERTIFICATE_FILE = "tls-cert.pem";
const KEY_FILE = "tls-key.pem";
/** A file that is larger holds something else. */
const FILE_BYTES_MAX = 1_048_576;

/** Nothing where none is named and none is there. */
export async function readCertificate(
  { certificate, key, room }: Pick<DoctorSettings, "certificate" | "key" | "room">,
  now: number,
): Promise<CertificateSeen | undefined> {
  const path = certificate ?? (room.directory === undefined ? undefined : join(room.directory, CERTIFICATE_FILE));
  if (path === undefined) return undefined;
  const file = await read(path);
  if (certificate === undefined && "code" in file && file.code === "ENOENT") return undefined;
  const beside = certificate === undefined ? join(dirname(path), KEY_FILE) : undefined;
  const keyPath = key ?? beside;
  return { certificate: file, key: keyPath === undefined ? undefined : await read(keyPath), now };
}

async function read(path: string): Promise<FileSeen> {
  try {
    const { size, mode } = await stat(path);
    // What is no file, such as a pipe, has no size.
    if (size === 0 || size > FILE_BYTES_MAX) return { path, code: "EFBIG" };
    return { path, text: await readFile(path, "utf8"), mode: process.platform === "win32" ? undefined : mode & 0o777 };
  } catch (error) {
    return { path, code: error instanceof Error && "code" in error ? String(error.code) : "unknown" };
  }
}
