// chatd doctor: what a host reads before the first room, or when friends cannot join. It changes nothing, whatever it finds.
import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { CHATD, type Env, type Home, home } from "../support/binaries.ts";
import { canTrace } from "../support/fail-syncs.ts";
import { peer } from "../support/peer.ts";
import { ITS_KEY, SOME_CERTIFICATE } from "../support/some-certificate.ts";
import { canMount, tinyDisk } from "../support/tiny-disk.ts";

const [mountable, traceable] = [canMount(), await canTrace()];
if (!mountable) console.warn("This is not root, or may not mount: nobody asks the doctor about full disks.");
if (!traceable) console.warn("strace cannot be used: nobody interrupts the doctor.");
const faketime = Bun.which("faketime");
if (!faketime) console.warn("faketime is missing: nobody asks the doctor about a wrong clock.");
const isRoot = process.getuid?.() === 0;

interface Check {
  readonly name: string;
  readonly status: "ok" | "warning" | "problem";
  readonly text: string;
  readonly advice?: string;
  readonly commands?: readonly string[];
  readonly [measured: string]: unknown;
}

interface Diagnosis {
  readonly code: number;
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly of: (name: string) => Check;
}

/** What it says to programs, asked by `command`, which is chatd doctor unless it is told otherwise. */
async function diagnose(
  place: Home,
  flags: readonly string[],
  { env = {}, command = [CHATD, "doctor"] }: { env?: Env; command?: readonly string[] } = {},
): Promise<Diagnosis> {
  await using doctor = place.run([...command, ...flags, "--json"], { env });
  const code = await doctor.exited();
  expect(doctor.err).toEqual([]);
  expect(doctor.out).toHaveLength(1);
  const { ok, checks } = JSON.parse(doctor.out[0]!) as Diagnosis;
  expect(ok).toBe(checks.every(({ status }) => status !== "problem"));
  expect(code).toBe(ok ? 0 : 1);
  for (const { status, advice } of checks) if (status !== "ok") expect(advice).toBeString();
  const of = (name: string) => {
    const found = checks.filter((check) => check.name === name);
    expect(found).toHaveLength(1);
    return found[0]!;
  };
  return { code, ok, checks, of };
}

/** A port that nobody has, nor the next one. */
async function freePort(): Promise<number> {
  for (;;) {
    const [one, next] = [createServer(), createServer()];
    try {
      const port = await listening(one, 0);
      if (port < 65_535) await listening(next, port + 1);
      return port;
    } catch {
      // Somebody has the next one.
    } finally {
      one.close();
      next.close();
    }
  }
}

function listening(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
}

/** All files under a folder, with what is in them and when they were changed. */
function everythingIn(folder: string): unknown {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .toSorted()
    .map((name) => {
      const path = join(folder, name);
      const { mtimeMs, mode } = statSync(path);
      return [name, mtimeMs, mode, statSync(path).isFile() ? Bun.hash(readFileSync(path)) : ""];
    });
}

const here = ["--host", "127.0.0.1"];

test("on a fresh machine all is told, line by line, and nothing is left there", async () => {
  await using place = await home();
  const port = await freePort();
  await using doctor = place.run([CHATD, "doctor", ...here, "--port", String(port)]);
  expect(await doctor.exited()).toBe(0);
  expect(doctor.err).toEqual([]);
  const heads = doctor.out.filter((line) => /^\S/.test(line)).map((line) => line.slice(0, 24).trim());
  expect(heads.slice(0, -1).map((head) => head.replace(/\s+/g, " "))).toEqual([
    "✓ ok version",
    "✓ ok chat port",
    "✓ ok web port",
    "! warning address",
    "✓ ok firewall",
    "✓ ok folder",
    expect.stringMatching(/^(✓ ok|! warning) file system$/) as unknown as string,
    expect.stringMatching(/space$/) as unknown as string,
    expect.stringMatching(/sync$/) as unknown as string,
    expect.stringMatching(/open files$/) as unknown as string,
    "✓ ok bounds",
    "✓ ok clock",
    "✓ ok certificate",
  ]);
  const text = doctor.out.join(" ").replace(/\s+/g, " ");
  expect(text).toContain(`Port ${port} is free. From this machine, it is reached at 127.0.0.1.`);
  expect(text).toContain(`Port ${port + 1} is free.`);
  expect(text).toContain("Friends cannot come. → Leave --host out for a room that they can join.");
  expect(text).toMatch(/No problem and \d warnings?: the room can open\. Read what is marked as a warning\.$/);
  for (const line of doctor.out) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
  expect(text).not.toContain("\x1b");
  expect(readdirSync(place.path)).toEqual([]);
});

