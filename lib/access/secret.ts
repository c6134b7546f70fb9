// Secrets that are handed out: 128 random bits, of which only a hash is kept.

const SECRET_BYTES = 16;

export function newSecret(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(SECRET_BYTES))).toString("base64url");
}

/** It is looked up by its hash: how long that takes says nothing about the secret. */
export function hashSecret(secret: string): string {
  return new Bun.CryptoHasher("sha256").update(secret).digest("base64url");
}
