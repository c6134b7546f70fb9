// Whatever is written, by whomever and in whatever field, is text on the page: no script, no element, no way out.
import { expect, test } from "bun:test";
import { SHOWN_NAME_MAX } from "../../lib/protocol/limits.ts";
import { ACTS } from "../../lib/protocol/moderation.ts";
import { scrub } from "../../lib/protocol/text.ts";
import { browserTest, visit } from "../support/browser.ts";
import { testHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";
import type { Visitor } from "../support/visitor.ts";
import { PAYLOADS } from "./payloads.ts";
import { openPage, ScriptedRoom } from "./scripted-room.ts";

/** High enough that a batch of rows is on the page as a whole. */
const TALL = { width: 1_100, height: 8_000 };
const BATCH = 34;
const ALL = PAYLOADS.join(" ");

/** What people see of a text that an honest room has kept. */
function kept(text: string): string {
  return scrub(text).replaceAll("\t", "    ");
}

/** What they see of one that nobody has cleaned: a browser knows no escape sequences, and leaves their letters. */
function shown(text: string): string {
  return kept(text.replaceAll("\x1b", ""));
}

/** Nobody is called like a page full. */
function shownName(text: string): string {
  const name = scrub(text.slice(0, SHOWN_NAME_MAX).replaceAll("\x1b", "")).replace(/[\n\t]/g, " ");
  return text.length > SHOWN_NAME_MAX ? `${name}…` : name;
}

/** The backticks of code are not shown, nor are the line ends beside a block. */
function withoutCode(text: string): string {
  return text.includes("```") ? text.replaceAll(/[`\n]/g, "") : text.replaceAll("`", "");
}

/** A page that has been told nothing yet, and all that it does. */
class Watched {
  readonly visitor: Visitor;
  readonly #url: string;
  readonly #strange: string[] = [];
  #arrivals = 0;

  private constructor(visitor: Visitor, url: string) {
    this.visitor = visitor;
    this.#url = url;
  }

  static async at(url: string): Promise<Watched> {
    const visitor = await visit(TALL);
    const watched = new Watched(visitor, url);
    const { page } = visitor;
    page.context().on("request", (request) => {
      if (!request.url().startsWith(url)) watched.#strange.push(`a request for ${request.url()}`);
    });
    page.on("websocket", (socket) => {
      if (!socket.url().startsWith(url.replace("http", "ws"))) watched.#strange.push(`a wire to ${socket.url()}`);
    });
    page.on("framenavigated", (frame) => {
      if (watched.#arrivals++ > 0) watched.#strange.push(`${frame.url()} was opened`);
    });
    page.context().on("page", (opened) => {
      if (opened !== page) watched.#strange.push(`${opened.url()} was opened beside it`);
    });
    await page.goto(url);
    return watched;
  }

  async join(name: string): Promise<void> {
    const { page } = this.visitor;
    await page.getByRole("textbox", { name: /name/i }).fill(name);
    await page.keyboard.press("Enter");
    await this.visitor.sees(page.getByRole("textbox", { name: /message/i }));
  }

  /** Nothing happened but what the page's own code does, and nothing stands there but what it makes. */
  async expectHarmless(): Promise<void> {
    const strange = await this.visitor.page.evaluate(strangeThings);
    expect([...this.#strange, ...strange]).toEqual([]);
    expect(this.visitor.page.url()).toBe(this.#url);
    expect(this.visitor.problems).toEqual([]);
  }

  /** Waits for the last of `texts` where `selector` is, and compares as many as there are. */
  async expectShown(selector: string, texts: readonly string[]): Promise<void> {
    const given = { selector, last: texts.at(-1)! };
    const isThere = ({ selector, last }: typeof given) => {
      const element = [...document.querySelectorAll(selector)].at(-1);
      const text = element?.textContent ?? "";
      return text === last || (last.includes("`") && text === last.replaceAll(/[`\n]/g, ""));
    };
    await this.visitor.until(isThere, given, `The last ${selector} is not ${given.last.slice(0, 200)}`);
    const found = await this.visitor.page.evaluate(
      (selector) => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent),
      selector,
    );
    const seen = found.slice(-texts.length);
    expect(seen.length).toBe(texts.length);
    for (const [index, text] of texts.entries())
      expect(text.includes("`") ? withoutCode(seen[index]!.replaceAll("\n", "")) : seen[index]!).toBe(
        text.includes("`") ? withoutCode(text.replaceAll("\n", "")) : text,
      );
    await this.expectHarmless();
  }
}

/** In the page: every element, attribute and address that its own code does not make. */
function strangeThings(): string[] {
  const inRows = new Set("div span bdi time a mark code pre button".split(" "));
  const anywhere = new Set(
    "html head meta title link script body noscript div header main aside section form button input label textarea h1 h2 p ul li span bdi img dialog svg path".split(
      " ",
    ),
  );
  const attributes =
    /^(alt|aria-[a-z]+|autocapitalize|autocomplete|charset|class|content|crossorigin|d|data-over|data-[a-z-]+|datetime|dir|disabled|enterkeyhint|fill|for|height|hidden|href|id|inputmode|lang|maxlength|media|name|novalidate|placeholder|readonly|rel|role|rows|spellcheck|src|stroke[a-z-]*|style|tabindex|target|title|type|value|viewBox|width)$/;
  const strange: string[] = [];
  for (const element of document.querySelectorAll("*")) {
    const { localName } = element;
    const isInRow = element.closest(".list-row") !== null;
    if (!(isInRow ? inRows : anywhere).has(localName)) strange.push(`an element ${localName}`);
    for (const { name } of element.attributes) if (!attributes.test(name)) strange.push(`${localName} has ${name}`);
    if (isInRow && element.hasAttribute("style")) strange.push(`${localName} has a style of its own`);
  }
  for (const { protocol, rel, target, href } of document.querySelectorAll("a"))
    if (!["http:", "https:", "mailto:"].includes(protocol) || !rel.includes("noopener") || target !== "_blank")
      strange.push(`a link ${href} ${rel} ${target}`);
  for (const [selector, most] of [
    ["script", 1],
    ["img", 1],
    ["form", 1],
    ["main", 1],
  ] as const)
    if (document.querySelectorAll(selector).length > most) strange.push(`more than one ${selector}`);
  if ("__xss" in globalThis) strange.push("a script ran");
  if ("innerHTML" in {}) strange.push("every object was changed");
  return strange;
}

function batches<A>(all: readonly A[]): readonly (readonly A[])[] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, at) => all.slice(at * BATCH, (at + 1) * BATCH));
}

browserTest("the texts of this test do harm in a page that takes them for HTML", async () => {
  using server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response("<!doctype html><title>Careless</title>", { headers: { "content-type": "text/html" } }),
  });
  await using ada = await visit({ url: server.url.href });
  ada.allow(/./);
  // Whatever leads elsewhere is left out: it would end this page.
  const careless = PAYLOADS.filter((text) => !/evil|https?:|plaintext|url=/.test(text));
  const ran = await ada.page.evaluate(async (texts) => {
    const ran = new Set<number>();
    const set = (text: number): void => {
      ran.add(text);
    };
    Object.defineProperty(globalThis, "__xss", { set });
    for (const [index, text] of texts.entries()) {
      const place = document.createElement("div");
      document.body.append(place);
      place.append(document.createRange().createContextualFragment(text.replaceAll("__xss=1", `__xss=${index}`)));
    }
    for (let look = 0; look < 100 && ran.size < 35; look++) await new Promise((resolve) => setTimeout(resolve, 20));
    return ran.size;
  }, careless);
  expect(PAYLOADS.length).toBeGreaterThanOrEqual(100);
  expect(ran).toBeGreaterThanOrEqual(35);
});

test("a room takes none of them for a name, and says so in words of its own", async () => {
  await using room = await testHub();
  // The one that is a word like any other may be a name like any other.
  const names = PAYLOADS.filter((name) => name !== "constructor" && name.length < 1_000);
  await using eve = await peer(room.dial, "Eve");
  for (const name of names) {
    eve.send({ type: "join", name });
    expect(await eve.next()).toMatchObject({
      type: "refused",
      code: "bad-name",
      text: expect.stringMatching(/^(A|The) name [^<>]+\.$/),
    });
  }
  expect(await eve.join("constructor")).toMatchObject({ name: "constructor", members: ["constructor"] });
  for (const name of names) {
    eve.send({ type: "rename", name });
    expect(await eve.until("refused")).toMatchObject({ code: "bad-name" });
  }
});

browserTest("what is said, done, whispered and made the topic is shown as it is in the log, and is text", async () => {
  await using room = await testHub();
  await using page = openPage(room.hub.accept);
  await using eve = await room.member("Eve");
  const ada = await Watched.at(page.url);
  await ada.join("Ada");
  for (const texts of batches(PAYLOADS)) {
    const seen = texts.map(kept);
    eve.send(...texts.map((text) => ({ type: "say", text })));
    await ada.expectShown(".talk.said .words", seen);
    eve.send(...texts.map((text) => ({ type: "say", text, action: true })));
    await ada.expectShown(
      ".talk.said.action .words",
      seen.map((text) => `* Eve ${text}`),
    );
    eve.send(...texts.map((text) => ({ type: "whisper", to: "Ada", text })));
    await ada.expectShown(".talk.whisper .words", seen);
    eve.send(...texts.map((text) => ({ type: "topic", text })));
    await ada.expectShown(
      ".aside.event > div",
      seen.map((text) => `Eve set the topic: ${text}`),
    );
    await ada.expectShown(".topic", seen.slice(-1));
  }
});

browserTest("what the reader types is said and shown as text, too", async () => {
  await using room = await testHub();
  await using page = openPage(room.hub.accept);
  const ada = await Watched.at(page.url);
  await ada.join("Ada");
  const field = ada.visitor.page.getByRole("textbox", { name: /message/i });
  const typed = PAYLOADS.filter((_, index) => index % 5 === 0);
  for (const text of typed) {
    // A line that begins with two slashes says one.
    await field.fill(text.startsWith("/") ? `/${text}` : text);
    await field.press("Enter");
  }
  await ada.expectShown(".talk.own:not(.pending) .words", typed.map(kept));
  const said = room.events.flatMap((event) => (event.type === "said" && event.from === "Ada" ? [event.text] : []));
  expect(said.map(kept)).toEqual(typed.map(kept));
});

browserTest("the form shows a name that cannot be one as it was typed, and a room's refusal as text", async () => {
  await using room = new ScriptedRoom();
  room.script.join = () => [{ type: "refused", code: "name-taken", text: ALL }];
  const ada = await Watched.at(room.url);
  const { page } = ada.visitor;
  const field = page.getByRole("textbox", { name: /name/i });
  for (const [name, problem] of [
    ["<svg onload=__xss=1>", "A name holds letters, digits and _ - . and starts with a letter or digit."],
    ['"><script>__xss=1;__xss=1;__xss=1;__xss=1</script>', "The name is too long; at most 32 characters."],
  ] as const) {
    await field.fill(name);
    await field.press("Enter");
    await ada.expectShown("#join-problem", [problem]);
    expect(await field.inputValue()).toBe(name);
  }
  await field.fill("constructor");
  await field.press("Enter");
  await ada.expectShown("#join-problem", [scrub(ALL.replaceAll("\x1b", ""))]);
});

browserTest("a room that means harm writes text, in whatever it says", async () => {
  await using room = new ScriptedRoom();
  const at = new Date(room.now).toISOString();
  const ada = await Watched.at(room.url);
  await ada.join("Ada");
  for (const texts of batches(PAYLOADS)) {
    const events = (make: (text: string) => object) => room.tell(...texts.map((text) => room.event(make(text))));
    events((text) => ({ type: "said", from: text, text: "hello" }));
    await ada.expectShown(".talk.said .author", texts.map(shownName));
    events((text) => ({ type: "renamed", name: text, to: text }));
    await ada.expectShown(
      ".aside.event > div",
      texts.map((text) => `${shownName(text)} is now called ${shownName(text)}.`),
    );
    events((text) => ({ type: "topic", by: text, text }));
    await ada.expectShown(
      ".aside.event > div",
      texts.map((text) => `${shownName(text)} set the topic: ${shown(text)}`),
    );
    room.tell(...texts.map((text) => ({ type: "whisper", from: text, to: "Ada", text, at })));
    await ada.expectShown(
      ".talk.whisper .author",
      texts.map((text) => `${shownName(text)}, whispering`),
    );
    room.tell(...texts.map((text) => ({ type: "refused", code: text, text })));
    await ada.expectShown(".aside.problem > div", texts.map(shown));
    // How the room is kept in order, however much of it the page has a place for.
    events((text) => ({ type: "moderated", act: ACTS[text.length % ACTS.length], by: text, name: text, text }));
    room.tell(
      ...texts.flatMap((text) => [
        { type: "bans", bans: [{ name: text, by: text, at, until: at, text }] },
        { type: "audit", acts: [{ at, act: text, by: text, name: text, text }] },
        { type: "invites", invites: [{ id: 1, scope: text, until: at, uses: 1, by: text }] },
        { type: "invitation", secret: text, id: 1, scope: text, until: at, uses: 1 },
        { type: "link", code: text, until: at },
        { type: "challenge", nonce: text, log: text },
      ]),
      room.event({ type: "said", from: "Bob", text: "That was all." }),
    );
    await ada.expectShown(".talk.said .words", ["That was all."]);
  }
});

browserTest("… in its lists, in what came before, and at the door", async () => {
  await using room = new ScriptedRoom();
  room.script.join = () => [
    room.welcome({
      members: ["Ada", ...PAYLOADS],
      verified: ["Ada", ...PAYLOADS],
      role: ALL,
      room: ALL,
      server: ALL,
      log: ALL,
      token: ALL,
      topic: ALL,
    }),
  ];
  const at = new Date(room.now).toISOString();
  room.script.history = ({ re }) => {
    const events = PAYLOADS.map((text, seq) => ({ type: "said", from: text, text, action: true, seq, at }));
    return [{ type: "history", events, more: false, re }];
  };
  const ada = await Watched.at(room.url);
  const { page } = ada.visitor;
  await ada.join("Ada");
  await ada.expectShown(".topic", [shown(ALL)]);
  await ada.expectShown(".aside.notice > div", [
    `You are in ${shownName(ALL)} as Ada. /help shows what you can type.`,
    `You are here as ${shownName(ALL)}.`,
  ]);
  const members = await page.evaluate(() =>
    [...document.querySelectorAll("button.member")].map((button) => [button.textContent, button.getAttribute("title")]),
  );
  const names = PAYLOADS.map(shownName);
  expect(members.length).toBe(names.length);
  expect(new Set(members.map((member) => member.join(" ")))).toEqual(
    new Set(names.map((name) => `${name} ✓ Whisper to ${name}`)),
  );

  room.tell(
    ...PAYLOADS.map((name) => room.event({ type: "entered", name })),
    ...PAYLOADS.map((text) => room.event({ type: "exited", name: text, why: "kicked", by: text, text })),
  );
  await page.getByRole("button", { name: /^Show all/ }).click();
  await ada.expectShown(".aside.event > div", [
    ...PAYLOADS.map((text) => `${shownName(text)} entered.`),
    ...PAYLOADS.map((text) => `${shownName(text)} was kicked by ${shownName(text)}: ${shown(text)}`),
  ]);

  // Names are offered while one is typed.
  room.tell(...PAYLOADS.map((name) => room.event({ type: "entered", name })));
  await ada.visitor.until(
    (many) => document.querySelectorAll("button.member").length === many,
    PAYLOADS.length,
    "They are not all there",
  );
  const field = page.getByRole("textbox", { name: /message/i });
  await field.fill("@<");
  await ada.visitor.sees(page.getByRole("option").first());
  await ada.expectHarmless();
  await field.fill("");

  // What came before is fetched, and was said by nobody better.
  const list = page.locator(".list");
  await list.press("Home");
  // It is put above what is read, which stays where it is.
  await ada.visitor.until(() => document.querySelector(".talk.action"), undefined, "Nothing came before");
  await list.press("Home");
  const first = `* ${shownName(PAYLOADS[0]!)} ${shown(PAYLOADS[0]!)}`;
  await ada.visitor.until(
    (first) => document.querySelector(".words")?.textContent === first,
    first,
    "What came before is not shown",
  );
  await ada.expectHarmless();

  room.dismiss("shutdown", ALL, { retry_ms: 100 });
  room.script.join = () => [{ type: "bye", code: "kicked", text: ALL }];
  await ada.expectShown(".banner.over p", [shown(ALL)]);
  room.script.join = () => [{ type: "refused", code: ALL, text: ALL }];
  await page.getByRole("button", { name: "Join again" }).click();
  await ada.expectShown("#join-problem", [scrub(ALL.replaceAll("\x1b", ""))]);
});
