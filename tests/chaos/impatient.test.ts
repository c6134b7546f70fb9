// A client that asks again before it has read all that it missed: chance makes it seldom, so here it is made on purpose.
import { expect, test } from "bun:test";
import { testHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";

/** More than the network holds by itself. */
const MISSED = 3_000;
const text = "x".repeat(8_000);

test("the answer to a repeated request is what the log brings, after what is older and once", async () => {
  await using room = await testHub();
  const bob = await peer(room.dialNet, "Bob");
  const { token, log, seq: after } = await bob.join("Bob");
  bob.connection.abort();
  await room.until(() => room.hub.connections === 0);
  await room.log.append(Array.from({ length: MISSED }, () => ({ type: "said" as const, from: "Ada", text })));
  await room.log.append([{ type: "said", from: "Bob", text: "Hello", re: "1" }]);
  const again = await peer(room.dialNet, "Bob again");
  again.send({ type: "join", name: "Bob", token, log, after }, { type: "say", text: "Hello", re: "1" });
  const seqs: unknown[] = [];
  again.hears = ({ type, seq }) => type === "said" && seqs.push(seq);
  await room.until(() => seqs.length > MISSED);
  await again.rest();
  expect(seqs).toEqual(Array.from({ length: MISSED + 1 }, (_, index) => Number(after) + 1 + index));
});
