// The talk as rows: who spoke when, days, comings and goings, the mark of the unread, and what is pending.
import { afterEach, describe, expect, test } from "bun:test";
import { notice, plain, problem, seen, seenAlone, type Sight } from "../../../lib/client/view.ts";
import type { RoomEvent } from "../../../lib/protocol/message.ts";
import { dayKey } from "../../../lib/web/page/calendar.ts";
import {
  pendingKey,
  pendingRow,
  type Row,
  SIGHTS_MAX,
  SIGHTS_UNREAD_MAX,
  Timeline,
} from "../../../lib/web/page/timeline.ts";

const ME = "Me";
const zone = process.env.TZ;
afterEach(() => {
  process.env.TZ = zone ?? "";
});

/** `time` is that of 22 November 2026, or a whole moment. */
function stamp(seq: number, time = "12:00:00"): { readonly seq: number; readonly at: string } {
  return { seq, at: time.includes("T") ? time : `2026-11-22T${time}.000Z` };
}

function sightOf(event: RoomEvent): Sight {
  return seen(event, ME)!;
}

function said(seq: number, from: string, text: string, time?: string): Sight {
  return sightOf({ type: "said", from, text, ...stamp(seq, time) });
}

function own(seq: number, re: string, text: string, time?: string): Sight {
  return sightOf({ type: "said", from: ME, text, re, ...stamp(seq, time) });
}

function does(seq: number, from: string, text: string): Sight {
  return sightOf({ type: "said", from, text, action: true, ...stamp(seq) });
}

function entered(seq: number, name: string, time?: string): Sight {
  return sightOf({ type: "entered", name, ...stamp(seq, time) });
}

function whisper(from: string, to: string): Sight {
  return seenAlone({ type: "whisper", from, to, text: "psst", at: stamp(0).at }, ME)!;
}

/** Rows in short: `= 2026-11-22`, `Ada: hello` where a byline opens, `… hello` where not, `> a, b` for asides, `~ 2` for traffic. */
function brief(rows: readonly Row[]): string[] {
  return rows.map((row) => {
    switch (row.kind) {
      case "day":
        return `= ${dayKey(row.at)}`;
      case "unread":
        return "--- new";
      case "talk":
        return `${row.opens ? `${row.sight.who}:` : "…"} ${row.sight.text}${row.mention ? " (me)" : ""}${row.pending ? " (pending)" : ""}`;
      case "traffic":
        return `~ ${row.sights.length}`;
      case "aside":
        return `> ${row.sights.map(({ text }) => text).join(", ")}`;
    }
  });
}

/** Every sight comes by itself, as it does in a room. */
function timelineOf(...sights: readonly Sight[]): Timeline {
  const timeline = new Timeline();
  for (const sight of sights) timeline.append([sight], ME, true);
  return timeline;
}

const TODAY = "= 2026-11-22";

function expectUniqueKeys({ rows }: Timeline): void {
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
}

