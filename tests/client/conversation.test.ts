// A conversation at a keyboard, without one: what is seen when something is typed and something is told.
import { expect, test } from "bun:test";
import { Conversation } from "../../lib/client/conversation.ts";
import type { MembershipOptions } from "../../lib/client/membership.ts";
import { lineOf } from "../../lib/client/print.ts";
import type { Standing } from "../../lib/protocol/message.ts";
import type { Dial } from "../../lib/transport/connection.ts";
import { masked } from "../support/binaries.ts";
import { testHub } from "../support/hub.ts";
import { testSigner } from "./test-signer.ts";
import { Visit } from "./visit.ts";

/** Somebody at a screen. */
class Person implements Disposable {
  readonly screen: string[] = [];
  readonly ends: string[] = [];
  readonly conversation: Conversation;
  readonly visit: Visit;

  constructor(
    dial: Dial,
    host = false,
    { standing, ...more }: Partial<MembershipOptions> & { readonly standing?: () => Standing | undefined } = {},
  ) {
    this.conversation = new Conversation({
      host,
      standing: () => standing?.(),
      show: (sights) => void this.screen.push(...sights.map((sight) => masked(lineOf(sight, false)))),
      links: (invite) => [`  chat 'chat://here#invite=${invite}'`],
      quit: (text) => void this.ends.push(`quit${text === undefined ? "" : `: ${text}`}`),
      ended: (code) => void this.ends.push(code),
    });
    this.visit = new Visit(dial, { ...more, told: this.conversation.told });
    this.conversation.membership = this.visit.membership;
  }

  async join(name: string): Promise<this> {
    await this.visit.join(name);
    return this;
  }

  /** Types lines, and answers what is seen then. */
  async sees(...lines: readonly string[]): Promise<string[]> {
    const before = this.screen.length;
    for (const line of lines) this.conversation.typed(line);
    await this.visit.settle();
    return this.screen.slice(before);
  }

  [Symbol.dispose](): void {
    this.visit[Symbol.dispose]();
  }
}

test("who comes in is told where it is, what it is about and who is there; the host knows", async () => {
  await using room = await testHub();
  using host = await new Person(room.dialHost, true).join("Host");
  expect(await host.sees("/topic Lunch")).toEqual(["[*] Host set the topic: Lunch"]);
  using ada = await new Person(room.dial).join("Ada");
  expect(ada.screen).toEqual([
    "[*] You are in lobby as Ada. /help shows what you can type.",
    "[*] The topic is: Lunch",
    "USERS: [Host,Ada]",
  ]);
  expect(host.screen).toEqual(["[*] Host set the topic: Lunch", "[*] Ada entered.", "USERS: [Host,Ada]"]);
});

test("the topic is shown to who asks for it, whoever set it and whenever", async () => {
  await using room = await testHub();
  using ada = await new Person(room.dial).join("Ada");
  using host = await new Person(room.dialHost, true).join("Host");
  expect(await ada.sees("/topic")).toEqual(["[*] There is no topic yet. /topic TEXT sets one."]);
  await ada.sees("/topic Lunch");
  expect(await ada.sees("/topic")).toEqual(["[*] The topic is: Lunch"]);
  expect(await host.sees("/topic")).toEqual(["[*] The topic is: Lunch"]);
  using bob = await new Person(room.dial).join("Bob");
  expect(await bob.sees("/topic ")).toEqual(["[*] The topic is: Lunch"]);
  // Typed faster than the room answers.
  expect(await bob.sees("/topic Tea", "/topic")).toEqual(["[*] Bob set the topic: Tea", "[*] The topic is: Tea"]);
});

test("who comes in is told how far the connection can be trusted, and again when that is another thing", async () => {
  await using room = await testHub();
  let standing: Standing = "plain";
  using ada = await new Person(room.dial, false, { standing: () => standing }).join("Ada");
  expect(ada.screen.slice(0, 2)).toEqual([
    "[*] You are in lobby as Ada. /help shows what you can type.",
    "[!] The connection is NOT ENCRYPTED: whoever is on the way can read and change what is said.",
  ]);
  const backAs = async (now: Standing) => {
    standing = now;
    const before = ada.screen.length;
    await ada.visit.break();
    await ada.visit.pass(1_000);
    return ada.screen.slice(before).filter((line) => line.includes("connection"));
  };
  expect(await backAs("plain")).toEqual([]);
  expect(await backAs("first-time")).toEqual([
    "[*] The connection is encrypted, first time: this server is known from now on.",
  ]);
  expect(await backAs("verified")).toEqual([]);
});

