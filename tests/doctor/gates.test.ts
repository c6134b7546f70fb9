// What is said about a port, by what was seen of it.
import { expect, test } from "bun:test";
import { type Answer, type Gate, type GateSeen, isNoAddress, isOpen, judgeGate, list } from "../../lib/doctor/gates.ts";

const chat: Gate = { name: "chat port", flag: "port", port: 3_001, hostname: "0.0.0.0", needed: true };
const page: Gate = { name: "web port", flag: "web-port", port: 3_002, hostname: "0.0.0.0", needed: false };
const seen = (state: string, ...answers: readonly Answer[]): GateSeen => ({
  state,
  answers: answers.map((answer, index) => ({ address: index === 0 ? "127.0.0.1" : `192.0.2.${index}`, answer })),
});
const judge = (gate: Gate, state: string, ...answers: readonly Answer[]) =>
  judgeGate(gate, seen(state, ...answers), "linux");

test("a free port that this machine reaches everywhere is fine", () => {
  expect(judge(chat, "free", "chatd", "chatd")).toEqual({
    name: "chat port",
    status: "ok",
    text: "Port 3001 is free. From this machine, it is reached at 127.0.0.1 and 192.0.2.1.",
    measured: { port: 3_001, state: "free", reached_at: ["127.0.0.1", "192.0.2.1"] },
  });
  expect(judge({ ...chat, port: 0 }, "free", "chatd").text).toStartWith("A port is free, another one each time.");
});

test("a free port behind a firewall is a warning, and a problem where nobody comes through", () => {
  expect(judge(chat, "free", "chatd", "silent")).toMatchObject({
    status: "warning",
    text: "Port 3001 is free, but not even this machine reaches it at 192.0.2.1.",
    advice: expect.stringContaining("firewall") as unknown,
  });
  expect(judge(chat, "free", "silent", "nobody").status).toBe("problem");
  expect(judge(page, "free", "silent").status).toBe("warning");
});

test("a port that a chatd has is fine where it answers everywhere", () => {
  expect(judge(chat, "EADDRINUSE", "chatd", "chatd")).toMatchObject({
    status: "ok",
    text: "A chatd runs on port 3001 and answers at 127.0.0.1 and 192.0.2.1.",
    measured: { state: "chatd" },
  });
  expect(judge(page, "EADDRINUSE", "chatd").text).toBe("A chatd has its page on port 3002 and answers at 127.0.0.1.");
  expect(judge(chat, "EADDRINUSE", "chatd", "nobody")).toMatchObject({
    status: "warning",
    text: "A chatd runs on port 3001, answers at 127.0.0.1, and does not at 192.0.2.1.",
  });
  expect(judge(chat, "EADDRINUSE", "full", "chatd")).toMatchObject({
    status: "warning",
    text: "A chatd runs on port 3001 and takes nobody more at 127.0.0.1.",
  });
  expect(judge(chat, "EADDRINUSE", "closing").text).toBe("A chatd runs on port 3001 and is closing.");
});

test.each(["other", "silent", "nobody"] as const)("a port that somebody else has is a problem: %s", (answer) => {
  expect(judge(chat, "EADDRINUSE", answer, answer)).toEqual({
    name: "chat port",
    status: "problem",
    text: "Port 3001 is in use, and what has it does not answer as a chatd does.",
    advice: "See which program it is and stop it, or choose another port: --port 3011.",
    commands: ["sudo ss -ltnp 'sport = :3001'"],
    measured: { port: 3_001, state: "in use", reached_at: [] },
  });
});

test("without its page's port a room opens, unless just that one was asked for", () => {
  expect(judge(page, "EADDRINUSE", "other")).toMatchObject({
    status: "warning",
    text: expect.stringContaining("The room opens without a page.") as unknown,
    advice: expect.stringContaining("--web-port 3012.") as unknown,
  });
  expect(judge({ ...page, needed: true }, "EADDRINUSE", "other").status).toBe("problem");
  expect(judge({ ...page, port: 80 }, "EACCES")).toMatchObject({
    status: "warning",
    text: "Port 80 is for the administrator only.",
    advice: "Choose one above 1023 with --web-port.",
  });
});

test("an address that is not this machine's is a problem of every port", () => {
  const wrong = { ...chat, hostname: "192.0.2.77\x1b[2J" };
  expect(judge(wrong, "EADDRNOTAVAIL")).toMatchObject({
    status: "problem",
    text: "This machine cannot listen on 192.0.2.77\\x1b[2J.",
    measured: { state: "unusable" },
  });
  expect(["EADDRNOTAVAIL", "ENOTFOUND", "unknown"].map((state) => isNoAddress(seen(state)))).toEqual([
    true,
    true,
    true,
  ]);
  expect(["free", "EADDRINUSE", "EACCES"].map((state) => isNoAddress(seen(state)))).toEqual([false, false, false]);
});

test("a room is open where a chatd answers at a port that is taken", () => {
  expect(isOpen(seen("EADDRINUSE", "nobody", "chatd"))).toBe(true);
  expect(isOpen(seen("EADDRINUSE", "full"))).toBe(true);
  expect(isOpen(seen("EADDRINUSE", "other", "silent"))).toBe(false);
  // There, it is the doctor itself that answers.
  expect(isOpen(seen("free", "chatd"))).toBe(false);
});

test("the command that names a program is that of the system, and the other port is one that there is", () => {
  const alien = (platform: string, port = 3_001) => judgeGate({ ...chat, port }, seen("EADDRINUSE", "other"), platform);
  expect(alien("darwin").commands).toEqual(["sudo lsof -nP -iTCP:3001 -sTCP:LISTEN"]);
  expect(alien("win32").commands![0]).toStartWith("Get-NetTCPConnection -State Listen -LocalPort 3001");
  expect(alien("linux", 65_530).advice).toContain("--port 4000.");
});

test("many addresses are a few and a count", () => {
  expect(list([])).toBe("");
  expect(list(["a"])).toBe("a");
  expect(list(["a", "b"])).toBe("a and b");
  expect(list(["a", "b", "c", "d", "e", "f"])).toBe("a, b, c, d, e and f");
  expect(list(["a", "b", "c", "d", "e", "f", "g", "h"])).toBe("a, b, c, d, e, f and 2 more");
});
