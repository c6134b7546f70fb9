// Keys for tests, each one made anew. They sign at once, without another thread, so that a test knows when it is done.
import { newKey, type Signer, signerOf } from "../../lib/client/signer.ts";
import { nobleCurve } from "../../lib/web/page/noble-curve.ts";

export async function testSigner(): Promise<Signer> {
  return (await signerOf(await newKey(nobleCurve), nobleCurve))!;
}
