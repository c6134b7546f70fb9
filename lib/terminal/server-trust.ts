// Whether to trust a server: by the link that led to it, by what is known of it, or for the first time. Told nothing, asked before anything is sent.
import type { Standing } from "../protocol/message.ts";
import { bracketed } from "../protocol/address.ts";
import { type Trust, Untrusted } from "../transport/connection.ts";
import { type KnownHost, knownHost, knownHostsFile, type Place, rememberHost } from "./known-hosts.ts";

const EITHER =
  "Either its host has changed that, or somebody is between you and the server; nothing of yours was sent.";

export class ServerTrust implements Trust {
  /** Of the wire that was dialled last; nothing until there was one. */
  standing: Standing | undefined;
  readonly #folder: string;
  readonly #place: Place;
  /** What the link says. */
  readonly #link: string | undefined;
  /** What this run has seen: it holds, whatever becomes of the file. */
  #seen: string | undefined;

  /** `link`: the pin in the link that led here, if there was one. `folder`: where chat keeps what it knows. */
  constructor(folder: string, place: Place, link?: string) {
    this.#folder = folder;
    this.#place = place;
    this.#link = link;
  }

  /** What a link to the server says of its key; nothing where it has none. */
  get pin(): string | undefined {
    return this.standing === "plain" ? undefined : (this.#seen ?? this.#link);
  }

  encrypted(pin: string): void {
    const known = this.#known();
    const expected = this.#link ?? this.#seen ?? known?.pin;
    if (expected !== undefined && expected !== pin) throw this.#changed(pin, expected, known);
    if (known?.pin !== pin) rememberHost(this.#folder, this.#place, pin);
    const isNew = known !== undefined && known.pin !== pin;
    this.standing = expected === undefined ? "first-time" : isNew ? "renewed" : "verified";
    this.#seen = pin;
  }

  plain(): void {
    const known = this.#known();
    if (this.#link !== undefined)
      throw new Untrusted(
        `The server at ${this.#at} does not encrypt, and the link says that it does. ${EITHER} Ask the host for the link as it is now.`,
      );
    if (this.#seen !== undefined || known)
      throw new Untrusted(
        `The server at ${this.#at} does not encrypt any more. ${EITHER} If the host says that it is so (--no-tls), ${this.#forget(known)}.`,
      );
    this.standing = "plain";
  }

  #changed(shown: string, expected: string, known: KnownHost | undefined): Untrusted {
    const both = (what: string) => `${what}: ${expected}. Shown now: ${shown}.`;
    if (this.#link !== undefined)
      return new Untrusted(
        `The server at ${this.#at} is not the one that the link names: it has another key. ${EITHER} ${both("In the link")} Ask the host for the link as it is now.`,
      );
    return new Untrusted(
      `The server at ${this.#at} has another key than before. ${EITHER} ${both("Known")} Ask the host for the new link and join with it: chat LINK. If you are sure without one, ${this.#forget(known)}.`,
    );
  }

  /** What makes the next time a first time. */
  #forget(known: KnownHost | undefined): string {
    return known
      ? `remove line ${known.line} of ${knownHostsFile(this.#folder)} and start chat again`
      : "start chat again";
  }

  #known(): KnownHost | undefined {
    try {
      return knownHost(this.#folder, this.#place);
    } catch (error) {
      const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
      throw new Untrusted(
        `${knownHostsFile(this.#folder)} cannot be read (${why}), so nobody can tell whether ${this.#at} is the server that it was. Make it readable, or move it away.`,
      );
    }
  }

  get #at(): string {
    const { hostname, port } = this.#place;
    return `${bracketed(hostname)}:${port}`;
  }
}
