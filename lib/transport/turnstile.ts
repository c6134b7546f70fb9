// Bounds how many wires there are, of everybody and of each address. Knows nothing of what passes over them.
import { Ranking } from "./ranking.ts";

/** A wire as the turnstile sees it: from whom it is, and how to be rid of it. */
export interface Entrant {
  readonly address: string;
  /** Cuts the wire now. */
  abort(): void;
}

/** There are too many: in all, or from this address. */
export type TooMany = "full" | "too-many-connections";

export interface TurnstileOptions {
  /** Wires in all; nothing for no bound. */
  readonly wires?: number | undefined;
  /** Wires of one address. */
  readonly perAddress?: number | undefined;
}

/** Who may still hear why they were turned away, and who may still see the page of a room that is full: files beyond the bound. Together, fewer than RESERVED_FILES. */
const TURNED_AWAY_MAX = 16;
const BROWSERS_BEYOND = 16;

/** What is open of one address. */
interface Network {
  /** Wires over which somebody may join or has. */
  places: number;
  /** Wires that only ask for the page. */
  browsers: number;
  /** Of both, those over which nobody is in: the one that has asked for something least lately first. */
  readonly mayGo: Set<Entrant>;
}

type Kind = "place" | "browser";

/**
 * Where there is no place left, whoever has not come in makes room for who comes: the oldest of the network that has the
 * most of them. So those who open wires and say nothing keep out nobody but each other, however slow an honest network is.
 */
export class Turnstile {
  readonly #wiresMax: number;
  readonly #perAddress: number;
  readonly #networks = new Map<string, Network>();
  /** By how many of theirs may go. */
  readonly #ranking = new Ranking<Network>();
  /** All that are open, but those who were turned away. */
  readonly #here = new Map<Entrant, Kind>();
  readonly #turnedAway = new Set<Entrant>();

  constructor({ wires = Infinity, perAddress = Infinity }: TurnstileOptions = {}) {
    this.#wiresMax = wires;
    this.#perAddress = perAddress;
  }

  /** Wires that are open, also those of peers that were told goodbye and have not hung up. */
  get wires(): number {
    return this.#here.size + this.#turnedAway.size;
  }

  /** Somebody has come who may join. Answers why they may not: then they are to be told so, and to go. */
  enter(entrant: Entrant): TooMany | undefined {
    const network = this.#networks.get(networkOf(entrant.address));
    if (network && network.places >= this.#perAddress && !this.#cutOldest(network, "place"))
      return this.#turnAway(entrant, "too-many-connections");
    if (this.#here.size >= this.#wiresMax && !this.#makeRoom(network)) return this.#turnAway(entrant, "full");
    this.#here.set(entrant, "place");
    // Only now: whoever was cut may have been the last of this address.
    this.#network(entrant).places++;
    this.unsettle(entrant);
    return undefined;
  }

  /** Whoever came through `enter` is in, or asks to come in: they make room for nobody. */
  settle(entrant: Entrant): void {
    const network = this.#networks.get(networkOf(entrant.address));
    if (network) this.#stays(network, entrant);
  }

  /** … and is not, or no longer, though the wire may be there for a while. */
  unsettle(entrant: Entrant): void {
    if (this.#here.has(entrant)) this.#goes(this.#network(entrant), entrant);
  }

  /** Somebody has come who may only ask for the page, or has asked for something: those who have not are to go first. */
  browse(browser: Entrant): void {
    if (!this.#here.has(browser)) {
      const network = this.#networks.get(networkOf(browser.address));
      if (network && network.browsers >= this.#perAddress) this.#cutOldest(network, "browser");
      if (this.#here.size >= this.#wiresMax + BROWSERS_BEYOND) this.#makeRoom(network);
      this.#here.set(browser, "browser");
      this.#network(browser).browsers++;
    }
    const network = this.#network(browser);
    network.mayGo.delete(browser);
    network.mayGo.add(browser);
    this.#ranking.rank(network, network.mayGo.size);
  }

  /** The wire is gone, and its file is free; or a browser goes on as somebody who may join. */
  leave(entrant: Entrant): void {
    this.#turnedAway.delete(entrant);
    const kind = this.#here.get(entrant);
    if (!kind) return;
    this.#here.delete(entrant);
    const network = this.#network(entrant);
    this.#stays(network, entrant);
    if (kind === "browser") network.browsers--;
    else network.places--;
    if (network.places + network.browsers === 0) this.#networks.delete(networkOf(entrant.address));
  }

  #network({ address }: Entrant): Network {
    const key = networkOf(address);
    let network = this.#networks.get(key);
    if (!network) this.#networks.set(key, (network = { places: 0, browsers: 0, mayGo: new Set() }));
    return network;
  }

  #goes(network: Network, entrant: Entrant): void {
    network.mayGo.add(entrant);
    this.#ranking.rank(network, network.mayGo.size);
  }

  #stays(network: Network, entrant: Entrant): void {
    if (network.mayGo.delete(entrant)) this.#ranking.rank(network, network.mayGo.size);
  }

  /** Answers whether there is room now for one more of `own`, which is the first to make it among those that have as many. */
  #makeRoom(own: Network | undefined): boolean {
    for (;;) {
      const { first, most } = this.#ranking;
      if (!first) return false;
      if (this.#cutOldest(own?.mayGo.size === most ? own : first)) return true;
    }
  }

  /** Answers whether somebody has gone. Bun tells of the end of a wire while it is cut, and that takes it from here. */
  #cutOldest(network: Network, kind?: Kind): boolean {
    for (const oldest of network.mayGo) {
      if (kind && this.#here.get(oldest) !== kind) continue;
      oldest.abort();
      if (!this.#here.has(oldest)) return true;
      // It is going already, and counts until it has gone: there is nothing to cut.
      this.#stays(network, oldest);
    }
    return false;
  }

  #turnAway(entrant: Entrant, why: TooMany): TooMany {
    this.#turnedAway.add(entrant);
    for (const oldest of this.#turnedAway) {
      if (this.#turnedAway.size <= TURNED_AWAY_MAX) break;
      oldest.abort();
      this.#turnedAway.delete(oldest);
    }
    return why;
  }
}

/** Whom an address belongs to. With IPv6, everybody has 2^64 of them. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail = ""] = address.toLowerCase().split("%")[0]!.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === "" ? 0 : tail.split(":").length;
  while (groups.length + after < 8 && groups.length < 4) groups.push("0");
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
