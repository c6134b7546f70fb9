// Ed25519, as the machine has it. Knows no names and no files.
import { fromBase64url } from "../protocol/base64url.ts";

/** Bytes of a seed, and of a public key. */
export const KEY_BYTES = 32;

/** Ed25519, whoever computes it. */
export interface Curve {
  /** The key that grows from `seed`, 32 bytes. Throws where it cannot be computed here. */
  open(seed: Uint8Array<ArrayBuffer>): Promise<Pair>;
}

export interface Pair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

/** What stands before the 32 bytes of a seed in its usual form (RFC 8410, PKCS #8). */
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/** By WebCrypto. Browsers have it for pages that came encrypted or from their own machine, and some know no Ed25519 yet. */
export const webCurve: Curve = {
  async open(seed) {
    const { subtle } = crypto;
    const secret = await subtle.importKey("pkcs8", Uint8Array.of(...PKCS8, ...seed), "Ed25519", true, ["sign"]);
    // There is no other way to ask for the public half.
    const { x = "" } = await subtle.exportKey("jwk", secret);
    const publicKey = fromBase64url(x, KEY_BYTES);
    if (!publicKey) throw new Error("WebCrypto knows no Ed25519.");
    return {
      publicKey,
      sign: async (bytes) => new Uint8Array(await subtle.sign("Ed25519", secret, bytes)),
    };
  },
};
