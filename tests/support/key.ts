// A person's key, for tests: what proves it on the wire of a peer.
import { signedText } from "../../lib/protocol/proof.ts";
import type { Heard, Peer } from "./peer.ts";

export interface Key {
  /** base64url, as it goes over the wire. */
  readonly key: string;
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
}

export async function newKey(): Promise<Key> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  return {
    key: base64url(await crypto.subtle.exportKey("raw", publicKey)),
    sign: async (bytes) => base64url(await crypto.subtle.sign("Ed25519", privateKey, bytes)),
  };
}

/** The fields of a join as `name` that prove `key` on the peer's wire. `more`: what is signed is not what is true. */
export async function proof(
  who: Peer,
  { key, sign }: Key,
  name: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly key: string; readonly signature: string }> {
  who.send({ type: "challenge" });
  const { nonce, log } = (await who.until("challenge")) as unknown as { readonly nonce: string; readonly log: string };
  const claim = { nonce, binding: who.connection.binding ?? "", room: "lobby", log, name, ...more };
  return { key, signature: await sign(signedText(claim)) };
}

/** Joins as `name` with the key, and answers the welcome or the refusal. */
export async function joinWith(
  who: Peer,
  key: Key,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Heard> {
  who.send({ type: "join", name, ...(await proof(who, key, name)), ...more });
  for (;;) {
    const message = await who.next();
    if (message.type === "welcome" || message.type === "refused") return message;
  }
}

function base64url(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString("base64url");
}
