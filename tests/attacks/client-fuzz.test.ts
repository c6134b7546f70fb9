// Our own clients, told what no chatd would say: none of it ends them, steers a terminal or hides in what they show.
import { afterAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Conversation } from "../../lib/client/conversation.ts";
import { Membership } from "../../lib/client/membership.ts";
import { lineOf } from "../../lib/client/print.ts";
import type { Sight } from "../../lib/client/view.ts";
import { decodeServer } from "../../lib/protocol/codec.ts";
import { PipeClient } from "../../lib/terminal/pipe-client.ts";
import { PlainClient } from "../../lib/terminal/plain-client.ts";
import { dayLabel, exactly } from "../../lib/web/page/calendar.ts";
import { hueOf } from "../../lib/web/page/hue.ts";
import { Memory } from "../../lib/web/page/memory.ts";
import { piecesOf } from "../../lib/web/page/rich-text.ts";
import { suggest } from "../../lib/web/page/suggest.ts";
import type { Row } from "../../lib/web/page/timeline.ts";
import { trafficLine } from "../../lib/web/page/traffic.ts";
import { Visit } from "../../lib/web/page/visit.ts";
import { CHAT, home } from "../support/binaries.ts";
import { someLimits } from "../support/limits.ts";
import { dirtPrinted, dirtSeen } from "./clean.ts";
import { saying, serve, settled } from "./hostile.ts";
import { forAll, linesOf, some, TIMEOUT_MS } from "./luck.ts";
import { bye, toldLines, welcome } from "./made-up.ts";
import { stateAfter } from "./watched.ts";

const links = (secret: string): readonly string[] => [secret];

const LINES_PER_RUN = 45;

const story = fc
  .record({ welcome, lines: toldLines(1, 100), bye: fc.option(bye) })
  .map(({ welcome, lines, bye }) => [JSON.stringify(welcome), ...lines, ...(bye ? [JSON.stringify(bye)] : [])]);

const TAME_SAID = { type: "said", from: "Ed", seq: 1, at: "2026-01-02T03:04:05.678Z" };
const TAME_WELCOME = {
  type: "welcome",
  room: "lobby",
  name: "Ada",
  token: "t",
  log: "log",
  seq: 0,
  members: ["Ada", "Ed"],
  limits: { ...someLimits, ping_ms: 30_000, gone_ms: 75_000 },
  server: "made up",
  protocol: 1,
  resumed: false,
};

