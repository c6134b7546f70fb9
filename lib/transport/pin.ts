// The pin of a server: what clients remember of its certificate, and what a link says of it.

/** A certificate, as far as it tells of its key. */
export interface HasPublicKey {
  readonly publicKey: { export(options: { type: "spki"; format: "der" }): Uint8Array };
}

/** The SHA-256 of the certificate's SubjectPublicKeyInfo: a renewed certificate of the same key has the same pin. */
export function pinOf({ publicKey }: HasPublicKey): string {
  return pinOfKey(publicKey.export({ type: "spki", format: "der" }));
}

/** The same, of the bytes of a SubjectPublicKeyInfo. */
export function pinOfKey(spki: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(spki).digest("base64url");
}

const SEQUENCE = 0x30;
const VERSION = 0xa0;

interface Element {
  readonly tag: number;
  /** With its tag and length. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/** The SubjectPublicKeyInfo in a certificate of our own making. Of any other one, whoever reads DER for a living must say. */
export function publicKeyIn(certificate: Uint8Array): Uint8Array | undefined {
  const [outer, more] = elementsIn(certificate);
  const [toBeSigned] = elementsIn(sequence(outer));
  // Version, serial number, algorithm, issuer, validity, subject, key.
  const { 0: version, 6: key } = elementsIn(sequence(toBeSigned));
  return more === undefined && version?.tag === VERSION && key?.tag === SEQUENCE ? key.whole : undefined;
}

function sequence(element: Element | undefined): Uint8Array {
  return element?.tag === SEQUENCE ? element.content : new Uint8Array();
}

/** DER elements one after another; none where the bytes are something else. */
function elementsIn(bytes: Uint8Array): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag = 0, first = 0, ...lengthBytes] = bytes.subarray(at, at + 6);
    const more = first < 0x80 ? 0 : first & 0x7f;
    const length = first < 0x80 ? first : lengthBytes.slice(0, more).reduce((sum, byte) => sum * 256 + byte, 0);
    const start = at + 2 + more;
    const end = start + length;
    if (first === 0x80 || more > 4 || end > bytes.length) return [];
    elements.push({ tag, whole: bytes.subarray(at, end), content: bytes.subarray(start, end) });
    at = end;
  }
  return elements;
}
