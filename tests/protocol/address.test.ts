// Where a room is, in the ways people write it.
import { expect, test } from "bun:test";
import { type Address, readAddress, writeAddress, writeLink } from "../../lib/protocol/address.ts";

const lobby = { room: "lobby", port: 3001 };
const PIN = "Ab-_".repeat(10) + "123";

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
  [
    `chat://example.org:4000/lobby#pin=${PIN}`,
    { ...lobby, hostname: "example.org", port: 4_000, extras: { pin: PIN } },
  ],
  [`example.org#pin=${PIN}`, { ...lobby, hostname: "example.org", extras: { pin: PIN } }],
  [`ada@[::1]/#pin=${PIN}`, { ...lobby, hostname: "::1", name: "ada", extras: { pin: PIN } }],
  [
    `chat://example.org/lobby#invite=a%26b&pin=${PIN}&link=x=y&flag&=lost&&__proto__=z`,
    {
      ...lobby,
      hostname: "example.org",
      extras: { invite: "a&b", pin: PIN, link: "x=y", flag: "", ["__proto__"]: "z" },
    },
  ],
  ["example.org#", { ...lobby, hostname: "example.org" }],
  ["example.org#invite=me@home/x", { ...lobby, hostname: "example.org", extras: { invite: "me@home/x" } }],
])("%j is understood", (text, address) => {
  expect(readAddress(text)).toEqual(address);
});

test.each([
  "",
  "two words",
  "example.org:",
  "example.org:http",
  "example.org:123456",
  "@example.org",
  "a@b@c",
  "[::1",
  "example.org/a/b",
  "chat://",
  "#pin=x",
  "example.org#a b",
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

test.each([PIN.slice(1), `${PIN}A`, "", PIN.replace("A", "+"), "%"])("a link with the pin %j is not whole", (pin) => {
  expect(readAddress(`chat://example.org/lobby#pin=${pin}`)).toEqual({
    problem: "The link is not whole: its pin must be 43 letters, digits, - and _. Copy all of it.",
  });
});

test("a link that is written can be read, whatever is in it", () => {
  for (const [address, text] of [
    [{ ...lobby, hostname: "localhost" }, "chat://localhost:3001/lobby"],
    [{ ...lobby, hostname: "::1", extras: { pin: PIN } }, `chat://[::1]:3001/lobby#pin=${PIN}`],
    [
      { hostname: "example.org", port: 4_000, room: "café/#1", extras: { pin: PIN, "a=b": "c&d #é" } },
      `chat://example.org:4000/caf%C3%A9%2F%231#pin=${PIN}&a%3Db=c%26d%20%23%C3%A9`,
    ],
  ] as const) {
    expect(writeLink(address)).toBe(text);
    expect(readAddress(text)).toEqual(address);
  }
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

test("the address of a page is told from a server's, with what to do with it", () => {
  for (const [text, words] of [
    ["http://192.0.2.2:3002/", "type the server alone: 192.0.2.2."],
    ["https://chat.example.org/#invite=x", "chat.example.org, and paste the link when it asks for the invitation."],
    ["HTTP://[::1]:3002/", "[::1]"],
  ] as const)
    expect(readAddress(text)).toEqual({ problem: expect.stringContaining(words) });
});
