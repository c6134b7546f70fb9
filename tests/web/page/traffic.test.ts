// Comings and goings in one line.
import { expect, test } from "bun:test";
import type { RoomEvent } from "../../../lib/protocol/message.ts";
import { seen, type Sight } from "../../../lib/client/view.ts";
import { trafficLine } from "../../../lib/web/page/traffic.ts";

const stamp = { seq: 1, at: "2026-11-22T12:00:00.000Z" };

/** `+Ada` came, `-Ada` went. */
function sights(...moves: readonly string[]): readonly Sight[] {
  return moves.map((move) => {
    const name = move.slice(1);
    const event: RoomEvent =
      move[0] === "+" ? { type: "entered", name, ...stamp } : { type: "exited", name, why: "lost", ...stamp };
    return seen(event, "Me")!;
  });
}

test.each<[moves: string[], line: string]>([
  [["+Ada"], "Ada entered."],
  [["+Ada", "+Bob"], "Ada and Bob entered."],
  [["+Ada", "+Bob", "+Cy"], "Ada, Bob and Cy entered."],
  [["+Ada", "+Bob", "+Cy", "+Di"], "Ada, Bob and 2 others entered."],
  [["+Ada", "-Bob", "+Cy"], "Ada and Cy entered; Bob left."],
  [["-Ada", "-Bob", "-Cy", "-Di", "-Eve"], "Ada, Bob and 3 others left."],
  // Each is named once, with what it did last.
  [["+Ada", "-Ada", "+Ada", "-Ada"], "Ada left."],
  [["-Cleo", "-Robert", "+Robert"], "Robert entered; Cleo left."],
])("%j is told as %j", (moves, line) => {
  expect(trafficLine(sights(...moves))).toBe(line);
});

test("a name is cleaned where it is shown", () => {
  expect(trafficLine(sights("+A\u001b[31mda\n\u202eBob"))).toBe("Ada Bob entered.");
});
