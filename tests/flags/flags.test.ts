// One declaration gives parsing, environment variables and help.
import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { FlagError, helpText, type Program, readFlags, variableOf, wholeNumber } from "../../lib/flags/flags.ts";

const args = {
  place: { type: "positional", required: false, valueHint: "PLACE", description: "where" },
  size: { type: "string", alias: "s", valueHint: "N", default: "3", description: "how large" },
  loud: { type: "boolean", alias: "l", description: "with noise" },
  "long-name": { type: "string", description: "a flag with two words" },
  form: { type: "enum", options: ["round", "square"] as string[], default: "round", description: "which form" },
  glow: { type: "enum", valueHint: "dim|off", options: ["dim", "off"] as string[], description: "how bright" },
} as const satisfies ArgsDef;
const program: Program<typeof args> = {
  name: "thing",
  summary: "Does things.",
  usage: ["[PLACE] [FLAGS]"],
  args,
  examples: [["thing here", "does it here"]],
  notes: ["A note that is so long that it does not fit in one row of eighty columns, however one puts it, and wraps."],
};
const read = (args: string[], env: Record<string, string> = {}) => readFlags(program, args, env);

test("what is not said is as declared", () => {
  expect(read([])).toMatchObject({ size: "3", form: "round" });
  expect(read([]).loud).toBeFalsy();
  expect(read([]).place).toBeUndefined();
});

test.each([[["--size", "5"]], [["--size=5"]], [["-s", "5"]]])("%p says 5", (args) => {
  expect(read(args).size).toBe("5");
});

test("flags and words may come in any order, and -- ends the flags", () => {
  expect(read(["--loud", "here", "-s", "5"])).toMatchObject({ loud: true, place: "here", size: "5" });
  expect(read(["-l", "--", "--here"])).toMatchObject({ loud: true, place: "--here" });
});

test("the environment says what the command line does not; nothing in it is nothing said", () => {
  const env = { THING_SIZE: "7", THING_LOUD: "yes", THING_LONG_NAME: "x", THING_FORM: "square" };
  expect(read([], env)).toMatchObject({ size: "7", loud: true, "long-name": "x", form: "square" });
  expect(read(["-s", "5", "--no-loud", "--form", "round"], env)).toMatchObject({
    size: "5",
    loud: false,
    form: "round",
  });
  expect(read([], { THING_SIZE: "", THING_LOUD: "", THING_FORM: "" })).toMatchObject({ size: "3", form: "round" });
  expect(read([], { THING_LOUD: "0" }).loud).toBe(false);
  expect(variableOf("thing", "long-name")).toBe("THING_LONG_NAME");
});

test.each<[args: string[], glow: string | undefined, env?: Record<string, string>]>([
  [[], undefined],
  [["--glow", "dim"], "dim"],
  [["--glow=off"], "off"],
  [["--no-glow"], "off"],
  [["--glow", "dim", "--no-glow"], "off"],
  [["--no-glow", "--glow", "dim"], "dim"],
  [["--no-glow"], "off", { THING_GLOW: "dim" }],
  [[], "off", { THING_GLOW: "off" }],
])("a flag that can be off is off with --no- before it: %p, %p", (args, glow, env = {}) => {
  expect(read(args, env).glow).toBe(glow as string);
});

test("behind -- nothing is a flag", () => {
  expect(read(["--", "--no-glow"])).toMatchObject({ place: "--no-glow" });
});

describe("what cannot be meant is not taken for a wish", () => {
  test.each<[args: string[], sentence: string, env?: Record<string, string>]>([
    [["--sise", "5"], "There is no flag --sise."],
    [["--sise=5"], "There is no flag --sise."],
    [["-x"], "There is no flag -x."],
    [["--no-size"], "There is no flag --no-size."],
    [["--size"], "--size needs a value: --size N."],
    [["--size="], "--size needs a value: --size N."],
    [["-s=5"], "Write -s 5."],
    [["--loud=0"], "--loud takes no value."],
    [["-s", ""], "-s needs a value: -s N."],
    [["--long-name"], "--long-name needs a value: --long-name VALUE."],
    [["here", "there"], '"there" is one word too many.'],
    [["here", "there", "everywhere"], '"there" is one word too many.'],
    [["here", "--", "there"], '"there" is one word too many.'],
    [["--form", "flat"], "flat"],
    [["--no-form"], "There is no flag --no-form."],
    [["--no-glow=dim"], "There is no flag --no-glow."],
    [["--glow", "bright"], "bright"],
    [[], 'THING_GLOW is "0"; write one of dim, off.', { THING_GLOW: "0" }],
    [[], 'THING_FORM is "flat"; write one of round, square.', { THING_FORM: "flat" }],
    [[], 'THING_LOUD is "loud"; write 1 or 0.', { THING_LOUD: "loud" }],
  ])("%p", (args, sentence, env = {}) => {
    expect(() => read(args, env)).toThrow(FlagError);
    expect(() => read(args, env)).toThrow(sentence);
    expect(() => read(args, env)).toThrow('"thing --help" shows the flags.');
  });
});

describe("a program that does one more thing", () => {
  const more = { ...program, usage: ["[PLACE] [FLAGS]", "mend [FLAGS]"] };

  test("is called by a word for it, which comes first", () => {
    expect(() => readFlags(more, ["here", "mend"], {})).toThrow(
      'Write "mend" first: thing mend [FLAGS]. "thing --help" shows the flags.',
    );
    expect(() => readFlags(more, ["here", "men"], {})).toThrow('"men" is one word too many.');
  });

  test("has help, and an environment, for that", () => {
    const mend = { ...program, command: "mend", usage: ["[PLACE] [FLAGS]"] };
    expect(helpText(mend)).toContain("Usage: thing mend [PLACE] [FLAGS]");
    expect(() => readFlags(mend, ["--sise"], {})).toThrow('"thing mend --help" shows the flags.');
    expect(readFlags(mend, [], { THING_SIZE: "7" }).size).toBe("7");
  });
});

test("whole numbers have bounds", () => {
  expect(wholeNumber("size", "0", 0, 9)).toBe(0);
  expect(wholeNumber("size", "9", 0, 9)).toBe(9);
  for (const value of ["10", "-1", "1.5", "1e1", "", " 1", "0x1", "nine"])
    expect(() => wholeNumber("size", value, 0, 9)).toThrow(`--size ${value}: write a number from 0 to 9.`);
});

test("help holds all of it, in 80 columns", () => {
  expect(helpText(program)).toBe(
    `
Does things.

Usage: thing [PLACE] [FLAGS]

  -s, --size N           how large (3)
  -l, --loud             with noise
      --long-name VALUE  a flag with two words
      --form VALUE       which form (round)
      --glow dim|off     how bright
  -h, --help             show this help
  -V, --version          show version and commit

Examples:
  thing here  does it here

A note that is so long that it does not fit in one row of eighty columns,
however one puts it, and wraps.

Every flag has an environment variable: THING_SIZE for --size, and so on.`.trim(),
  );
});
