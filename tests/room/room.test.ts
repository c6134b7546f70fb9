// The rules of a room, by values: what may be, why not, and what it makes of the room.
import { describe, expect, test } from "bun:test";
import type { Fact, Join, Refusal, RefusalCode } from "../../lib/protocol/message.ts";
import { decide, type Decision, HOST_NAME, type Request } from "../../lib/room/decide.ts";
import { type Asker, GUEST, type Member } from "../../lib/room/member.ts";
import { apply, Room } from "../../lib/room/room.ts";
import { random } from "../support/random.ts";

const re = "r1";
const STRANGER: Asker = { host: false };

/** A room that these have entered, in this order; who is called Host is the host. */
function roomOf(...names: string[]): Room {
  const room = new Room();
  for (const name of names) apply(room, { type: "entered", name }, { ...GUEST, host: name === HOST_NAME });
  return room;
}

function member(room: Room, name: string): Member {
  const found = room.get(name);
  if (!found) throw new Error(`${name} is not in the room`);
  return found;
}

const ask = (room: Room, name: string, message: Request) => decide(room, member(room, name), message);
const join = (name: string, room = "lobby"): Join => ({ type: "join", name, room, re });
const rename = (name: string): Request => ({ type: "rename", name, re });

/** The refusal in a decision, its sentence aside; a decision that is none as it is. */
function codeOf(decision: Decision): RefusalCode | Decision {
  if (decision.type !== "refused") return decision;
  expect(decision.re).toBe(re);
  return decision.code;
}

const textOf = (decision: Decision) => (decision as Refusal).text;

describe("a member", () => {
  test("says something", () => {
    const room = roomOf("Ada");
    expect(ask(room, "Ada", { type: "say", text: "hi", re })).toStrictEqual({
      type: "said",
      from: "Ada",
      text: "hi",
      re,
    });
    expect(ask(room, "Ada", { type: "say", text: "waves", action: true })).toEqual({
      type: "said",
      from: "Ada",
      text: "waves",
      action: true,
    });
    expect("action" in ask(room, "Ada", { type: "say", text: "hi", action: false })).toBeFalse();
  });

  test("whispers to another in any case, to none that is not here, and to itself if it likes", () => {
    const room = roomOf("Ada", "Zoë");
    const [ada, zoe] = [member(room, "Ada"), member(room, "Zoë")];
    expect(decide(room, ada, { type: "whisper", to: "zoË", text: "psst", re })).toEqual({
      type: "whispered",
      from: ada,
      to: zoe,
      text: "psst",
      re,
    });
    expect(codeOf(decide(room, ada, { type: "whisper", to: "Bob", text: "psst", re }))).toBe("no-such-member");
    expect(decide(room, ada, { type: "whisper", to: "Ada", text: "psst", re })).toMatchObject({ to: ada });
  });

  test("takes another name", () => {
    expect(ask(roomOf("Ada"), "Ada", rename("Adele"))).toEqual({ type: "renamed", name: "Ada", to: "Adele", re });
  });

  test("sets the topic", () => {
    expect(ask(roomOf("Ada"), "Ada", { type: "topic", text: "tea", re })).toEqual({
      type: "topic",
      by: "Ada",
      text: "tea",
      re,
    });
  });

  test("leaves, with a word or without", () => {
    const room = roomOf("Ada");
    const left = { type: "exited", name: "Ada", why: "left", re } as const;
    expect(ask(room, "Ada", { type: "leave", re })).toEqual(left);
    expect("text" in ask(room, "Ada", { type: "leave", re })).toBeFalse();
    expect(ask(room, "Ada", { type: "leave", text: "bye", re })).toEqual({ ...left, text: "bye" });
  });

  test("does not kick", () => {
    const room = roomOf("Host", "Ada", "Bob");
    for (const name of ["Bob", "Ada", "Host", "Nobody"])
      expect(codeOf(ask(room, "Ada", { type: "kick", name, re }))).toBe("not-allowed");
  });

  test("does not join again", () => {
    const room = roomOf("Ada");
    for (const message of [join("Ada"), join("Bob"), join("Bob", "attic")])
      expect(codeOf(ask(room, "Ada", message))).toBe("already-joined");
  });
});

