// A terminal that nobody reads, as after Ctrl+S or behind a stalled ssh: it is a slow peer, and harms nobody else.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { PATIENCE_MS } from "../../lib/tty/output.ts";
import { CHAT, CHATD, home, portOf } from "../support/binaries.ts";
import { type Peer, peer } from "../support/peer.ts";
import type { TestTerminal } from "../support/terminal.ts";

const HOLD = ["python3", join(import.meta.dir, "..", "support", "hold.py")];
/** At least so many are said while nobody reads: a few hundred fill what the system keeps for a terminal, 500 lines are kept. */
const SAID = 1_000;
/** As fast as a client draws, so that what it has given up is not far behind what it hears afterwards. */
const RATE = ["--rate", "1000/20"];
const AT_ONCE = 20;
/** It takes three seconds by the clock on a quiet machine. */
const LIMIT_MS = 20_000;

const canHold = Bun.which("python3") !== null && process.platform !== "win32";
if (!canHold) console.warn("python3 is missing: nobody tests a terminal that is not read.");
const held = (name: string, run: () => Promise<void>) => test.skipIf(!canHold)(name, run, LIMIT_MS);

const roomOf = (port: string, name: string) =>
  peer((receiver) => dialTcp({ hostname: "127.0.0.1", port: Number(port) }, receiver), name);

async function hold(terminal: TestTerminal): Promise<void> {
  terminal.kill("SIGUSR1");
  await terminal.until(() => terminal.received().includes("\x1b]2;held"));
}

/** Talks on, echo by echo, until a terminal that nobody reads counts as stuck and has lines to give up. Answers what was said last. */
async function talk(ada: Peer): Promise<string> {
  const started = performance.now();
  let said = 0;
  const isEnough = () => said >= SAID && performance.now() - started > PATIENCE_MS * 1.5;
  while (!isEnough()) {
    const texts = Array.from({ length: AT_ONCE }, () => `word ${++said}.`);
    ada.send(...texts.map((text, at) => ({ type: "say", text, re: `${said}-${at}` })));
    for (const text of texts) expect((await ada.until("said"))["text"]).toBe(text);
  }
  return `word ${said}.`;
}

held("a console that nobody reads stops nobody's talk, and shows the newest when it is read again", async () => {
  await using place = await home();
  const chatd = [CHATD, "--port", "0", "--host", "127.0.0.1", "--ephemeral", ...RATE];
  await using host = await place.open([...HOLD, ...chatd], { cols: 100 });
  await host.until("Host >");
  await using ada = await roomOf(portOf(host), "Ada");
  await ada.join("Ada");
  await host.until("Ada entered.");
  await hold(host);
  const last = await talk(ada);
  host.type("half a wo");
  host.kill("SIGUSR2");
  await host.until((screen) => new RegExp(`Ada > ${last}\n\\[[\\d:]+\\] Host > half a wo$`).test(screen));
  const all = host.everything();
  const [, skipped] = /^\[!\] (\d+) lines were not shown; \/history shows what was said\.$/m.exec(all)!;
  const shown = [...all.matchAll(/Ada > word (\d+)\./g)].map(([, number]) => Number(number));
  // Each once and in order, with one gap.
  const total = shown.at(-1)!;
  expect(shown.length + Number(skipped)).toBe(total);
  expect(shown.slice(-500)).toEqual(Array.from({ length: 500 }, (_, at) => total - 499 + at));
  expect(all.split(" > ").length - 1).toBe(shown.length + 1);
  host.type("rd\r");
  expect((await ada.until("said"))["text"]).toBe("half a word");
});

held("a room whose console nobody reads closes all the same", async () => {
  await using place = await home();
  const chatd = [CHATD, "--port", "0", "--host", "127.0.0.1", "--ephemeral", ...RATE];
  await using host = await place.open([...HOLD, ...chatd]);
  await host.until("Host >");
  await using ada = await roomOf(portOf(host), "Ada");
  await ada.join("Ada");
  await hold(host);
  await talk(ada);
  // Keys that are still read: Ctrl+C.
  host.type("\x03");
  expect((await ada.end()).at(-1)?.type).toBe("bye");
  ada.connection.abort();
  expect(await host.exited).toBe(0);
});

held("a client whose terminal nobody reads stays in the room and answers it", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral", ...RATE);
  await using bob = await place.open([...HOLD, CHAT, chatd.at, "-n", "Bob"]);
  await bob.until("Bob >");
  await using ada = await roomOf(String(chatd.port), "Ada");
  await ada.join("Ada");
  await hold(bob);
  const last = await talk(ada);
  bob.type("I cannot see you\r");
  expect((await ada.until("said"))["from"]).toBe("Bob");
  bob.kill("SIGUSR2");
  await bob.until((screen) => screen.includes(`Ada > ${last}`) && screen.endsWith("Bob >"));
  expect(bob.everything()).toMatch(/^\[!\] \d+ lines were not shown/m);
});
