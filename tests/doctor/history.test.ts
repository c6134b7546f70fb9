// What is said about the history in the folder.
import { expect, test } from "bun:test";
import { judgeHistory, unreadHistory } from "../../lib/doctor/history.ts";
import type { LogSurvey } from "../../lib/log/survey.ts";

const current: LogSurvey = {
  form: "current",
  newest: { seq: 17, at: Date.UTC(2026, 10, 27, 7, 8, 9) },
  files: ["room.db", "room-0000000000000001.log"],
  bytes: 549_000,
  keeper: undefined,
};
const judge = (more: Partial<LogSurvey>, { open = false, newerGuests = false } = {}) =>
  judgeHistory("/srv/chat", { ...current, ...more }, { open, newerGuests });

test("what this chatd can go on with is fine", () => {
  expect(judge({})).toEqual({
    name: "history",
    status: "ok",
    text: "549 kB, the newest event (number 17) of 2026-11-27 07:08 UTC.",
    measured: {
      form: "current",
      bytes: 549_000,
      newest_seq: 17,
      newest_at: "2026-11-27T07:08:09.000Z",
      keeper_pid: null,
    },
  });
  expect(judge({ form: "none", newest: undefined })).toMatchObject({
    status: "ok",
    text: "None yet: it begins with the first room.",
  });
  expect(judge({ form: "older" }).text).toContain("an older chatd cannot read it then");
  expect(judge({ newest: undefined }).text).toBe("549 kB.");
});

test("what it cannot go on with is a problem", () => {
  for (const [finding, text] of [
    [judge({ form: "newer" }), "The history in /srv/chat was written by a newer chatd."],
    [judge({}, { newerGuests: true }), "The guest list in /srv/chat was written by a newer chatd."],
    [judge({ form: "foreign" }), "room.db in /srv/chat is not a chat history, or it is damaged."],
    [unreadHistory("/srv/chat"), "The history in /srv/chat cannot be read."],
  ] as const) {
    expect(finding).toMatchObject({ status: "problem", text });
    expect(finding.advice).toContain("--data");
  }
});

test("a chatd that answers and has another folder is not taken for the room of this one", () => {
  for (const form of ["none", "older", "current"] as const)
    expect(judge({ form }, { open: true })).toMatchObject({
      status: "warning",
      text: expect.stringContaining("keeps its history elsewhere, or none") as unknown,
      advice: expect.stringContaining("--data") as unknown,
    });
});

test("a chatd that has it open is the room that answers, or in the way", () => {
  expect(judge({ keeper: 850 }, { open: true })).toMatchObject({
    status: "ok",
    text: expect.stringContaining("The chatd with process number 850 has it open. 549 kB") as unknown,
    measured: { keeper_pid: 850 },
  });
  expect(judge({ keeper: 850 })).toMatchObject({
    status: "problem",
    text: expect.stringContaining("does not answer on this port") as unknown,
    commands: ["ps -p 850 -o args"],
  });
  // One whose number means nothing here: it is in another container.
  expect(judge({ keeper: 0 }).commands).toBeUndefined();
  expect(judge({ keeper: 0 }).text).toStartWith("Another chatd has it open");
});
