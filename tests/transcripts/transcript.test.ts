// The reader of conversations, by values: it must be able to fail.
import { expect, test } from "bun:test";
import { Access } from "../../lib/access/access.ts";
import { Hub } from "../../lib/hub/hub.ts";
import { MemoryLog } from "../../lib/log/memory.ts";
import { pipeTo } from "../support/hub.ts";
import { bytesOf, mismatch, play, readTranscript } from "./transcript.ts";

/** Why the conversation does not go as written; nothing where it does. */
async function problemOf(text: string): Promise<string | undefined> {
  const hub = await Hub.open(new MemoryLog(), {
    access: Access.open(undefined),
    server: "test",
    broke: () => {},
  });
  const played = play(readTranscript(text), () => pipeTo(hub.accept));
  return played.then(
    () => undefined,
    (error: Error) => error.message,
  );
}

test("steps are read with the number of their line", () => {
  expect(readTranscript('# prose\n\nada> {"a":1}\nada hex> 00*2 ff\nada< end\nada cuts\n')).toEqual([
    { at: 3, who: "ada", what: "says", text: '{"a":1}' },
    { at: 4, who: "ada", what: "sends", text: "00*2 ff" },
    { at: 5, who: "ada", what: "hears the end", text: "end" },
    { at: 6, who: "ada", what: "cuts", text: "" },
  ]);
  expect(() => readTranscript("ada: hello")).toThrow("Line 1");
  expect([...bytesOf("00*2 ff")]).toEqual([0, 0, 255]);
});

test("only what is written is compared, at every depth", () => {
  const match = (written: unknown, heard: unknown) => mismatch(written, heard, new Map());
  expect(match({ a: 1 }, { a: 1, b: 2 })).toBeUndefined();
  expect(match({ a: 1 }, { a: 2 })).toBe("a is not 1");
  expect(match({ a: 1 }, {})).toBe("a is not 1");
  expect(match({ a: [{ b: 1 }] }, { a: [{ b: 1, c: 2 }] })).toBeUndefined();
  expect(match({ a: [{ b: 1 }] }, { a: [{ b: 2 }] })).toBe("b is not 1");
  expect(match({ a: [1] }, { a: [1, 2] })).toBe("a is not 1 things");
  expect(match({ a: [] }, { a: [1] })).toBe("a is not 0 things");
});

test("a word stands for what was heard first", () => {
  const known = new Map<string, unknown>();
  expect(mismatch({ seq: "$n" }, { seq: 3 }, known)).toBeUndefined();
  expect(mismatch({ seq: "$n" }, { seq: 3 }, known)).toBeUndefined();
  expect(mismatch({ seq: "$n" }, { seq: 4 }, known)).toBe("seq is not 3, which $n stands for");
  expect(mismatch({ seq: "$m" }, {}, known)).toBe("seq is missing");
});

test("a conversation that goes otherwise than written fails, and says where", async () => {
  const joined = 'ada> {"type":"join","name":"Ada"}\nada< {"type":"welcome",...}\n';
  expect(await problemOf(joined)).toBeUndefined();
  expect(await problemOf(`${joined}ada> {"type":"say","text":"hi"}\nada< {"type":"said","text":"ho",...}`)).toContain(
    "Line 4: ada heard",
  );
  expect(await problemOf(`${joined}ada> {"type":"say","text":"hi"}`)).toContain("ada also heard");
  expect(await problemOf('ada> {"type":"join","name":"$name"}')).toContain("nobody has heard");
  expect(await problemOf(`${joined}ada> {"type":"leave"}\nada< end`)).toContain("before the end");
  expect(await problemOf('ada> GET /\nada< {"type":"bye",...}\nada< {"type":"pong"}')).toContain("the wire is gone");
});
