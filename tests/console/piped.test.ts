// The host's console on a pipe, without a process: what it does in the room and what it prints.
import { expect, test } from "bun:test";
import { understand } from "../../lib/client/commands.ts";
import { UNDER_WAY_MAX } from "../../lib/client/pending.ts";
import { obeyPipe } from "../../lib/console/piped.ts";
import { masked } from "../support/binaries.ts";
import { brief, testHub, type TestHub } from "../support/hub.ts";

/** Lines that come when the test says so. */
function slowLines(): { readonly lines: AsyncIterable<string>; say(line: string): void; end(): void } {
  const stream = new TransformStream<string, string>(undefined, { highWaterMark: 99 }, { highWaterMark: 99 });
  const writer = stream.writable.getWriter();
  return { lines: stream.readable, say: (line) => void writer.write(line), end: () => void writer.close() };
}

function obeys(room: TestHub, { lines, say, end } = slowLines()) {
  const printed: string[] = [];
  let closes = 0;
  const ended = obeyPipe({
    name: "Host",
    dial: room.dialHost,
    lines,
    print: (line) => void printed.push(masked(line)),
    invite: () => ["  Friends join  chat 192.168.1.5", "  In a browser  http://192.168.1.5:3002/"],
    links: (invite) => [`  http://192.168.1.5:3002/#invite=${invite}`],
    close: () => void closes++,
  });
  return { say, end, ended, printed, closed: () => closes };
}

test("the host comes with the first line and goes with the last", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const pipe = obeys(room);
  expect(await ada.rest()).toEqual([]);
  pipe.say("");
  expect(await ada.rest()).toEqual([]);
  pipe.say("Hello");
  expect(brief([await ada.next(), await ada.next()])).toEqual(["entered Host", "said Host: Hello"]);
  pipe.say("one");
  pipe.say("two");
  pipe.end();
  await pipe.ended;
  expect(brief([await ada.next(), await ada.next(), await ada.next()])).toEqual([
    "said Host: one",
    "said Host: two",
    "exited Host left",
  ]);
  expect(pipe.printed).toEqual([]);
});

test("only what a command brought is printed, help and history too", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const pipe = obeys(room);
  pipe.say("Hello");
  ada.send({ type: "say", text: "Hi" });
  await room.until(() => room.events.some((event) => event.type === "said" && event.from === "Ada"));
  pipe.say("LIST_USERS");
  await room.until(() => pipe.printed.length === 1);
  pipe.say("/nonsense");
  pipe.say("HELP");
  pipe.say("/history");
  pipe.end();
  await pipe.ended;
  expect(pipe.printed.slice(0, 3)).toEqual([
    "USERS: [Ada,Host]",
    "[!] There is no command /nonsense. /help shows them; //nonsense says it.",
    "Whatever you type is said to everyone. Commands:",
  ]);
  expect(pipe.printed.slice(-3).toSorted()).toEqual(
    ["[*] End of the history; this was all of it.", "[HH:MM:SS] Ada > Hi", "[HH:MM:SS] Host > Hello"].toSorted(),
  );
});

test("EXIT asks to close the room", async () => {
  await using room = await testHub();
  const pipe = obeys(room);
  pipe.say("EXIT");
  await room.until(() => pipe.closed() === 1);
  pipe.end();
  await pipe.ended;
});

test("/invite prints how others join, and is never said, not even by who may not ask it", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const pipe = obeys(room);
  pipe.say("/invite");
  pipe.end();
  await pipe.ended;
  expect(pipe.printed).toEqual(["  Friends join  chat 192.168.1.5", "  In a browser  http://192.168.1.5:3002/"]);
  expect(brief([await ada.next(), await ada.next()])).toEqual(["entered Host", "exited Host left"]);
  expect(understand("/invite", { host: false })).toMatchObject({ type: "ask", message: { type: "invite" } });
});

test("where the room does not let the host in, it says why, and the next line tries again", async () => {
  await using room = await testHub();
  const ada = await room.member("Ada");
  const pipe = obeys(room);
  room.log.failing = true;
  pipe.say("Hello");
  await room.until(() => pipe.printed.length === 2);
  expect(pipe.printed[0]).toStartWith("[!] ");
  expect(pipe.printed[1]).toBe("[!] Not done: Hello");
  // The end of the room needs no disk.
  pipe.say("EXIT");
  await room.until(() => pipe.closed() === 1);
  room.log.failing = false;
  pipe.say("again");
  pipe.end();
  await pipe.ended;
  expect(brief([await ada.next(), await ada.next()])).toEqual(["entered Host", "said Host: again"]);
});

test("lines that come faster than the room takes them wait in the pipe", async () => {
  await using room = await testHub();
  let asked = 0;
  async function* flood() {
    for (let n = 0; n < 1_000; n++) {
      asked++;
      if (n === 1) room.log.hold();
      yield `line ${n}`;
    }
  }
  const pipe = obeys(room, { ...slowLines(), lines: flood() });
  await room.until(() => asked >= UNDER_WAY_MAX);
  for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
  expect(asked).toBeLessThanOrEqual(UNDER_WAY_MAX + 1);
  room.log.release();
  await pipe.ended;
  expect(room.events.filter(({ type }) => type === "said").length).toBe(1_000);
});
