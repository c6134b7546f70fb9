// The page shuts nobody out, in whatever state it is: not who sees little or no colour, has no mouse, hears it, enlarges it or wants no motion.
import { expect } from "bun:test";
import { Unreachable } from "../../lib/transport/connection.ts";
import { listenWebSocket } from "../../lib/transport/listen-websocket.ts";
import { openGui } from "../../lib/web/gui.ts";
import { axeProblems } from "../support/axe.ts";
import { browserTest, visit, type VisitOptions } from "../support/browser.ts";
import type { Visitor } from "../support/visitor.ts";
import { ScriptedRoom } from "./scripted-room.ts";

const WIDE = { width: 1_100, height: 700 };
const PHONE = { width: 360, height: 640 };

/**
 * axe lets the keyboard scroll a list from the field that it belongs to where that is a combobox, which a field of several
 * lines may not be called. Here the arrows do it, as is tested.
 */
const SUGGESTIONS =
  /^serious scrollable-region-focusable: [^\n]+\n {2}\S+  <ul class="suggestions" [^\n]+(\n {4}[^\n]+)*$/;

/** Nobody is shut out, in the light and in the dark. */
async function expectOpen(ada: Visitor, state: string): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await ada.page.emulateMedia({ colorScheme });
    const problems = (await axeProblems(ada.page)).filter((problem) => !SUGGESTIONS.test(problem));
    if (problems.length > 0) throw new Error(`${state}, ${colorScheme}:\n${problems.join("\n")}`);
  }
  const more = await ada.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(`${state}: ${more} px too wide`).toBe(`${state}: 0 px too wide`);
}

/** … nor on a phone, where the page looks another way; and then it is as it was. */
async function expectOpenEverywhere(ada: Visitor, state: string): Promise<void> {
  await expectOpen(ada, state);
  await ada.page.setViewportSize(PHONE);
  await expectOpen(ada, `${state}, on a phone`);
  await ada.page.setViewportSize(WIDE);
}

async function join(ada: Visitor, name = "Ada"): Promise<void> {
  await ada.page.getByRole("textbox", { name: /name/i }).fill(name);
  await ada.page.keyboard.press("Enter");
}

async function enter(room: ScriptedRoom, options: VisitOptions = WIDE): Promise<Visitor> {
  const ada = await visit({ url: room.url, ...options });
  await join(ada);
  await ada.sees(field(ada));
  return ada;
}

function field({ page }: Visitor) {
  return page.getByRole("textbox", { name: /message/i });
}

async function type(ada: Visitor, ...lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    await field(ada).fill(line);
    await field(ada).press("Enter");
  }
}

/** Whether one thing is in sight in another that scrolls. */
function isInside(ada: Visitor, outer: string, inner: string): Promise<boolean> {
  return ada.page.evaluate(
    ([outer, inner]) => {
      const [around, within] = [outer, inner].map((one) => document.querySelector(one!)!.getBoundingClientRect());
      return within!.top >= around!.top - 1 && within!.bottom <= around!.bottom + 1;
    },
    [outer, inner],
  );
}

/** What has the focus, as people hear of it; the width of the ring around it; and whether it is in sight. */
function focused(ada: Visitor): Promise<{ name: string; ring: number; seen: boolean }> {
  return ada.page.evaluate(() => {
    const element = document.activeElement!;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
    const { top, bottom, left, right, width, height } = element.getBoundingClientRect();
    const label = element.getAttribute("aria-label") ?? element.id;
    const hasRing = outlineStyle !== "none" && !/, 0\)|transparent/.test(outlineColor);
    return {
      name: element === document.body ? "nothing" : label || element.textContent.trim(),
      ring: hasRing ? Number.parseFloat(outlineWidth) : 0,
      seen: width > 0 && height > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
    };
  });
}

/** Walks once through all that the keyboard reaches. */
async function tabThrough(ada: Visitor): Promise<readonly string[]> {
  const names: string[] = [];
  let walks = 0;
  for (let steps = 0; steps < 80; steps++) {
    await ada.page.keyboard.press("Tab");
    const { name, ring, seen } = await focused(ada);
    // Behind the last thing on the page the browser's own come, and then the page's first.
    if (name === "nothing" && ++walks === 2) return names;
    if (name === "nothing" || walks === 0) continue;
    expect({ name, hasRing: ring > 0, seen }).toEqual({ name, hasRing: true, seen: true });
    names.push(name);
  }
  throw new Error(`The keyboard is caught: ${names.join(", ")}`);
}

