// The turnstile: who makes room for whom where there is no place left.
import { expect, test } from "bun:test";
import { type Entrant, Turnstile, type TooMany } from "../../lib/transport/turnstile.ts";

/** A wire that knows whether it is open. One that is dead is not there to be cut, though nobody has said so. */
class Wire implements Entrant {
  readonly address: string;
  isOpen = true;
  isDead = false;
  readonly #turnstile: Turnstile;

  constructor(turnstile: Turnstile, address: string) {
    this.#turnstile = turnstile;
    this.address = address;
  }

  abort(): void {
    if (this.isDead || !this.isOpen) return;
    this.isOpen = false;
    this.#turnstile.leave(this);
  }
}

function crowd(turnstile: Turnstile) {
  const enter = (address: string): Wire & { answer?: TooMany | undefined } => {
    const wire = new Wire(turnstile, address);
    return Object.assign(wire, { answer: turnstile.enter(wire) });
  };
  const browse = (address: string) => {
    const wire = new Wire(turnstile, address);
    turnstile.browse(wire);
    return wire;
  };
  return { enter, browse };
}

test("who comes takes the place of the oldest of the network that has the most strangers, not of one that is older and alone", () => {
  const turnstile = new Turnstile({ wires: 4 });
  const { enter } = crowd(turnstile);
  const slow = enter("10.0.0.1");
  const flood = [enter("10.0.0.2"), enter("10.0.0.2"), enter("10.0.0.2")];
  for (let wave = 0; wave < 100; wave++) flood.push(enter("10.0.0.2"));
  expect(slow.isOpen).toBe(true);
  expect(flood.filter(({ isOpen }) => isOpen)).toEqual(flood.slice(-3));
  const newcomer = enter("10.0.0.3");
  expect([newcomer.answer, newcomer.isOpen, slow.isOpen]).toEqual([undefined, true, true]);
});

test("a network that has as many strangers as any makes room for its own newcomer", () => {
  const turnstile = new Turnstile({ wires: 3 });
  const { enter } = crowd(turnstile);
  const [first, second, third] = [enter("10.0.0.1"), enter("10.0.0.2"), enter("10.0.0.3")];
  enter("10.0.0.3");
  expect([first.isOpen, second.isOpen, third.isOpen]).toEqual([true, true, false]);
  // Of equals, the one that has been there longest goes for somebody from elsewhere.
  enter("10.0.0.4");
  expect([first.isOpen, second.isOpen]).toEqual([false, true]);
});

test("whoever asks for the page again and again keeps their own browsers from nothing but each other", () => {
  const turnstile = new Turnstile({ wires: 2 });
  const { enter, browse } = crowd(turnstile);
  const slow = enter("10.0.0.1");
  const browsers: Wire[] = [];
  for (let wave = 0; wave < 100; wave++) {
    browsers.push(browse("10.0.0.2"));
    for (const each of browsers) if (each.isOpen) turnstile.browse(each);
  }
  expect(enter("10.0.0.3").answer).toBeUndefined();
  expect(slow.isOpen).toBe(true);
});

test("a wire that is dead already makes no room: the next one does, and without one nobody comes in", () => {
  const turnstile = new Turnstile({ wires: 3, perAddress: 2 });
  const { enter } = crowd(turnstile);
  const [dead, alive] = [enter("10.0.0.1"), enter("10.0.0.1")];
  dead.isDead = true;
  expect(enter("10.0.0.1").answer).toBeUndefined();
  expect(alive.isOpen).toBe(false);
  const other = enter("10.0.0.2");
  other.isDead = true;
  for (let more = 0; more < 20; more++) enter(`10.0.1.${more}`);
  expect(turnstile.wires).toBe(3);
});

test("whoever has left is not there again because somebody has heard of it late", () => {
  const turnstile = new Turnstile({ wires: 1 });
  const { enter } = crowd(turnstile);
  const gone = enter("10.0.0.1");
  turnstile.leave(gone);
  turnstile.unsettle(gone);
  turnstile.settle(gone);
  const ada = enter("10.0.0.1");
  turnstile.settle(ada);
  expect([turnstile.wires, enter("10.0.0.2").answer]).toEqual([1, "full"]);
});

test("whoever is in goes for nobody, and goes again once they are out", () => {
  const turnstile = new Turnstile({ wires: 1 });
  const { enter } = crowd(turnstile);
  const ada = enter("10.0.0.1");
  turnstile.settle(ada);
  const turnedAway = enter("10.0.0.2");
  expect(turnedAway.answer).toBe("full");
  turnstile.unsettle(ada);
  turnstile.leave(turnedAway);
  expect([enter("10.0.0.2").answer, ada.isOpen, turnstile.wires]).toEqual([undefined, false, 1]);
});

test("ten thousand wires of as many networks cost no more than a few, each", () => {
  const turnstile = new Turnstile({ wires: 10_000 });
  const { enter } = crowd(turnstile);
  const begin = performance.now();
  for (let wire = 0; wire < 20_000; wire++) enter(`10.${wire >> 16}.${(wire >> 8) & 255}.${wire & 255}`);
  expect(turnstile.wires).toBe(10_000);
  expect(performance.now() - begin).toBeLessThan(4_000);
});
