// What every engine of the log promises. An engine's own test is a call of `logSuite` and what only it can break.
import { describe, expect, test } from "bun:test";
import { type Batch, type Cursor, type Log, OLDER_BYTES, type Waiting } from "../../lib/log/log.ts";
import type { Clock } from "../../lib/log/stamp.ts";
import { decodeStored } from "../../lib/protocol/codec.ts";
import type { Fact } from "../../lib/protocol/message.ts";
import { random } from "../support/random.ts";
import { drained, everything, linesOf, many, said, textsOf } from "./reading.ts";

const nothing: Waiting = { grown() {} };

export function logSuite(engine: string, open: (now?: Clock) => Promise<Log>): void {
  describe(`the ${engine} log, before anything happened,`, () => {
    test("is empty and has a name of its own", async () => {
      await using log = await open();
      await using other = await open();
      expect(log.head).toBe(0);
      expect(log.follow(0, nothing).take()).toBeUndefined();
      expect(log.said(1, 50, 1_000)).toEqual({ lines: [], more: false });
      expect(log.caused("Ada", "r1")).toBeUndefined();
      expect(log.topic()).toBeUndefined();
      expect(log.id).not.toBe("");
      expect(log.id).not.toBe(other.id);
    });
  });

  describe(`the ${engine} log keeps what is appended`, () => {
    test("in order, each fact with a number and a time", async () => {
      await using log = await open(() => Date.UTC(2025, 0, 2, 3, 4, 5, 678));
      const facts: Fact[] = [{ type: "opened" }, { type: "entered", name: "Ada", re: "r1" }, said("hi", "r2")];
      const at = "2025-01-02T03:04:05.678Z";
      const events = facts.map((fact, index) => ({ ...fact, seq: index + 1, at }));
      expect(await log.append(facts)).toEqual(events);
      expect(log.head).toBe(3);
      expect(everything(log).map(decodeStored)).toEqual(JSON.parse(JSON.stringify(events)));
      expect(await log.append([said("again")])).toEqual([{ ...said("again"), seq: 4, at }]);
      expect(log.head).toBe(4);
    });

    test("with times that never go back, even when the clock does", async () => {
      const clock = [5_000, 9_000, 1_000, 8_999, 9_001];
      await using log = await open(() => clock.shift() ?? 0);
      for (let n = 0; n < 6; n++) await log.append([said(`${n}`), said(`${n}`)]);
      const times = everything(log).map((line) => Date.parse(decodeStored(line).at));
      expect(times).toEqual([5_000, 5_000, 9_000, 9_000, 9_000, 9_000, 9_000, 9_000, 9_001, 9_001, 9_001, 9_001]);
    });

    test("with the bytes that any text has", async () => {
      await using log = await open();
      const texts = ["", "two\nlines", '"\\', "Zoë 漢字 👩‍👩‍👧", "\u2028", "'; drop table events; --", "x".repeat(8_192)];
      await log.append(texts.map((text) => said(text)));
      expect(textsOf(everything(log))).toEqual(texts);
    });

    test("and is not moved by an append of nothing", async () => {
      await using log = await open();
      let calls = 0;
      log.follow(0, { grown: () => calls++ }).take();
      expect(await log.append([])).toEqual([]);
      expect([log.head, calls]).toEqual([0, 0]);
    });
  });

  describe(`who follows the ${engine} log`, () => {
    test("gets what comes after any number, without gap or repeat", async () => {
      await using log = await open();
      const sizes = [1, 3, 1, 1, 7, 2, 5];
      for (const [index, size] of sizes.entries()) await log.append(many(size, `${index}`));
      const all = everything(log);
      expect(all.map((line) => decodeStored(line).seq)).toEqual(Array.from(all, (_, index) => index + 1));
      for (let after = 0; after <= log.head; after++) {
        const batches = drained(log.follow(after, nothing));
        expect(linesOf(batches)).toEqual(all.slice(after));
        expectChained(batches, after);
      }
    });

    test("gets the same bytes live, late and in parts", async () => {
      await using log = await open();
      const live = log.follow(0, nothing);
      const heard: Batch[] = [];
      for (let n = 0; n < 20; n++) {
        const events = await log.append([...many(3, `${n} ë`), { type: "topic", by: "Ada", text: `${n}` }]);
        const batch = live.take();
        if (!batch) throw new Error("nothing came");
        expect(linesOf([batch])).toEqual(events.map((event) => JSON.stringify(event)));
        heard.push(batch);
      }
      expect(linesOf(heard)).toEqual(everything(log));
      expect(linesOf(drained(log.follow(37, nothing)))).toEqual(everything(log).slice(37));
    });

    test("misses nothing and hears nothing twice while others write, whenever it came and however late it reads", async () => {
      await using log = await open();
      const { below, pick } = random(3);
      const readers: { after: number; cursor: Cursor; batches: Batch[] }[] = [];
      for (let turn = 0; turn < 120; turn++) {
        if (turn % 10 === 0) {
          const after = below(log.head + 1);
          readers.push({ after, cursor: log.follow(after, nothing), batches: [] });
        }
        await log.append(many(1 + below(9), `${turn}`));
        for (let takes = below(20); takes > 0; takes--) {
          const reader = pick(readers);
          const batch = reader.cursor.take();
          if (batch) reader.batches.push(batch);
        }
      }
      const all = everything(log);
      for (const { after, cursor, batches } of readers) {
        batches.push(...drained(cursor));
        expectChained(batches, after);
        expect(linesOf(batches)).toEqual(all.slice(after));
      }
    });

    test("shares one batch with all who keep up", async () => {
      await using log = await open();
      await log.append(many(5));
      const readers = [log.follow(0, nothing), log.follow(3, nothing), log.follow(5, nothing)];
      for (const reader of readers) drained(reader);
      for (let turn = 0; turn < 3; turn++) {
        await log.append(many(2));
        const [first, ...others] = readers.map((reader) => reader.take());
        expect(first).toBeDefined();
        for (const other of others) expect(other).toBe(first);
      }
    });

    test("gets as one batch what was told together", async () => {
      await using log = await open();
      const heard: Batch[][] = [];
      const cursor = log.follow(0, { grown: () => heard.push(drained(cursor)) });
      drained(cursor);
      for (let round = 0; round < 2; round++) {
        for (let turn = 0; turn < 200; turn++) await log.append(many(2, `${turn}`));
        log.notify();
      }
      expect(heard.map((batches) => batches.map(({ after, last }) => [after, last]))).toEqual([
        [[0, 400]],
        [[400, 800]],
      ]);
      expect(linesOf(heard.flat())).toEqual(everything(log));
    });

    test("gets the rest of it when it came in the midst of what was told together", async () => {
      await using log = await open();
      for (let turn = 0; turn < 5; turn++) await log.append(many(3, `${turn} ë`));
      const cursors = Array.from({ length: 16 }, (_, after) => log.follow(after, nothing));
      log.notify();
      const lines = everything(log);
      for (const [after, cursor] of cursors.entries()) {
        const batches = drained(cursor);
        expectChained(batches, after);
        expect(linesOf(batches)).toEqual(lines.slice(after));
      }
    });

    test("gets larger batches when it is far behind", async () => {
      await using log = await open();
      for (let turn = 0; turn < 200; turn++) {
        await log.append(many(2, `${turn}`));
        log.notify();
      }
      const batches = drained(log.follow(0, nothing));
      expect(batches.length).toBeLessThan(20);
      expect(linesOf(batches).length).toBe(400);
    });

    test("gets batches that are never much larger than one may be", async () => {
      await using log = await open();
      // Each character has three bytes.
      for (let turn = 0; turn < 20; turn++)
        await log.append(Array.from({ length: 50 }, () => said("漢".repeat(1_000))));
      for (let turn = 0; turn < 20; turn++) await log.append(many(200));
      const batches = drained(log.follow(1, nothing));
      expect(linesOf(batches).length).toBe(20 * 250 - 1);
      for (const { bytes } of batches) expect(bytes.length).toBeLessThan(OLDER_BYTES + 160_000);
    });

    test("soon gets the same batches as others who are behind, wherever it began", async () => {
      await using log = await open();
      for (let turn = 0; turn < 2_000; turn++) {
        await log.append(many(5, `${turn}`));
        log.notify();
      }
      const [first, second] = [log.follow(10, nothing), log.follow(17, nothing)];
      const ends = (cursor: Cursor) => drained(cursor).map(({ last }) => last);
      expect(ends(first)).toEqual(ends(second));
    });

    test("is called once when there is more and it is told, not by the append itself", async () => {
      await using log = await open();
      const calls: string[] = [];
      const reader = log.follow(0, { grown: () => calls.push(`grown to ${log.head}`) });
      const grow = async (count: number) => {
        await log.append(many(count));
        calls.push(`${log.head} on disk`);
        log.notify();
      };
      await grow(1);
      // It has not yet seen the end, so it is not waiting.
      expect(calls).toEqual(["1 on disk"]);
      drained(reader);
      log.notify();
      await grow(2);
      await grow(3);
      expect(calls.slice(1)).toEqual(["3 on disk", "grown to 3", "6 on disk"]);
      drained(reader);
      await grow(1);
      expect(calls.slice(4)).toEqual(["7 on disk", "grown to 7"]);
    });

    test("may read while it is called, and with one callback for two cursors", async () => {
      await using log = await open();
      const heard: string[][] = [[], []];
      const cursors: Cursor[] = [];
      const grown = () => {
        for (const [index, cursor] of cursors.entries()) heard[index]!.push(...linesOf(drained(cursor)));
      };
      cursors.push(log.follow(0, { grown }), log.follow(0, { grown }));
      grown();
      for (let turn = 0; turn < 5; turn++) {
        await log.append(many(2, `${turn}`));
        log.notify();
      }
      expect(heard).toEqual([everything(log), everything(log)]);
    });

    test("is not called any more once it has stopped, not even by the call that stops it", async () => {
      await using log = await open();
      let calls = 0;
      const stopped = log.follow(0, { grown: () => calls++ });
      stopped.take();
      stopped.stop();
      const others: Cursor[] = [];
      const stopOthers = () => {
        calls++;
        for (const other of others) other.stop();
      };
      others.push(log.follow(0, { grown: stopOthers }), log.follow(0, { grown: stopOthers }));
      for (const other of others) other.take();
      await log.append(many(1));
      log.notify();
      expect(calls).toBe(1);
      stopped.take();
      drained(stopped);
      await log.append(many(1));
      log.notify();
      expect(calls).toBe(1);
    });
  });

  describe(`a page of what was said in the ${engine} log`, () => {
    const END = Number.MAX_SAFE_INTEGER;
    const PLENTY = 1_000_000;

    async function spoken(): Promise<Log> {
      const log = await open();
      await log.append([{ type: "entered", name: "Ada" }, said("1"), { type: "topic", by: "Ada", text: "tea" }]);
      await log.append([said("2"), said("3"), { type: "exited", name: "Ada", why: "left" }, said("4")]);
      await log.append([said("5"), { type: "opened" }]);
      return log;
    }

    test("holds the newest, oldest first, and nothing but what was said", async () => {
      await using log = await spoken();
      const page = log.said(END, 50, PLENTY);
      expect(textsOf(page.lines)).toEqual(["1", "2", "3", "4", "5"]);
      expect(page.more).toBeFalse();
      const lines = everything(log);
      for (const line of page.lines) expect(lines).toContain(line);
    });

    test("holds no more than is asked for, and says whether there is more", async () => {
      await using log = await spoken();
      const page = (limit: number) => {
        const { lines, more } = log.said(END, limit, PLENTY);
        return [textsOf(lines).join(""), more];
      };
      expect([page(1), page(4), page(5), page(6)]).toEqual([
        ["5", true],
        ["2345", true],
        ["12345", false],
        ["12345", false],
      ]);
    });

    test("holds only what comes before a number", async () => {
      await using log = await spoken();
      const before = (seq: number) => textsOf(log.said(seq, 50, PLENTY).lines).join("");
      // They were said at 2, 4, 5, 7 and 8.
      expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(before)).toEqual([
        "",
        "",
        "",
        "1",
        "1",
        "12",
        "123",
        "123",
        "1234",
        "12345",
        "12345",
      ]);
    });

    test("is cut at so many bytes of UTF-8, but holds one line at least", async () => {
      await using log = await open();
      await log.append(["a", "b", "漢".repeat(100), "d"].map((text) => said(text)));
      const { lines } = log.said(END, 50, PLENTY);
      const bytes = lines.map((line) => Buffer.byteLength(line));
      const upTo = (bytesMax: number) => {
        const page = log.said(END, 50, bytesMax);
        return [page.lines.length, page.more];
      };
      const [first, second, third, last] = bytes as [number, number, number, number];
      expect(upTo(1)).toEqual([1, true]);
      expect(upTo(last)).toEqual([1, true]);
      expect(upTo(last + third - 1)).toEqual([1, true]);
      expect(upTo(last + third)).toEqual([2, true]);
      expect(upTo(last + third + second)).toEqual([3, true]);
      expect(upTo(last + third + second + first - 1)).toEqual([3, true]);
      expect(upTo(last + third + second + first)).toEqual([4, false]);
    });

    test("and the pages before it hold everything once", async () => {
      await using log = await open();
      const mixed = (n: number): Fact => (n % 3 === 0 ? { type: "entered", name: `n${n}` } : said(`${n}`));
      await log.append(Array.from({ length: 200 }, (_, n) => mixed(n)));
      const heard: string[] = [];
      let before = END;
      for (;;) {
        const { lines, more } = log.said(before, 7, PLENTY);
        heard.unshift(...lines);
        if (!more) break;
        before = decodeStored(lines[0]!).seq;
      }
      expect(heard).toEqual(everything(log).filter((line) => decodeStored(line).type === "said"));
    });
  });

  describe(`the ${engine} log knows`, () => {
    test("what a member's request has caused, in whatever case the name is written", async () => {
      await using log = await open();
      await log.append([
        { type: "entered", name: "Ada", re: "0" },
        said("hi", "1", "Ada"),
        said("ho", "1", "Bob"),
        { type: "renamed", name: "Ada", to: "Eve", re: "2" },
        { type: "topic", by: "Eve", text: "tea", re: "3" },
        { type: "exited", name: "Bob", why: "kicked", by: "Host", re: "4" },
        { type: "exited", name: "Eve", why: "left", re: "5" },
        said("no mark"),
      ]);
      const lines = everything(log);
      const caused = (author: string, re: string) => {
        const line = log.caused(author, re);
        return line === undefined ? undefined : lines.indexOf(line) + 1;
      };
      expect([caused("Ada", "1"), caused("aDA", "1"), caused("Bob", "1")]).toEqual([2, 2, 3]);
      expect([caused("Ada", "2"), caused("Eve", "3"), caused("HOST", "4")]).toEqual([4, 5, 6]);
      // Coming and going may be repeated, so nobody asks for it.
      expect([caused("Ada", "0"), caused("Eve", "5"), caused("Bob", "4")]).toEqual([undefined, undefined, undefined]);
      expect([caused("Ada", "3"), caused("Eve", "1"), caused("Ada", ""), caused("", "1")]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
    });

    test("the first of several that one request has caused", async () => {
      await using log = await open();
      await log.append([said("first", "1")]);
      await log.append([said("second", "1"), said("third", "1")]);
      expect(textsOf([log.caused("Ada", "1")!])).toEqual(["first"]);
    });

    test("the newest topic", async () => {
      await using log = await open();
      await log.append([{ type: "topic", by: "Ada", text: "tea" }, said("hi")]);
      expect(log.topic()).toBe("tea");
      await log.append([
        { type: "topic", by: "Ada", text: "cake" },
        { type: "topic", by: "Bob", text: "pie" },
      ]);
      expect(log.topic()).toBe("pie");
    });
  });
}

/** Batches that follow each other from `after` on, each with the lines that it says it has. */
function expectChained(batches: readonly Batch[], after: number): void {
  for (const batch of batches) {
    expect(batch.after).toBe(after);
    const seqs = linesOf([batch]).map((line) => decodeStored(line).seq);
    expect(seqs[0]).toBeGreaterThan(batch.after);
    expect(seqs.at(-1)).toBe(batch.last);
    after = batch.last;
  }
}
