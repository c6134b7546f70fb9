// docs/protocol.md says what the code says: its codes, messages, limits and examples are the real ones.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as limits from "../../lib/protocol/limits.ts";
import {
  BYE_CODES,
  ClientMessage,
  EXIT_REASONS,
  REFUSAL_CODES,
  RoomEvent,
  ServerMessage,
} from "../../lib/protocol/message.ts";
import { listenTcp } from "../../lib/transport/listen-tcp.ts";
import { makeCertificate } from "../../lib/transport/make-certificate.ts";
import { testCertificate } from "../support/certificate.ts";
import { testHub } from "../support/hub.ts";
import { peer } from "../support/peer.ts";
import { tempDir } from "../support/temp-dir.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/protocol.md"), "utf8");
const files = readdirSync(import.meta.dir).filter((file) => file.endsWith(".txt"));
const conversations = files.map((file) => readFileSync(join(import.meta.dir, file), "utf8")).join("\n");

/** Python and its TLS take their time to load on a busy machine. */
const PYTHON_MS = 20_000;

/** The first cells, without their backticks, of the table under the heading. */
function rows(heading: string): readonly string[] {
  const [, section = ""] = page.split(`## ${heading}\n`);
  return [...section.split("\n## ")[0]!.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = ""]) => cell);
}

/** Messages of these kinds with their fields, as the tables give them. */
function fieldsOf(kinds: readonly { readonly entries: { readonly type: { readonly literal: string } } }[]) {
  return kinds.map(({ entries }) => ({
    type: entries.type.literal,
    fields: Object.keys(entries).filter((field) => field !== "type" && field !== "re"),
  }));
}

test("every code is explained, and no other", () => {
  expect(rows("What `refused` means").toSorted()).toEqual([...REFUSAL_CODES].toSorted());
  expect(rows("What `bye` means").toSorted()).toEqual([...BYE_CODES].toSorted());
});

test("every message is explained with its fields, and no other", () => {
  const events = new Set(RoomEvent.options.map(({ entries }) => entries.type.literal as string));
  const replies = ServerMessage.options.filter(({ entries }) => !events.has(entries.type.literal));
  for (const [heading, kinds] of [
    ["What a client sends", fieldsOf(ClientMessage.options)],
    ["What everybody hears: events", fieldsOf(RoomEvent.options)],
    ["What one client hears", fieldsOf(replies)],
  ] as const) {
    expect(rows(heading).toSorted()).toEqual(kinds.map(({ type }) => type).toSorted());
    for (const { type, fields } of kinds) {
      const row = page
        .split(`## ${heading}\n`)[1]!
        .split("\n")
        .find((line) => line.startsWith(`| \`${type}\``))!;
      for (const field of fields.filter(
        (field) => heading !== "What everybody hears: events" || !/^(seq|at)$/.test(field),
      ))
        expect([type, row.includes(`\`${field}\``) && field]).toEqual([type, field]);
    }
  }
  for (const why of EXIT_REASONS) expect(page).toContain(`\`${why}\``);
});

test("the limits are the real ones", () => {
  for (const [words, value] of [
    ["port **%**", limits.DEFAULT_PORT],
    ["at most % bytes before", limits.FIRST_LINE_BYTES_MAX],
    ["% bytes after", limits.LINE_BYTES_MAX],
    ["within % s", limits.JOIN_TIMEOUT_MS / 1_000],
    ["% bytes and", limits.TEXT_BYTES_MAX],
    ["and % lines", limits.TEXT_LINES_MAX],
    ["1 to % characters", limits.NAME_CODE_POINTS_MAX],
    ["up to % characters", limits.RE_CHARS_MAX],
    ["idle for % s", limits.PING_IDLE_MS / 1_000],
    ["silent for % s", limits.GONE_IDLE_MS / 1_000],
    ["kept for % s", limits.NAME_KEPT_MS / 1_000],
    ["% messages a second", limits.RATE_PER_S],
    ["% at once", limits.RATE_BURST],
    ["newest % things", limits.HISTORY_PAGE],
    ["at most % a page", limits.HISTORY_PAGE_MAX],
    ["% connections", limits.CONNECTIONS_PER_ADDRESS],
    ["% MiB", limits.BACKLOG_BYTES_MAX / 1_048_576],
    ["not been used for % days", limits.NAME_LAPSES_S / 86_400],
    ["up to % names", limits.NAMES_PER_KEY_MAX],
    ["after % in a minute", limits.FAILED_SECRETS_PER_MIN],
    ["0 to %.", limits.SLOW_S_MAX],
    ["last `seconds` (%)", limits.PURGE_S],
    ["for % minutes", limits.UNDO_S_MAX / 60],
    ["newest % acts", limits.AUDIT_PAGE],
    ["acts, at most %", limits.AUDIT_PAGE_MAX],
    ["week and % uses", limits.INVITE_USES],
  ] as const)
    expect(page.replaceAll(/(?<=\d),(?=\d{3})/g, "")).toContain(words.replace("%", String(value)));
});

