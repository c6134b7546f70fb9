// chat in a pipe, without a process: what becomes of lines that were kept when the room does not come back.
import { expect, test } from "bun:test";
import { PipeClient } from "../../lib/terminal/pipe-client.ts";
import type { Dial } from "../../lib/transport/connection.ts";
import { testHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";
import { Visit } from "../client/visit.ts";

/** A pipe client that was let in, over the breakable wires of a visit; its lines come when `feed` is called. */
async function piped(dial: Dial, json: boolean) {
  // Only for its wires and its clock: nobody joins with its own membership.
  const visit = new Visit(dial);
  const remarks: string[] = [];
  const printed: string[] = [];
  const lines = new TransformStream<string, string>(undefined, { highWaterMark: 9 }, { highWaterMark: 9 });
  const writer = lines.writable.getWriter();
  const client = new PipeClient({
    dial: visit.wire,
    now: visit.now,
    room: "lobby",
    json,
    lines: lines.readable,
    print: (line) => void printed.push(line),
    remark: (line) => void remarks.push(line),
  });
  await client.membership.join("Ada");
  const over = client.run();
  await visit.settle();
  return {
    visit,
    remarks,
    /** The types of the messages that came, or the lines. */
    printed: () => printed.map((line) => (json ? (JSON.parse(line) as { type: string }).type : line)),
    over,
    async feed(...texts: readonly string[]) {
      for (const text of texts) void writer.write(text);
      await visit.settle();
    },
    async end() {
      void writer.close();
      await visit.settle();
    },
    [Symbol.dispose]() {
      client.membership.close();
      visit[Symbol.dispose]();
    },
  };
}

test.each([
  [false, ["kept", "me too"], ["[!] Not said: kept", "[!] Not said: me too"]],
  [
    true,
    ['{"type":"say","text":"kept","re":"a"}', '{"type":"topic","text":"News","re":"b"}'],
    ['[!] Not done: {"type":"say","text":"kept","re":"a"}', '[!] Not done: {"type":"topic","text":"News","re":"b"}'],
  ],
])("what was kept is remarked on when the way back ends for good (json: %p)", async (json, lines, remarks) => {
  await using room = await testHub();
  await using other = await testHub();
  await other.member("Ada");
  using pipe = await piped(room.dial, json);
  pipe.visit.dial = other.dial;
  await pipe.visit.break();
  await pipe.feed(...lines);
  await pipe.visit.pass(120_000);
  expect(await pipe.over).toBe("name-taken");
  expect(pipe.remarks.slice(-3, -1)).toEqual(remarks);
});

test("what was kept is remarked on when the input has ended and the room stays away", async () => {
  await using room = await testHub();
  using pipe = await piped(room.dial, false);
  pipe.visit.swallows = true;
  await pipe.feed("on its way");
  pipe.visit.swallows = false;
  pipe.visit.down = true;
  await pipe.visit.break();
  await pipe.feed("kept");
  await pipe.end();
  await pipe.visit.pass(70_000);
  expect(await pipe.over).toBe("lost");
  expect(pipe.remarks.slice(-2)).toEqual([
    expect.stringMatching(/^\[!\] The connection broke; nobody can tell whether this had an effect: .*on its way/),
    "[!] Not said: kept",
  ]);
});

test("a program may ask for all that a person may, and hears of all that keeps order", async () => {
  await using room = await testHub();
  using pipe = await piped(room.dial, true);
  await using host = await peer(room.dialHost, "Host");
  await host.join("Host");
  const asked = ["bans", "audit", "invites", "link", "lock", "undo"];
  await pipe.feed(...asked.map((type) => JSON.stringify({ type })));
  // A join, or what belongs to one, is chat's business.
  await pipe.feed('{"type":"challenge"}', '{"type":"join","name":"Eve"}');
  host.send({ type: "op", name: "Ada" });
  await host.until("moderated");
  await pipe.feed('{"type":"invite"}', '{"type":"bans"}', '{"type":"slow","seconds":5}');
  expect(pipe.printed()).toEqual([
    "welcome",
    "entered",
    ...Array<string>(asked.length + 2).fill("refused"),
    "moderated",
    "invitation",
    "bans",
    "moderated",
  ]);
});

test("without JSON, order is told in sentences", async () => {
  await using room = await testHub();
  using pipe = await piped(room.dial, false);
  await using host = await peer(room.dialHost, "Host");
  await host.join("Host");
  host.send({ type: "lock" }, { type: "purge", name: "Ada" });
  await host.until("moderated");
  await pipe.feed();
  expect(pipe.printed().slice(-2)).toEqual([
    "[*] Host locked the room: nobody new may enter.",
    "[*] Host withdrew what Ada said lately. It is gone from the history, not from this screen.",
  ]);
});
