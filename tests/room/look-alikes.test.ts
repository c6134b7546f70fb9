// Nobody comes in under a name that people take for somebody else's, however it is written; and whoever has a name of their own does.
import { describe, expect, test } from "bun:test";
import { Access } from "../../lib/access/access.ts";
import { decodeClient } from "../../lib/protocol/codec.ts";
import { foldName } from "../../lib/protocol/name.ts";
import { decide } from "../../lib/room/decide.ts";
import { looksOf } from "../../lib/room/look.ts";
import { apply, Room } from "../../lib/room/room.ts";
import { accentedForms, disguisesOf } from "./disguises.ts";

/** What is asked for by name, as it comes from the wire, and what the room says. */
function asked(room: Room, type: "join" | "rename", name: string, who = ""): string {
  const message = decodeClient(JSON.stringify({ type, name }));
  if (message.type === "refused") return message.code;
  if (message.type !== "join" && message.type !== "rename") throw new Error("That was no name.");
  const decision = decide(room, room.get(who) ?? { host: false }, message);
  return decision.type === "refused" ? decision.code : "let in";
}

function roomOf(...names: readonly string[]): Room {
  const room = new Room();
  for (const name of names) apply(room, { type: "entered", name });
  return room;
}

/** What a name is protected by: `originals` may have no double, and `answer` tells what becomes of one who tries. */
interface Against {
  readonly title: string;
  readonly originals: readonly string[];
  answer(original: string, double: string): string;
}

/** What becomes of a name when the guest list has `original` for somebody's. */
function askedOfList(original: string, name: string): string {
  const answer = asked(roomOf(), "join", name);
  if (answer !== "let in") return answer;
  using access = Access.open(undefined);
  access.names.use(access.names.add("key"), foldName(original), original, looksOf(original), 0);
  const message = decodeClient(JSON.stringify({ type: "join", name }));
  return message.type === "join" && access.names.ownerOf(looksOf(message.name), 1) ? "name-owned" : answer;
}

const PEOPLE = ["Ilya", "Ada", "william", "modern", "Dora", "paypal", "Kiss", "x0O1l", "MAX", "clio", "Zoë", "Skip"];
const AGAINST: readonly Against[] = [
  {
    title: "a member who is here, by who comes",
    originals: PEOPLE,
    answer: (original, double) => asked(roomOf(original), "join", double),
  },
  {
    title: "a member who is here, by who is here too",
    originals: PEOPLE,
    answer: (original, double) => asked(roomOf(original, "Quux"), "rename", double, "Quux"),
  },
  {
    title: "somebody who is away, and whose key owns the name",
    originals: PEOPLE,
    answer: askedOfList,
  },
  {
    title: "the host, and other names that nobody may have",
    originals: ["Host", "server", "System", "admin", "op", "root", "mod", "all", "here", "everyone", "chatd"],
    answer: (_, double) => asked(roomOf(), "join", double),
  },
];

/** Why nobody is let in. */
const REFUSED = /^(bad-name|name-taken|name-reserved|name-owned)$/;

describe.each(AGAINST)("no double of $title", ({ originals, answer }) => {
  const kinds = new Set(
    originals.flatMap((original) =>
      [...disguisesOf(original)].flatMap(([kind, ways]) => (ways.length > 0 ? kind : [])),
    ),
  );
  test.each([...kinds])("%s", (kind) => {
    const doubles = originals.flatMap((original) =>
      disguisesOf(original)
        .get(kind)!
        .map((double) => [original, double] as const),
    );
    expect(doubles.length).toBeGreaterThan(0);
    expect(doubles.filter(([original, double]) => !REFUSED.test(answer(original, double)))).toEqual([]);
  });
});

test("names that nobody may have stay so with accents and points", () => {
  for (const name of ["host", "admin", "system", "op", "mod"])
    for (const double of [...accentedForms(name), Array.from(name).join("."), `${name}_`, `${name}-`, `${name}.`])
      expect([double, asked(roomOf(), "join", double)]).toEqual([double, expect.stringMatching(REFUSED)]);
});

