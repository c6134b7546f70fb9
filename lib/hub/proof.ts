// Whether a key's owner is at the other end: a nonce, a signature. Knows no names and no rooms.
import { type Claim, signedText } from "../protocol/proof.ts";

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** What stands before the 32 bytes of an Ed25519 key in its usual form (RFC 8410, SubjectPublicKeyInfo). */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");

/** Whether `signature` over `claim` was made with `key`; both are base64url. Never throws. */
export function proves(key: string, signature: string, claim: Claim): boolean {
  const [publicKey, signed] = [bytesOf(key, KEY_BYTES), bytesOf(signature, SIGNATURE_BYTES)];
  if (!publicKey || !signed) return false;
  // An import would load it at every start, and rooms without keys never need it.
  const { createPublicKey, verify } = process.getBuiltinModule("node:crypto");
  try {
    const read = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: "der", type: "spki" });
    return verify(undefined, signedText(claim), read, signed);
  } catch {
    return false;
  }
}

/** Exactly `length` bytes, written in the one way there is: else a key would have several names. */
function bytesOf(text: string, length: number): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.length === length && bytes.toString("base64url") === text ? bytes : undefined;
}
