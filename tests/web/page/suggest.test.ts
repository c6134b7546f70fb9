// What the input field offers at the caret.
import { describe, expect, test } from "bun:test";
import { commandsFor, complete } from "../../../lib/client/commands.ts";
import { suggest } from "../../../lib/web/page/suggest.ts";

const member = { host: false };
const host = { host: true };
const names = ["Ada", "adele", "Bob", "Ольга"];
const inserts = (before: string, typist = member) => suggest(before, names, typist).items.map(({ insert }) => insert);

describe("a command", () => {
  test("is offered with what follows it and what it does", () => {
    expect(suggest("/ms", names, member)).toEqual({
      from: 0,
      items: [{ insert: "/msg ", label: "/msg NAME TEXT", hint: "whisper to one member" }],
    });
    expect(suggest("  /NAM", names, member)).toEqual({
      from: 2,
      items: [{ insert: "/names ", label: "/names", hint: "show who is here" }],
    });
  });

  test("is any of them after a slash, and each has its hint", () => {
    for (const typist of [member, host]) {
      const { items } = suggest("/", names, typist);
      expect(items.map(({ insert }) => insert)).toEqual(commandsFor(typist).map(({ name }) => `/${name} `));
      expect(items.every(({ hint }) => hint !== undefined && hint !== "")).toBe(true);
    }
  });

  test("is none within a line, and none of the host's for a member", () => {
    expect(inserts("say /he")).toEqual([]);
    expect(inserts("EX")).toEqual([]);
    expect(suggest("EX", names, host).items).toEqual([{ insert: "EXIT ", label: "EXIT" }]);
  });
});

describe("a name", () => {
  test("is offered as on a terminal: addressed where the line begins, mentioned elsewhere", () => {
    expect(suggest("ad", names, member)).toEqual({
      from: 0,
      items: [
        { insert: "Ada: ", label: "Ada" },
        { insert: "adele: ", label: "adele" },
      ],
    });
    expect(suggest("hey Bo", names, member)).toEqual({ from: 4, items: [{ insert: "Bob ", label: "Bob" }] });
    expect(inserts("/msg ОЛ")).toEqual(["Ольга "]);
  });

  test("takes the place of the @ before it", () => {
    expect(suggest("hey @ad", names, member)).toEqual({
      from: 4,
      items: [
        { insert: "Ada ", label: "Ada" },
        { insert: "adele ", label: "adele" },
      ],
    });
    expect(inserts("@ad")).toEqual(["Ada: ", "adele: "]);
    expect(inserts("hey @")).toEqual(names.map((name) => `${name} `));
  });

  test("is all that is offered after an @", () => {
    expect(inserts("@/he")).toEqual([]);
    expect(inserts("@EX", host)).toEqual([]);
    expect(inserts("bob@ad")).toEqual([]);
  });

  test("is one of a hundred at most", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `user${index}`);
    expect(suggest("@", many, member).items).toHaveLength(100);
    expect(suggest("us", many, member).items).toHaveLength(100);
  });
});

describe("an emoji", () => {
  test("is offered after a colon and two letters", () => {
    const { from, items } = suggest("well done :tad", names, member);
    expect(from).toBe(10);
    expect(items).toEqual([{ insert: "🎉 ", label: "🎉 :tada:" }]);
    expect(suggest(":SM", names, member)).toMatchObject({ from: 0 });
    expect(inserts(":+1")).toEqual(["👍 "]);
    expect(inserts(":sm").length).toBe(8);
  });

  test.each([":s", ":", "10:10", "http://a.de:80", "a:sm", "::sm", "`a :sm", "```\n:sm", ":no_such"])(
    "is not offered after %j",
    (before) => {
      expect(inserts(before)).toEqual([]);
    },
  );

  test("is offered again once the code is closed", () => {
    expect(inserts("`a` :tad")).toEqual(["🎉 "]);
  });
});

test.each(["", " ", "a ", "xyz", "/nope", "/he", "ad", "hey o", "/msg bo", "EXI", "//"])(
  "%j is completed as by Tab",
  (before) => {
    for (const typist of [member, host]) {
      const { from, candidates } = complete(before, names, typist);
      expect(suggest(before, names, typist).from).toBe(from);
      expect(inserts(before, typist)).toEqual(candidates);
    }
  },
);
