// The benchmarks' own measure: what members hear, cut anywhere, is checked against what others hear.
import { expect, test } from "bun:test";
import { random } from "../support/random.ts";
import { type Ear, Transcript } from "./transcript.ts";

const said = (seq: number, text = "hello") =>
  `{"type":"said","from":"Ada","text":"${text}","seq":${seq},"at":"2026-11-22T13:35:51.204Z"}\n`;
const entered = (seq: number) => `{"type":"entered","name":"Bob","seq":${seq},"at":"2026-11-22T13:35:51.204Z"}\n`;
const bye = '{"type":"bye","code":"slow","text":"You were too far behind."}\n';

function hear(ear: Ear, text: string): void {
  ear.hear(Buffer.from(text));
}

test("however its bytes are cut and whatever else is told between, everyone has heard the same", () => {
  const { below } = random(7);
  for (let round = 0; round < 200; round++) {
    const transcript = new Transcript();
    const lines = Array.from({ length: 30 }, (_, index) => said(index + 1, "x".repeat(below(40))));
    const streams = Array.from({ length: 4 }, () => ({
      ear: transcript.listen(),
      rest: lines.flatMap((line) => (below(3) === 0 ? [entered(99), line] : [line])).join(""),
    }));
    while (streams.some(({ rest }) => rest !== "")) {
      const stream = streams[below(streams.length)]!;
      const cut = below(120);
      hear(stream.ear, stream.rest.slice(0, cut));
      stream.rest = stream.rest.slice(cut);
    }
    expect(transcript.fault).toBeUndefined();
    expect(transcript.complete).toBe(true);
    expect(transcript).toMatchObject({ lines: 30, seq: 30, end: lines.join("").length });
  }
});

test("a line that only one has heard is missing", () => {
  const transcript = new Transcript();
  const [ada, bob] = [transcript.listen(), transcript.listen()];
  hear(ada, said(1) + said(2));
  hear(bob, said(1));
  expect(transcript.complete).toBe(false);
  hear(bob, said(2));
  expect(transcript.complete).toBe(true);
});

test.each([
  ["changed", said(1, "hallo") + said(2)],
  ["left out", said(2)],
  ["twice", said(1) + said(1)],
  ["in another order", said(2) + said(1)],
])("a line that one hears %s is a fault", (_, heard) => {
  const transcript = new Transcript();
  const [ada, bob] = [transcript.listen(), transcript.listen()];
  hear(ada, said(1) + said(2));
  hear(bob, heard);
  expect(transcript.fault).toContain("where others heard something else");
});

test("a line that all hear twice is a fault", () => {
  const transcript = new Transcript();
  hear(transcript.listen(), said(1) + said(1));
  expect(transcript.fault).toBe("event 1 came after event 1");
});

test("half a line is not complete, and each line is handed on once, with its end", () => {
  const transcript = new Transcript();
  const heard: [string, number][] = [];
  transcript.heard = (line, end) => void heard.push([line.toString(), end]);
  const [ada, bob] = [transcript.listen(), transcript.listen()];
  hear(ada, said(1).slice(0, -3));
  hear(bob, said(1).slice(0, -3));
  expect(transcript.complete).toBe(false);
  hear(bob, said(1).slice(-3));
  hear(ada, said(1).slice(-3));
  expect(heard).toEqual([[said(1).trimEnd(), said(1).length]]);
});

test("who is interrupted in a line hears it again, and is told goodbye", () => {
  const transcript = new Transcript();
  const told: string[] = [];
  const [ada, bob] = [transcript.listen(), transcript.listen((line) => void told.push(line))];
  hear(ada, said(1) + said(2) + said(3));
  hear(bob, bye + said(1) + said(2).slice(0, 40));
  bob.interrupted();
  expect(transcript.seqBefore(bob.position)).toBe(1);
  hear(bob, entered(9) + said(2) + said(3));
  expect(transcript.complete).toBe(true);
  expect(told).toEqual([bye.trimEnd()]);
});

test("what all have heard is forgotten, and the rest still compared", () => {
  const transcript = new Transcript();
  const ears = [transcript.listen(), transcript.listen()];
  const text = "x".repeat(8_000);
  for (let seq = 1; seq <= 1_000; seq++) for (const ear of ears) hear(ear, said(seq, text));
  expect(transcript).toMatchObject({ complete: true, lines: 1_000 });
  hear(ears[0]!, said(1_001));
  hear(ears[1]!, said(1_001, "hallo"));
  expect(transcript.fault).toBeDefined();
});
