// This browser's own key: made when it is first needed, and kept where the browser keeps anything. Knows no server.
import { type Curve, KEY_BYTES, webCurve } from "../../client/curve.ts";
import { newKey, type Signer, signerOf } from "../../client/signer.ts";
import type { Memory } from "./memory.ts";

/** How long a reader waits for what may have to be fetched; after that it is a guest who comes in. */
const PATIENCE_MS = 6_000;

/** Where the browser keeps nothing, the key is for this visit. Nothing where it can compute none. */
export async function ownKey(memory: Pick<Memory, "key">, curve = usableCurve()): Promise<Signer | undefined> {
  const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  const signer = await Promise.race([keptOrNew(memory, curve), tooLate]);
  clearTimeout(timer);
  return signer;
}

async function keptOrNew(memory: Pick<Memory, "key">, curve: Promise<Curve>): Promise<Signer | undefined> {
  try {
    const found = await curve;
    const known = memory.key && (await signerOf(memory.key, found));
    if (known) return known;
    const made = await newKey(found);
    // Another tab may have been quicker.
    const newer = memory.key && (await signerOf(memory.key, found));
    if (newer) return newer;
    memory.key = made;
    return await signerOf(made, found);
  } catch {
    // The network may have kept the rest of the page from coming.
    return undefined;
  }
}

/** The browser's own where it has one, which is quicker; else one that has to be fetched. */
async function usableCurve(): Promise<Curve> {
  try {
    await webCurve.open(new Uint8Array(KEY_BYTES));
    return webCurve;
  } catch {
    const { nobleCurve } = await import("./noble-curve.ts");
    return nobleCurve;
  }
}
