// What a host reads first: where the room is, in words and as a code.
import { describe, expect, test } from "bun:test";
import type { NetworkInterfaceInfo } from "node:os";
import {
  addressesOf,
  bannerLines,
  invitedLines,
  inviteLines,
  linksTo,
  type OpenRoom,
} from "../../lib/console/banner.ts";
import type { Screen } from "../../lib/console/screen.ts";

const room: OpenRoom = {
  hostname: "0.0.0.0",
  port: 3_001,
  page: 3_002,
  origins: [],
  addresses: ["192.168.1.5"],
  isPrivate: false,
  pin: undefined,
  scheme: "http",
};
/** A code of 15 rows and 29 columns, as that of an address in a home network is. */
const screen = (columns = 80, rows = 24): Screen => ({
  columns,
  rows,
  qr: (text) => Array.from({ length: 15 }, (_, row) => (row === 0 ? text : "").padEnd(29, "▀")),
});
const options = { version: "1.2.3", directory: "./class", screen: undefined };
const banner = (more: Partial<OpenRoom> = {}, at?: Screen) =>
  bannerLines({ ...room, ...more }, { ...options, screen: at });

test("tells what holds from earlier", () => {
  const state = { isLocked: true, slowMs: 5_000, isNew: true };
  const lines = bannerLines(room, { ...options, state });
  expect(lines).toContain("  Locked        nobody new may come in; /unlock lets them");
  expect(lines).toContain("  Slow mode     one message every 5 s; /slow off ends it");
  expect(lines).toContain("  An operator   joins by the link above");
});

test("tells what friends type, where the page and the history are, and how to stop", () => {
  expect(banner()).toEqual([
    "chatd 1.2.3: the room is open on port 3001.",
    "  Friends join  chat 192.168.1.5",
    "  In a browser  http://192.168.1.5:3002/",
    "  From here     chat localhost",
    "  Encryption    none (--no-tls): others in the network can read along",
    "  History       ./class",
    "  To stop       EXIT on standard input, or SIGTERM",
    "",
  ]);
});

test("names every address, ports that are not the usual ones, and brackets where they belong", () => {
  const lines = banner({ hostname: "::", port: 4_000, page: 4_001, addresses: ["192.168.1.5", "2001:db8::5"] });
  expect(lines.slice(1, 6)).toEqual([
    "  Friends join  chat 192.168.1.5:4000",
    "                chat [2001:db8::5]:4000",
    "  In a browser  http://192.168.1.5:4001/",
    "                http://[2001:db8::5]:4001/",
    "  From here     chat localhost:4000",
  ]);
});

test("the name that a proxy has comes first", () => {
  expect(banner({ origins: ["https://chat.example.org"] }).slice(2, 4)).toEqual([
    "  In a browser  https://chat.example.org/",
    "                http://192.168.1.5:3002/",
  ]);
});

describe("a room that encrypts", () => {
  const pin = "P".repeat(43);

  test("is told by links that name its key", () => {
    const lines = banner({ pin, port: 4_000, addresses: ["192.168.1.5", "2001:db8::5"] });
    expect(lines.slice(1, 3)).toEqual([
      `  Friends join  chat chat://192.168.1.5:4000/lobby#pin=${pin}`,
      `                chat chat://[2001:db8::5]:4000/lobby#pin=${pin}`,
    ]);
    expect(lines).toContain("  From here     chat localhost:4000");
    expect(inviteLines({ ...room, pin }, screen())[0]).toBe(
      `  Friends join  chat chat://192.168.1.5:3001/lobby#pin=${pin}`,
    );
  });

  test("and whose key ends with it is told so on this machine too", () => {
    const lines = bannerLines({ ...room, pin }, { ...options, directory: undefined });
    expect(lines).toContain(`  From here     chat chat://localhost:3001/lobby#pin=${pin}`);
  });

  test("fits into 80x24 with its code", () => {
    const lines = banner({ pin }, screen());
    expect(lines.join()).toContain("▀");
    expect(lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / 80)), 0)).toBeLessThan(24);
  });

  test.each([
    ["0.0.0.0", ["10.0.0.7"], ["chat://10.0.0.7:3001/lobby"]],
    ["0.0.0.0", [], ["chat://localhost:3001/lobby"]],
    ["127.0.0.1", [], ["chat://127.0.0.1:3001/lobby"]],
    ["::1", [], ["chat://[::1]:3001/lobby"]],
  ])("on %s with %p has links for programs", (hostname, addresses, links) => {
    const at = { ...room, hostname, addresses };
    expect(linksTo(at)).toEqual(links);
    expect(linksTo({ ...at, pin })).toEqual(links.map((link) => `${link}#pin=${pin}`));
  });
});