describe("author and time", () => {
  test("are told once for what one author says in one minute", () => {
    const { rows } = timelineOf(
      said(1, "Ada", "one", "12:00:00"),
      said(2, "Ada", "two", "12:00:59"),
      said(3, "Ada", "three", "12:01:00"),
      said(4, "Bob", "four", "12:01:01"),
      said(5, "Ada", "five", "12:01:02"),
    );
    expect(brief(rows)).toEqual([TODAY, "Ada: one", "… two", "Ada: three", "Bob: four", "Ada: five"]);
  });

  test("are told again after something else stood between", () => {
    const { rows } = timelineOf(
      said(1, "Ada", "one"),
      entered(2, "Bob"),
      said(3, "Ada", "two"),
      notice("Hm."),
      said(4, "Ada", "three"),
    );
    expect(brief(rows)).toEqual([TODAY, "Ada: one", "~ 1", "Ada: two", "> Hm.", "Ada: three"]);
  });

  test("are told for each whisper, and for each thing that somebody does", () => {
    const { rows } = timelineOf(
      does(1, "Ada", "waves"),
      does(2, "Ada", "nods"),
      said(3, "Ada", "hello"),
      whisper("Ada", ME),
      whisper("Ada", ME),
      whisper(ME, "Ada"),
      said(4, "Ada", "hello"),
    );
    expect(brief(rows)).toEqual([
      TODAY,
      ": * Ada waves",
      ": * Ada nods",
      "Ada: hello",
      "Ada, whispering: psst",
      "Ada, whispering: psst",
      "You to Ada, whispering: psst",
      "Ada: hello",
    ]);
  });

  test("of my own words are apart from those of another with my name", () => {
    const earlier: Sight = { ...said(1, ME, "mine"), tone: "said" };
    expect(brief(timelineOf(earlier, own(2, "x", "mine")).rows)).toEqual([TODAY, "Me: mine", "Me: mine"]);
  });
});

describe("comings and goings", () => {
  test("in a row are one row, with the key of the first", () => {
    const timeline = timelineOf(entered(1, "Ada"));
    const [, first] = timeline.rows;
    timeline.append([entered(2, "Bob")], ME, true);
    timeline.append([sightOf({ type: "exited", name: "Ada", why: "left", ...stamp(3) })], ME, true);
    const [, grown] = timeline.rows;
    expect(brief(timeline.rows)).toEqual([TODAY, "~ 3"]);
    expect(grown!.key).toBe(first!.key);
    // Another object, so that it is drawn anew.
    expect(grown).not.toBe(first);
  });

  test("end with the day, and with whatever else happens", () => {
    const { rows } = timelineOf(
      entered(1, "Ada", "2026-11-21T23:59:59Z"),
      entered(2, "Bob", "2026-11-22T00:00:00Z"),
      sightOf({ type: "renamed", name: "Bob", to: "Rob", ...stamp(3) }),
      entered(4, "Cy"),
    );
    expect(brief(rows)).toEqual(["= 2026-11-21", "~ 1", TODAY, "~ 1", "> Bob is now called Rob.", "~ 1"]);
  });
});

describe("what the program says", () => {
  test("together is one row, and one row each otherwise", () => {
    const timeline = new Timeline();
    timeline.append([plain("Commands:"), plain("  /me")], ME, true);
    timeline.append([plain("  /nick")], ME, true);
    timeline.append([problem("No."), problem("Not that.")], ME, true);
    expect(brief(timeline.rows)).toEqual(["> Commands:,   /me", ">   /nick", "> No.", "> Not that."]);
    expectUniqueKeys(timeline);
  });
});

describe("a day", () => {
  test("is marked before the first of it that bears a time, and once", () => {
    const { rows } = timelineOf(
      notice("Welcome."),
      said(1, "Ada", "late", "2026-11-21T23:59:59Z"),
      said(2, "Ada", "early", "2026-11-22T00:00:00Z"),
      notice("Hm."),
      sightOf({ type: "topic", by: "Ada", text: "tea", ...stamp(3) }),
      said(4, "Ada", "noon"),
    );
    expect(brief(rows)).toEqual([
      "> Welcome.",
      "= 2026-11-21",
      "Ada: late",
      TODAY,
      "Ada: early",
      "> Hm.",
      "> Ada set the topic: tea",
      "Ada: noon",
    ]);
  });

  test("is another one elsewhere, once it is built anew", () => {
    const timeline = timelineOf(
      said(1, "Ada", "one", "2026-11-21T22:30:00Z"),
      said(2, "Ada", "two", "2026-11-21T23:30:00Z"),
      said(3, "Ada", "three", "2026-11-22T00:30:00Z"),
    );
    expect(brief(timeline.rows)).toEqual(["= 2026-11-21", "Ada: one", "Ada: two", TODAY, "Ada: three"]);
    const keys = timeline.rows.filter(({ kind }) => kind === "talk").map(({ key }) => key);
    process.env.TZ = "Europe/Zurich";
    timeline.rebuild();
    expect(brief(timeline.rows)).toEqual(["= 2026-11-21", "Ada: one", TODAY, "Ada: two", "Ada: three"]);
    expect(timeline.rows.filter(({ kind }) => kind === "talk").map(({ key }) => key)).toEqual(keys);
  });
});