/** All that can be said and happen, and a line that waits for its echo. */
function fillRoom(room: ScriptedRoom): void {
  room.now = Date.now() - 86_400_000;
  room.tell(room.event({ type: "said", from: "Bob", text: "This was yesterday." }));
  room.now = Date.now() - 60_000;
  const { tell, event } = { tell: room.tell.bind(room), event: room.event.bind(room) };
  for (const text of [
    "See https://example.org/path and mail@example.org",
    "Run `bun test`, or:\n```\nbun run check\n```",
    "Ada: is it @ada or Ada?",
    "שלום, مرحبا, 你好",
  ])
    tell(event({ type: "said", from: "Bob", text }));
  tell(event({ type: "said", from: "Zoë", text: "waves", action: true }));
  tell({ type: "whisper", from: "Bob", to: "Ada", text: "between us", at: new Date().toISOString() });
  tell(event({ type: "entered", name: "Cy" }), event({ type: "topic", by: "Cy", text: "What we do next week" }));
  for (const name of ["Dan", "Eve", "Finn", "Gus"]) tell(event({ type: "entered", name }));
  tell({ type: "refused", code: "no", text: "That cannot be." });
}

browserTest("the form, empty, with a problem and while it waits", async () => {
  await using room = new ScriptedRoom();
  const ada = await visit({ url: room.url, ...WIDE });
  await expectOpenEverywhere(ada, "empty");
  await join(ada, "no name");
  await ada.sees("A name holds");
  expect((await focused(ada)).name).toBe("join-name");
  await expectOpenEverywhere(ada, "with a problem");
  expect(await tabThrough(ada)).toEqual(["join-name", "Join"]);
  // Enlarged to twice its size, all of it can be reached.
  await ada.page.setViewportSize({ width: 550, height: 350 });
  await ada.page.getByRole("button", { name: "Join" }).click({ trial: true });
  await ada.page.getByRole("heading").scrollIntoViewIfNeeded();
  await ada.page.setViewportSize(WIDE);
  const refused = (code: string, text: string) => [{ type: "refused", code, text }];
  room.script.join = () => refused("name-owned", "Ada is somebody else's name; try another one.");
  await join(ada);
  await ada.sees("somebody else's name");
  await expectOpenEverywhere(ada, "with a field for a code");
  expect(await tabThrough(ada)).toEqual(["join-name", "join-link", "Join"]);
  room.script.join = () => refused("invite-needed", "This room is private.");
  await join(ada);
  await ada.sees("This room is private.");
  await ada.until(() => document.activeElement?.id === "join-invite", undefined, "The field is not ready to type into");
  await expectOpenEverywhere(ada, "with a field for an invitation");
  room.script.join = () => [];
  await ada.page.getByRole("textbox", { name: "Invitation" }).fill("made-up");
  await ada.page.keyboard.press("Enter");
  await ada.sees("Connecting…");
  await expectOpenEverywhere(ada, "joining");
  room.tell({ type: "refused", code: "name-taken", text: "Ada is taken." });
  await ada.sees("Ada is taken.");
  // Whoever is asked again may type at once.
  await ada.until(() => document.activeElement?.id === "join-name", undefined, "The field is not ready to type into");
});

browserTest("the form of chat --gui", async () => {
  const gui = openGui({
    form: { connect: false },
    lingerMs: 0,
    listen: (site, accept) =>
      listenWebSocket({ hostname: "127.0.0.1", port: 0 }, site, accept, (error) => {
        throw error;
      }),
    dialTo: () => () => Promise.reject(new Unreachable("Nobody answers there.")),
    standingOf: () => undefined,
    tokenOf: () => undefined,
    entered: () => {},
    left: () => {},
  });
  await using _ = { [Symbol.asyncDispose]: () => gui.close() };
  await using ada = await visit({ url: gui.address, ...WIDE });
  await expectOpenEverywhere(ada, "empty");
  expect(await tabThrough(ada)).toEqual(["join-server", "join-port", "join-name", "Connect"]);
  await ada.page.getByRole("textbox", { name: "Username" }).fill("Ada");
  await ada.page.keyboard.press("Enter");
  await ada.sees("Nobody answers there.");
  await expectOpenEverywhere(ada, "with a problem");
});

