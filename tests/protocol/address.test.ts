// Where a room is, in the ways people write it.
import { expect, test } from "bun:test";
import { type Address, readAddress, writeAddress } from "../../lib/protocol/address.ts";

const lobby = { room: "lobby", port: 3001 };

test.each<[text: string, address: Address]>([
  ["localhost", { ...lobby, hostname: "localhost" }],
  ["  example.org  ", { ...lobby, hostname: "example.org" }],
  ["192.168.1.5", { ...lobby, hostname: "192.168.1.5" }],
  ["example.org:4000", { ...lobby, hostname: "example.org", port: 4_000 }],
  ["ada@example.org", { ...lobby, hostname: "example.org", name: "ada" }],
  ["ada@example.org:4000/cellar", { hostname: "example.org", port: 4_000, room: "cellar", name: "ada" }],
  ["chat://example.org", { ...lobby, hostname: "example.org" }],
  ["chat://example.org/", { ...lobby, hostname: "example.org" }],
  ["chat://Zo%C3%AB@example.org:1/caf%C3%A9", { hostname: "example.org", port: 1, room: "café", name: "Zoë" }],
  ["::1", { ...lobby, hostname: "::1" }],
  ["fe80::1:2", { ...lobby, hostname: "fe80::1:2" }],
  ["[::1]", { ...lobby, hostname: "::1" }],
  ["[::1]:4000", { ...lobby, hostname: "::1", port: 4_000 }],
  ["[fe80::1%eth0]:4000", { ...lobby, hostname: "fe80::1%eth0", port: 4_000 }],
  ["chat://ada@[::1]:4000/lobby", { ...lobby, hostname: "::1", port: 4_000, name: "ada" }],
  ["example.org/100%", { ...lobby, hostname: "example.org", room: "100%" }],
])("%j is understood", (text, address) => {
  expect(readAddress(text)).toEqual(address);
});

test.each([
  "",
  "two words",
  "example.org:",
  "example.org:http",
  "example.org:123456",
  "http://example.org",
  "@example.org",
  "a@b@c",
  "[::1",
  "example.org/a/b",
  "chat://",
])("%j is no address, and the sentence says how one is written", (text) => {
  expect(readAddress(text)).toEqual({
    problem: `"${text}" is not an address. Write HOST, HOST:PORT or chat://HOST:PORT/ROOM.`,
  });
});

test.each(["0", "65536", "99999"])("%s is no port", (port) => {
  expect(readAddress(`localhost:${port}`)).toEqual({
    problem: `${port} is not a port. Ports are 1 to 65535; chatd's is 3001.`,
  });
});

test("what is written can be read", () => {
  for (const [hostname, port, text] of [
    ["localhost", 3_001, "localhost"],
    ["localhost", 4_000, "localhost:4000"],
    ["::1", 3_001, "[::1]"],
    ["::1", 4_000, "[::1]:4000"],
  ] as const) {
    expect(writeAddress({ hostname, port })).toBe(text);
    expect(readAddress(text)).toEqual({ hostname, port, room: "lobby" });
  }
});