describe("older messages", () => {
  test("stand before all others, and what went on at the boundary is not begun again", () => {
    const timeline = timelineOf(said(3, "Ada", "three", "12:00:30"), said(4, "Bob", "four"));
    expect(timeline.oldest).toBe(3);
    timeline.prepend([said(1, "Ada", "one", "2026-11-21T12:00:00Z"), said(2, "Ada", "two", "12:00:10")], ME);
    expect(brief(timeline.rows)).toEqual(["= 2026-11-21", "Ada: one", TODAY, "Ada: two", "… three", "Bob: four"]);
    expect(timeline.oldest).toBe(1);
    expectUniqueKeys(timeline);
  });

  test.each<[what: string, last: Sight, row: string]>([
    ["author", said(2, "Bob", "two"), "Ada: three"],
    ["minute", said(2, "Ada", "two", "11:59:59"), "Ada: three"],
  ])("of another %s leave author and time where they are", (_, last, row) => {
    const timeline = timelineOf(said(3, "Ada", "three"));
    timeline.prepend([last], ME);
    expect(brief(timeline.rows)).toEqual([TODAY, `${last.who}: two`, row]);
  });

  test("of other days leave the day where it is", () => {
    const timeline = timelineOf(said(2, "Ada", "two"));
    timeline.prepend([said(1, "Ada", "one", "2026-11-20T12:00:00Z")], ME);
    expect(brief(timeline.rows)).toEqual(["= 2026-11-20", "Ada: one", TODAY, "Ada: two"]);
  });

  test("do not begin the day again behind what the program said first", () => {
    const timeline = timelineOf(notice("Welcome."), said(3, "Ada", "three"), said(4, "Ada", "four"));
    timeline.prepend([said(2, "Ada", "two")], ME);
    expect(brief(timeline.rows)).toEqual([TODAY, "Ada: two", "> Welcome.", "Ada: three", "… four"]);
    timeline.prepend([said(1, "Ada", "one")], ME);
    expect(brief(timeline.rows)).toEqual([TODAY, "Ada: one", "… two", "> Welcome.", "Ada: three", "… four"]);
  });

  test("before nothing but the program's words are followed by their own day", () => {
    const timeline = timelineOf(notice("Welcome."));
    timeline.prepend([said(1, "Ada", "one")], ME);
    timeline.append([said(2, "Ada", "two")], ME, true);
    expect(brief(timeline.rows)).toEqual([TODAY, "Ada: one", "> Welcome.", "Ada: two"]);
  });

  test("page by page are the same as all at once", () => {
    const sights = Array.from({ length: 60 }, (_, index) =>
      said(
        index + 1,
        ["Ada", "Bob"][Math.floor(index / 7) % 2]!,
        `${index}`,
        `2026-11-${20 + Math.floor(index / 25)}T12:00:${10 + (index % 25)}Z`,
      ),
    );
    const whole = timelineOf(...sights);
    for (const size of [1, 7, 13]) {
      const paged = new Timeline();
      for (let end = sights.length; end > 0; end -= size) paged.prepend(sights.slice(Math.max(0, end - size), end), ME);
      expect(brief(paged.rows)).toEqual(brief(whole.rows));
      expectUniqueKeys(paged);
      paged.rebuild();
      expect(brief(paged.rows)).toEqual(brief(whole.rows));
    }
  });

  test("of which there are none change nothing", () => {
    const timeline = timelineOf(said(1, "Ada", "one"));
    timeline.prepend([], ME);
    expect(brief(timeline.rows)).toEqual([TODAY, "Ada: one"]);
    expect(new Timeline().oldest).toBeUndefined();
  });
});