browserTest("the room, with all that is said and happens in it", async () => {
  await using room = new ScriptedRoom();
  room.script.join = ({ name }) => [room.welcome({ name, role: "operator" })];
  const ada = await enter(room);
  const { page } = ada;
  fillRoom(room);
  await type(ada, "My own words with `code`", "/nonsense", "/help");
  room.script.say = () => [];
  await type(ada, "Words that wait");
  await ada.sees("sending…");
  await expectOpenEverywhere(ada, "the talk's end");
  await page.locator(".list").press("Home");
  await ada.sees("This was yesterday.");
  await page.getByRole("button", { name: "Show all 4" }).click();
  await expectOpenEverywhere(ada, "its beginning");
  await page.emulateMedia({ forcedColors: "active" });
  // axe asks for a colour that Chromium tells without having forced it: contrast is the reader's own here.
  const forced = await axeProblems(page);
  expect(forced.filter((problem) => !problem.includes("color-contrast"))).toEqual([]);
  await page.emulateMedia({ forcedColors: "none" });

  // Somebody speaks while the reader reads what was before.
  await page.setViewportSize({ width: 1_100, height: 350 });
  await page.locator(".list").press("Home");
  room.tell(room.event({ type: "said", from: "Bob", text: "Are you there?" }));
  await ada.sees(/1 new/);
  await expectOpen(ada, "with something new");
  await page.locator(".pill").click();
  await ada.sees("Are you there?");
  await page.setViewportSize(WIDE);
  await ada.sees(page.locator(".unread-mark"));
  await expectOpenEverywhere(ada, "with the mark of what is new");
});

browserTest("what opens above the room, and closes with Escape", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room);
  const { page } = ada;
  fillRoom(room);
  for (const typed of ["/", "@", ":sm"]) {
    await field(ada).fill(typed);
    await ada.sees(page.getByRole("listbox"));
    await (typed === "/" ? expectOpenEverywhere : expectOpen)(ada, `suggestions after ${typed}`);
    await field(ada).press("ArrowUp");
    await field(ada).press("ArrowUp");
    await ada.sees(page.getByRole("option", { selected: true }));
    expect(await isInside(ada, ".suggestions", "[aria-selected=true]")).toBeTrue();
    await field(ada).press("Escape");
    await ada.seesNo(page.getByRole("listbox"));
    expect((await focused(ada)).name).toBe("Message to lobby");
    // What was sent away for one word comes for the next.
    await field(ada).fill("");
  }

  const settings = page.getByRole("button", { name: "Settings" });
  await settings.click();
  await ada.sees(page.getByRole("button", { name: "Disconnect" }));
  await expectOpenEverywhere(ada, "settings");
  await page.keyboard.press("Escape");
  await ada.seesNo(page.getByRole("button", { name: "Disconnect" }));
  expect((await focused(ada)).name).toBe("Settings");
});

browserTest("the members on a phone, in a drawer that gives the keyboard back", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room, { ...PHONE, touch: true });
  const { page } = ada;
  await expectOpen(ada, "the room under a finger");
  const opener = page.getByRole("button", { name: /^Members/ });
  const drawer = page.getByRole("dialog", { name: "Members" });
  const ways = {
    Escape: () => page.keyboard.press("Escape"),
    "the cross": () => drawer.getByRole("button", { name: /close/i }).tap(),
    "a finger beside it": () => page.touchscreen.tap(PHONE.width - 5, PHONE.height / 2),
  };
  for (const [way, close] of Object.entries(ways)) {
    await opener.focus();
    await page.keyboard.press("Enter");
    await ada.sees(drawer);
    if (way === "Escape") await expectOpen(ada, "the drawer");
    await close();
    await ada.seesNo(drawer);
    expect(`${way}: ${(await focused(ada)).name}`).toBe(`${way}: ${await opener.getAttribute("aria-label")}`);
  }
  await opener.tap();
  await drawer.getByRole("button", { name: "Bob" }).tap();
  await ada.seesNo(drawer);
  expect(await field(ada).inputValue()).toBe("/msg Bob ");
  expect((await focused(ada)).name).toBe("Message to lobby");
});

browserTest("away, and over", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room);
  const { page } = ada;
  room.script.say = () => [];
  await type(ada, "Words that wait");
  room.dismiss("full", "The room is full.", { retry_ms: 60_000 });
  await ada.sees(page.getByRole("button", { name: "Try now" }));
  await expectOpenEverywhere(ada, "away");
  room.script.join = () => [{ type: "bye", code: "kicked", text: "Bob has put you out: enough." }];
  await page.getByRole("button", { name: "Try now" }).click();
  await ada.sees("enough.");
  await expectOpenEverywhere(ada, "kicked");
  room.script.join = () => [room.welcome(), { type: "bye", code: "replaced", text: "You are elsewhere." }];
  await page.getByRole("button", { name: "Join again" }).click();
  await ada.sees(page.getByRole("button", { name: "Continue here" }));
  await expectOpenEverywhere(ada, "replaced");
  room.script.join = () => [room.welcome(), { type: "bye", code: "full", text: "Wait.", retry_ms: 60_000 }];
  const joined = room.joined();
  await page.getByRole("button", { name: "Continue here" }).click();
  await joined;
  room.script.join = () => [room.welcome({ protocol: 2 })];
  await page.getByRole("button", { name: "Try now" }).click();
  await ada.sees(page.getByRole("button", { name: "Reload" }));
  await expectOpenEverywhere(ada, "too new");
});

