// The certificate of a room: the one that chatd keeps in its folder, or one that the host has given it.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Certificate, type CertificateFault, readCertificate } from "./certificate.ts";
import { type MakeCertificate, makeCertificate } from "./make-certificate.ts";

export const KEY_FILE = "tls-key.pem";
export const CERT_FILE = "tls-cert.pem";

/** The certificate cannot be used; the message says why and what to do. */
export class CertificateUnusable extends Error {
  override readonly name = "CertificateUnusable";
}

/** The certificate in `folder`; where there is none, `make` makes it for `names`. Throws CertificateUnusable. */
export async function keepCertificate(
  folder: string,
  names: readonly string[],
  make: MakeCertificate = makeCertificate,
): Promise<Certificate> {
  const [keyFile, certFile] = [join(folder, KEY_FILE), join(folder, CERT_FILE)];
  const anew = `Put back what was there; or remove ${keyFile} and ${certFile}, and chatd makes both anew: then your friends need the new link, for their programs know the old key.`;
  const key = readIfThere(keyFile);
  const cert = readIfThere(certFile);
  if (key === undefined && cert !== undefined)
    throw new CertificateUnusable(`${certFile} has no key beside it. ${anew}`);
  if (key !== undefined && cert !== undefined) {
    const certificate = await readCertificate(key, cert);
    if (typeof certificate === "object") return certificate;
    throw new CertificateUnusable(`${faultSentence(certificate, keyFile, certFile)} ${anew}`);
  }
  const made = await make(names, key).catch((error: unknown) => {
    if (key === undefined) throw error;
    throw new CertificateUnusable(`${faultSentence("bad-key", keyFile, certFile)} ${anew}`, { cause: error });
  });
  // The key first: for a key, a certificate can be made at any time.
  if (key === undefined) write(keyFile, made.key);
  write(certFile, made.cert);
  return made;
}

/** The certificate in two files of the host's own. Throws CertificateUnusable. */
export async function givenCertificate(keyFile: string, certFile: string): Promise<Certificate> {
  const [key, cert] = [keyFile, certFile].map((file) => {
    const text = readIfThere(file);
    if (text !== undefined) return text;
    throw new CertificateUnusable(
      `There is no ${file}. Look at the paths that --tls-cert and --tls-key give, or leave both out: then chatd makes a certificate itself.`,
    );
  }) as [string, string];
  const certificate = await readCertificate(key, cert);
  if (typeof certificate === "object") return certificate;
  throw new CertificateUnusable(
    `${faultSentence(certificate, keyFile, certFile)} Look at the files that --tls-cert and --tls-key name, or leave both out: then chatd makes a certificate itself.`,
  );
}

function faultSentence(fault: CertificateFault, keyFile: string, certFile: string): string {
  switch (fault) {
    case "bad-key":
      return `${keyFile} holds no key that can be used: a PEM file without a passphrase is needed.`;
    case "bad-certificate":
      return `${certFile} holds no certificate that can be used: a PEM file is needed.`;
    case "no-pair":
      return `The key in ${keyFile} is not that of the certificate in ${certFile}.`;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    const why =
      codeOf(error) === "EISDIR"
        ? "it is a folder, and a file is needed"
        : `${codeOf(error)}: let the user who runs chatd read it`;
    throw new CertificateUnusable(`${file} cannot be read (${why}).`, { cause: error });
  }
}

/** Whole or not at all, and for the eyes of its owner only. */
function write(file: string, text: string): void {
  const draft = `${file}.new`;
  try {
    rmSync(draft, { force: true });
    const descriptor = openSync(draft, "wx", 0o600);
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (error) {
    throw new CertificateUnusable(
      `${file} cannot be written (${codeOf(error)}). Make room or let the user who runs chatd write there; or choose another folder with --data.`,
      { cause: error },
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
