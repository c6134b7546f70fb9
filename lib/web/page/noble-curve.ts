// Ed25519 for browsers that do not have it: those that are old, and all of them on a page that came as plain http.
import { getPublicKey, hashes, sign } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import type { Curve } from "../../client/curve.ts";

hashes.sha512 = sha512;

export const nobleCurve: Curve = {
  open: (seed) =>
    Promise.resolve({
      publicKey: getPublicKey(seed),
      sign: (bytes) => Promise.resolve(sign(bytes, seed)),
    }),
};