describe("a stranger", () => {
  test("joins", () => {
    expect(decide(roomOf("Ada"), STRANGER, join("Bob"))).toEqual({ type: "entered", name: "Bob", re });
  });

  test("joins no room that is not there", () => {
    for (const room of ["attic", "", "Lobby", "lobby "])
      expect(codeOf(decide(roomOf(), STRANGER, join("Bob", room)))).toBe("no-such-room");
  });

  test("can do nothing else", () => {
    const room = roomOf("Host", "Ada");
    const requests: readonly Request[] = [
      { type: "say", text: "hi", re },
      { type: "whisper", to: "Ada", text: "psst", re },
      rename("Bob"),
      { type: "topic", text: "tea", re },
      { type: "kick", name: "Ada", re },
      { type: "leave", re },
    ];
    for (const asker of [STRANGER, { host: true }])
      for (const request of requests) expect(codeOf(decide(room, asker, request))).toBe("not-joined");
  });

  test("is also who has left, and who had the name of somebody before", () => {
    const room = roomOf("Ada");
    const before = member(room, "Ada");
    apply(room, { type: "exited", name: "Ada", why: "left" });
    expect(codeOf(decide(room, before, { type: "say", text: "hi", re }))).toBe("not-joined");
    apply(room, { type: "entered", name: "Ada" });
    expect(codeOf(decide(room, before, { type: "say", text: "hi", re }))).toBe("not-joined");
  });
});

describe("the host", () => {
  const room = roomOf("Host", "Ada", "Bob");

  test("kicks a member in any case, with a word or without", () => {
    const kicked = { type: "exited", name: "Ada", why: "kicked", by: "Host", re } as const;
    expect(ask(room, "Host", { type: "kick", name: "ADA", re })).toEqual(kicked);
    expect(ask(room, "Host", { type: "kick", name: "Ada", text: "enough", re })).toEqual({ ...kicked, text: "enough" });
  });

  test("kicks nobody who is not here, and not itself", () => {
    expect(codeOf(ask(room, "Host", { type: "kick", name: "Eve", re }))).toBe("no-such-member");
    expect(codeOf(ask(room, "Host", { type: "kick", name: "host", re }))).toBe("not-allowed");
  });

  test("may have a reserved name, but none that is taken", () => {
    expect(decide(roomOf("Ada"), { host: true }, join(HOST_NAME))).toMatchObject({ type: "entered", name: "Host" });
    expect(ask(room, "Host", rename("Admin"))).toMatchObject({ type: "renamed", to: "Admin" });
    expect(codeOf(ask(room, "Host", rename("ada")))).toBe("name-taken");
    expect(codeOf(ask(room, "Host", rename("Аdа")))).toBe("name-taken");
  });

  test("keeps its rights under another name", () => {
    const room = roomOf("Host", "Ada");
    apply(room, { type: "renamed", name: "Host", to: "Teacher" });
    expect(ask(room, "Teacher", { type: "kick", name: "Ada", re })).toMatchObject({ why: "kicked", by: "Teacher" });
  });
});