test("a room for everyone is reached through this machine's own addresses", async () => {
  await using place = await home();
  const port = await freePort();
  const { of } = await diagnose(place, ["--port", String(port)]);
  expect(of("chat port")).toMatchObject({ status: "ok", port, state: "free" });
  expect(of("chat port")["reached_at"]).toEqual(["127.0.0.1", ...(of("address")["addresses"] as string[])]);
  const both = await diagnose(place, ["--port", String(port), "--host", "::"]);
  expect(both.of("chat port")["reached_at"]).toContain("127.0.0.1");
});

test("a port that another program has is a problem; the page's is one only if it was asked for", async () => {
  await using place = await home();
  // Whoever comes is greeted, as by an SSH server.
  const other = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: (s) => void s.write("SSH-2.0-x\r\n"), data() {} },
  });
  try {
    const { port } = other;
    const chat = await diagnose(place, [...here, "--port", String(port)]);
    expect(chat.of("chat port")).toMatchObject({
      status: "problem",
      text: `Port ${port} is in use, and what has it does not answer as a chatd does.`,
      commands: [expect.stringContaining(String(port)) as unknown],
      state: "in use",
    });
    const page = await diagnose(place, [...here, "--port", String(port - 1)]);
    expect(page.of("web port")).toMatchObject({ status: "warning", state: "in use" });
    const named = await diagnose(place, [...here, "--port", "0", "--web-port", String(port)]);
    expect(named.of("web port").status).toBe("problem");
  } finally {
    other.stop(true);
  }
});

test("a room that is open is asked, and neither it nor its history notices", async () => {
  await using place = await home();
  await using chatd = await place.chatd("--data", "./history");
  const { web_port } = JSON.parse(chatd.program.out[0]!) as { web_port: number };
  await using ada = await peer((receiver) => dialTcp({ hostname: "127.0.0.1", port: chatd.port }, receiver), "ada");
  const { seq } = await ada.join("Ada");
  // Her coming is on disk.
  await chatd.program.until("Ada entered");
  const before = everythingIn(join(place.path, "history"));
  const flags = [...here, "--port", String(chatd.port), "--web-port", String(web_port), "--data", "./history"];
  const { ok, of } = await diagnose(place, flags);
  expect(ok).toBe(true);
  expect(of("chat port")).toMatchObject({ status: "ok", state: "chatd", reached_at: ["127.0.0.1"] });
  expect(of("web port")).toMatchObject({ status: "ok", state: "chatd", reached_at: ["127.0.0.1"] });
  expect(of("history")).toMatchObject({ status: "ok", form: "current", newest_seq: seq });
  if (existsSync("/proc/locks")) expect(of("history")["keeper_pid"]).toBe(chatd.program.pid);
  expect(of("clock").status).toBe("ok");
  // All that there is of this but its probe's coming and going, which the folder remembers.
  expect(everythingIn(join(place.path, "history"))).toEqual(before);
  expect(chatd.program.out).toHaveLength(2);
  ada.send({ type: "say", text: "Nobody came.", re: "mine" });
  expect(await ada.until("said")).toMatchObject({ seq: (seq as number) + 1 });
  // It is the only one on that folder still.
  await using second = place.run([CHATD, ...here, "--port", "0", "--data", "./history"]);
  expect(await second.exited()).toBe(1);
  expect(second.err.join()).toContain("Another chatd keeps its history in ./history.");
  await using words = place.run([CHATD, "doctor", ...flags]);
  await words.exited();
  expect(words.out.join(" ").replace(/\s+/g, " ")).toContain(": the room is open.");
});