test("what is typed is seen once, when the room has it", async () => {
  await using room = await testHub();
  using ada = await new Person(room.dial).join("Ada");
  expect(await ada.sees("Hey", "", "/me waves", "//slash")).toEqual([
    "[HH:MM:SS] Ada > Hey",
    "[HH:MM:SS] * Ada waves",
    "[HH:MM:SS] Ada > /slash",
  ]);
  expect(await ada.sees("/nonsense")).toEqual([
    "[!] There is no command /nonsense. /help shows them; //nonsense says it.",
  ]);
  expect(await ada.sees("/msg Nobody hello")).toEqual(["[!] Nobody is not here; /names shows who is."]);
  expect((await ada.sees("/help"))[0]).toBe("Whatever you type is said to everyone. Commands:");
  expect(await ada.sees("/quit bye")).toEqual([]);
  expect(ada.ends).toEqual(["quit: bye"]);
});

test("a short break is one line; a long one says so after a while, and what is typed is kept", async () => {
  await using room = await testHub();
  using ada = await new Person(room.dial).join("Ada");
  const bob = await room.member("Bob");
  await ada.sees();
  await ada.visit.break();
  bob.send({ type: "say", text: "missed" });
  await bob.until("said");
  await ada.visit.pass(500);
  expect(ada.screen.slice(3)).toEqual(["[*] Back after 1 s, 1 missed.", "[HH:MM:SS] Bob > missed"]);

  ada.visit.down = true;
  await ada.visit.break();
  const before = ada.screen.length;
  expect(await ada.sees("kept", "/msg Bob later")).toEqual([
    "[*] Kept until the room is back: kept",
    "[*] Kept until the room is back: /msg Bob later",
  ]);
  await ada.visit.pass(10_000);
  ada.visit.down = false;
  await ada.visit.pass(30_000);
  expect(
    ada.screen
      .slice(before)
      .map((line) => line.replace(/\d\d:\d\d:\d\d/, "HH:MM:SS").replace(/after \d+ s/, "after N s")),
  ).toEqual([
    "[*] Kept until the room is back: kept",
    "[*] Kept until the room is back: /msg Bob later",
    "[!] The room is away since HH:MM:SS. The connection broke. Trying on; what you type is kept.",
    "[*] Back after N s, nothing missed.",
    "[HH:MM:SS] Ada > kept",
    "[HH:MM:SS] You to Bob, whispering > later",
  ]);
});

test("a whisper whose way nobody knows is told as such", async () => {
  await using room = await testHub();
  using ada = await new Person(room.dial).join("Ada");
  await room.member("Bob");
  await ada.sees();
  ada.visit.swallows = true;
  ada.conversation.typed("/msg Bob psst");
  ada.conversation.typed("/names");
  ada.visit.swallows = false;
  const before = ada.screen.length;
  await ada.visit.break();
  expect(ada.screen.slice(before)).toEqual([
    "[!] The connection broke: your whisper to Bob may not have arrived. Send it again if it matters.",
    "[!] The connection broke before the answer came. Please ask again.",
  ]);
});

test("words that were kept and can never be said are shown as such", async () => {
  await using room = await testHub();
  await using other = await testHub();
  await other.member("Ada");
  using ada = await new Person(room.dial).join("Ada");
  ada.visit.swallows = true;
  await ada.sees("on its way");
  ada.visit.swallows = false;
  ada.visit.dial = other.dial;
  await ada.visit.break();
  await ada.sees("kept", "/msg Bob psst", "/names");
  await ada.visit.pass(90_000);
  expect(ada.screen.slice(-3)).toEqual([
    "[!] Perhaps not said: on its way",
    "[!] Not said: kept",
    "[!] Not whispered to Bob: psst",
  ]);
  expect(ada.ends).toEqual(["name-taken"]);
});

test("history is shown between its days and says whether there is more", async () => {
  await using room = await testHub();
  using ada = await new Person(room.dial).join("Ada");
  expect(await ada.sees("/history")).toEqual(["[*] Nothing has been said yet."]);
  await ada.sees("one", "two", "three");
  const lines = await ada.sees("/history 2");
  expect(lines[0]).toMatch(/^\[\*\] \w+day,? \d+ \w+ \d{4}:$/);
  expect(lines.slice(1)).toEqual([
    "[HH:MM:SS] Ada > two",
    "[HH:MM:SS] Ada > three",
    "[*] End of the history; /history COUNT shows more.",
  ]);
  expect((await ada.sees("/last 3")).at(-1)).toBe("[*] End of the history; this was all of it.");
});

test("whoever whispered last is answered with /r, also under a new name of one's own", async () => {
  await using room = await testHub();
  using ada = await new Person(room.dial).join("Ada");
  using bob = await new Person(room.dial).join("Bob");
  await ada.sees("/msg Bob psst");
  expect(ada.conversation.lastWhisper).toBeUndefined();
  await bob.sees("/nick Rob");
  expect(await bob.sees("/r what?")).toEqual(["[HH:MM:SS] You to Ada, whispering > what?"]);
  expect((await ada.sees("/r nothing")).at(-1)).toBe("[HH:MM:SS] You to Rob, whispering > nothing");
});

