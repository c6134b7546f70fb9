// A server that means harm: whatever it says, in whatever field, only the client's own escape sequences reach the terminal.
import { expect, test } from "bun:test";
import { CHAT, home } from "../support/binaries.ts";
import { someLimits } from "../support/limits.ts";

const EVIL = "Eve\x1b]0;owned\x07\x1b[2J\x9b31m\u202eliar\r\n[*] Host left.";
const at = new Date(0).toISOString();
const welcome = {
  type: "welcome",
  room: EVIL,
  name: EVIL,
  token: "t",
  log: EVIL,
  seq: 0,
  members: [EVIL, "Ed"],
  verified: [EVIL],
  role: EVIL,
  topic: EVIL,
  limits: someLimits,
  server: EVIL,
  protocol: 1,
  resumed: false,
};
const news = [
  { type: "said", from: EVIL, text: EVIL, seq: 1, at },
  { type: "said", from: EVIL, text: EVIL, action: true, seq: 2, at },
  { type: "entered", name: EVIL, seq: 3, at },
  { type: "exited", name: "Ed", why: "kicked", by: EVIL, text: EVIL, seq: 4, at },
  { type: "renamed", name: EVIL, to: EVIL, seq: 5, at },
  { type: "topic", by: EVIL, text: EVIL, seq: 6, at },
  { type: "whisper", from: EVIL, to: "Ada", text: EVIL, at },
  { type: "refused", code: EVIL, text: EVIL },
  { type: "history", events: [{ type: "said", from: EVIL, text: EVIL, seq: 1, at }], more: true },
  { type: "members", members: [EVIL, `${EVIL}2`], verified: [EVIL] },
  ...["banned", "purged", "locked", EVIL].map((act, index) => ({
    type: "moderated",
    act,
    by: EVIL,
    name: EVIL,
    text: EVIL,
    seconds: 1e300,
    seq: 7 + index,
    at,
  })),
  { type: "bans", bans: [{ name: EVIL, by: EVIL, at, until: at, text: EVIL }] },
  { type: "audit", acts: [{ at, act: EVIL, by: EVIL, name: EVIL, text: EVIL, seconds: -1 }] },
  { type: "invites", invites: [{ id: 1, scope: EVIL, until: at, uses: 1, by: EVIL }] },
  { type: "invitation", secret: `${EVIL}'; $(reboot) '`, id: 1, scope: EVIL, until: at, uses: 1 },
  { type: "link", code: `${EVIL}; $(reboot)`, until: at },
];
const kicked = { type: "bye", code: "kicked", text: EVIL };

/** Answers a join with these messages, and whatever is said with the goodbye. */
function serve(...messages: readonly object[]): Disposable & { readonly port: number } {
  const linesOf = (said: readonly object[]) => said.map((message) => `${JSON.stringify(message)}\n`).join("");
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, bytes) {
        for (const line of bytes.toString().trim().split("\n")) {
          const { type, re } = JSON.parse(line) as { type: string; re?: string };
          // An old one, which does not know what that is.
          if (type === "starttls") socket.write(linesOf([{ type: "refused", code: "unknown-type", text: EVIL }]));
          if (type === "challenge") socket.write(linesOf([{ type, nonce: EVIL, log: EVIL, re }]));
          if (type === "join") socket.write(linesOf(messages));
          if (type === "members") socket.write(linesOf([{ type, members: [EVIL], re }]));
          if (type === "say") socket.write(linesOf([kicked]));
        }
      },
    },
  });
  return { port: server.port, [Symbol.dispose]: () => server.stop(true) };
}

/** Without the client's own: colours, the prompt's moves, the marks of pastes. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const OWN = /\x1b\[(0|1|2|22|3|33|36)m|\x1b\[\?(7|2004)[hl]|\x1b\[[JK]|\x1b\[\d*A/g;

function expectHarmless(written: string): void {
  expect(written.replace(OWN, "")).not.toMatch(/[^\P{Cc}\r\n]|\u202e/u);
}

test("on a terminal", async () => {
  await using place = await home();
  using server = serve(welcome, ...news);
  await using ada = await place.open([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
  await ada.until(/when it asks for one:[\s\S]* >$/);
  // What people copy into a shell is no command of the server's.
  expect(ada.everything()).toMatch(/^ {2}chat 'chat:\/\/127\.0\.0\.1:\d+\/lobby#invite=\w+'$/m);
  expect(ada.everything()).not.toMatch(/^ .*\$\(reboot\)/m);
  ada.type("E\t\t");
  await ada.until(/ > E[^\n]+$/);
  ada.type("\x15hello\r");
  expect(await ada.exited).toBe(5);
  expectHarmless(ada.received());
  // A line of theirs is never at the start of a row of its own.
  expect(ada.everything()).not.toMatch(/^\[\*\] Host left/m);
});

test("in a pipe", async () => {
  await using place = await home();
  using server = serve(welcome, ...news);
  await using ada = place.run([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
  await ada.until("In Eve");
  ada.say("hello");
  expect(await ada.exited()).toBe(5);
  expectHarmless([...ada.out, ...ada.err].join("\n"));
});

test.each([
  ["a refusal at the door", { type: "refused", code: "no-such-room", text: EVIL }, 3],
  ["a goodbye at the door", { type: "bye", code: "full", text: EVIL }, 3],
])("with %s", async (_, message, code) => {
  await using place = await home();
  using server = serve(message);
  await using ada = place.run([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"]);
  expect(await ada.exited()).toBe(code);
  expectHarmless([...ada.out, ...ada.err].join("\n"));
  await using asked = await place.open([CHAT, `127.0.0.1:${server.port}`, "-n", "Ada"], { env: { NO_COLOR: "1" } });
  await asked.until(/Server\n/);
  for (const harm of ["\x1b]0;", "\x1b[2J", "\u202e"]) expect(asked.received()).not.toContain(harm);
});
