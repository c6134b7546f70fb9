// Members that mean harm: whatever they say, in whatever field, nothing of it reaches the host's terminal, a report or a file as a control character.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { CONTROL, dirtIn, dirtPrinted, dirtSeen } from "../attacks/clean.ts";
import { ALL, SEQUENCES } from "../attacks/sequences.ts";
import { stateAfter } from "../attacks/watched.ts";
import { CHATD, home, portOf } from "../support/binaries.ts";
import { type Peer, peer } from "../support/peer.ts";

const TIMEOUT_MS = 30_000;
const LAST = "That was all.";
const OPEN = ["--port", "0", "--host", "127.0.0.1", "--web-port", "0", "--rate", "off"];
const halves = [...SEQUENCES.values()].flatMap((sequence) => [`a${sequence.slice(0, 1)}`, `${sequence.slice(1)}b`]);

/** One who comes, says all of it in every field that there is, and goes with it. Answers what it and a witness have heard. */
async function attack(port: number): Promise<{ readonly eve: Peer; readonly ada: Peer }> {
  const dial = (receiver: Parameters<typeof dialTcp>[1]) => dialTcp({ hostname: "127.0.0.1", port }, receiver);
  const ada = await peer(dial, "Ada");
  await ada.join("Ada");
  const eve = await peer(dial, "Eve");
  // No name is among them but those that are letters.
  for (const name of ALL) eve.send({ type: "join", name, token: name, log: name, room: "lobby" });
  await eve.rest();
  if (!eve.heard.some(({ type }) => type === "welcome")) await eve.join("Eve");
  for (const text of [...ALL, ...halves])
    eve.send(
      { type: "say", text, re: text },
      { type: "say", text },
      { type: "say", text, action: true },
      { type: "whisper", to: "Host", text },
      { type: "whisper", to: text, text },
      { type: "topic", text },
      { type: "rename", name: text },
      { type: "kick", name: text, text },
      { type: "ban", name: text, text },
      { type: text },
    );
  await eve.rest();
  eve.send({ type: "leave", text: `${ALL.slice(0, 128).join("")}bye` });
  await eve.end();
  ada.send({ type: "say", text: LAST });
  await ada.rest();
  return { eve, ada };
}

test(
  "the host's console",
  async () => {
    await using place = await home();
    await using host = await place.open([CHATD, ...OPEN, "--data", "./history"]);
    await host.until(/Host >$/);
    const before = await stateAfter(host.received());
    const { eve, ada } = await attack(Number(portOf(host)));
    await host.until(LAST, TIMEOUT_MS);
    for (const { lines } of [eve, ada]) expect(lines.flatMap((line) => dirtIn(line) ?? [])).toEqual([]);
    // A reason that somebody has put into the host's clipboard.
    host.type("\x1b[200~KICK Ada go\x1b]0;owned\x07\x1b[2J\x9b31m\u202eaway\x1b[201~\r");
    await host.until(/Ada was kicked by Host: go/);
    expect(await stateAfter(host.received())).toEqual(before);
    host.type("hello");
    const row = (await host.until(/ > hello$/)).split("\n").at(-1)!;
    expect(host.cursor().x).toBe(row.length);
    host.type("\x15EXIT\r");
    expect(await host.exited).toBe(0);
    expect(await stateAfter(host.received())).toEqual(await stateAfter(""));
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    const own = /\x1b\[[\d;]*m|\x1b\[\?(7|2004)[hl]|\x1b\[[JK]|\x1b\[\d*A/g;
    const shown = host.received().replace(own, "").replaceAll("\r", "").split("\n");
    expect(shown.flatMap((line) => dirtSeen(line) ?? [])).toEqual([]);
    // Nor is it in the files of the history: one line an event.
    const folder = join(place.path, "history");
    const files = readdirSync(folder).filter((name) => name.endsWith(".log"));
    const kept = files.flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"));
    const events = kept.filter((line) => line.includes('"type":'));
    expect(events.length).toBeGreaterThan(ALL.length);
    expect(events.filter((line) => CONTROL.test(line))).toEqual([]);
  },
  TIMEOUT_MS,
);

test.each(["text", "json"])(
  "a report (--log %s)",
  async (form) => {
    await using place = await home();
    await using chatd = place.run([CHATD, ...OPEN, "--log", form]);
    const [, port] = /(?:on port |"port":)(\d+)/.exec(await chatd.until(/on port|"listening"/))!;
    // So that the host is there to be whispered to.
    chatd.say("hello");
    await chatd.until("Host");
    await attack(Number(port));
    chatd.say("/history 500", "LIST_USERS", `KICK Ada go\x1b]0;owned\x07\x9b31m\u202eaway`, "KICK \x1b[2J\x9b31m");
    await chatd.until(/Ada was kicked|kicked by Host/);
    chatd.say("EXIT");
    expect(await chatd.exited()).toBe(0);
    expect(chatd.err).toEqual([]);
    expect(chatd.out.filter((line) => CONTROL.test(line))).toEqual([]);
    expect(chatd.out.flatMap((line) => (form === "json" ? dirtPrinted(line) : dirtSeen(line)) ?? [])).toEqual([]);
    if (form === "json") for (const line of chatd.out) JSON.parse(line);
    // Nobody is quoted but with names.
    expect(chatd.out.length).toBeGreaterThan(ALL.length);
  },
  TIMEOUT_MS,
);