test("being put out ends it", async () => {
  await using room = await testHub();
  using host = await new Person(room.dialHost, true).join("Host");
  using ada = await new Person(room.dial).join("Ada");
  await host.sees("KICK Ada");
  await ada.sees();
  expect(ada.ends).toEqual(["kicked"]);
  expect(ada.screen.at(-1)).toBe("[*] Ada was kicked by Host.");
});

test("the mark of a key stands behind names, on entering and in /names, also under a new name", async () => {
  await using room = await testHub();
  await room.member("Guest");
  using ada = await new Person(room.dial, false, { signer: await testSigner() }).join("Ada");
  expect(ada.screen.at(-1)).toBe("USERS: [Guest,Ada✓]");
  expect(await ada.sees("/nick Adele", "/names")).toContain("USERS: [Guest,Adele✓]");
});

test("an operator is told so, sees what keeps order, and is a member again afterwards", async () => {
  await using room = await testHub();
  using ada = await new Person(room.dial, false, { signer: await testSigner() }).join("Ada");
  using host = await new Person(room.dialHost, true).join("Host");
  expect((await ada.sees("/help")).join("\n")).not.toContain("/ban");
  expect(await ada.sees("/ban Host")).toEqual(["[!] Only the host and operators may do that."]);
  await host.sees("/op Ada");
  await ada.visit.settle();
  expect(ada.screen.at(-1)).toBe("[*] Host made Ada an operator.");
  expect((await ada.sees("/help")).join("\n")).toContain("/ban NAME [1h] [WHY]");
  // The welcome of the way back says it, whatever was told before.
  await ada.visit.break();
  await ada.visit.pass(500);
  expect(ada.conversation.operator).toBeTrue();
  await host.sees("/deop Ada");
  await ada.visit.settle();
  expect(ada.conversation.operator).toBeFalse();
});

test("/invite of an operator, and of the host of a private room, shows links; alone at an open one's console it shows how others join", async () => {
  await using room = await testHub({ isPrivate: true });
  using host = await new Person(room.dialHost, true).join("Host");
  const shown = await host.sees("/invite");
  expect(shown[0]).toMatch(/^Invitation #1 lets somebody in, 10 times, until .* It is shown only now:$/);
  const [, invite] = /^ {2}chat 'chat:\/\/here#invite=([\w-]+)'$/.exec(shown[1]!)!;
  using ada = await new Person(room.dial, false, { signer: await testSigner(), invite }).join("Ada");
  expect(ada.screen[0]).toStartWith("[*] You are in lobby as Ada.");
  await host.sees("/op Ada");
  expect(await ada.sees("/invite read for 1d uses 1")).toEqual([
    expect.stringMatching(/^Invitation #2 lets somebody in to read, once, until /),
    expect.stringMatching(/^ {2}chat 'chat:\/\/here#invite=/),
  ]);
  expect((await ada.sees("/invites")).length).toBe(1);
});

test("an invitation for readers says so to whom it lets in", async () => {
  await using room = await testHub({ isPrivate: true });
  using host = await new Person(room.dialHost, true).join("Host");
  const [, invite] = /invite=([\w-]+)/.exec((await host.sees("/invite read"))[1]!)!;
  using ada = await new Person(room.dial, false, { signer: await testSigner(), invite }).join("Ada");
  expect(ada.screen).toContain("[*] You may read here, and not speak.");
  expect(await ada.sees("hello")).toEqual(["[!] Your invitation is for reading only."]);
});

test("/link shows what to type on the other device", async () => {
  await using room = await testHub();
  using ada = await new Person(room.dial, false, { signer: await testSigner() }).join("Ada");
  const [shown = ""] = await ada.sees("/link");
  expect(shown).toMatch(/^ {4} {2}chat SERVER -n Ada --link [\w-]{22}$/m);
  using guest = await new Person(room.dial).join("Gus");
  expect(await guest.sees("/link")).toEqual([expect.stringContaining("[!] There is nothing to link")]);
});

test("where the key was left out, that is said once, however often the wire breaks", async () => {
  await using room = await testHub();
  const elsewhere: Dial = async (receiver) =>
    Object.defineProperty(await room.dial(receiver), "binding", { value: "plain:203.0.113.7:3001" });
  using ada = await new Person(elsewhere, false, { signer: await testSigner() }).join("Ada");
  const said = () => ada.screen.filter((line) => line.startsWith("[!] The server does not accept the proof"));
  expect(said().length).toBe(1);
  await ada.visit.break();
  await ada.visit.pass(500);
  expect(ada.visit.membership.live).toBeTrue();
  expect(said().length).toBe(1);
});