/** Nothing is typed, and the input does not end. */
function nothingTyped(): AsyncIterable<string> {
  return { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
}

/** Where a client's run may end is no matter: a goodbye ends it, and else nobody waits. */
async function told(client: { readonly membership: Membership; run(): Promise<string> }): Promise<void> {
  try {
    await client.membership.join("Ada");
    void client.run();
    await settled();
  } finally {
    client.membership.close();
  }
}

function check(title: string, share: number, hears: (lines: readonly string[]) => Promise<readonly string[]>): void {
  test(
    title,
    () =>
      forAll(title, story, linesOf(share) / LINES_PER_RUN, async (lines) => {
        expect(await hears(lines)).toEqual([]);
      }),
    TIMEOUT_MS,
  );
}

check("the screen of a terminal shows nothing but letters, signs and our own colours", 0.2, async (lines) => {
  const printed: string[] = [];
  let conversation: Conversation | undefined;
  const membership = new Membership({
    dial: saying(lines),
    room: "lobby",
    told: (notice) => conversation!.told(notice),
  });
  conversation = new Conversation({
    host: false,
    show: (sights) => void printed.push(...sights.map((sight) => lineOf(sight, true))),
    quit() {},
    links,
    ended: (_, text) => void printed.push(lineOf({ tone: "problem", who: "", text: "" }, true), typeof text),
  });
  conversation.membership = membership;
  await told({ membership, run: () => new Promise(() => {}) });
  // What Tab offers is put into the prompt as it is.
  return [...printed, ...conversation.roster.names].flatMap((line) => dirtSeen(line) ?? []);
});

check("without a prompt, what is printed is letters and signs", 0.1, async (lines) => {
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  await told(
    new PlainClient({ dial: saying(lines), room: "lobby", lines: nothingTyped(), print, remark: print, links }),
  );
  await told(
    new PipeClient({ dial: saying(lines), room: "lobby", json: false, lines: nothingTyped(), print, remark: print }),
  );
  return printed.flatMap((line) => dirtSeen(line) ?? []);
});

check(
  "for programs, each line that is a message is printed as the same message, and is safe to look at",
  0.1,
  async (lines) => {
    const printed: string[] = [];
    const remarks: string[] = [];
    await told(
      new PipeClient({
        dial: saying(lines),
        room: "lobby",
        json: true,
        lines: nothingTyped(),
        print: (line) => void printed.push(line),
        remark: (line) => void remarks.push(line),
      }),
    );
    const known = new Set(
      lines.flatMap((line) => (decodeServer(line) === undefined ? [] : [JSON.stringify(JSON.parse(line))])),
    );
    return [
      ...printed.flatMap((line) => dirtPrinted(line) ?? []),
      ...printed.filter((line) => !known.has(JSON.stringify(JSON.parse(line)))).map((line) => `${line} was not said`),
      ...remarks.flatMap((line) => dirtSeen(line) ?? []),
    ];
  },
);

/** Pages that were told something: they would go on trying for ever. */
const visits: Visit[] = [];
afterAll(() => {
  for (const visit of visits) visit.leave();
});

check(
  "the page makes rows of letters and signs, and finds a day, a colour and a place for each",
  0.1,
  async (lines) => {
    const came: Sight[] = [];
    const visit = new Visit(
      { server: "", port: "", name: "Ada" },
      {
        dial: () => saying(lines),
        memory: new Memory(undefined, undefined),
        changed() {},
        isReading: () => false,
        links,
        came: (sights) => void came.push(...sights),
      },
    );
    visits.push(visit);
    await visit.join({ server: "", port: "", name: "Ada" });
    await settled();
    const { stage, topic, members, name } = visit;
    const texts = visit.rows.flatMap((row) => drawn(row, name));
    const shown = [
      ...texts,
      ...came.map(({ text }) => text),
      topic,
      ...members,
      ...("why" in stage ? [stage.why] : []),
      ...("text" in stage ? [stage.text] : []),
    ];
    const offered = suggest("@", members, { host: false }).items.map(({ label }) => label);
    visit.leave();
    return [...shown, ...offered].flatMap((text) => dirtSeen(text) ?? []);
  },
);

/** All that is drawn of a row, made as the page makes it. */
function drawn(row: Row, me: string): string[] {
  const now = new Date();
  switch (row.kind) {
    case "day":
      return [dayLabel(row.at, now)];
    case "unread":
      return [];
    case "talk": {
      const { who, at, text } = row.sight;
      return [
        who,
        at === undefined ? "" : exactly(at),
        String(hueOf(who)),
        ...piecesOf(text, me).map(({ text }) => text),
      ];
    }
    case "traffic":
      return [trafficLine(row.sights), ...row.sights.map(({ text }) => text)];
    case "aside":
      return row.sights.map(({ text }) => text);
  }
}

test("a byte of any value in the midst of a text steers nothing, and one that is no UTF-8 ends the conversation", async () => {
  const head = Buffer.from(`${JSON.stringify(TAME_SAID).slice(0, -1)},"text":"x`);
  for (let byte = 0; byte < 256; byte++) {
    const printed: string[] = [];
    const said = Buffer.concat([head, Uint8Array.of(byte), Buffer.from(`y"}`)]);
    const dial = saying([JSON.stringify(TAME_WELCOME), said]);
    const print = (line: string) => void printed.push(line);
    const options = { dial, room: "lobby", lines: nothingTyped(), print, remark: print, links };
    await told(new PipeClient({ ...options, json: true }));
    expect(printed.flatMap((line) => dirtPrinted(line) ?? [])).toEqual([]);
    if (byte >= 0x80) expect(printed.at(-1)).toStartWith("[!] The server sent something that is not chat.");
    else if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) expect(printed.at(-1)).toContain('"text":"x');
    else expect(printed.at(-1)).toContain('"welcome"');
    await told(new PlainClient(options));
  }
});

test(
  "the compiled chat, on a terminal, shows what can be shown and lives on",
  async () => {
    const title = "the compiled chat";
    const count = linesOf(0.03);
    const [lines = []] = some(title, toldLines(count, count), 1);
    // After the last number that there is, nothing comes any more.
    const heard = lines.filter((line) => !line.includes(String(Number.MAX_SAFE_INTEGER)));
    const last = JSON.stringify({ ...TAME_SAID, seq: 2 ** 40, text: "That was all." });
    using server = serve(
      [JSON.stringify(TAME_WELCOME), ...heard, last],
      JSON.stringify({ type: "bye", code: "kicked", text: "Enough." }),
    );
    await using place = await home();
    await using ada = await place.open([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
    await ada.until("That was all.", TIMEOUT_MS);
    ada.type("hello");
    await ada.until(/ > hello$/);
    const fresh = await stateAfter("");
    expect(await stateAfter(ada.received())).toEqual({
      ...fresh,
      modes: { ...fresh.modes, bracketedPasteMode: true },
    });
    ada.type("\r");
    expect(await ada.exited).toBe(5);
    expect(await stateAfter(ada.received())).toEqual(fresh);
  },
  TIMEOUT_MS,
);