describe("the mark of the unread", () => {
  test("stands before the first that was not read, and counts words of others only", () => {
    const timeline = timelineOf(said(1, "Ada", "read"));
    timeline.append([entered(2, "Bob")], ME, false);
    timeline.append([own(3, "x", "mine")], ME, false);
    timeline.append([notice("Hm.")], ME, false);
    timeline.append([whisper(ME, "Ada")], ME, false);
    expect([timeline.unread, timeline.mentioned]).toEqual([0, false]);
    timeline.append([said(4, "Ada", "unread")], ME, false);
    timeline.append([said(5, "Ada", "unread too")], ME, false);
    expect([timeline.unread, timeline.mentioned]).toEqual([2, false]);
    expect(brief(timeline.rows).slice(-4)).toEqual([
      "You to Ada, whispering: psst",
      "--- new",
      "Ada: unread",
      "… unread too",
    ]);
  });

  test("stays when everything was read, and moves when something else is unread", () => {
    const timeline = timelineOf(said(1, "Ada", "one"));
    timeline.append([said(2, "Bob", "two")], ME, false);
    timeline.read();
    expect([timeline.unread, brief(timeline.rows)]).toEqual([0, [TODAY, "Ada: one", "--- new", "Bob: two"]]);
    timeline.append([said(3, "Ada", "three")], ME, true);
    expect(brief(timeline.rows)).toEqual([TODAY, "Ada: one", "--- new", "Bob: two", "Ada: three"]);
    timeline.append([said(4, "Cy", "four")], ME, false);
    expect(brief(timeline.rows)).toEqual([TODAY, "Ada: one", "Bob: two", "Ada: three", "--- new", "Cy: four"]);
    expectUniqueKeys(timeline);
    const before = brief(timeline.rows);
    timeline.rebuild();
    expect(brief(timeline.rows)).toEqual(before);
  });

  test("stands behind a new day, and stays when older messages come", () => {
    const timeline = timelineOf(said(1, "Ada", "one", "2026-11-21T12:00:00Z"));
    timeline.append([said(2, "Ada", "two")], ME, false);
    timeline.prepend([said(0, "Ada", "zero", "2026-11-21T12:00:00Z")], ME);
    expect(brief(timeline.rows)).toEqual(["= 2026-11-21", "Ada: zero", "… one", TODAY, "--- new", "Ada: two"]);
  });

  test("before the very first words stays there when older ones come", () => {
    const timeline = new Timeline();
    timeline.append([said(2, "Ada", "two")], ME, false);
    timeline.prepend([said(1, "Ada", "one")], ME);
    expect(brief(timeline.rows)).toEqual([TODAY, "Ada: one", "--- new", "Ada: two"]);
  });

  test("knows whether I am called: by my name, or by a whisper", () => {
    for (const call of [said(1, "Ada", "hey me!"), whisper("Ada", ME)]) {
      const timeline = new Timeline();
      timeline.append([call], ME, false);
      expect(timeline.mentioned).toBeTrue();
      timeline.read();
      expect(timeline.mentioned).toBeFalse();
    }
    expect(brief(timelineOf(said(1, "Ada", "hey me!"), own(2, "x", "it is me")).rows)).toEqual([
      TODAY,
      "Ada: hey me! (me)",
      "Me: it is me",
    ]);
  });
});

