// A knock: asks to be let in over one wire, once, with the proof of a key where there is one. Knows no wire.
import type { ClientMessage, Join, ServerMessage } from "../protocol/message.ts";
import { cleanName } from "../protocol/name.ts";
import { signedText } from "../protocol/proof.ts";
import type { Signer } from "./signer.ts";

/** A proof may miss once: its nonce is good for one join, and the server may have been asked for another meanwhile. */
const PROOFS_MAX = 2;

/** What people are told whose key was not taken. */
export const UNPROVED =
  "The server does not accept the proof of your key. Something on the way may change addresses: a port forwarding, or a proxy that hides the name it was called by.";

type Challenge = Extract<ClientMessage, { type: "challenge" }>;

export interface KnockOptions {
  /** How to be let in, but for the proof. */
  readonly join: Join;
  readonly signer: Signer | undefined;
  /** Of the wire. */
  readonly binding: string;
  /** A mark that was not used before. */
  newMark(): string;
  send(message: Challenge | Join): void;
}

export class Knock {
  /** The proof was not taken, and the key left out. */
  unproved = false;
  readonly #options: KnockOptions;
  /** Of the challenge that was asked for. */
  #mark: string | undefined;
  #proofs = 0;
  #stopped = false;

  constructor(options: KnockOptions) {
    this.#options = options;
  }

  begin(): void {
    const { signer, newMark, send, join } = this.#options;
    if (!signer || this.unproved) return send(join);
    this.#mark = newMark();
    send({ type: "challenge", re: this.#mark });
  }

  /** What `message` is to others; nothing where it was for the knock alone. */
  heard(message: ServerMessage): ServerMessage | undefined {
    if (message.type === "challenge") {
      if (message.re === this.#mark && this.#mark !== undefined) void this.#prove(message);
      return undefined;
    }
    if (message.type !== "refused") return message;
    if (message.re === this.#options.join.re) return this.#proofs === 0 ? message : this.#refused(message);
    if (message.re !== this.#mark) return message;
    // It knows no challenges, so it knows no keys.
    this.#mark = undefined;
    this.#options.send(this.#options.join);
    return undefined;
  }

  /** Nobody waits for it any more. */
  stop(): void {
    this.#stopped = true;
  }

  async #prove({ nonce, log }: Extract<ServerMessage, { type: "challenge" }>): Promise<void> {
    const { signer, binding, join, send } = this.#options;
    this.#mark = undefined;
    this.#proofs++;
    // The server signs for the name as it keeps it.
    const cleaned = cleanName(join.name);
    const name = "value" in cleaned ? cleaned.value : join.name;
    try {
      const signature = await signer!.sign(signedText({ nonce, binding, room: join.room, log, name }));
      if (!this.#stopped) send({ ...join, key: signer!.key, signature });
    } catch {
      // A key that cannot sign is as good as none.
      if (!this.#stopped) this.#leaveOut();
    }
  }

  #refused(message: Extract<ServerMessage, { type: "refused" }>): ServerMessage | undefined {
    switch (message.code) {
      case "bad-signature":
        if (this.#proofs < PROOFS_MAX && !this.unproved) this.begin();
        // Without the key, there would be nothing to link.
        else if (this.#options.join.link !== undefined || this.unproved) return { ...message, text: UNPROVED };
        else this.#leaveOut();
        return undefined;
      case "name-owned":
        return this.unproved ? { ...message, text: `${message.text} ${UNPROVED}` } : message;
      default:
        return message;
    }
  }

  #leaveOut(): void {
    this.unproved = true;
    this.begin();
  }
}