test("a page over https is told as such, and whether browsers will warn", () => {
  expect(banner({ scheme: "https" }).slice(2, 4)).toEqual([
    "  In a browser  https://192.168.1.5:3002/",
    "  From here     chat localhost",
  ]);
  expect(banner({ scheme: "https with a warning" }).slice(2, 4)).toEqual([
    "  In a browser  https://192.168.1.5:3002/",
    "                browsers will warn: they do not know chatd's own certificate",
  ]);
  let code = "";
  inviteLines({ ...room, scheme: "https" }, { ...screen(), qr: (text) => [(code = text)] });
  expect(code).toBe("https://192.168.1.5:3002/");
});

describe("an invitation", () => {
  const pin = "P".repeat(43);

  test("is told as a link for each way here, the page's first, and as a code of that", () => {
    const at = { ...room, port: 4_000, pin, addresses: ["192.168.1.5", "2001:db8::5"] };
    let code = "";
    const lines = invitedLines(at, "SECRET", { ...screen(), qr: (text) => [(code = text)] });
    expect(lines.slice(0, 4)).toEqual([
      "  http://192.168.1.5:3002/#invite=SECRET",
      "  http://[2001:db8::5]:3002/#invite=SECRET",
      `  chat 'chat://192.168.1.5:4000/lobby#pin=${pin}&invite=SECRET'`,
      `  chat 'chat://[2001:db8::5]:4000/lobby#pin=${pin}&invite=SECRET'`,
    ]);
    expect([code, lines[4]]).toEqual(["http://192.168.1.5:3002/#invite=SECRET", `  ${code}`]);
  });

  test("has no code where nobody else reaches the page, or the window is too small, and no page where there is none", () => {
    const here = { ...room, hostname: "127.0.0.1", addresses: [] };
    expect(invitedLines(here, "SECRET", screen())).toEqual([
      "  http://localhost:3002/#invite=SECRET",
      "  chat 'chat://127.0.0.1:3001/lobby#invite=SECRET'",
    ]);
    expect(invitedLines(room, "SECRET", screen(80, 12)).at(-1)).toBe("  QR code       needs a larger window");
    expect(invitedLines({ ...room, page: undefined }, "SECRET", screen())).toEqual([
      "  chat 'chat://192.168.1.5:3001/lobby#invite=SECRET'",
    ]);
  });

  test("is what a private room's banner asks for, and a code that lets nobody in is not shown", () => {
    const lines = banner({ isPrivate: true }, screen());
    expect(lines).toContain("  Private       who is new needs an invitation: /invite makes one");
    expect(lines.join()).not.toMatch(/▀|QR/);
  });
});

test("says why there is no page, and nothing where none is wanted", () => {
  expect(banner({ page: "port 3002 is in use; choose another with --web-port" })[2]).toBe(
    "  No page       port 3002 is in use; choose another with --web-port",
  );
  expect(banner({ page: undefined }).join()).not.toMatch(/browser|page|QR/);
});

