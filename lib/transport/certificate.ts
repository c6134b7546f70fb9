// What a server is known by: a certificate, its key, and the pin that clients remember. Read from PEM, and checked.
import { pinOf, pinOfKey, publicKeyIn } from "./pin.ts";

export interface Certificate {
  /** PEM. */
  readonly key: string;
  /** PEM; those that vouch for it may follow. */
  readonly cert: string;
  readonly pin: string;
}

/** What is wrong with a certificate or its key. */
export type CertificateFault = "bad-key" | "bad-certificate" | "no-pair";

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;
/** How the SubjectPublicKeyInfo of such a key begins; the point follows: 0x04, x, y. */
const P256_HEAD = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex");

/** The pair that the two PEM texts hold, or what is wrong with them. */
export async function readCertificate(key: string, cert: string): Promise<Certificate | CertificateFault> {
  const pin = (await pinOfOwnKind(key, cert)) ?? (await pinOfAnyKind(key, cert));
  return typeof pin === "string" ? { key, cert, pin } : pin.fault;
}

/** The quick way, for what chatd makes itself: a start must cost nothing. */
async function pinOfOwnKind(key: string, cert: string): Promise<string | undefined> {
  const spki = publicKeyIn(derIn(cert, "CERTIFICATE"));
  if (!spki || !P256_HEAD.equals(spki.subarray(0, P256_HEAD.length))) return undefined;
  try {
    const secret = await crypto.subtle.importKey("pkcs8", derIn(key, "PRIVATE KEY"), P256, true, ["sign"]);
    const { x = "", y = "" } = await crypto.subtle.exportKey("jwk", secret);
    const point = Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
    return point.equals(spki.subarray(P256_HEAD.length)) ? pinOfKey(spki) : undefined;
  } catch {
    return undefined;
  }
}

async function pinOfAnyKind(key: string, cert: string): Promise<string | { readonly fault: CertificateFault }> {
  // It takes longer to load than all the rest of a start.
  const { createPrivateKey, X509Certificate } = await import("node:crypto");
  const certificate = attempt(() => new X509Certificate(cert));
  if (!certificate) return { fault: "bad-certificate" };
  const secret = attempt(() => createPrivateKey(key));
  if (!secret) return { fault: "bad-key" };
  return certificate.checkPrivateKey(secret) ? pinOf(certificate) : { fault: "no-pair" };
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** The bytes of the first block of this kind; none where there is none. */
function derIn(pem: string, kind: string): Buffer<ArrayBuffer> {
  const [, base64 = ""] = new RegExp(`-----BEGIN ${kind}-----([^-]*)-----END ${kind}-----`).exec(pem) ?? [];
  return Buffer.from(base64, "base64");
}
