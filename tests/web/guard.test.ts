// Who may use a page's server: the rules, as values.
import { describe, expect, test } from "bun:test";
import { guardOf, ownHostname, readOrigin } from "../../lib/web/guard.ts";
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
