// A machine whose clock jumps under way, as far as it goes and back: nobody notices, times never go back, and who was put out stays out for as long as was said.
import { expect, test } from "bun:test";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { Evidence } from "../chaos/evidence.ts";
import { problemsOf } from "../chaos/verdict.ts";
import { type Peer, peer } from "../support/peer.ts";
import { tempDir } from "../support/temp-dir.ts";
import { Honest } from "./honest.ts";
import { InsistentMember } from "./insistent-member.ts";
import { openTarget } from "./target.ts";

const TIMEOUT_MS = 30_000;
const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
/** Between two jumps: the server looks after everybody once a second. */
const BETWEEN_MS = 1_100;
/** Longer than one of them, and shorter than all. */
const BRIEF_BAN = "5s";
const [BANNED, BRIEFLY, MUTED] = ["127.0.0.7", "127.0.0.8", "127.0.0.9"];

function peerFrom(port: number, localAddress: string): Promise<Peer> {
  return peer((receiver) => dialTcp({ hostname: "127.0.0.1", port, localAddress }, receiver), localAddress);
}

/** Whether somebody new may come in from there: the code of the refusal, or `welcome`. */
async function answerTo(port: number, localAddress: string): Promise<unknown> {
  const comer = await peerFrom(port, localAddress);
  comer.send({ type: "join", name: "Another" });
  const { type, code } = await comer.next();
  comer.connection.abort();
  return code ?? type;
}

const library = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
  .map((machine) => `/usr/lib/${machine}/faketime/libfaketimeMT.so.1`)
  .find(existsSync);
if (library === undefined) console.log("clock: skipped, libfaketime is not here (apt install faketime)");

test.skipIf(library === undefined)(
  "a clock that goes forward and back, by hours, days and to 1970, throws nobody out, lets nobody back in and turns no time back",
  async () => {
    await using folder = await tempDir();
    const [directory, clock] = [join(folder.path, "data"), join(folder.path, "clock")];
    const set = (offsetS: number) => {
      // It is read at every look at the clock: never half of it.
      writeFileSync(`${clock}.new`, `${offsetS < 0 ? "" : "+"}${offsetS}`);
      renameSync(`${clock}.new`, clock);
    };
    set(0);
    const env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: "1",
      // As a machine has it: what counts from the start goes on.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    };
    const evidence = new Evidence();
    let sent: number;
    {
      await using target = await openTarget({ flags: ["--data", directory], env });
      await using honest = await Honest.arrive(target);
      const dial = (receiver: Parameters<typeof dialTcp>[1]) =>
        dialTcp({ hostname: "127.0.0.1", port: target.port }, receiver);
      {
        await using ada = await InsistentMember.arrive("Alda", target.port, evidence);
        // One that says nothing at all, one that has not joined yet, and one whose connection breaks.
        await using silent = await peer(dial, "silent");
        await silent.join("Silent");
        await using stranger = await peer(dial, "stranger");
        const [banned, briefly] = [await peerFrom(target.port, BANNED), await peerFrom(target.port, BRIEFLY)];
        await using muted = await peerFrom(target.port, MUTED);
        for (const [member, name, order] of [
          [banned, "Banned", "/ban Banned 3h"],
          [briefly, "Briefly", `/ban Briefly ${BRIEF_BAN}`],
          [muted, "Muted", "/mute Muted 3h"],
        ] as const) {
          await member.join(name);
          target.program.say(order);
        }
        for (const member of [banned, briefly])
          expect((await member.end()).at(-1)).toMatchObject({ type: "bye", code: "banned" });
        await muted.until("moderated");
        const hushed = async () => {
          muted.send({ type: "say", text: "Is anybody there?" });
          return (await muted.until("refused"))["code"];
        };
        const lost = await InsistentMember.arrive("Lost", target.port, evidence);
        const times: string[] = [];
        const say = async () => {
          expect(await ada.say()).toBeTrue();
          const { at } = JSON.parse(ada.wire.lines.at(-1)!) as { at: string };
          times.push(at);
        };
        lost.wire.hears = () => {};
        lost.wire.connection.abort();
        await say();
        const to1970 = 60 - Math.floor(Date.now() / 1_000);
        for (const offsetS of [HOUR_S, 0, -HOUR_S, to1970, DAY_S, -DAY_S, 0]) {
          set(offsetS);
          await Bun.sleep(BETWEEN_MS);
          await say();
          expect([offsetS, await answerTo(target.port, BANNED), await hushed()]).toEqual([offsetS, "banned", "muted"]);
          if (offsetS === HOUR_S) expect(await answerTo(target.port, BRIEFLY)).toBe("banned");
        }
        expect(await answerTo(target.port, BRIEFLY)).toBe("welcome");
        expect(times).toEqual(times.toSorted());
        // It has followed the clock as far as it may.
        expect(Date.parse(times.at(-1)!) - Date.parse(times[0]!)).toBeGreaterThanOrEqual(DAY_S * 1_000);
        // Its seat was kept: nobody has heard that it is lost, and it goes on where it was.
        expect(await lost.comeBack(target.port)).toMatchObject({ resumed: true, name: "Lost" });
        expect(ada.wire.lines.filter((line) => line.includes('"Lost"') && line.includes("exited"))).toEqual([]);
        expect([silent.ends, silent.heard.filter(({ type }) => type === "ping" || type === "bye")]).toEqual([0, []]);
        expect(stranger.ends).toBe(0);
        await stranger.join("Stranger");
        ({ sent } = ada);
        await lost[Symbol.asyncDispose]();
      }
      expect(await honest.verdict()).toEqual([]);
      target.program.kill();
      expect(await target.program.exited()).toBe(0);
    }
    // It opens again on a day before the newest event, and goes on after it.
    set(-DAY_S);
    {
      await using target = await openTarget({ flags: ["--data", directory], env });
      await using ada = await InsistentMember.arrive("Later", target.port, evidence);
      expect(await ada.say()).toBeTrue();
      expect(await answerTo(target.port, BANNED)).toBe("banned");
      target.program.kill();
      expect(await target.program.exited()).toBe(0);
    }
    const problems = await problemsOf(
      directory,
      evidence,
      new Map([
        ["Alda", sent],
        ["Later", 1],
      ]),
    );
    expect(problems).toEqual([]);
  },
  TIMEOUT_MS,
);
