// A session's deadlines and its pace: who is silent, who is too fast, who does not read.
import { expect, test } from "bun:test";
import { GONE_IDLE_MS, JOIN_TIMEOUT_MS, PING_IDLE_MS } from "../../lib/protocol/limits.ts";
import { brief, testHub } from "../support/hub.ts";
import { type Heard, peer } from "../support/peer.ts";

const [JOIN_S, PING_S, GONE_S] = [JOIN_TIMEOUT_MS, PING_IDLE_MS, GONE_IDLE_MS].map((ms) => ms / 1_000) as [
  number,
  number,
  number,
];
const PACE = { perSecond: 5, burst: 20 };
const texts = (messages: readonly Heard[]) =>
  messages.filter(({ type }) => type === "said").map(({ text }) => String(text));

test("whoever does not join in time is closed, though not silent", async () => {
  await using room = await testHub();
  const silent = await peer(room.dial, "silent");
  const refused = await peer(room.dial, "refused");
  const ada = await room.member("Ada");
  room.pass(JOIN_S - 1);
  refused.send({ type: "join", name: "Ada" });
  expect(brief([await refused.next()])).toEqual(["refused name-taken"]);
  expect(silent.ends).toBe(0);
  room.pass(1);
  expect(brief(await silent.end())).toEqual(["bye timeout"]);
  expect(brief(await refused.end())).toEqual(["bye timeout"]);
  expect(await ada.rest()).toEqual([]);
});

test("a silent peer is pinged once, and stays as long as it answers", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  for (let round = 0; round < 4; round++) {
    room.pass(PING_S - 1);
    expect(ada.lines.filter((line) => line.includes('"ping"')).length).toBe(round);
    room.pass(3);
    expect((await ada.next()).type).toBe("ping");
    ada.send({ type: "pong" });
    expect(await ada.rest()).toEqual([]);
  }
});

test("a peer that answers no ping is gone in time, and the room hears at once that it was lost", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const bob = await room.member("Bob");
  room.pass(PING_S);
  bob.send({ type: "pong" });
  await bob.rest();
  room.pass(GONE_S - PING_S - 1);
  bob.send({ type: "pong" });
  expect(brief(await bob.rest())).toEqual(["ping"]);
  room.pass(1);
  expect(brief(await ada.end())).toEqual(["entered Bob", "ping", "bye timeout"]);
  expect(brief(await bob.rest())).toEqual(["exited Ada lost"]);
  await room.member("Ada");
});

test("any line shows that a peer is alive, also one that is refused", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  for (let round = 0; round < 4; round++) {
    room.pass(PING_S - 1);
    ada.say('{"type":"nonsense"}');
    expect(brief(await ada.rest())).toEqual(["refused unknown-type"]);
  }
});

test("a ping is answered, with its mark", async () => {
  await using room = await testHub();
  const stranger = await peer(room.dial, "stranger");
  stranger.send({ type: "ping", re: "1" });
  expect(await stranger.next()).toEqual({ type: "pong", re: "1" });
});

test("64 lines in one packet are answered in order", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const lines = Array.from({ length: 64 }, (_, index) => `line ${index}`);
  ada.send(...lines.map((text) => ({ type: "say", text })));
  expect(texts(await ada.rest())).toEqual(lines);
});

test("a whole visit in one packet is answered before the goodbye", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const visitor = await peer(room.dialNet, "visitor");
  visitor.send(
    { type: "join", name: "Bob", re: "1" },
    { type: "say", text: "one", re: "2" },
    { type: "say", text: "two", re: "3" },
    { type: "members", re: "4" },
    { type: "leave", text: "must run", re: "5" },
    { type: "say", text: "three", re: "6" },
  );
  const told = await visitor.end();
  expect(told.map(({ type, re }) => `${type} ${String(re)}`)).toEqual([
    "welcome 1",
    "said 2",
    "said 3",
    "members 4",
    "exited 5",
    "bye 5",
  ]);
  expect(brief(await ada.rest())).toEqual(["entered Bob", "said Bob: one", "said Bob: two", "exited Bob left"]);
});

