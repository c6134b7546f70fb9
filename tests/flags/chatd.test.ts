// What chatd makes of its flags.
import { expect, test } from "bun:test";
import { chatdSettings } from "../../lib/flags/chatd.ts";

const home = { HOME: "/home/ada" };
const settings = (args: string[], openFiles = 100_000, env = {}) => chatdSettings(args, { ...home, ...env }, openFiles);

test("without a flag it is a room for everyone on this network, kept in the home folder", () => {
  expect(settings([])).toEqual({
    hostname: "0.0.0.0",
    port: 3_001,
    web: { port: 3_002, named: false, origins: [] },
    directory: "/home/ada/.local/state/chatd",
    isPrivate: false,
    rate: { perSecond: 5, burst: 20 },
    perAddress: 32,
    clients: 10_000,
    log: "text",
    tls: { mode: "optional", given: undefined },
  });
});

test("each flag has its setting", () => {
  const args = "-p 0 --host :: -d ./class --rate 2.5/7 --per-address off --clients 12 --log json".split(" ");
  expect(settings(args)).toEqual({
    hostname: "::",
    port: 0,
    web: { port: 0, named: false, origins: [] },
    directory: "./class",
    isPrivate: false,
    rate: { perSecond: 2.5, burst: 7 },
    perAddress: undefined,
    clients: 12,
    log: "json",
    tls: { mode: "optional", given: undefined },
  });
  expect(settings(["--ephemeral"]).directory).toBeUndefined();
  expect(settings(["--rate", "off"]).rate).toBeUndefined();
  expect(settings(["--rate", "9"]).rate).toEqual({ perSecond: 9, burst: 20 });
});

test("there are never more clients than files may be open, less those that the room needs", () => {
  expect(settings([], 1_024).clients).toBe(960);
  expect(settings(["--clients", "5000"], 1_024).clients).toBe(960);
  expect(settings([], 10).clients).toBe(1);
});

test.each(["x", "0", "5/0", "5/", "/5", "-1", "5/2.5", ""])("--rate %p is refused", (rate) => {
  expect(() => settings(["--rate", rate])).toThrow(/--rate/);
});

test("--ephemeral and --data contradict each other, wherever they are said", () => {
  expect(() => settings(["--ephemeral"], 1_024, { CHATD_DATA: "/var/chat" })).toThrow("give one of them");
});

test.each([
  [[], { port: 3_002, named: false, origins: [] }],
  [["-p", "4000"], { port: 4_001, named: false, origins: [] }],
  [["-p", "0"], { port: 0, named: false, origins: [] }],
  [["-p", "65535"], { port: 0, named: false, origins: [] }],
  [["--web-port", "8080"], { port: 8_080, named: true, origins: [] }],
  [["--web-port", "0"], { port: 0, named: true, origins: [] }],
  [["-p", "0", "--web-port", "0"], { port: 0, named: true, origins: [] }],
  [["--no-web"], undefined],
])("with %p the page is at %p", (args, web) => {
  expect(settings(args).web).toEqual(web);
});

test.each([
  ["https://chat.example.org", ["https://chat.example.org"]],
  ["HTTPS://Chat.Example.org:443/", ["https://chat.example.org"]],
  ["http://chat.lan:8080, https://a.example", ["http://chat.lan:8080", "https://a.example"]],
])("--origin %s is where the page is reached too", (origin, origins) => {
  expect(settings(["--origin", origin]).web?.origins).toEqual(origins);
});

test.each([
  ["chat.example.org", "an origin begins with https:// or http://"],
  ["wss://chat.example.org", "an origin begins with https:// or http://"],
  ["https://", "an origin begins with https:// or http://"],
  ["https:chat.example.org", "an origin begins with https:// or http://"],
  ["https://ada@chat.example.org", "an origin has no user name"],
  ["https://chat.example.org/room", "an origin ends after the host and the port"],
  ["https://chat.example.org?", "an origin ends after the host and the port"],
  ["https://chat.example.org#x", "an origin ends after the host and the port"],
  ["https://a.example,", "an origin begins with https:// or http://"],
  ["https://*.example.org", "an origin names one host"],
])("--origin %s is refused: %s", (origin, why) => {
  expect(() => settings(["--origin", origin])).toThrow(why);
  expect(() => settings(["--origin", origin])).toThrow("https://chat.example.org");
});

test.each([
  [["--web-port", "many"], "--web-port many: write a number from 0 to 65535."],
  [["-p", "4000", "--web-port", "4000"], "--port and --web-port are both 4000: chat and page need a port each."],
  [["--no-web", "--web-port", "8080"], "--no-web serves no page and --web-port says where one is: give one of them."],
  [["--no-web", "--origin", "https://a.example"], "--no-web serves no page and --origin says where one is"],
])("%p is refused", (args, why) => {
  expect(() => settings(args)).toThrow(why);
});

test.each([
  [[], { mode: "optional", given: undefined }],
  [["--tls", "required"], { mode: "required", given: undefined }],
  [["--no-tls"], { mode: "off", given: undefined }],
  [["--tls", "off"], { mode: "off", given: undefined }],
  [["--tls-cert", "c", "--tls-key", "k"], { mode: "optional", given: { certFile: "c", keyFile: "k" } }],
  [["--tls=required", "--tls-key=k", "--tls-cert=c"], { mode: "required", given: { certFile: "c", keyFile: "k" } }],
])("with %p the encryption is %p", (args, tls) => {
  expect(settings(args).tls).toEqual(tls as never);
});

test.each([
  [["--tls-cert", "c"], "--tls-cert needs --tls-key too: a certificate and its key, each as a PEM file."],
  [["--tls-key", "k"], "--tls-key needs --tls-cert too: a certificate and its key, each as a PEM file."],
  [["--no-tls", "--tls-cert", "c", "--tls-key", "k"], "--no-tls encrypts nothing and --tls-cert says with what"],
  [["--no-tls", "--tls-key", "k"], "--no-tls encrypts nothing and --tls-key says with what"],
  [["--tls", "yes"], "optional"],
])("%p is refused too", (args, why) => {
  expect(() => settings(args)).toThrow(why);
});

test("the environment may say how to encrypt", () => {
  expect(settings([], 1_024, { CHATD_TLS: "off" }).tls.mode).toBe("off");
  expect(settings(["--tls", "optional"], 1_024, { CHATD_TLS: "required" }).tls.mode).toBe("optional");
  expect(settings([], 1_024, { CHATD_TLS_CERT: "c", CHATD_TLS_KEY: "k" }).tls.given).toEqual({
    certFile: "c",
    keyFile: "k",
  });
});

test("the environment may say where the page is, or that there is none", () => {
  expect(settings([], 1_024, { CHATD_WEB_PORT: "8080" }).web).toMatchObject({ port: 8_080, named: true });
  expect(settings([], 1_024, { CHATD_WEB: "0" }).web).toBeUndefined();
  expect(settings(["--no-web"], 1_024, { CHATD_WEB: "1" }).web).toBeUndefined();
  expect(settings([], 1_024, { CHATD_ORIGIN: "https://a.example" }).web?.origins).toEqual(["https://a.example"]);
});