describe("a name", () => {
  const room = roomOf("Host", "Ada", "Bob", "Ilya", "modern", "Straße");

  test("is unique without regard to case", () => {
    for (const name of ["Ada", "ada", "ADA", "STRASSE", "bOB"]) {
      expect(codeOf(decide(room, STRANGER, join(name)))).toBe("name-taken");
      const asker = name.toLowerCase() === "bob" ? "Ada" : "Bob";
      expect(codeOf(ask(room, asker, rename(name)))).toBe("name-taken");
    }
  });

  test("is unique to the eye", () => {
    for (const name of ["llya", "1lya", "rnodern", "Аdа", "B0b", "Вob"]) {
      const decision = decide(room, STRANGER, join(name));
      expect([name, codeOf(decision)]).toEqual([name, "name-taken"]);
    }
    expect(textOf(decide(room, STRANGER, join("llya")))).toBe("llya looks like Ilya; try another name.");
    expect(codeOf(ask(room, "Ada", rename("llya")))).toBe("name-taken");
  });

  test("may be like none but one's own", () => {
    expect(ask(room, "Ilya", rename("llya"))).toMatchObject({ type: "renamed", to: "llya" });
    expect(ask(room, "Bob", rename("B0b"))).toMatchObject({ type: "renamed", to: "B0b" });
  });

  test("may be one's own in another case, but not just the same", () => {
    expect(ask(room, "Ada", rename("ADA"))).toMatchObject({ type: "renamed", name: "Ada", to: "ADA" });
    expect(codeOf(ask(room, "Ada", rename("Ada")))).toBe("bad-name");
    expect(textOf(ask(room, "Ada", rename("Ada")))).toBe("That is your name already.");
  });

  test("may not be one's own in a case that looks like another's", () => {
    // Small i is not like small l, but capital I is.
    const room = roomOf("ilya", "llya");
    expect(codeOf(ask(room, "ilya", rename("Ilya")))).toBe("name-taken");
    expect(textOf(ask(room, "ilya", rename("Ilya")))).toBe("Ilya looks like llya; try another name.");
    expect(ask(room, "ilya", rename("ilYa"))).toMatchObject({ type: "renamed" });
  });

  test("that is reserved, or looks so, is for the host alone", () => {
    for (const name of [
      "Host",
      "host",
      "HOST",
      "H0st",
      "Ноѕt",
      "h0st",
      "Server",
      "SYSTEM",
      "admin",
      "Аdmin",
      "op",
      "root",
    ])
      expect([name, codeOf(decide(roomOf(), STRANGER, join(name)))]).toEqual([name, "name-reserved"]);
    for (const name of ["r00t", "mod", "M0D", "all", "A11", "aIl", "here", "everyone", "Chatd", "adrnin"])
      expect([name, codeOf(decide(roomOf(), STRANGER, join(name)))]).toEqual([name, "name-reserved"]);
    expect(codeOf(ask(roomOf("Ada"), "Ada", rename("Host")))).toBe("name-reserved");
  });

  test("that only holds a reserved one is free", () => {
    for (const name of ["Hostess", "Ghost", "Rooter", "Allan", "modern2", "hereward", "server2"])
      expect(decide(roomOf(), STRANGER, join(name))).toMatchObject({ type: "entered" });
  });

  test("is free once its member has gone or has another", () => {
    const room = roomOf("Ada", "Bob");
    apply(room, { type: "exited", name: "Ada", why: "lost" });
    apply(room, { type: "renamed", name: "Bob", to: "Bert" });
    for (const name of ["Ada", "ada", "Аdа", "Bob", "B0b"])
      expect(decide(room, STRANGER, join(name))).toMatchObject({ type: "entered" });
    expect(codeOf(decide(room, STRANGER, join("bert")))).toBe("name-taken");
  });
});

test("a decision changes nothing", () => {
  const room = roomOf("Host", "Ada");
  const before = pictureOf(room);
  for (const request of [
    rename("Adele"),
    { type: "topic", text: "tea" } as const,
    { type: "leave" } as const,
    { type: "kick", name: "Ada" } as const,
  ])
    ask(room, "Host", request);
  decide(room, STRANGER, join("Bob"));
  expect(pictureOf(room)).toEqual(before);
});

