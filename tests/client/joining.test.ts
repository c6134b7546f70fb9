// Coming in: names that are refused, servers that are full, strange or not there.
import { expect, test } from "bun:test";
import { Refused } from "../../lib/client/notice.ts";
import { Stranger } from "../../lib/client/stranger.ts";
import { Unreachable, Untrusted } from "../../lib/transport/connection.ts";
import { pipeTo, testHub } from "../support/hub.ts";
import { babbling, saying, Visit } from "./visit.ts";
import { someLimits } from "../support/limits.ts";

test("a refused name may be followed by another over the same connection", async () => {
  await using room = await testHub();
  await room.member("Ada");
  using ada = new Visit(room.dial);
  const refused = await ada.membership.join("Ada").catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refused);
  expect(refused).toMatchObject({ code: "name-taken", isAboutName: true });
  await ada.join("Adele");
  expect(ada.dials).toBe(1);
  expect(ada.membership.name).toBe("Adele");
});

test("a refusal that is not about the name, or a goodbye at the door, ends the connection", async () => {
  await using room = await testHub();
  using ada = new Visit(pipeTo((connection) => room.hub.accept(connection, "full")));
  const full = await ada.membership.join("Ada").catch((error: unknown) => error);
  expect(full).toMatchObject({ name: "Refused", code: "full", isAboutName: false });
  await ada.pass(60_000);
  expect(ada.dials).toBe(1);
});

test("where nobody answers, the first join says so and leaves it at that", async () => {
  await using room = await testHub();
  using ada = new Visit(room.dial);
  ada.down = true;
  expect(await ada.membership.join("Ada").catch((error: unknown) => error)).toBeInstanceOf(Unreachable);
  await ada.pass(60_000);
  expect(ada.dials).toBe(1);
});

test("a server that is not to be trusted ends the first join", async () => {
  using ada = new Visit(() => Promise.reject(new Untrusted("It has another key.")));
  expect(await ada.membership.join("Ada").catch((error: unknown) => error)).toBeInstanceOf(Untrusted);
  await ada.pass(60_000);
  expect(ada.dials).toBe(1);
});

test("a stranger, or one who says nothing, is told on the first join", async () => {
  using ada = new Visit(saying("SSH-2.0-OpenSSH_9.2"));
  const ssh = await ada.membership.join("Ada").catch((error: unknown) => error);
  expect(ssh).toBeInstanceOf(Stranger);
  ada.dial = saying();
  const silent = ada.membership.join("Ada").catch((error: unknown) => error);
  await ada.pass(9_000);
  expect(await silent).toMatchObject({ message: "It answers nothing. Is it a chatd, and is the port right?" });
});

test("bytes that are no lines tell a stranger, also where they come before the wire is known to be open", async () => {
  using ada = new Visit(babbling);
  expect(await ada.membership.join("Ada").catch((error: unknown) => error)).toMatchObject({
    name: "Stranger",
    message: "What it sends is not chat. Is it a chatd, and is the port right?",
  });
});

test("a wire that opens after the join was given up is cut again", async () => {
  await using room = await testHub();
  const { promise: opens, resolve: open } = Promise.withResolvers<void>();
  let aborts = 0;
  using ada = new Visit(async (receiver) => {
    await opens;
    const wire = await room.dial(receiver);
    return { ...wire, limitLines() {}, finish() {}, send() {}, abort: () => void aborts++ };
  });
  const late = ada.membership.join("Ada").catch((error: unknown) => error);
  await ada.pass(9_000);
  expect(await late).toBeInstanceOf(Stranger);
  open();
  await ada.settle();
  expect(aborts).toBe(1);
  expect(ada.sent).toEqual([]);
});

test("messages of a newer server are skipped, before the welcome too, and an event that was told is not told again", async () => {
  const welcome = {
    type: "welcome",
    room: "lobby",
    name: "Ada",
    token: "t",
    log: "l",
    seq: 1,
    members: ["Ada"],
    server: "s",
    protocol: 1,
    resumed: false,
    limits: someLimits,
  };
  const said = (seq: number) =>
    JSON.stringify({ type: "said", from: "Bob", text: `${seq}`, seq, at: "2026-01-01T00:00:00.000Z" });
  using ada = new Visit(
    saying(
      '{"type":"weather","sun":true}',
      JSON.stringify(welcome),
      '{"type":"moon"}',
      said(2),
      said(2),
      said(1),
      said(3),
    ),
  );
  await ada.join("Ada");
  expect(ada.told).toEqual(["welcome", "said Bob: 2", "said Bob: 3"]);
});
