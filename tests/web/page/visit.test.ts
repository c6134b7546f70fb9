// A visit to a real room: coming in, away and back, reloads, other tabs, older messages, and every end.
import { describe, expect, test } from "bun:test";
import type { Signer } from "../../../lib/client/signer.ts";
import type { Sight } from "../../../lib/client/view.ts";
import { HISTORY_PAGE } from "../../../lib/protocol/limits.ts";
import type { Connection, Dial } from "../../../lib/transport/connection.ts";
import { type Goal, Memory, type Place } from "../../../lib/web/page/memory.ts";
import { Visit } from "../../../lib/web/page/visit.ts";
import { testSigner } from "../../client/test-signer.ts";
import { Visit as Wires } from "../../client/visit.ts";
import { brief, testHub, type TestHub } from "../../support/hub.ts";
import { peer } from "../../support/peer.ts";
import { TestShelf } from "./test-shelf.ts";

const ADA: Goal = { server: "", port: "", name: "Ada" };
/** More than a try takes that is due. */
const RETRY_MS = 40_000;

/** A browser: its storage, and a wire for each of its tabs. Time is set by hand. */
class Browser implements Disposable {
  readonly room: TestHub;
  readonly storage = new TestShelf();
  readonly wires: Wires;

  constructor(room: TestHub) {
    this.room = room;
    this.wires = new Wires(room.dial);
  }

  /** The reader's key, as the page has it. */
  signer: Signer | undefined;

  tab(session = new TestShelf(), dial?: (goal: Place) => Dial): Tab {
    return new Tab(this, session, dial);
  }

  pass(ms: number): Promise<void> {
    return this.wires.pass(ms);
  }

  settle(): Promise<void> {
    return this.wires.settle();
  }

  [Symbol.dispose](): void {
    this.wires[Symbol.dispose]();
  }
}

class Tab {
  readonly browser: Browser;
  readonly session: TestShelf;
  readonly memory: Memory;
  readonly visit: Visit;
  /** Whether its reader looks at the newest. */
  isReading = true;
  /** The page is closed, and does nothing any more. */
  #gone = false;
  readonly came: { readonly texts: readonly string[]; readonly unread: boolean }[] = [];