describe("the fold", () => {
  test("knows who is inside", () => {
    const room = roomOf("Ada", "Bob");
    expect(room.members.map(({ name }) => name)).toEqual(["Ada", "Bob"]);
    apply(room, { type: "exited", name: "Ada", why: "left" });
    apply(room, { type: "renamed", name: "Bob", to: "Bert" });
    expect(room.members.map(({ name }) => name)).toEqual(["Bert"]);
    expect(room.get("BERT")).toBe(room.members[0]);
    expect(room.get("Bob")).toBeUndefined();
  });

  test("keeps a member the same under another name", () => {
    const room = roomOf("Ada");
    const ada = member(room, "Ada");
    apply(room, { type: "renamed", name: "Ada", to: "ADA" });
    expect(room.has(ada)).toBeTrue();
    expect(ada.name).toBe("ADA");
  });

  test("knows the topic", () => {
    const room = roomOf("Ada");
    expect(room.topic).toBeUndefined();
    apply(room, { type: "topic", by: "Ada", text: "tea" });
    apply(room, { type: "topic", by: "Ada", text: "cake" });
    expect(room.topic).toBe("cake");
  });

  test("is not changed by what was said", () => {
    const room = roomOf("Ada");
    const before = pictureOf(room);
    apply(room, { type: "said", from: "Ada", text: "hi" })();
    expect(pictureOf(room)).toEqual(before);
  });

  test("is empty, its topic aside, when the room was opened again", () => {
    const room = roomOf("Ada", "Bob");
    apply(room, { type: "topic", by: "Ada", text: "tea" });
    apply(room, { type: "opened" });
    expect(pictureOf(room)).toEqual({ members: [], topic: "tea" });
    expect(decide(room, STRANGER, join("Ada"))).toMatchObject({ type: "entered" });
  });

  test("bears events of members whom it does not know", () => {
    const room = roomOf("Ada");
    const before = pictureOf(room);
    apply(room, { type: "exited", name: "Bob", why: "lost" })();
    apply(room, { type: "renamed", name: "Bob", to: "Eve" })();
    expect(pictureOf(room)).toEqual(before);
  });
});

describe("taking back, last one first, what the log could not keep", () => {
  test("gives back the room as it was, whatever happened", () => {
    const { below, pick } = random(7);
    const names = ["Ada", "ADA", "Bob", "B0b", "Ilya", "ilya", "llya", "Zoë", "modern", "rnodern", "Eve"];
    for (let round = 0; round < 300; round++) {
      const room = roomOf("Host", "Ada", "Zoë");
      for (let step = below(6); step > 0; step--) happen(room, pick, names);
      const before = pictureOf(room);
      const members = new Set(room.members);
      const undos: (() => void)[] = [];
      for (let step = 1 + below(12); step > 0; step--) undos.push(happen(room, pick, names));
      for (const undo of undos.toReversed()) undo();
      expect(pictureOf(room)).toEqual(before);
      expect(new Set(room.members)).toEqual(members);
      for (const member of members) expect(room.has(member)).toBeTrue();
      // The names that are free and taken are the same as in a room that never knew better.
      const fresh = roomOf(...before.members);
      for (const name of names)
        expect([name, decide(room, STRANGER, join(name)).type]).toEqual([
          name,
          decide(fresh, STRANGER, join(name)).type,
        ]);
    }
  });

  test("gives a member its name back, and its place to who asks for it", () => {
    const room = roomOf("Ada");
    const ada = member(room, "Ada");
    const renamed = apply(room, { type: "renamed", name: "Ada", to: "Eve" });
    const exited = apply(room, { type: "exited", name: "Eve", why: "left" });
    const entered = apply(room, { type: "entered", name: "Ada" });
    for (const undo of [entered, exited, renamed]) undo();
    expect(member(room, "Ada")).toBe(ada);
    expect(pictureOf(room)).toEqual({ members: ["Ada"], topic: undefined });
  });
});

function pictureOf(room: Room): { members: string[]; topic: string | undefined } {
  return { members: room.members.map(({ name }) => name).toSorted(), topic: room.topic };
}

/** Lets something that the rules allow happen in `room`; answers how to take it back. */
function happen(room: Room, pick: <T>(things: readonly T[]) => T, names: readonly string[]): () => void {
  for (;;) {
    const asker = pick([STRANGER, ...room.members]);
    const decision = decide(
      room,
      asker,
      pick<Request>([
        join(pick(names)),
        rename(pick(names)),
        { type: "leave" },
        { type: "topic", text: pick(names) },
        { type: "say", text: "hi" },
        { type: "kick", name: pick(names) },
      ]),
    );
    if (decision.type === "refused" || decision.type === "whispered") continue;
    return apply(room, decision satisfies Fact);
  }
}
