// From where a room can be reached.
import { expect, test } from "bun:test";
import { isLoopback, judgeReach, type ReachSeen } from "../../lib/doctor/reach.ts";

const usual: ReachSeen = {
  hostname: "0.0.0.0",
  addresses: ["192.168.1.5"],
  hasIpv6: false,
  origins: [],
  inside: undefined,
  ports: [3_001, 3_002],
};
const judge = (more: Partial<ReachSeen>) => judgeReach({ ...usual, ...more });

test("friends come to an address that others know", () => {
  expect(judge({})).toEqual({
    name: "address",
    status: "ok",
    text: "Friends on the same network join at 192.168.1.5.",
    measured: { host: "0.0.0.0", addresses: ["192.168.1.5"] },
  });
});

test("IPv6 is remarked on where the machine has it and the room does not take it", () => {
  expect(judge({ hasIpv6: true })).toMatchObject({
    status: "ok",
    text: expect.stringContaining("--host ::") as unknown,
  });
  expect(judge({ hasIpv6: true, hostname: "::" }).text).not.toContain("IPv4");
  expect(judge({ hasIpv6: true, hostname: "192.168.1.5" }).text).not.toContain("IPv4");
});

test.each(["127.0.0.1", "127.1.2.3", "localhost", "::1", "::ffff:127.0.0.1"])("nobody comes to %s", (hostname) => {
  expect(isLoopback(hostname)).toBe(true);
  expect(judge({ hostname, addresses: [] })).toMatchObject({
    status: "warning",
    text: `Only this machine reaches it: it listens on ${hostname}. Friends cannot come.`,
    advice: "Leave --host out for a room that they can join.",
  });
});

test.each(["0.0.0.0", "::", "192.168.1.5", "127.example.org", "2001:db8::1"])("%s is for others", (hostname) => {
  expect(isLoopback(hostname)).toBe(false);
});

test("but a proxy on this machine does", () => {
  expect(judge({ hostname: "127.0.0.1", addresses: [], origins: ["https://chat.example.org"] })).toMatchObject({
    status: "ok",
    text: "Only this machine reaches it (--host 127.0.0.1), and so the proxy for https://chat.example.org.",
  });
});

test("a machine without a network is told so", () => {
  expect(judge({ addresses: [] })).toMatchObject({
    status: "warning",
    advice: expect.stringContaining("Connect") as unknown,
  });
});

test("a machine within a machine may be known to that one alone", () => {
  expect(judge({ inside: "container" })).toMatchObject({
    status: "warning",
    commands: ["docker run -p 3001:3001 -p 3002:3002 IMAGE"],
  });
  expect(judge({ inside: "container", ports: [] })).toMatchObject({
    status: "warning",
    advice: expect.stringContaining("--port") as unknown,
  });
  expect(judge({ inside: "wsl" })).toMatchObject({
    status: "warning",
    advice: expect.stringContaining(".wslconfig") as unknown,
  });
});
