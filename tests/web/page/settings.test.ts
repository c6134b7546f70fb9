// What the page is told by its server, and where its WebSocket is.
import { describe, expect, test } from "bun:test";
import { firstGoal, readSettings, socketUrl } from "../../../lib/web/page/settings.ts";

const ROOM = { form: false, connect: false };

describe("the settings", () => {
  test.each([
    ["that nobody has filled in", ""],
    ["of a room", '{"form":false}'],
    ["that are no JSON", "{form:"],
    ["that are no object", "[1]"],
    ["of null", "null"],
    ["of other kinds", '{"form":"yes","port":"3001"}'],
  ])("%s are those of a room's page", (_, text) => {
    expect(readSettings(text)).toEqual(ROOM);
  });

  test("of chat --gui are taken as they are, and what is newer is left out", () => {
    const told = { form: true, server: "::1", port: 4_000, pin: "P", name: "Ada", connect: true };
    expect(readSettings(JSON.stringify({ ...told, colour: "red" }))).toEqual(told);
  });
});

describe("what stands in the form at first", () => {
  const last = { server: "example.org", port: "4000", name: "Ada" };

  test("of a room is the name of last time, and never another place", () => {
    expect(firstGoal(ROOM, undefined)).toEqual({ server: "", port: "", name: "" });
    expect(firstGoal(ROOM, last)).toEqual({ server: "", port: "", name: "Ada" });
  });

  test("of chat --gui is what it says, then what was last, then this machine", () => {
    const form = { form: true, connect: false };
    expect(firstGoal(form, undefined)).toEqual({ server: "localhost", port: "3001", name: "" });
    expect(firstGoal(form, last)).toEqual(last);
    expect(firstGoal({ ...form, server: "::1", port: 5_000, name: "Bob" }, last)).toEqual({
      server: "::1",
      port: "5000",
      name: "Bob",
    });
    expect(firstGoal({ ...form, pin: "P" }, last)).toEqual({ ...last, pin: "P" });
  });
});

describe("the WebSocket", () => {
  const here = { server: "", port: "" };
  test.each([
    ["http://localhost:3002/", "ws://localhost:3002/ws"],
    ["http://192.168.1.5:3002/?x=1#unread", "ws://192.168.1.5:3002/ws"],
    ["https://chat.example.org/", "wss://chat.example.org/ws"],
    ["https://chat.example.org/room/", "wss://chat.example.org/room/ws"],
    ["http://[::1]:3002/", "ws://[::1]:3002/ws"],
    ["http://127.0.0.1:41234/q-_9Zk2vYw/", "ws://127.0.0.1:41234/q-_9Zk2vYw/ws"],
  ])("of the page at %s is at %s", (page, url) => {
    expect(socketUrl(page, here)).toBe(url);
  });

  test.each([
    ["example.org", "3001"],
    ["2001:db8::5", "4000"],
    ["fe80::1%eth0", "3001"],
    ["münchen.example", "3001"],
    ["a&b=c#d", "3001"],
  ])("to %s says so, to the letter", (server, port) => {
    const url = new URL(socketUrl("http://127.0.0.1:41234/secret/", { server, port }));
    expect([url.protocol, url.host, url.pathname, url.hash]).toEqual(["ws:", "127.0.0.1:41234", "/secret/ws", ""]);
    expect(Object.fromEntries(url.searchParams)).toEqual({ server, port });
    const pinned = new URL(socketUrl("http://127.0.0.1:41234/secret/", { server, port, pin: "P-_" }));
    expect(Object.fromEntries(pinned.searchParams)).toEqual({ server, port, pin: "P-_" });
  });
});