test("every conversation is named as an example, and every example is there", () => {
  const named = [...page.matchAll(/\.\.\/tests\/transcripts\/([\w-]+\.txt)/g)].map(([, file = ""]) => file);
  expect([...new Set(named)].toSorted()).toEqual(files.toSorted());
});

test("a conversation shows every code that a peer alone can cause", () => {
  // These need a clock, a full house, a broken disk, a key, a private room, an end of the server or a door of another kind; tests/hub and tests/transport show them.
  const rare = new Set([
    "storage-failed",
    "full",
    "too-many-connections",
    "internal",
    "slow",
    "shutdown",
    "timeout",
    "name-owned",
    "invite-needed",
    "encryption-required",
  ]);
  const shown = (type: string, code: string) => conversations.includes(`{"type":"${type}","code":"${code}"`);
  expect(REFUSAL_CODES.filter((code) => !rare.has(code) && !shown("refused", code))).toEqual([]);
  expect(BYE_CODES.filter((code) => !rare.has(code) && !shown("bye", code))).toEqual([]);
});

test.skipIf(Bun.which("python3") === null)(
  "the Python example works",
  async () => {
    await using room = await testHub();
    const code = page.split("```python\n")[1]!.split("```")[0]!.replace("3001", String(room.port));
    const robot = Bun.spawn(["python3", "-c", code], { stdout: "pipe", stderr: "inherit" });
    await room.until(() => room.events.some(({ type }) => type === "entered"));
    const host = await peer(room.dialHost, "host");
    await host.join("Host");
    expect(await host.until("said")).toMatchObject({ from: "Robot", text: "Welcome, Host!" });
    room.pass(30);
    expect((await host.until("ping")).type).toBe("ping");
    host.send({ type: "kick", name: "Robot", text: "Well done." });
    expect(await new Response(robot.stdout).text()).toBe("You were kicked by Host: Well done.\n");
    expect(await robot.exited).toBe(0);
  },
  PYTHON_MS,
);

test.skipIf(Bun.which("python3") === null)(
  "the Python example for encryption works, with the right certificate only",
  async () => {
    await using room = await testHub();
    const certificate = await testCertificate();
    await using listener = listenTcp({ hostname: "127.0.0.1", port: 0, certificate }, room.hub.accept, () => {});
    const [, robot = "", encryption = ""] = page.split("```python\n").map((part) => part.split("```")[0]!);
    const [connect = ""] = /^wire = socket.*$/m.exec(robot)!;
    const code = robot.replace(connect, `${connect}\n${encryption}`).replace("3001", String(listener.port));
    await using folder = await tempDir();
    const run = async (cert: string) => {
      await Bun.write(join(folder.path, "tls-cert.pem"), cert);
      return Bun.spawn(["python3", "-c", code], { cwd: folder.path, stdout: "pipe", stderr: "pipe" });
    };
    const careful = await run((await makeCertificate([])).cert);
    expect(await new Response(careful.stderr).text()).toContain("CERTIFICATE_VERIFY_FAILED");
    expect(room.events).toEqual([]);
    const greeter = await run(certificate.cert);
    await room.until(() => room.events.some(({ type }) => type === "entered"));
    const host = await peer(room.dialHost, "host");
    await host.join("Host");
    expect(await host.until("said")).toMatchObject({ from: "Robot", text: "Welcome, Host!" });
    host.send({ type: "kick", name: "Robot" });
    expect(await new Response(greeter.stdout).text()).toStartWith("You were kicked");
    expect(await greeter.exited).toBe(0);
  },
  PYTHON_MS,
);
