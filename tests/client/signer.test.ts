// A person's key: what is kept of it, and that it signs as any other Ed25519 does.
import { expect, test } from "bun:test";
import { webCurve } from "../../lib/client/curve.ts";
import { KeptKey, newKey, signerOf } from "../../lib/client/signer.ts";
import { proves } from "../../lib/hub/proof.ts";
import { signedText } from "../../lib/protocol/proof.ts";
import { nobleCurve } from "../../lib/web/page/noble-curve.ts";
import * as v from "valibot";

const claim = { nonce: "n", binding: "local", room: "lobby", log: "l", name: "Ada" };
const curves = [
  ["WebCrypto", webCurve],
  ["the page's own", nobleCurve],
] as const;

/** RFC 8032, 7.1, test 1. */
const SEED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const PUBLIC = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

test.each(curves)("what %s signs, a server takes, and under no other name", async (_, curve) => {
  const signer = (await signerOf(await newKey(curve), curve))!;
  const signature = await signer.sign(signedText(claim));
  expect(proves(signer.key, signature, claim)).toBeTrue();
  expect(proves(signer.key, signature, { ...claim, name: "Bob" })).toBeFalse();
});

test.each(curves)("%s knows the key of RFC 8032, and both sign alike", async (_, curve) => {
  const signer = (await signerOf({ kty: "OKP", crv: "Ed25519", d: SEED, x: PUBLIC }, curve))!;
  expect(signer.key).toBe(PUBLIC);
  expect(Buffer.from(await signer.sign(new Uint8Array()), "base64url").toString("hex")).toStartWith("e5564300c360ac72");
});

test("a key is another one each time, and kept in the form of a JSON Web Key", async () => {
  const [one, other] = [await newKey(webCurve), await newKey(webCurve)];
  expect(one.d).not.toBe(other.d);
  expect(Object.keys(one).toSorted()).toEqual(["crv", "d", "kty", "x"]);
  expect(v.is(KeptKey, JSON.parse(JSON.stringify(one)))).toBeTrue();
});

test.each(curves)("half of one key and half of another are none, for %s", async (_, curve) => {
  const [one, other] = [await newKey(curve), await newKey(curve)];
  expect(await signerOf({ ...one, x: other.x }, curve)).toBeUndefined();
});

test.each([
  { d: "short" },
  { x: PUBLIC.slice(1) },
  { x: `${PUBLIC}A` },
  { d: `${SEED.slice(0, -1)}B` },
  { crv: "X25519" },
])("%j makes it none that is kept", (wrong) => {
  expect(v.is(KeptKey, { kty: "OKP", crv: "Ed25519", d: SEED, x: PUBLIC, ...wrong })).toBeFalse();
});
