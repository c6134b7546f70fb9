// How many may come, and what one of them may take.
import { expect, test } from "bun:test";
import { type BoundsSeen, type FilesSeen, judgeBounds, judgeFiles } from "../../lib/doctor/guests.ts";

const usual: FilesSeen = { openFiles: 20_000, told: true, clients: 10_000, named: false };
const files = (more: Partial<FilesSeen>, platform = "linux") => judgeFiles({ ...usual, ...more }, platform);

test("enough open files are fine", () => {
  expect(files({})).toEqual({
    name: "open files",
    status: "ok",
    text: "A process may have 20000 files open: enough for 10000 clients at once.",
    measured: { limit: 20_000, reserved: 64, clients_wanted: 10_000, clients: 10_000 },
  });
  expect(files({ openFiles: 1_024 })).toMatchObject({ status: "ok", measured: { clients: 960 } });
  expect(files({ openFiles: Number.MAX_SAFE_INTEGER }).text).toContain("any number of files");
  expect(files({ openFiles: 2_048, told: false }).text).toContain("does not say");
  expect(files({ openFiles: 100, clients: 30, named: true }).status).toBe("ok");
});

test("too few for what was asked for are a problem, with the command that raises the limit", () => {
  expect(files({ openFiles: 1_024, clients: 2_000, named: true })).toMatchObject({
    status: "problem",
    text: "A process may have 1024 files open: enough for 960 clients and not for the 2000 of --clients.",
    advice: expect.stringContaining("LimitNOFILE=2064") as unknown,
    commands: ["ulimit -n 2064"],
    measured: { clients: 960 },
  });
  expect(files({ openFiles: 64 })).toMatchObject({ status: "problem", measured: { clients: 0 } });
  expect(files({ openFiles: 64 }, "win32").commands).toBeUndefined();
});

test("few are a warning where nobody asked for more", () => {
  expect(files({ openFiles: 256 })).toMatchObject({
    status: "warning",
    text: "A process may have 256 files open: enough for 192 clients at once, the next one is turned away.",
    commands: ["ulimit -n 10064"],
  });
  expect(files({ openFiles: 264 }).status).toBe("ok");
});

const bound: BoundsSeen = { rate: { perSecond: 5, burst: 20 }, perAddress: 32, clients: 10_000, proxied: false };
const bounds = (more: Partial<BoundsSeen>) => judgeBounds({ ...bound, ...more });

test("bounds that hold are fine", () => {
  expect(bounds({})).toEqual({
    name: "bounds",
    status: "ok",
    text: "A member may send 5 messages a second, 20 at once. 32 connections may come from one address.",
    measured: { rate_per_s: 5, burst: 20, per_address: 32 },
  });
});

test("bounds that were turned off are a warning that names the risk", () => {
  expect(bounds({ rate: undefined })).toMatchObject({
    status: "warning",
    text: expect.stringContaining("--rate off: one guest can take all of the room's time") as unknown,
    measured: { rate_per_s: null },
  });
  expect(bounds({ perAddress: undefined })).toMatchObject({
    status: "warning",
    text: expect.stringContaining("--per-address off: one guest can take all of the room's connections") as unknown,
  });
  expect(bounds({ rate: undefined, perAddress: undefined }).advice).toBe(
    "Leave it out, but for a test on a network that you trust.",
  );
  expect(bounds({ perAddress: undefined, proxied: true }).advice).toContain("--host 127.0.0.1");
  expect(bounds({ perAddress: 500, clients: 400 })).toMatchObject({ status: "warning", advice: "Give a smaller one." });
});
