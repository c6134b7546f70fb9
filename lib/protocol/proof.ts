// What a key signs to prove itself to one room, over one wire, once. Runs in server, terminal and browser.

const PURPOSE = "chatd join 1";

export interface Claim {
  /** The server's, for this one proof. */
  readonly nonce: string;
  /** What both ends know of the wire, so that a server in the middle cannot pass the proof on. */
  readonly binding: string;
  readonly room: string;
  readonly log: string;
  readonly name: string;
}

/** One field a line; none of them can hold a line end. */
export function signedText({ nonce, binding, room, log, name }: Claim): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(
    [PURPOSE, nonce, binding, room, log, name].map((field) => JSON.stringify(field)).join("\n"),
  );
}