test.each([
  ["for all who ask", []],
  ["for everyone", ["--tls", "required"]],
  ["for nobody", ["--no-tls"]],
])("a room that encrypts %s answers, whatever the doctor was told of that", async (_, tls) => {
  await using place = await home();
  await using chatd = await place.chatd("--ephemeral", ...tls);
  const { web_port } = JSON.parse(chatd.program.out[0]!) as { web_port: number };
  const flags = [...here, "--port", String(chatd.port), "--web-port", String(web_port), "--ephemeral"];
  for (const told of [[], ["--tls", "required"]]) {
    const { ok, of } = await diagnose(place, [...flags, ...told]);
    expect(ok).toBe(true);
    expect(of("chat port")).toMatchObject({ status: "ok", state: "chatd" });
    expect(of("web port")).toMatchObject({ status: "ok", state: "chatd" });
  }
  // Not even a failed connection is reported.
  expect(chatd.program.out).toHaveLength(1);
  expect(chatd.program.err).toEqual([]);
});

test("a folder that another chatd has is a problem on any other port", async () => {
  await using place = await home();
  await using _chatd = await place.chatd("--data", "./history");
  const { of } = await diagnose(place, [...here, "--port", "0", "--data", "./history"]);
  if (existsSync("/proc/locks"))
    expect(of("history")).toMatchObject({ status: "problem", text: expect.stringContaining("has it open") as unknown });
  // Where the system tells nothing of locks, no more than that is known.
  else expect(of("history").status).toBe("ok");
});

test("--ephemeral has no folder, --no-web no page", async () => {
  await using place = await home();
  const { checks, of } = await diagnose(place, [...here, "--port", "0", "--ephemeral", "--no-web"]);
  expect(of("folder")).toMatchObject({ status: "ok", text: "None: nothing is kept (--ephemeral)." });
  expect(of("web port")).toMatchObject({ status: "ok", port: null });
  expect(checks.map(({ name }) => name)).not.toContain("sync");
  expect(readdirSync(place.path)).toEqual([]);
});