  constructor(browser: Browser, session: TestShelf, dial: (goal: Place) => Dial = () => browser.wires.wire) {
    this.browser = browser;
    this.session = session;
    this.memory = new Memory(session, browser.storage);
    this.visit = new Visit(
      { server: "", port: "", name: "" },
      {
        dial: (place) => (receiver) => (this.#gone ? new Promise(() => {}) : dial(place)(receiver)),
        memory: this.memory,
        signer: browser.signer && (async () => browser.signer),
        links: (invite) => [`  http://here/#invite=${invite}`],
        changed() {},
        isReading: () => this.isReading,
        came: (sights, unread) => void this.came.push({ texts: sights.map(textOf), unread }),
      },
    );
  }

  /** The form was filled in. */
  async join(goal: Goal = ADA): Promise<this> {
    void this.visit.join(goal);
    await this.browser.settle();
    return this;
  }

  async type(...lines: readonly string[]): Promise<void> {
    for (const line of lines) this.visit.submit(line);
    await this.browser.settle();
  }

  /** The page was reloaded: the wire breaks, and nothing is left but what is stored. */
  async reload(): Promise<Tab> {
    this.visit.save();
    return this.crash();
  }

  /** The same without a last word. */
  async crash(): Promise<Tab> {
    this.#gone = true;
    await this.browser.wires.break();
    const next = this.browser.tab(this.session);
    next.visit.resume();
    await this.browser.settle();
    return next;
  }

  /** What is seen, in short. */
  get seen(): string[] {
    return this.visit.rows.flatMap((row) => {
      switch (row.kind) {
        case "day":
          return [];
        case "unread":
          return ["--- new"];
        case "talk":
          return [`${textOf(row.sight)}${row.pending ? " …" : ""}`];
        case "traffic":
        case "aside":
          return row.sights.map(textOf);
      }
    });
  }

  /** The words among it, without who said them. */
  get words(): string[] {
    return this.visit.rows.flatMap((row) =>
      row.kind === "talk" ? [`${row.sight.text}${row.pending ? " …" : ""}`] : [],
    );
  }

  get at(): string {
    return this.visit.stage.at;
  }
}

function textOf({ who, text }: Sight): string {
  return who === "" ? text : `${who}: ${text}`;
}

/** `wire`, as an object of which a part can be another. */
function forwarded(wire: Connection): Connection {
  return {
    address: wire.address,
    binding: wire.binding,
    backlog: 0,
    taken: 0,
    send: (bytes) => wire.send(bytes),
    drained: () => wire.drained(),
    pause: () => wire.pause(),
    resume: () => wire.resume(),
    limitLines: (bytes) => wire.limitLines(bytes),
    finish: () => wire.finish(),
    abort: () => wire.abort(),
  };
}

/** What stands in the log of words. */
function saidIn(room: TestHub): string[] {
  return brief(room.events.filter(({ type }) => type === "said"));
}

/** Bob says `count` things, numbered. */
async function talk(room: TestHub, count: number): Promise<void> {
  await using bob = await room.member("Bob");
  for (let index = 1; index <= count; index++) bob.send({ type: "say", text: `${index}` });
  await room.until(() => saidIn(room).length >= count);
  bob.send({ type: "leave" });
  await bob.end();
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`);
}

describe("the form", () => {
  test("leads into the room, and what was typed into it is remembered", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const tab = browser.tab();
    expect([tab.at, tab.visit.wasIn, tab.visit.typist]).toEqual(["form", false, undefined]);
    void tab.visit.join(ADA);
    expect(tab.at).toBe("joining");
    await browser.settle();
    expect([tab.at, tab.visit.name, tab.visit.wasIn]).toEqual(["live", "Ada", true]);
    expect(tab.visit.members).toEqual(["Ada"]);
    expect(tab.memory.last).toEqual(ADA);
    expect(tab.memory.inside).toEqual(ADA);
    expect(tab.memory.tokenFor(ADA)).toMatch(/./);
  });

  test.each([
    ["taken", "Bob"],
    ["reserved", "Host"],
    ["no name", "..."],
  ])("asks again where the name is %s, and the next one gets in over the same wire", async (_, name) => {
    await using room = await testHub();
    await using _bob = await room.member("Bob");
    using browser = new Browser(room);
    const tab = await browser.tab().join({ ...ADA, name });
    expect(tab.visit.stage).toMatchObject({ at: "form", about: "name", problem: expect.stringMatching(/\.$/) });
    expect([tab.visit.goal.name, tab.memory.inside, tab.visit.wasIn]).toEqual([name, undefined, false]);
    await tab.join();
    expect([tab.at, browser.wires.dials]).toEqual(["live", 1]);
  });

  test("says why where nobody answers, and leads in once somebody does", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    browser.wires.down = true;
    const tab = await browser.tab().join();
    expect(tab.visit.stage).toEqual({ at: "form", problem: "Nobody is at home.", about: "place" });
    browser.wires.down = false;
    await tab.join();
    expect(tab.at).toBe("live");
  });

  test("left while a silent server was waited for stays as it is, and the next try has its own time", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    browser.wires.swallows = true;
    const tab = await browser.tab().join();
    expect(tab.at).toBe("joining");
    tab.visit.leave();
    expect(tab.visit.stage).toEqual({ at: "form" });
    await browser.pass(5_000);
    await tab.join();
    await browser.pass(5_000);
    expect(tab.at).toBe("joining");
    await browser.pass(5_000);
    expect(tab.visit.stage).toMatchObject({
      at: "form",
      about: "place",
      problem: expect.stringMatching(/^It answers/),
    });
    await tab.join();
    tab.visit.leave();
    await browser.pass(20_000);
    expect(tab.visit.stage).toEqual({ at: "form" });
  });
});

describe("in the room", () => {
  test("words are pending until their echo comes, in the same row", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    room.log.hold();
    await tab.type("hello", "/me waves");
    expect(tab.seen.slice(-2)).toEqual(["Ada: hello …", "* Ada waves …"]);
    const keys = tab.visit.rows.slice(-2).map(({ key }) => key);
    // One object as long as it is the same row.
    expect(tab.visit.rows.at(-1)).toBe(tab.visit.rows.at(-1));
    room.log.release();
    await browser.settle();
    expect(tab.seen.slice(-2)).toEqual(["Ada: hello", "* Ada waves"]);
    expect(tab.visit.rows.slice(-2).map(({ key }) => key)).toEqual(keys);
  });

  test("what is refused is given back, with the reason", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    room.log.failing = true;
    await tab.type("hello");
    const [notSaid, why] = tab.seen.slice(-2);
    expect(notSaid).toBe("Not said: hello");
    expect(why).toMatch(/\.$/);
    expect(tab.words).toEqual([]);
  });

  test("another name is the one to come back under, and the topic is known", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    await tab.type("/topic tea", "/nick Adele");
    expect([tab.visit.topic, tab.visit.name, tab.visit.goal.name]).toEqual(["tea", "Adele", "Adele"]);
    expect(tab.memory.inside?.name).toBe("Adele");
    expect(tab.visit.members).toEqual(["Adele"]);
    const next = await tab.reload();
    expect([next.at, next.visit.name, next.visit.topic]).toEqual(["live", "Adele", "tea"]);
    expect(brief(room.events).filter((event) => event.startsWith("e"))).toEqual(["entered Ada"]);
  });

  test("what was there before is known; what comes while nobody looks is unread", async () => {
    await using room = await testHub();
    await using bob = await room.member("Bob");
    bob.send({ type: "say", text: "before" });
    await bob.until("said");
    using browser = new Browser(room);
    const tab = browser.tab();
    tab.isReading = false;
    await tab.join();
    expect([tab.visit.timeline.unread, tab.words]).toEqual([0, ["before"]]);
    expect(tab.came.flatMap(({ texts }) => texts).join()).not.toContain("before");
    bob.send({ type: "say", text: "hello" }, { type: "whisper", to: "Ada", text: "psst" });
    await bob.until("whisper");
    await tab.type("/msg Bob psst");
    expect([tab.visit.timeline.unread, tab.visit.timeline.mentioned]).toEqual([2, true]);
    expect(tab.came.slice(-3).map(({ unread }) => unread)).toEqual([true, true, true]);
    expect(tab.seen.slice(-4)).toEqual([
      "--- new",
      "Bob: hello",
      "Bob, whispering: psst",
      "You to Bob, whispering: psst",
    ]);
    tab.visit.read();
    expect([tab.visit.timeline.unread, tab.visit.missed]).toEqual([0, 2]);
  });

  test("/history shows it again, without lines for days: they have a place of their own", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    await tab.type("hello");
    await tab.type("/history");
    expect(tab.seen.slice(-3)).toEqual(["Ada: hello", "Ada: hello", "End of the history; this was all of it."]);
    expect(new Set(tab.visit.rows.map(({ key }) => key)).size).toBe(tab.visit.rows.length);
  });
});

describe("a connection that breaks", () => {
  test("is said with the time of the next try, and what was typed meanwhile is said once, in order", async () => {
    await using room = await testHub();
    await using bob = await room.member("Bob");
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    browser.wires.swallows = true;
    await tab.type("one");
    browser.wires.down = true;
    await browser.wires.break();
    const { stage } = tab.visit;
    expect(stage).toMatchObject({ at: "away", why: "The connection broke." });
    expect(stage.at === "away" && stage.nextTryAt).toBeGreaterThan(Date.now());
    await tab.type("two");
    expect(tab.words).toEqual(["one …", "two …"]);
    bob.send({ type: "say", text: "meanwhile" });
    browser.wires.down = browser.wires.swallows = false;
    tab.visit.hurry();
    await browser.settle();
    expect([tab.at, tab.words]).toEqual(["live", ["meanwhile", "one", "two"]]);
    expect(saidIn(room)).toEqual(["said Bob: meanwhile", "said Ada: one", "said Ada: two"]);
  });

  test("before the echo came doubles nothing", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    room.log.hold();
    await tab.type("one");
    await browser.wires.break();
    room.log.release();
    await browser.pass(RETRY_MS);
    expect([tab.at, tab.words, saidIn(room)]).toEqual(["live", ["one"], ["said Ada: one"]]);
  });
});

describe("a reload", () => {
  test("says again, under the same mark, what nobody knows to have been said", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    tab.visit.draft = "half a";
    room.log.hold();
    await tab.type("heard");
    browser.wires.swallows = true;
    await tab.type("/me swallowed");
    room.log.release();
    await browser.wires.break();
    browser.wires.swallows = false;
    const next = await tab.reload();
    expect([next.at, next.visit.draft]).toEqual(["live", "half a"]);
    expect(next.words).toEqual(["heard", "* Ada swallowed"]);
    expect(brief(room.events)).toEqual(["entered Ada", "said Ada: heard", "said Ada: swallowed"]);
    expect(next.memory.visit?.unsent).toEqual(tab.memory.visit?.unsent ?? []);
  });

  test("into a room that is away keeps the words until somebody is in to say them", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    browser.wires.swallows = browser.wires.down = true;
    await tab.type("one");
    const next = await tab.reload();
    expect(next.visit.stage).toMatchObject({ at: "form", about: "place" });
    const again = await next.reload();
    expect(again.at).toBe("form");
    browser.wires.swallows = browser.wires.down = false;
    await again.join();
    expect([again.at, again.words, saidIn(room)]).toEqual(["live", ["one"], ["said Ada: one"]]);
  });

  test("under another name says nothing again, and shows what was not said", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    browser.wires.swallows = browser.wires.down = true;
    await tab.type("one");
    const next = await tab.reload();
    browser.wires.swallows = browser.wires.down = false;
    await next.join({ ...ADA, name: "Adele" });
    expect([next.at, next.words, saidIn(room)]).toEqual(["live", [], []]);
    expect(next.seen.at(-1)).toBe("Not said: one");
    expect(next.memory.visit?.unsent).toEqual([]);
    next.visit.leave();
    await browser.settle();
    await next.join({ ...ADA, name: "Adelheid" });
    expect(next.seen.filter((line) => line.startsWith("Not said"))).toHaveLength(1);
  });

  test("after a crash, in which the page could say nothing more, loses no words either", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    browser.wires.swallows = true;
    await tab.type("one");
    browser.wires.swallows = false;
    room.log.hold();
    const next = await tab.crash();
    expect(next.words).toEqual(["one …"]);
    const third = await next.crash();
    room.log.release();
    await browser.settle();
    expect([third.words, saidIn(room)]).toEqual([["one"], ["said Ada: one"]]);
  });

  test("of a new tab goes on where the browser was, and the old one is told once and does not fight", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const first = await browser.tab().join();
    const second = browser.tab();
    second.visit.resume();
    await browser.settle();
    expect([second.at, second.visit.name]).toEqual(["live", "Ada"]);
    expect(first.visit.stage).toMatchObject({ at: "over", code: "replaced" });
    expect([first.memory.visit, first.memory.inside]).toEqual([undefined, ADA]);
    const { dials } = browser.wires;
    await browser.pass(RETRY_MS);
    expect(browser.wires.dials).toBe(dials);
    await first.join(first.visit.goal);
    expect([first.at, second.at]).toEqual(["live", "over"]);
    expect(brief(room.events)).toEqual(["entered Ada"]);
  });
});

describe("the end", () => {
  test("by kicking says why, is not forgotten by a reload, and one may join again", async () => {
    await using room = await testHub();
    await using host = await peer(room.dialHost, "host");
    await host.join("Host");
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    host.send({ type: "kick", name: "Ada", text: "too loud" });
    await host.until("exited");
    await browser.settle();
    expect(tab.visit.stage).toEqual({ at: "over", code: "kicked", text: "You were kicked by Host: too loud" });
    expect([tab.memory.visit, tab.memory.inside]).toEqual([undefined, undefined]);
    const reloaded = browser.tab(tab.session);
    reloaded.visit.resume();
    expect(reloaded.at).toBe("form");
    await tab.join(tab.visit.goal);
    expect([tab.at, tab.visit.wasIn]).toEqual(["live", true]);
    await tab.type("sorry");
    expect(tab.words).toEqual(["sorry"]);
    expect(tab.seen).toContain("Ada was kicked by Host: too loud");
  });

  test("by leaving leads back to the form, for a reload too, and others hear it", async () => {
    await using room = await testHub();
    await using bob = await room.member("Bob");
    using browser = new Browser(room);
    for (const leave of [(tab: Tab) => tab.visit.leave(), (tab: Tab) => tab.visit.submit("/quit")]) {
      const tab = await browser.tab().join();
      leave(tab);
      expect(await bob.until("exited")).toMatchObject({ name: "Ada", why: "left" });
      await browser.settle();
      expect(tab.visit.stage).toEqual({ at: "form" });
      expect([tab.memory.visit, tab.memory.inside, tab.memory.last]).toEqual([undefined, undefined, ADA]);
      expect((await tab.reload()).at).toBe("form");
    }
  });

  test("while the room is away gives back what was not said", async () => {
    await using room = await testHub();
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    browser.wires.down = true;
    await browser.wires.break();
    await tab.type("one", "/msg Bob two");
    tab.visit.leave();
    expect(tab.visit.stage).toEqual({ at: "form" });
    expect(tab.seen.slice(-2)).toEqual(["Not said: one", "Not whispered to Bob: two"]);
    expect(tab.words).toEqual([]);
  });
});

describe("older messages", () => {
  test("come page by page, each once, until there are no more", async () => {
    await using room = await testHub({ rate: undefined });
    await talk(room, 500);
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    expect(tab.words).toEqual(numbers(501 - HISTORY_PAGE, 500));
    for (const oldest of [251, 51, 1]) {
      tab.visit.fetchOlder();
      // Asked again while it is under way.
      tab.visit.fetchOlder();
      await browser.settle();
      expect(tab.words).toEqual(numbers(oldest, 500));
    }
    const asked = browser.wires.sent.length;
    tab.visit.fetchOlder();
    expect(browser.wires.sent).toHaveLength(asked);
    expect(new Set(tab.visit.rows.map(({ key }) => key)).size).toBe(tab.visit.rows.length);
    expect(tab.visit.timeline.unread).toBe(0);
  });

  test("that were asked for when the connection broke are asked for once more, and come once", async () => {
    await using room = await testHub({ rate: undefined });
    await talk(room, 100);
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    browser.wires.swallows = true;
    tab.visit.fetchOlder();
    await browser.wires.break();
    expect(tab.at).toBe("away");
    browser.wires.swallows = false;
    await browser.pass(RETRY_MS);
    expect([tab.at, tab.words]).toEqual(["live", numbers(51, 100)]);
    tab.visit.fetchOlder();
    await browser.settle();
    expect(tab.words).toEqual(numbers(1, 100));
    expect(tab.seen.join()).not.toContain("ask again");
  });

  test("that were wanted while the room was away come when it is back", async () => {
    await using room = await testHub({ rate: undefined });
    await talk(room, 100);
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    await browser.wires.break();
    tab.visit.fetchOlder();
    await browser.pass(RETRY_MS);
    expect([tab.at, tab.words]).toEqual(["live", numbers(1, 100)]);
  });

  test("in a room of one page are none", async () => {
    await using room = await testHub({ rate: undefined });
    await talk(room, 3);
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    tab.visit.fetchOlder();
    await browser.settle();
    const asked = browser.wires.sent.length;
    tab.visit.fetchOlder();
    expect([browser.wires.sent.length, tab.words]).toEqual([asked, numbers(1, 3)]);
  });

  test("that a server sends once more are not shown once more, and no more are asked for", async () => {
    await using room = await testHub({ rate: undefined });
    await talk(room, 60);
    using browser = new Browser(room);
    // It answers with what is the newest, whatever it is asked.
    const { dial } = browser.wires;
    browser.wires.dial = async (receiver) => {
      const wire = await dial(receiver);
      return {
        ...forwarded(wire),
        send: (bytes) =>
          wire.send(
            Buffer.from(
              Buffer.from(bytes)
                .toString()
                .replace(/,"before":\d+/, ""),
            ),
          ),
      };
    };
    const tab = await browser.tab().join();
    tab.visit.fetchOlder();
    await browser.settle();
    expect(tab.words).toEqual(numbers(1, 60));
    const asked = browser.wires.sent.length;
    tab.visit.fetchOlder();
    expect(browser.wires.sent).toHaveLength(asked);
  });

  test("are not asked of another log, whose numbers mean something else", async () => {
    await using room = await testHub({ rate: undefined });
    await using other = await testHub({ rate: undefined });
    await talk(room, 100);
    await talk(other, 200);
    using browser = new Browser(room);
    const tab = await browser.tab().join();
    tab.visit.fetchOlder();
    browser.wires.dial = other.dial;
    await browser.wires.break();
    await browser.pass(RETRY_MS);
    expect(tab.at).toBe("live");
    const { seen } = tab;
    expect(seen.find((line) => line.includes("lost its history"))).toBeDefined();
    expect(tab.words).toEqual([...numbers(51, 100), ...numbers(151, 200)]);
    tab.visit.fetchOlder();
    await browser.settle();
    expect(tab.seen).toEqual(seen);
    expect(new Set(tab.visit.rows.map(({ key }) => key)).size).toBe(tab.visit.rows.length);
  });
});

test("somebody else who proves to be me takes the place, and this browser may take it back", async () => {
  await using room = await testHub();
  using browser = new Browser(room);
  const tab = await browser.tab().join();
  await using elsewhere = await peer(room.dial, "elsewhere");
  await elsewhere.join("Ada", { token: tab.memory.tokenFor(ADA) });
  await browser.settle();
  expect([tab.visit.stage, tab.memory.inside]).toMatchObject([{ at: "over", code: "replaced" }, ADA]);
});

test("a newer link to the same place leads there by its own pin, and the room stays", async () => {
  await using room = await testHub();
  using browser = new Browser(room);
  const pins: (string | undefined)[] = [];
  const tab = browser.tab(undefined, ({ pin }) => {
    pins.push(pin);
    return browser.wires.wire;
  });
  const goal = { server: "one", port: "3001", name: "Ada" };
  await tab.join({ ...goal, pin: "old" });
  await tab.type("hello");
  tab.visit.leave();
  await browser.settle();
  await tab.join({ ...goal, pin: "new" });
  expect([pins, tab.words]).toEqual([["old", "new"], ["hello"]]);
  tab.visit.leave();
  await browser.settle();
});

test("another place is another room: nothing of the first one is seen there", async () => {
  await using room = await testHub();
  await using other = await testHub();
  using browser = new Browser(room);
  const dialled: string[] = [];
  const tab = browser.tab(undefined, ({ server }) => {
    dialled.push(server);
    return server === "other" ? other.dial : browser.wires.wire;
  });
  await tab.join({ server: "one", port: "3001", name: "Ada" });
  await tab.type("/topic tea", "hello");
  tab.visit.leave();
  await browser.settle();
  void tab.visit.join({ server: "other", port: "3001", name: "Ada" });
  // Until its server has said yes, there is no room to look at.
  expect([tab.visit.wasIn, tab.seen, tab.visit.topic]).toEqual([false, [], ""]);
  await browser.settle();
  expect([tab.at, tab.words, tab.visit.topic, dialled]).toEqual(["live", [], "", ["one", "other"]]);
  await tab.type("here");
  expect([saidIn(room), saidIn(other)]).toEqual([["said Ada: hello"], ["said Ada: here"]]);
  tab.visit.leave();
  await browser.settle();
});

test("in another time zone the same is there, on other days", async () => {
  await using room = await testHub();
  using browser = new Browser(room);
  const tab = await browser.tab().join();
  await tab.type("hello");
  const { seen } = tab;
  tab.visit.moved();
  expect(tab.seen).toEqual(seen);
});

describe("a browser with a key", () => {
  async function withKey(room: TestHub): Promise<Browser> {
    const browser = new Browser(room);
    browser.signer = await testSigner();
    return browser;
  }

  async function hostOf(room: TestHub) {
    const host = await peer(room.dialHost, "Host");
    await host.join("Host");
    return host;
  }

  test("is known by it, in the list of members too, and its name is nobody else's", async () => {
    await using room = await testHub();
    using browser = await withKey(room);
    const tab = await browser.tab().join();
    await room.member("Guest");
    await browser.settle();
    expect([tab.visit.members, [...tab.visit.verified]]).toEqual([["Ada", "Guest"], ["Ada"]]);
    tab.visit.leave();
    await browser.settle();
    using other = await withKey(room);
    const thief = await other.tab().join();
    expect(thief.visit.stage).toMatchObject({
      at: "form",
      about: "owner",
      problem: expect.stringContaining("somebody else's name"),
    });
  });

  test("takes a code from another device for a name that is its owner's, and says which field is wrong", async () => {
    await using room = await testHub();
    using first = await withKey(room);
    const one = await first.tab().join();
    await one.type("/link");
    const [, code = ""] = /--link (\S+)/.exec(one.seen.join(" "))!;
    using second = await withKey(room);
    const two = second.tab();
    two.visit.link = "wrong";
    await two.join();
    expect(two.visit.stage).toMatchObject({ at: "form", about: "link" });
    // It does not go along with another name.
    expect(two.visit.link).toBeUndefined();
    two.visit.link = code;
    await two.join();
    expect([two.at, [...two.visit.verified]]).toEqual(["live", ["Ada"]]);
    expect(two.visit.link).toBeUndefined();
  });

  test("is let into a private room by an invitation, which a reload keeps", async () => {
    await using room = await testHub({ isPrivate: true });
    using browser = await withKey(room);
    const tab = await browser.tab().join();
    expect(tab.visit.stage).toMatchObject({ at: "form", about: "invite" });
    tab.visit.invite = "wrong";
    await tab.join();
    expect(tab.visit.stage).toMatchObject({ at: "form", about: "invite" });
    const host = await hostOf(room);
    host.send({ type: "invite" });
    tab.visit.invite = String((await host.until("invitation"))["secret"]);
    const reloaded = await tab.reload();
    await reloaded.join();
    expect(reloaded.at).toBe("live");
    // Who was let in once is known by the key.
    const another = await browser.tab().join();
    expect([another.at, another.visit.invite]).toEqual(["live", undefined]);
  });

  test("comes in with an invitation also where nothing can be kept", async () => {
    await using room = await testHub({ isPrivate: true });
    using browser = await withKey(room);
    const host = await hostOf(room);
    host.send({ type: "invite" });
    const invite = String((await host.until("invitation"))["secret"]);
    const session = new TestShelf();
    session.forbidden = browser.storage.forbidden = true;
    const tab = browser.tab(session);
    tab.visit.invite = invite;
    await tab.join();
    expect(tab.at).toBe("live");
  });

  test("knows what its reader may do, and makes links of invitations", async () => {
    await using room = await testHub();
    using browser = await withKey(room);
    const tab = await browser.tab().join();
    expect(tab.visit.role).toBeUndefined();
    const host = await hostOf(room);
    host.send({ type: "op", name: "Ada" });
    await browser.settle();
    expect(tab.visit.role).toBe("operator");
    await tab.type("/invite");
    expect(tab.seen.at(-1)).toMatch(/^ {2}http:\/\/here\/#invite=[\w-]{22}$/);
  });

  test("shows nothing any more of what was withdrawn, now and after a way back", async () => {
    await using room = await testHub();
    using browser = await withKey(room);
    const tab = await browser.tab().join();
    const host = await hostOf(room);
    const bob = await room.member("Bob");
    bob.send({ type: "say", text: "spam" });
    host.send({ type: "say", text: "Hm." });
    await host.until("said");
    await browser.settle();
    expect(tab.words).toContain("spam");
    host.send({ type: "purge", name: "Bob" });
    await host.until("moderated");
    await browser.settle();
    expect(tab.words).toEqual(["Hm."]);
    expect(tab.seen.at(-1)).toBe("Host withdrew what Bob said lately.");
    bob.send({ type: "say", text: "more spam" });
    await bob.until("said");
    await browser.settle();
    await browser.wires.break();
    host.send({ type: "purge", name: "Bob" });
    await host.until("moderated");
    await browser.pass(RETRY_MS);
    expect(tab.words).toEqual(["Hm."]);
    host.send({ type: "undo" });
    await host.until("moderated");
    await browser.settle();
    expect(tab.seen.at(-1)).toBe("Host took that back: what Bob said is back in the history.");
  });

  test("that was banned is told why, and is not let in by coming again", async () => {
    await using room = await testHub();
    using browser = await withKey(room);
    const tab = await browser.tab().join();
    const host = await hostOf(room);
    host.send({ type: "ban", name: "Ada", text: "spam" });
    await host.until("exited");
    await browser.settle();
    expect(tab.visit.stage).toEqual({ at: "over", code: "banned", text: "You were banned by Host: spam" });
    await tab.join();
    expect(tab.visit.stage).toMatchObject({ at: "form", problem: "You are banned by Host: spam" });
  });
});