describe("a room for this machine only", () => {
  test.each([
    ["127.0.0.1", "http://localhost:3002/", "chat localhost"],
    ["localhost", "http://localhost:3002/", "chat localhost"],
    ["::1", "http://[::1]:3002/", "chat [::1]"],
  ])("on %s has a page there, and no code for phones", (hostname, page, chat) => {
    const lines = banner({ hostname, addresses: [] }, screen());
    expect(lines.slice(1, 4)).toEqual([
      `  Friends join  from this machine only (--host ${hostname})`,
      `  In a browser  ${page}`,
      `  From here     ${chat}`,
    ]);
    expect(lines.join()).not.toMatch(/▀|QR/);
    expect(inviteLines({ ...room, hostname, addresses: [] }, screen()).join()).not.toMatch(/▀|QR/);
  });
});

describe("the code", () => {
  test("is that of the first address, and fits with all the rest and the prompt in 80x24", () => {
    const lines = banner({}, screen());
    expect(lines.length).toBeLessThan(24);
    expect(lines[7]).toStartWith("  http://192.168.1.5:3002/▀");
    expect(lines.filter((line) => line.includes("▀▀▀"))).toHaveLength(15);
    expect(lines).toContain("  To stop       EXIT, or Ctrl+C; HELP shows more");
  });

  test.each([
    ["too few rows", screen(80, 21), {}],
    ["too few columns", screen(30, 50), {}],
    ["rows that wrap", screen(31, 24), {}],
    ["many addresses", screen(), { addresses: ["10.0.0.1", "10.0.0.2", "10.0.0.3"] }],
  ])("gives way to a hint where there are %s", (_, at, more) => {
    const lines = banner(more, at);
    expect(lines.slice(-2)).toEqual(["  QR code       /invite shows it", ""]);
    expect(lines.join()).not.toContain("▀");
  });

  test("is shown again with /invite, where it fits at all", () => {
    expect(inviteLines(room, screen(31, 17))).toEqual([
      "  Friends join  chat 192.168.1.5",
      "  In a browser  http://192.168.1.5:3002/",
      ...screen()
        .qr("http://192.168.1.5:3002/")
        .map((row) => `  ${row}`),
    ]);
    for (const small of [screen(30, 17), screen(31, 15)])
      expect(inviteLines(room, small).at(-1)).toBe("  QR code       needs a larger window");
  });

  test("is nowhere where nobody sits at a terminal, or there is no page", () => {
    expect(banner().join()).not.toMatch(/▀|QR/);
    expect(banner({ page: "port 3002 is in use" }, screen()).join()).not.toMatch(/▀|QR/);
    expect(inviteLines({ ...room, page: undefined }, screen())).toEqual(["  Friends join  chat 192.168.1.5"]);
  });
});

describe("addresses", () => {
  const network = (address: string, family: "IPv4" | "IPv6", internal = false) =>
    ({ address, family, internal }) as NetworkInterfaceInfo;
  const interfaces = {
    lo: [network("127.0.0.1", "IPv4", true), network("::1", "IPv6", true)],
    eth0: [network("192.168.1.5", "IPv4"), network("fe80::1", "IPv6"), network("2001:db8::5", "IPv6")],
    gone: undefined,
  };
  test.each([
    ["0.0.0.0", ["192.168.1.5"]],
    ["::", ["192.168.1.5", "2001:db8::5"]],
    ["127.0.0.2", []],
    ["::1", []],
    ["localhost", []],
    ["10.0.0.9", ["10.0.0.9"]],
  ])("of a listener on %s are %j", (hostname, addresses) => {
    expect(addressesOf(hostname, interfaces)).toEqual(addresses);
    expect(addressesOf(hostname, {})).toEqual(hostname === "10.0.0.9" ? addresses : []);
  });

  test("without a network, friends join later and the page is here", () => {
    expect(banner({ addresses: [] }).slice(1, 3)).toEqual([
      "  Friends join  once this machine has a network",
      "  In a browser  http://localhost:3002/",
    ]);
  });
});
