// Who may use a page's server: the rules, as values.
import { describe, expect, test } from "bun:test";
import { guardOf, meansOnly, ownHostname, readOrigin } from "../../lib/web/guard.ts";
import { called, callers, OWN_NAMES, PROXY } from "./callers.ts";

const known = { names: OWN_NAMES, origins: [PROXY] };
const guard = guardOf(known);

describe("a request with", () => {
  test.each(callers(3_002).map((caller) => [called(caller), caller] as const))("%s", (_, { host, origin, status }) => {
    const denial = guard(host, origin);
    expect(denial?.status).toBe(status);
    if (denial) expect(denial.text).toEndWith(".");
  });

  test("no Host is refused", () => {
    expect(guard(null, null)?.status).toBe(400);
  });
});

test("a refusal says what to do, and repeats nothing that is not a plain name", () => {
  expect(guard("chat.example.com", null)?.text).toContain("--origin https://chat.example.org");
  expect(guard("localhost", "https://other.example")?.text).toContain("--origin https://other.example.");
  for (const origin of ["https://x/<script>", "null", "https://x y", "https://a@b", "javascript:alert(1)"])
    expect(guard("localhost", origin)?.text).toContain("--origin https://chat.example.org.");
});

test("a room that is told nothing answers to addresses and localhost alone", () => {
  const bare = guardOf({ names: [], origins: [] });
  expect(bare("localhost:3002", null)).toBeUndefined();
  expect(bare("10.0.0.1:3002", null)).toBeUndefined();
  expect(bare("chat.example.org", null)?.status).toBe(421);
  expect(bare("localhost:3002", PROXY)?.status).toBe(403);
});

test("a server that speaks https takes no page that came over http, and one behind a proxy takes both", () => {
  const host = "localhost:3002";
  const secure = guardOf({ ...known, scheme: "https" });
  expect(secure(host, `https://${host}`)).toBeUndefined();
  expect(secure(host, null)).toBeUndefined();
  expect(secure(host, `http://${host}`)?.status).toBe(403);
  expect(secure(host, PROXY)).toBeUndefined();
  const plain = guardOf({ ...known, scheme: "http" });
  for (const origin of [`http://${host}`, `https://${host}`]) expect(plain(host, origin)).toBeUndefined();
});

test.each([
  ["192.168.1.5:3001", "192.168.1.5"],
  ["LOCALHOST:3001", "localhost"],
  ["[::1]:3001", "[::1]"],
  ["chat.example.org", "chat.example.org"],
  ["evil.example:3001", undefined],
  ["localhost/x", undefined],
])("the own host name in %j is %j", (host, hostname) => {
  expect(ownHostname(host, known)).toBe(hostname);
});

test.each([
  ["https://Chat.Example.org:443", "https://chat.example.org"],
  ["http://[::1]:3002/", "http://[::1]:3002"],
  ["https://a.example/b", undefined],
  ["https://a.example?", undefined],
  ["https://a@b.example", undefined],
  ["https:\\\\a.example", undefined],
  ["ws://a.example", undefined],
  ["a.example", undefined],
])("the origin in %j is %j", (text, origin) => {
  expect(readOrigin(text)).toBe(origin);
});

describe("a host that a request names, for a server at 192.168.1.5:3002,", () => {
  const at = { address: "192.168.1.5", port: 3_002, isHttps: false };
  test.each([
    ["192.168.1.5:3002", true],
    [`${OWN_NAMES[0]}:3002`, true],
    ["chat.example.org", true],
    ["Chat.Example.org:443", true],
    // Others may have any of these.
    ["192.168.1.6:3002", false],
    ["192.168.1.5:3003", false],
    ["192.168.1.5", false],
    ["127.0.0.1:3002", false],
    ["localhost:3002", false],
    ["[::1]:3002", false],
    [`${OWN_NAMES[0]}:3003`, false],
    ["chat.example.org:8443", false],
    ["chat.example.org:3002", false],
    ["evil.example:3002", false],
    ["", false],
    ["192.168.1.5:3002, evil.example", false],
  ])("%j, means it alone: %p", (host, means) => {
    expect(meansOnly(host, at, known)).toBe(means);
  });
});

test.each([
  ["localhost:3002", "127.0.0.1", true],
  ["chat.localhost:3002", "127.0.0.1", true],
  ["localhost:3002", "::1", true],
  ["localhost:3003", "127.0.0.1", false],
  ["127.0.0.2:3002", "127.0.0.1", false],
  ["[2001:DB8::0:5]:3002", "2001:db8::5", true],
  ["[2001:db8::6]:3002", "2001:db8::5", false],
  ["[::1]:3002", "::1", true],
])("the host %j at %s means it alone: %p", (host, address, means) => {
  expect(meansOnly(host, { address, port: 3_002, isHttps: false }, { names: [], origins: [] })).toBe(means);
});

test("a port that is not written is that of the scheme", () => {
  const bare = { names: [], origins: ["http://10.0.0.9:8080"] };
  for (const [port, isHttps] of [
    [80, false],
    [443, true],
  ] as const) {
    expect(meansOnly("10.0.0.1", { address: "10.0.0.1", port, isHttps }, bare)).toBe(true);
    expect(meansOnly("10.0.0.1", { address: "10.0.0.1", port, isHttps: !isHttps }, bare)).toBe(false);
  }
  // Of a router in front of it, say.
  expect(meansOnly("10.0.0.9:8080", { address: "192.168.1.5", port: 3_002, isHttps: false }, bare)).toBe(true);
});