describe("what is pending", () => {
  const mine: Sight = { tone: "own", who: ME, text: "hello" };

  test("becomes its echo in the same place, under the same key", () => {
    const timeline = timelineOf(said(1, "Ada", "one"));
    const pending = pendingRow("x-1", mine, timeline.rows.at(-1));
    expect(brief([pending])).toEqual(["Me: hello (pending)"]);
    timeline.append([own(2, "x-1", "hello")], ME, true);
    const echo = timeline.rows.at(-1)!;
    expect(echo.key).toBe(pending.key);
    expect(brief([echo])).toEqual(["Me: hello"]);
    expect([timeline.has("x-1"), timeline.has("x-2")]).toEqual([true, false]);
  });

  test("goes on where my own words ended", () => {
    const timeline = timelineOf(own(1, "x-1", "one"));
    const first = pendingRow("x-2", mine, timeline.rows.at(-1));
    const second = pendingRow("x-3", mine, first);
    expect(brief([first, second])).toEqual(["… hello (pending)", "… hello (pending)"]);
  });

  test("has a key that nothing else takes: not the same words once more, not a mark of somebody else", () => {
    const theirs = sightOf({ type: "said", from: "Ada", text: "x", re: "x-1", ...stamp(1) });
    const timeline = timelineOf(theirs, own(2, "x-1", "hello"), own(2, "x-1", "hello"), own(3, "x-1", "hello"));
    expectUniqueKeys(timeline);
    expect(timeline.rows[2]!.key).toBe(pendingKey("x-1"));
  });
});

test("of what is here already, as /history shows it, another row has another key", () => {
  const timeline = timelineOf(said(1, "Ada", "one"), own(2, "x", "two"));
  timeline.append([said(1, "Ada", "one"), own(2, "x", "two")], ME, true);
  expect(timeline.rows).toHaveLength(5);
  expectUniqueKeys(timeline);
});

test("after all was cleared, everything begins anew", () => {
  const timeline = timelineOf(said(1, "Ada", "one"));
  timeline.append([said(2, "Ada", "Me!")], ME, false);
  timeline.clear();
  expect([timeline.rows, timeline.oldest, timeline.unread, timeline.mentioned]).toEqual([[], undefined, 0, false]);
  timeline.append([said(1, "Ada", "one")], ME, true);
  expect(brief(timeline.rows)).toEqual([TODAY, "Ada: one"]);
});

describe("a long talk", () => {
  const others = (count: number): Sight[] => Array.from({ length: count }, () => notice("Hm."));

  test("lets the oldest go, and says so by what is the oldest", () => {
    const timeline = timelineOf(said(1, "Ada", "one"));
    timeline.append(others(SIGHTS_MAX - 2), ME, true);
    timeline.append([own(2, "x", "two")], ME, true);
    expect([timeline.oldest, timeline.rows.length]).toEqual([1, SIGHTS_MAX + 1]);
    timeline.append([said(3, "Ada", "three")], ME, true);
    expect([timeline.oldest, timeline.has("x")]).toEqual([2, true]);
    expect(timeline.rows.length).toBeLessThan(SIGHTS_MAX);
    expect(brief(timeline.rows.slice(-3))).toEqual([TODAY, "Me: two", "Ada: three"]);
    timeline.append([...others(SIGHTS_MAX), said(4, "Ada", "four")], ME, true);
    expect([timeline.oldest, timeline.has("x")]).toEqual([4, false]);
    expectUniqueKeys(timeline);
  });

  test("stays whole while it is not read, but not for ever", () => {
    const timeline = new Timeline();
    timeline.append([said(1, "Ada", "one"), ...others(SIGHTS_UNREAD_MAX - 1)], ME, false);
    expect([timeline.oldest, timeline.unread]).toEqual([1, 1]);
    timeline.append([said(2, "Ada", "two")], ME, false);
    expect([timeline.oldest, timeline.unread]).toEqual([2, 2]);
    expect(timeline.rows.length).toBeLessThan(SIGHTS_MAX);
  });

  // What looks at all that is there each time takes longer than a test may: 50,000 looks at up to 50,000 rows. One by one, it is a tenth of a second.
  test.each<[what: string, sight: (index: number) => Sight]>([
    ["words", (index) => said(index, "Ada", "hello")],
    ["comings", (index) => entered(index, `Ada${index % 100}`)],
    ["topics", (index) => sightOf({ type: "topic", by: "Ada", text: "tea", ...stamp(index) })],
    ["refusals", () => problem("No.")],
  ])("of 50,000 %s grows one by one, and none costs more than the first", (_, sight) => {
    const timeline = new Timeline();
    for (let index = 0; index < 50_000; index++) timeline.append([sight(index)], ME, true);
    expect(timeline.rows.length).toBeGreaterThan(0);
  });
});