browserTest("the keyboard reaches all there is, from the top to the bottom, and shows where it is", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room, { ...WIDE, reducedMotion: true });
  const { page } = ada;
  fillRoom(room);
  await ada.sees("That cannot be.");
  const names = await tabThrough(ada);
  const first = "What we do next week|Settings|Bob ✓|Cy|Dan|Eve|Finn|Gus|What was said in lobby".split("|");
  expect(names.filter((name) => !/^B$/.test(name)).slice(0, first.length)).toEqual(first);
  expect(names.slice(first.length)).toEqual([
    "https://example.org/path",
    "mail@example.org",
    "Show all 4",
    "Message to lobby",
    "Send",
  ]);
  // Nothing moves for those who want no motion, whatever is opened or waits.
  room.script.say = () => [];
  await type(ada, "Words that wait");
  await page.getByRole("button", { name: "Settings" }).click();
  await field(ada).fill("/");
  await ada.sees(page.getByRole("listbox"));
  const moving = await page.evaluate(() => {
    const seconds = (list: string) => Math.max(...list.split(",").map((time) => Number.parseFloat(time)));
    const elements = [...document.querySelectorAll("*")].filter((element) => {
      const { transitionDuration, animationDuration, animationName, scrollBehavior } = getComputedStyle(element);
      const animates = animationName !== "none" && seconds(animationDuration) > 0.01;
      return seconds(transitionDuration) > 0.01 || animates || scrollBehavior === "smooth";
    });
    return [...elements.map(({ className }) => className), ...document.getAnimations().map(({ id }) => id)];
  });
  expect(moving).toEqual([]);
});

browserTest("enlarged to twice its size, the room can be read and written in", async () => {
  await using room = new ScriptedRoom();
  const ada = await enter(room, { width: 550, height: 350, scale: 2 });
  const { page } = ada;
  fillRoom(room);
  await type(ada, "My own words");
  await ada.sees(page.locator(".talk.own", { hasText: "My own words" }));
  await expectOpen(ada, "the room at 200 %");
  const list = (await page.locator(".list").boundingBox())!;
  expect(list.height).toBeGreaterThan(130);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Disconnect" }).click({ trial: true });
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Members/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Bob" }).click();
  expect(await field(ada).inputValue()).toBe("/msg Bob ");
  room.dismiss("full", "The room is full at the moment, as it often is.", { retry_ms: 60_000 });
  await page.getByRole("button", { name: "Try now" }).click({ trial: true });
  expect((await page.locator(".list").boundingBox())!.height).toBeGreaterThan(80);
  await field(ada).click({ trial: true });
});

browserTest("what others say is announced once, a burst as a number, and what was before not at all", async () => {
  await using room = new ScriptedRoom();
  const older = Array.from({ length: 60 }, (_, index) =>
    room.event({ type: "said", from: "Bob", text: `before ${index}` }),
  );
  const newest = older.splice(-20);
  room.script.join = ({ name }) => [room.welcome({ name }), ...newest];
  room.script.history = ({ re }) => [{ type: "history", events: older, more: false, re }];
  const ada = await visit({ url: room.url, ...WIDE, height: 500 });
  await ada.page.evaluate(() => {
    const region = document.querySelector("#announcements")!;
    const told: string[] = ((globalThis as Told).told = []);
    new MutationObserver(() => told.push(region.textContent)).observe(region, { childList: true, characterData: true });
  });
  type Told = typeof globalThis & { told: string[] };
  const told = () => ada.page.evaluate(() => (globalThis as Told).told);
  const until = (text: string) =>
    ada.until((text) => (globalThis as Told).told.at(-1)?.includes(text), text, `${text} was not announced`);
  await join(ada);
  await ada.sees("before 59");
  expect(await ada.page.locator("#announcements").getAttribute("aria-live")).toBe("polite");
  room.tell(room.event({ type: "said", from: "Bob", text: "hello" }));
  await until("Bob: hello");
  await type(ada, "My own words");
  await ada.sees(ada.page.locator(".talk.own:not(.pending)"));
  room.tell(
    ...Array.from({ length: 30 }, (_, index) => room.event({ type: "said", from: "Bob", text: `burst ${index}` })),
  );
  await until("30 new");
  await ada.page.locator(".list").press("Home");
  await ada.sees("before 0");
  room.tell(room.event({ type: "said", from: "Bob", text: "the end" }));
  await until("the end");
  const all = (await told()).join("\n");
  for (const [text, times] of [
    ["Bob: hello", 1],
    ["30 new lines.", 1],
    ["Bob: the end", 1],
    ["before", 0],
    ["burst", 0],
    ["own words", 0],
  ] as const)
    expect([text, all.split(text).length - 1]).toEqual([text, times]);
});
