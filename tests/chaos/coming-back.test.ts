// A member that comes back at an unlucky moment: orders of events that chance makes too seldom, so here they are made on purpose.
import { expect, test } from "bun:test";
import { Membership } from "../../lib/client/membership.ts";
import type { Notice } from "../../lib/client/notice.ts";
import { encode } from "../../lib/protocol/codec.ts";
import type { Fact, RoomEvent, ServerMessage } from "../../lib/protocol/message.ts";
import type { Connection, Dial } from "../../lib/transport/connection.ts";
import { dialPipe } from "../../lib/transport/pipe.ts";
import { brief, testHub } from "../support/hub.ts";
import { type Heard, peer } from "../support/peer.ts";
import { someLimits } from "../support/limits.ts";

const said = (text: string): Fact => ({ type: "said", from: "Ada", text });

/** A server that says what the test says: each connection hears its lines once it has sent its join. */
function scripted(...connections: readonly (readonly (ServerMessage | "cut")[])[]): { dial: Dial; joins: Heard[] } {
  const joins: Heard[] = [];
  const accept = (connection: Connection) => ({
    received(line: string) {
      const message = JSON.parse(line) as Heard;
      if (message.type !== "join") return;
      const answers = connections[joins.length] ?? [];
      joins.push(message);
      // In one chunk: what comes together must not depend on the time between.
      connection.send(Buffer.concat(answers.map((answer) => (answer === "cut" ? new Uint8Array() : encode(answer)))));
      if (answers.includes("cut")) connection.finish();
    },
    broken() {},
    closed() {},
  });
  return { dial: (receiver) => Promise.resolve(dialPipe(accept, receiver)), joins };
}

function welcome(seq: number, more: Partial<Extract<ServerMessage, { type: "welcome" }>> = {}): ServerMessage {
  const mine = { name: "Bob", token: "token", members: ["Bob"], room: "lobby" };
  return {
    type: "welcome",
    ...mine,
    log: "log",
    seq,
    limits: someLimits,
    server: "script",
    protocol: 1,
    resumed: true,
    ...more,
  };
}

function event(seq: number, fact: Fact): RoomEvent {
  return { ...fact, seq, at: "2026-01-01T00:00:00.000Z" };
}

/** A membership and what it was told. */
function member(dial: Dial, now = () => 0) {
  const notices: Notice[] = [];
  let look = () => {};
  const told = (notice: Notice) => {
    notices.push(notice);
    look();
  };
  const membership = new Membership({ dial, room: "lobby", told, random: () => 0, now });
  return {
    membership,
    notices,
    /** Resolves when it is told this; to be called before it can be. */
    until: (type: Notice["type"]) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (notices.at(-1)?.type === type) resolve();
        };
      }),
    [Symbol.dispose]: () => membership.close(),
  };
}

/** Sequence numbers of the events among what was told. */
function seqsOf(notices: readonly Notice[]): number[] {
  return notices.flatMap((notice) =>
    notice.type === "heard" && "at" in notice.message && "seq" in notice.message ? [notice.message.seq] : [],
  );
}

test("what came before the way back broke off again is told all the same, once", async () => {
  const { dial, joins } = scripted(
    [welcome(1, { resumed: false }), event(2, said("one")), "cut"],
    [welcome(5), event(3, said("two")), event(4, said("three")), "cut"],
    [welcome(6), event(5, said("four")), event(6, said("five"))],
  );
  using bob = member(dial);
  const back = bob.until("back");
  await bob.membership.join("Bob");
  await back;
  // They are told right after it.
  await Promise.resolve();
  expect(seqsOf(bob.notices)).toEqual([2, 3, 4, 5, 6]);
  expect(joins.map(({ after }) => after)).toEqual([undefined, 2, 4]);
  expect(bob.notices.filter(({ type }) => type === "back").length).toBe(1);
});

test("a goodbye that comes together with the first welcome is a reason to come back", async () => {
  const closing: ServerMessage = { type: "bye", code: "shutdown", text: "The server is closing." };
  using bob = member(scripted([welcome(1, { resumed: false }), closing]).dial);
  const away = bob.until("away");
  await bob.membership.join("Bob");
  await away;
});

test("a change of name that a restart of the server has undone is acked, and so is what was said under it", async () => {
  const { dial } = scripted(
    [welcome(1, { resumed: false }), "cut"],
    [
      welcome(5),
      event(2, { type: "renamed", name: "Bob", to: "Rob", re: "rename" }),
      event(3, { type: "said", from: "Rob", text: "I am Rob", re: "as Rob" }),
      event(4, { type: "opened" }),
      event(5, { type: "entered", name: "Bob" }),
      event(6, { type: "said", from: "Bob", text: "Who am I?", re: "as Bob" }),
    ],
  );
  using bob = member(dial);
  const back = bob.until("back");
  await bob.membership.join("Bob");
  bob.membership.ask({ type: "rename", name: "Rob", re: "rename" });
  bob.membership.ask({ type: "say", text: "I am Rob", re: "as Rob" });
  bob.membership.ask({ type: "say", text: "Who am I?", re: "as Bob" });
  await back;
  await bob.membership.pending.settled();
  expect(bob.membership.name).toBe("Bob");
});

test("a name that is kept for one's own broken connection is waited for, and one that somebody else has is given up", async () => {
  const taken: ServerMessage = { type: "refused", code: "name-taken", text: "Bob is taken; try another name." };
  const { dial, joins } = scripted([welcome(1, { resumed: false }), "cut"], [taken], [taken]);
  // The second time that it is taken comes a minute after the first.
  using bob = member(dial, () => (joins.length < 3 ? 0 : 60_000));
  const ended = bob.until("ended");
  await bob.membership.join("Bob");
  await ended;
  expect(joins.length).toBe(3);
});

test("what was said before a change of name is not said again when it is asked for under the new one", async () => {
  await using room = await testHub();
  const bob = await room.member("Bob");
  const ada = await peer(room.dial, "Ada");
  const { token, log, seq: after } = await ada.join("Ada");
  ada.send({ type: "say", text: "Hello", re: "1" }, { type: "rename", name: "Eve", re: "2" });
  await ada.rest();
  ada.connection.abort();
  const again = await peer(room.dial, "Ada again");
  again.send({ type: "join", name: "Ada", token, log, after }, { type: "say", text: "Hello", re: "1" });
  await again.until("welcome");
  expect(brief(await again.rest())).toEqual(["said Ada: Hello", "renamed Ada Eve", "said Ada: Hello"]);
  expect(brief(await bob.rest())).toEqual(["entered Ada", "said Ada: Hello", "renamed Ada Eve"]);
});