describe("what is withdrawn", () => {
  const of = (names: readonly string[], before = 99, since = "2026-11-22T00:00:00.000Z") => ({
    names: new Set(names),
    since,
    before,
  });

  test("is gone, under every name of who said it, and what stands around it closes up", () => {
    const timeline = timelineOf(
      said(1, "Ada", "one"),
      said(2, "BOB", "spam"),
      said(3, "Ada", "two"),
      does(4, "Rob", "spams"),
      notice("Hm."),
      said(5, "bob", "more spam"),
    );
    timeline.withdraw(of(["bob", "rob"]));
    expect(brief(timeline.rows)).toEqual([TODAY, "Ada: one", "… two", "> Hm."]);
    expectUniqueKeys(timeline);
  });

  test("is only what was said since then, and before the act", () => {
    const timeline = timelineOf(
      said(1, "Bob", "long ago", "11:00:00"),
      said(2, "Bob", "spam", "12:00:00"),
      said(9, "Bob", "after it", "12:00:01"),
    );
    timeline.withdraw(of(["bob"], 9, "2026-11-22T12:00:00.000Z"));
    expect(brief(timeline.rows)).toEqual([TODAY, "Bob: long ago", "Bob: after it"]);
  });

  test("takes along what /history has shown of it, and nothing that is no word: comings, goings, whispers", () => {
    const timeline = timelineOf(entered(1, "Bob"), said(2, "Bob", "spam"), whisper("Bob", ME));
    timeline.append([said(2, "Bob", "spam")], ME, true);
    timeline.withdraw(of(["bob"]));
    expect(brief(timeline.rows)).toEqual([TODAY, "~ 1", "Bob, whispering: psst"]);
  });

  test("is unread by nobody and calls nobody any more", () => {
    const timeline = timelineOf(said(1, "Ada", "read"));
    for (const sight of [said(2, "Bob", "Me: spam"), said(3, "Ada", "hello"), said(4, "Bob", "spam")])
      timeline.append([sight], ME, false);
    expect([timeline.unread, timeline.mentioned]).toEqual([3, true]);
    timeline.withdraw(of(["bob"]));
    expect([timeline.unread, timeline.mentioned]).toEqual([1, false]);
    expect(brief(timeline.rows)).toEqual([TODAY, "Ada: read", "--- new", "Ada: hello"]);
    timeline.withdraw(of(["ada"]));
    expect([timeline.unread, brief(timeline.rows)]).toEqual([0, []]);
  });

  test("leaves the mark of the unread where it was, and what was read stays read", () => {
    const timeline = timelineOf(said(1, "Ada", "old"));
    timeline.append([said(2, "Ada", "new")], ME, false);
    timeline.append([said(3, "Bob", "spam")], ME, false);
    timeline.read();
    timeline.withdraw(of(["bob"]));
    expect([timeline.unread, brief(timeline.rows)]).toEqual([0, [TODAY, "Ada: old", "--- new", "Ada: new"]]);
    timeline.append([said(4, "Ada", "newer")], ME, false);
    expect(timeline.unread).toBe(1);
  });

  test("may be nothing", () => {
    const timeline = timelineOf(said(1, "Ada", "one"));
    const { rows } = timeline;
    timeline.withdraw(of(["bob"]));
    expect(timeline.rows).toBe(rows);
  });
});
