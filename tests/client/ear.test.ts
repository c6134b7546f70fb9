// The ear at one wire: nothing is lost before it listens, nothing comes through after it has stopped.
import { expect, test } from "bun:test";
import { Ear } from "../../lib/client/ear.ts";

function ear() {
  const heard: string[] = [];
  const it = new Ear({
    received: (line) => void heard.push(line),
    broken: (fault) => void heard.push(`broken: ${fault}`),
    closed: () => void heard.push("closed"),
  });
  return { it, heard };
}

test("what came before anyone listened is heard first, in order, its end too", () => {
  const { it, heard } = ear();
  it.received("one");
  it.broken("bad-utf8");
  it.closed();
  expect(heard).toEqual([]);
  it.listen();
  expect(heard).toEqual(["one", "broken: bad-utf8", "closed"]);
});

test("what comes later is heard as it comes, until it has stopped", () => {
  const { it, heard } = ear();
  it.listen();
  it.received("one");
  it.stop();
  it.received("two");
  it.closed();
  expect(heard).toEqual(["one"]);
});

test("who has enough in the middle of what came early hears no more of it", () => {
  const heard: string[] = [];
  const it: Ear = new Ear({
    received: (line) => {
      heard.push(line);
      it.stop();
    },
    broken() {},
    closed: () => void heard.push("closed"),
  });
  it.received("refused");
  it.closed();
  it.listen();
  expect(heard).toEqual(["refused"]);
});