describe("what a host gets wrong", () => {
  test("an address that is another machine's", async () => {
    await using place = await home();
    const { of } = await diagnose(place, ["--host", "192.0.2.77", "--port", "0"]);
    expect(of("chat port")).toMatchObject({ status: "problem", text: "This machine cannot listen on 192.0.2.77." });
  });

  test("a folder that is a file", async () => {
    await using place = await home();
    writeFileSync(join(place.path, "history"), "");
    const { of } = await diagnose(place, [...here, "--port", "0", "--data", "./history"]);
    expect(of("folder")).toMatchObject({ status: "problem", text: "./history is a file." });
    const below = await diagnose(place, [...here, "--port", "0", "--data", "./history/deeper"]);
    expect(below.of("folder").status).toBe("problem");
  });

  test.skipIf(isRoot)("a folder that may not be written", async () => {
    await using place = await home();
    mkdirSync(join(place.path, "history"), { mode: 0o500 });
    const { of } = await diagnose(place, [...here, "--port", "0", "--data", "./history"]);
    expect(of("folder")).toMatchObject({ status: "problem", text: "./history cannot be written." });
  });

  test.skipIf(!mountable)("a disk that is mounted for reading only", async () => {
    await using place = await home();
    using disk = tinyDisk(256)!;
    expect(Bun.spawnSync(["mount", "-o", "remount,ro", disk.path]).success).toBe(true);
    const { of, checks } = await diagnose(place, [...here, "--port", "0", "--data", disk.path]);
    expect(of("folder")).toMatchObject({
      status: "problem",
      text: expect.stringContaining("for reading only") as unknown,
    });
    expect(checks.filter(({ status }) => status === "problem").map(({ name }) => name)).toContain("folder");
  });

  test.skipIf(!mountable)("a disk that is full, or in memory", async () => {
    await using place = await home();
    using disk = tinyDisk(256)!;
    disk.fill();
    const before = everythingIn(disk.path);
    const full = await diagnose(place, [...here, "--port", "0", "--data", disk.path]);
    expect(full.of("space")).toMatchObject({
      status: "problem",
      text: expect.stringContaining("takes nothing more") as unknown,
    });
    expect(full.of("folder").status).not.toBe("problem");
    expect(full.of("file system")).toMatchObject({ status: "warning", kind: "tmpfs" });
    expect(everythingIn(disk.path)).toEqual(before);
  });

  test("a folder and files that others can read", async () => {
    await using place = await home();
    {
      await using chatd = await place.chatd("--data", "./history");
      chatd.program.kill();
      expect(await chatd.program.exited()).toBe(0);
    }
    chmodSync(join(place.path, "history"), 0o755);
    const looked = await diagnose(place, [...here, "--port", "0", "--data", "./history"]);
    expect(looked.of("folder")).toMatchObject({ status: "warning", commands: ["chmod 700 ./history"] });
    chmodSync(join(place.path, "history", "room.db"), 0o644);
    const open = await diagnose(place, [...here, "--port", "0", "--data", "./history"]);
    expect(open.of("folder")).toMatchObject({
      status: "problem",
      commands: ["chmod 600 ./history/room*", "chmod 700 ./history"],
    });
  });

  test("a history that a newer chatd has written", async () => {
    await using place = await home();
    mkdirSync(join(place.path, "history"), { mode: 0o700 });
    writeFileSync(join(place.path, "history", "room-0000000000000001.log"), "chatd log 9 x 00000000\n", {
      mode: 0o600,
    });
    const { of } = await diagnose(place, [...here, "--port", "0", "--data", "./history"]);
    expect(of("history")).toMatchObject({ status: "problem", form: "newer" });
  });

  test("too few open files", async () => {
    await using place = await home();
    const few = ["sh", "-c", `ulimit -n 100 && exec "$0" "$@"`, CHATD, "doctor"];
    const flags = [...here, "--port", "0", "--ephemeral"];
    const usual = await diagnose(place, flags, { command: few });
    expect(usual.of("open files")).toMatchObject({ status: "warning", limit: 100, clients: 36 });
    const asked = await diagnose(place, [...flags, "--clients", "200"], { command: few });
    expect(asked.of("open files")).toMatchObject({
      status: "problem",
      commands: ["ulimit -n 264"],
      clients_wanted: 200,
    });
  });

  test("bounds that are off", async () => {
    await using place = await home();
    const { ok, of } = await diagnose(place, [...here, "--port", "0", "--ephemeral"], {
      env: { CHATD_RATE: "off", CHATD_PER_ADDRESS: "off" },
    });
    expect(ok).toBe(true);
    expect(of("bounds")).toMatchObject({ status: "warning", rate_per_s: null, per_address: null });
    expect(of("bounds").text).toContain("--rate off");
    expect(of("bounds").text).toContain("--per-address off");
  });

  test.skipIf(!faketime)("a clock that is wrong", async () => {
    await using place = await home();
    const flags = [...here, "--port", "0", "--data", "./history"];
    const at = (when: string) => diagnose(place, flags, { command: [faketime!, when, CHATD, "doctor"] });
    expect((await at("1970-01-05 12:00:00")).of("clock")).toMatchObject({
      status: "problem",
      text: expect.stringContaining("It says 1970-01-0") as unknown,
    });
    {
      // A room that was open while the clock was a day ahead.
      const command = [faketime!, "-f", "+1d", CHATD, ...here, "--port", "0", "--data", "./history", "--log", "json"];
      await using ahead = place.run(command);
      await ahead.until('"listening"');
      ahead.say("EXIT");
      expect(await ahead.exited()).toBe(0);
    }
    expect((await diagnose(place, flags)).of("clock")).toMatchObject({
      status: "problem",
      text: expect.stringContaining("behind the newest event in the history") as unknown,
    });
  });

  test("a certificate that is over, and a key that others can read", async () => {
    await using place = await home();
    const [cert, key] = [join(place.path, "cert.pem"), join(place.path, "key.pem")];
    writeFileSync(cert, SOME_CERTIFICATE);
    writeFileSync(key, ITS_KEY);
    chmodSync(key, 0o644);
    const flags = [...here, "--port", "0", "--ephemeral", "--tls-cert", cert, "--tls-key", key];
    const { of } = await diagnose(place, flags);
    expect(of("certificate")).toMatchObject({
      status: "problem",
      valid_to: "2027-11-27",
      commands: [`chmod 600 ${key}`],
    });
  });
});