test("beyond the burst a peer is read at the rate: nothing is dropped, the order is kept, nobody is thrown out", async () => {
  await using room = await testHub({ rate: PACE });
  const ada = await room.member("Ada");
  const bob = await room.member("Bob");
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index}`);
  for (const text of lines) ada.send({ type: "say", text });
  // The join took one of the burst.
  for (const text of lines.slice(0, 19)) expect((await bob.until("said"))["text"]).toBe(text);
  expect(texts(await bob.rest())).toEqual([]);
  room.pass(1);
  for (const text of lines.slice(19, 24)) expect((await bob.until("said"))["text"]).toBe(text);
  expect(texts(await bob.rest())).toEqual([]);
  room.pass(10);
  for (const text of lines.slice(24, 44)) expect((await bob.until("said"))["text"]).toBe(text);
  expect(texts(await bob.rest())).toEqual([]);
  room.pass(10);
  for (const text of lines.slice(44)) expect((await bob.until("said"))["text"]).toBe(text);
  expect(ada.ends).toBe(0);
});

test("the order is kept also where a token comes while a packet is being read", async () => {
  let now = 0;
  await using room = await testHub({ rate: { perSecond: 100, burst: 2 }, now: () => (now += 3) });
  const ada = await room.member("Ada");
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  ada.send(...lines.map((text) => ({ type: "say", text })));
  for (const text of lines) expect((await ada.until("said"))["text"]).toBe(text);
});

test("a peer that is read at the rate is not taken for silent", async () => {
  await using room = await testHub({ rate: { perSecond: 1 / 200, burst: 3 } });
  const ada = await room.member("Ada");
  for (const text of ["one", "two", "three"]) ada.send({ type: "say", text });
  await ada.until("said");
  await ada.until("said");
  room.pass(GONE_S + 1);
  expect(room.hub.connections).toBe(1);
});

/** 16 MiB of talk: more than the network between two ends of one machine holds. */
const FLOOD = 2_048;
const LONG = "x".repeat(8_000);
const flood = Array.from({ length: FLOOD }, (_, index) => ({ type: "say", text: `${index} ${LONG}` }));

test("a peer that reads nothing for too long is slow; the others are not held up, and it may take up where it was", async () => {
  await using room = await testHub();
  const slow = await peer(room.dialNet, "slow");
  const { log } = await slow.join("Slow");
  const reader = await room.member("Reader");
  await slow.until("entered");
  slow.connection.pause();
  for (const message of flood) reader.send(message);
  for (let index = 0; index < FLOOD; index++) await reader.until("said");
  room.pass(29);
  expect(brief(await reader.rest())).toEqual([]);
  reader.send({ type: "pong" });
  room.pass(2);
  expect(brief([await reader.until("exited")])).toEqual(["exited Slow slow"]);

  slow.connection.resume();
  const first = await slow.end();
  const said = first.filter(({ type }) => type === "said");
  const after = said.at(-1)?.["seq"] ?? 0;
  expect(said.length).toBeLessThan(FLOOD);
  const again = await peer(room.dialNet, "slow again");
  again.send({ type: "join", name: "Slow", after, log });
  expect(await again.next()).toMatchObject({ type: "welcome", resumed: true });
  while (said.length < FLOOD) said.push(await again.until("said"));
  expect(said.map(({ text }) => Number.parseInt(String(text), 10))).toEqual(flood.map((_, index) => index));
  expect(brief(await again.rest())).toEqual(["exited Slow slow", "entered Slow"]);
  again.connection.abort();
});

test("a peer that is sent more than it may leave unread is slow", async () => {
  await using room = await testHub();
  const sender = await room.member("Sender");
  const deaf = await peer(room.dialNet, "deaf");
  await deaf.join("Deaf");
  deaf.connection.pause();
  for (let index = 0; index < FLOOD; index++) sender.send({ type: "whisper", to: "Deaf", text: LONG });
  expect(brief([await sender.until("exited")])).toEqual(["exited Deaf slow"]);
  deaf.connection.abort();
});

test("who asks for much at once and reads it gets all of it, however large", async () => {
  await using room = await testHub();
  const reader = await room.member("Reader");
  for (const message of flood.slice(0, 100)) reader.send(message);
  await reader.rest();
  const curious = await peer(room.dialNet, "curious");
  curious.send(
    { type: "join", name: "Curious", re: "j" },
    ...Array.from({ length: 40 }, (_, index) => ({ type: "history", limit: 500, re: `h${index}` })),
    { type: "say", text: "Thank you.", re: "s" },
  );
  expect((await curious.next())["re"]).toBe("j");
  for (let index = 0; index < 40; index++) {
    const page = await curious.until("history");
    expect([page["re"], (page["events"] as unknown[]).length]).toEqual([`h${index}`, 64]);
  }
  expect((await curious.until("said"))["re"]).toBe("s");
  curious.connection.abort();
});

test("requests of a peer that is behind with reading wait, and are answered once it has caught up", async () => {
  await using room = await testHub();
  const reader = await room.member("Reader");
  const behind = await peer(room.dialNet, "behind");
  await behind.join("Behind");
  behind.connection.pause();
  for (const message of flood) reader.send(message);
  for (let index = 0; index < FLOOD; index++) await reader.until("said");
  for (let index = 0; index < 10; index++) behind.send({ type: "history", limit: 500, re: `h${index}` });
  behind.send({ type: "say", text: "am I late?", re: "s" });
  await reader.rest();
  behind.connection.resume();
  for (let index = 0; index < 10; index++) expect((await behind.until("history"))["re"]).toBe(`h${index}`);
  expect((await reader.until("said"))["text"]).toBe("am I late?");
  behind.connection.abort();
});
