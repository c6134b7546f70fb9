// A person's key: made once, kept as text, and asked to sign. Knows no server and no file.
import * as v from "valibot";
import { fromBase64url, toBase64url } from "../protocol/base64url.ts";
import { type Curve, KEY_BYTES } from "./curve.ts";

/** Signs with a key that it does not show. */
export interface Signer {
  /** The public key, in base64url. */
  readonly key: string;
  /** A signature, in base64url. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
}

const Bytes = v.pipe(
  v.string(),
  v.check((text) => fromBase64url(text, KEY_BYTES) !== undefined),
);
/** A key as it is kept: a JSON Web Key (RFC 8037). `d` is all of it; `x`, the public half, tells whether it is whole. */
export const KeptKey = v.object({ kty: v.literal("OKP"), crv: v.literal("Ed25519"), x: Bytes, d: Bytes });
export type KeptKey = v.InferOutput<typeof KeptKey>;

/** A key that nobody has. */
export async function newKey(curve: Curve): Promise<KeptKey> {
  const seed = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const { publicKey } = await curve.open(seed);
  return { kty: "OKP", crv: "Ed25519", x: toBase64url(publicKey), d: toBase64url(seed) };
}

/** Signs with `kept`; nothing where that is damaged. */
export async function signerOf({ x, d }: KeptKey, curve: Curve): Promise<Signer | undefined> {
  const seed = fromBase64url(d, KEY_BYTES);
  const pair = seed && (await curve.open(seed));
  if (!pair || toBase64url(pair.publicKey) !== x) return undefined;
  return { key: x, sign: async (bytes) => toBase64url(await pair.sign(bytes)) };
}