test("whatever folder, host and files are called, none of it steers a terminal or a program", async () => {
  await using place = await home();
  const folder = "a\x1b]0;owned\x07\x1b[2J\n\u202eb \u009b31m'";
  mkdirSync(join(place.path, folder), { mode: 0o755 });
  const flags = ["--port", "0", "--data", folder, "--tls-cert", `${folder}.pem`, "--tls-key", `${folder}.key`];
  const unseen = /[\p{C}\p{Zl}\p{Zp}]/u;
  for (const host of ["127.0.0.1", "h\x1b[31mö\x07\u202e"]) {
    await using doctor = place.run([CHATD, "doctor", ...flags, "--host", host]);
    await doctor.exited();
    for (const line of [...doctor.out, ...doctor.err]) expect(line).not.toMatch(unseen);
    const { checks } = await diagnose(place, [...flags, "--host", host]);
    const strings = (value: unknown): string[] => {
      if (typeof value === "string") return [value];
      return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
    };
    for (const text of strings(checks)) expect(text).not.toMatch(unseen);
  }
  await using wrong = place.run([CHATD, "doctor", "\x1b[31mred"]);
  expect(await wrong.exited()).toBe(2);
  expect(wrong.err.join("\n")).not.toMatch(unseen);
});

describe("on a terminal", () => {
  const ask = [CHATD, "doctor", ...here, "--port", "0", "--ephemeral", "--rate", "off"];

  test("of 40 columns the words stand below the names, in colour, and end with the verdict", async () => {
    await using place = await home();
    await using term = await place.open(ask, { cols: 40, rows: 60 });
    expect(await term.exited).toBe(0);
    expect(term.received()).toContain(
      "\x1b[33m! warning\x1b[0m  bounds\r\n  --rate off: one guest can take all of\r\n",
    );
    expect(term.received()).toContain("\x1b[32m✓ ok\x1b[0m       chat port\r\n");
    for (const line of term.received().split("\r\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(40);
    expect(term.everything().replaceAll("\n", " ")).toContain("the room can open.");
  });

  test("NO_COLOR turns colours off", async () => {
    await using place = await home();
    await using term = await place.open(ask, { env: { NO_COLOR: "1" } });
    expect(await term.exited).toBe(0);
    expect(term.received()).not.toContain("\x1b");
    expect(term.received()).toContain("✓ ok       chat port ");
  });

  test.skipIf(!traceable)("Ctrl+C ends it and leaves nothing on the disk", async () => {
    await using place = await home();
    mkdirSync(join(place.path, "history"));
    const slow = [
      "strace",
      "-f",
      "-o",
      join(place.path, "trace"),
      "-e",
      "trace=fdatasync",
      "-e",
      "inject=fdatasync:delay_enter=1s",
    ];
    const command = [...slow, CHATD, "doctor", ...here, "--port", "0", "--data", "./history"];
    await using term = await place.open(command);
    // The folder is told of once its disk was measured, which is what is slow.
    await term.until("firewall");
    const probe = () => readdirSync(join(place.path, "history"));
    while (probe().length === 0) await new Promise((resolve) => setImmediate(resolve));
    term.type("\x03");
    expect(await term.exited).toBe(130);
    expect(probe()).toEqual([]);
  });
});

test.each([
  [["doctor", "--prot", "1"], 'chatd: There is no flag --prot. "chatd doctor --help" shows the flags.'],
  [["doctor", "doctor"], 'chatd: "doctor" is one word too many. "chatd doctor --help" shows the flags.'],
  [["doctor", "--port", "many"], "chatd: --port many: write a number from 0 to 65535."],
  [["--port", "0", "doctor"], 'chatd: Write "doctor" first: chatd doctor [FLAGS]. "chatd --help" shows the flags.'],
])("%p: %s", async (args, sentence) => {
  await using place = await home();
  await using chatd = place.run([CHATD, ...args]);
  expect(await chatd.exited()).toBe(2);
  expect(chatd.err).toEqual([sentence]);
  expect(chatd.out).toEqual([]);
});

test("--help teaches, --version tells", async () => {
  await using place = await home();
  await using help = place.run([CHATD, "doctor", "--help"]);
  expect(await help.exited()).toBe(0);
  for (const part of ["Usage: chatd doctor [FLAGS]", "--json", "--data DIR", "Exit codes:", "CHATD_JSON"])
    expect(help.out.join("\n")).toContain(part);
  for (const line of help.out) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
  await using version = place.run([CHATD, "doctor", "--version"]);
  await using usual = place.run([CHATD, "--version"]);
  expect(await version.exited()).toBe(0);
  await usual.exited();
  expect(version.out).toEqual(usual.out);
  const { of } = await diagnose(place, [...here, "--port", "0", "--ephemeral"]);
  expect(usual.out[0]).toBe(`chatd ${of("version")["version"] as string} (${of("version")["commit"] as string})`);
});