/** Two by two they look the same; who is here first has the name. */
const TWINS: readonly (readonly [string, string])[] = [
  // Case, in all the ways that alphabets have it.
  ["İlker", "ilker"],
  ["İlker", "ılker"],
  ["Işık", "ışık"],
  ["Straße", "STRASSE"],
  ["Straße", "STRAẞE"],
  ["ΟΔΥΣΣΕΥΣ", "Οδυσσευς"],
  ["ǅamonja", "ǆamonja"],
  // Whole names of other alphabets.
  ["paypal", "раураӏ"],
  ["scope", "ѕсоре"],
  ["Coco", "Сосо"],
  ["HOST2", "НОЅТ2"],
  ["nova", "ποѵа"],
  ["vivo", "νινο"],
  // One letter more or less of a font.
  ["burn", "bum"],
  ["wow", "vvovv"],
  ["clara", "dara"],
  ["Bob", "B0b"],
  ["Ilya", "1lya"],
  // Digits that are one digit, in two ways of writing.
  ["علی۴", "علی٤"],
  ["سارا۵۶", "سارا٥٦"],
  ["سارا۱۲۳", "سارا١٢٣"],
  // Points and lines that may be left out.
  ["محمد", "مُحَمَّد"],
  ["محمد", "محـمد"],
  ["דוד", "דָּוִד"],
  ["Семен", "Семе\u0301н"],
  // Syllables and characters that share a shape.
  ["ニコ", "二コ"],
  ["カオリ", "力オリ"],
  ["へいわ", "ヘいわ"],
  ["ベル", "べル"],
  ["エミ", "工ミ"],
];

test.each(TWINS)("%s is here, so %s is not let in, nor the other way round", (one, other) => {
  const refused = expect.stringMatching(REFUSED);
  expect(asked(roomOf(one), "join", other)).toEqual(refused);
  // Some of these are no name at all, of which the first is none either.
  if (asked(roomOf(), "join", other) === "let in") expect(asked(roomOf(other), "join", one)).toEqual(refused);
});

/** They can be told apart, or belong to people of whom each may be here. */
const NEIGHBOURS: readonly (readonly string[])[] = [
  // A mark that makes another letter of an alphabet makes another name: whoever writes Müller reads Muller as somebody else.
  ["Müller", "Muller", "Mueller"],
  ["Zoë", "Zoe", "Zoé"],
  ["José", "Jose"],
  ["Łukasz", "Lukasz"],
  ["Søren", "Soren"],
  ["Đặng", "Dang"],
  ["Phạm", "Pham"],
  ["Семён", "Семен"],
  ["Йван", "Иван"],
  // Two letters for one, where the capital shows that they are two.
  ["Clara", "Dara"],
  ["Clive", "Dive"],
  ["Marco", "Mario", "Maria"],
  ["Anna", "Hanna", "Johanna"],
  ["user1", "user2", "user3", "user10"],
  ["さくら", "サクラ", "桜"],
  ["はな", "ばな", "ぱな"],
  ["田中", "山田", "山本", "中田"],
  ["김철수", "김영수", "박지민"],
  ["สมชาย", "สมหญิง", "น้ำ", "ปู", "ปุ"],
  ["محمد", "أحمد", "احمد", "محمود", "فاطمة"],
  ["राम", "रामा", "सीता", "गीता", "मीरा"],
  ["Ελένη", "Γιώργος", "Νίκος", "Νίκη"],
  ["Дмитро", "Дмитрий", "Ольга", "Олег"],
  ["a.b", "a_b", "a-b", "ab"],
  ["Hostess", "Systema", "Modesto", "Opal", "Allan", "Hera", "Administrator"],
];

test.each(NEIGHBOURS.map((names) => [names.join(", "), names] as const))("%s are here together", (_, names) => {
  for (const name of names)
    expect([name, asked(roomOf(...names.filter((other) => other !== name)), "join", name)]).toEqual([name, "let in"]);
});

test("whoever has a name may write it otherwise", () => {
  for (const [name, other] of [
    ["Ilya", "ilya"],
    ["modern", "rnodern"],
    ["Muller", "Müller"],
  ] as const)
    expect([name, other, asked(roomOf(name), "rename", other, name)]).toEqual([name, other, "let in"]);
});

test("a double is one for every reader: all spellings of a name share a look with it, or are no names", () => {
  expect(new Set(["ILYA", "ilya", "Ilya"].map(foldName)).size).toBe(1);
  const room = roomOf("Ilya");
  for (const double of ["llya", "1lya", "ilya", "ILYA", "ⅼⅼya", "Ⅰlya"]) {
    expect([double, asked(room, "join", double)]).toEqual([double, "name-taken"]);
    expect(asked(room, "join", `${double}${double}`)).toBe("let in");
  }
});
