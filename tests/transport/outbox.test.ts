// The outbox by values: a network that takes as much as the test says.
import { expect, test } from "bun:test";
import { Outbox } from "../../lib/transport/outbox.ts";

/** A network that takes `room` bytes, then nothing until there is more room. */
function network(room: number) {
  const net = {
    room,
    got: "",
    writes: 0,
    write(bytes: Uint8Array): number {
      net.writes++;
      if (net.room < 0) return -1;
      const taken = Math.min(net.room, bytes.length);
      net.room -= taken;
      net.got += Buffer.from(bytes.subarray(0, taken)).toString();
      return taken;
    },
  };
  return net;
}

const bytes = (text: string) => Buffer.from(text);

test("what the network takes at once leaves no backlog", () => {
  const net = network(100);
  const outbox = new Outbox(net);
  outbox.push(bytes("one\n"));
  outbox.push(bytes("two\n"));
  expect([net.got, outbox.backlog, outbox.taken]).toEqual(["one\ntwo\n", 0, 8]);
});

test("a short write is continued where it stopped, wherever that was", () => {
  const text = "one\ntwo\nthree\n";
  for (let first = 0; first <= text.length; first++) {
    for (let step = 1; step <= 5; step++) {
      const net = network(first);
      const outbox = new Outbox(net);
      for (const line of text.split(/(?<=\n)/)) outbox.push(bytes(line));
      expect(outbox.backlog + outbox.taken).toBe(text.length);
      while (outbox.backlog > 0) {
        net.room = step;
        const empty = outbox.drain();
        expect(empty).toBe(outbox.backlog === 0);
      }
      expect([net.got, outbox.taken]).toEqual([text, text.length]);
    }
  }
});

test("nothing overtakes what waits, also where the network has room again", () => {
  const net = network(2);
  const outbox = new Outbox(net);
  outbox.push(bytes("one\n"));
  net.room = 100;
  outbox.push(bytes("two\n"));
  expect(net.got).toBe("on");
  expect(outbox.drain()).toBe(true);
  expect(net.got).toBe("one\ntwo\n");
});

test("whoever waits is told once everything was taken, and not earlier", async () => {
  const net = network(0);
  const outbox = new Outbox(net);
  outbox.push(bytes("one\n"));
  let told = 0;
  const waiting = [outbox.drained(), outbox.drained()].map((drained) => drained.then(() => told++));
  net.room = 3;
  outbox.drain();
  await Promise.resolve();
  expect(told).toBe(0);
  net.room = 1;
  outbox.drain();
  await Promise.all(waiting);
  expect(told).toBe(2);
});

test("nobody waits where nothing does", async () => {
  await new Outbox(network(0)).drained();
});

test("a network that is gone takes nothing, and nobody waits for it", async () => {
  const net = network(1);
  const outbox = new Outbox(net);
  outbox.push(bytes("one\n"));
  const drained = outbox.drained();
  net.room = -1;
  expect(outbox.drain()).toBe(false);
  await drained;
  expect([outbox.backlog, outbox.taken]).toEqual([0, 1]);
  outbox.push(bytes("two\n"));
  expect([outbox.backlog, outbox.taken]).toEqual([0, 1]);
});

test("what was cleared is not sent", async () => {
  const net = network(0);
  const outbox = new Outbox(net);
  outbox.push(bytes("one\n"));
  const drained = outbox.drained();
  outbox.clear();
  await drained;
  net.room = 100;
  outbox.drain();
  expect([net.got, outbox.backlog]).toEqual(["", 0]);
});

test("a long queue is sent in as many writes as there are chunks", () => {
  const net = network(0);
  const outbox = new Outbox(net);
  for (let index = 0; index < 1_000; index++) outbox.push(bytes(`${index}\n`));
  net.room = 1_000_000;
  net.writes = 0;
  outbox.drain();
  expect([net.writes, outbox.backlog]).toEqual([1_000, 0]);
});
