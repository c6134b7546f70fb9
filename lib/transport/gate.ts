// Bounds how many wires there are, of everybody and of each address. Knows nothing of what passes over them.

/** A wire as the gate sees it: from whom it is, and how to be rid of it. */
export interface Entrant {
  readonly address: string;
  /** Cuts the wire now. */
  abort(): void;
}

/** There are too many: in all, or from this address. */
export type TooMany = "full" | "too-many-connections";

export interface GateOptions {
  /** Wires in all; nothing for no bound. */
  readonly wires?: number | undefined;
  /** Wires of one address. */
  readonly perAddress?: number | undefined;
}

/** Who may still hear why they were turned away, and who may still see the page of a room that is full: files beyond the bound. Together, fewer than RESERVED_FILES. */
const TURNED_AWAY_MAX = 16;
const VISITORS_BEYOND = 16;

/** What is open of one address. */
interface Network {
  /** Wires over which somebody may join or has. */
  places: number;
  /** Of these, those over which nobody has, oldest first. */
  strangers: Set<Entrant> | undefined;
  /** Wires that only ask for the page, the one that has asked least lately first. */
  visitors: Set<Entrant> | undefined;
}

/**
 * Where there is no place left, whoever has been here longest without having come in makes room for who comes: so those
 * who open wires and say nothing keep out nobody but each other.
 */
export class Gate {
  readonly #wiresMax: number;
  readonly #perAddress: number;
  readonly #networks = new Map<string, Network>();
  /** All that are open, but those who were turned away. */
  readonly #here = new Set<Entrant>();
  /** Of these, strangers and visitors of all addresses, oldest first. */
  readonly #mayGo = new Set<Entrant>();
  readonly #turnedAway = new Set<Entrant>();

  constructor({ wires = Infinity, perAddress = Infinity }: GateOptions = {}) {
    this.#wiresMax = wires;
    this.#perAddress = perAddress;
  }

  /** Wires that are open, also those of peers that were told goodbye and have not hung up. */
  get wires(): number {
    return this.#here.size + this.#turnedAway.size;
  }

  /** Somebody has come who may join. Answers why they may not: then they are to be told so, and to go. */
  enter(entrant: Entrant): TooMany | undefined {
    const { places = 0, strangers } = this.#networks.get(networkOf(entrant.address)) ?? {};
    if (places >= this.#perAddress && !cutOldest(strangers)) return this.#turnAway(entrant, "too-many-connections");
    if (this.#here.size >= this.#wiresMax && !cutOldest(this.#mayGo)) return this.#turnAway(entrant, "full");
    this.#here.add(entrant);
    // Only now: whoever was cut may have been the last of this address.
    this.#network(entrant).places++;
    this.unsettle(entrant);
    return undefined;
  }

  /** Whoever came through `enter` is in, or asks to come in: they make room for nobody. */
  settle(entrant: Entrant): void {
    this.#mayGo.delete(entrant);
    forget(this.#networks.get(networkOf(entrant.address)), "strangers", entrant);
  }

  /** … and is not, or no longer, though the wire may be there for a while. */
  unsettle(entrant: Entrant): void {
    if (!this.#here.has(entrant)) return;
    this.#mayGo.add(entrant);
    (this.#network(entrant).strangers ??= new Set()).add(entrant);
  }

  /** Somebody has come who may only ask for the page, or has asked for something: those who have not are to go first. */
  visit(visitor: Entrant): void {
    if (!this.#here.has(visitor)) {
      const { visitors } = this.#networks.get(networkOf(visitor.address)) ?? {};
      if (visitors && visitors.size >= this.#perAddress) cutOldest(visitors);
      if (this.#here.size >= this.#wiresMax + VISITORS_BEYOND) cutOldest(this.#mayGo);
      this.#here.add(visitor);
    }
    for (const set of [(this.#network(visitor).visitors ??= new Set()), this.#mayGo]) {
      set.delete(visitor);
      set.add(visitor);
    }
  }

  /** The wire is gone, and its file is free; or a visitor goes on as somebody who may join. */
  leave(entrant: Entrant): void {
    this.#turnedAway.delete(entrant);
    if (!this.#here.delete(entrant)) return;
    this.#mayGo.delete(entrant);
    const network = this.#network(entrant);
    if (!forget(network, "visitors", entrant)) {
      network.places--;
      forget(network, "strangers", entrant);
    }
    if (network.places === 0 && !network.visitors) this.#networks.delete(networkOf(entrant.address));
  }

  #network({ address }: Entrant): Network {
    const key = networkOf(address);
    let network = this.#networks.get(key);
    if (!network) this.#networks.set(key, (network = { places: 0, strangers: undefined, visitors: undefined }));
    return network;
  }

  #turnAway(entrant: Entrant, why: TooMany): TooMany {
    this.#turnedAway.add(entrant);
    if (this.#turnedAway.size > TURNED_AWAY_MAX) cutOldest(this.#turnedAway);
    return why;
  }
}

/** Answers whether there was one. Bun tells of the end of a wire while it is cut, and that takes it out of all sets. */
function cutOldest(entrants: Set<Entrant> | undefined): boolean {
  for (const oldest of entrants ?? []) {
    oldest.abort();
    entrants?.delete(oldest);
    return true;
  }
  return false;
}

/** Answers whether it was known. No set is kept for nobody. */
function forget(network: Network | undefined, which: "strangers" | "visitors", entrant: Entrant): boolean {
  const known = network?.[which]?.delete(entrant) ?? false;
  if (network?.[which]?.size === 0) network[which] = undefined;
  return known;
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
