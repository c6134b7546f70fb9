// What takes a minute of real time: only with SLOW_TESTS=1. The same is tested elsewhere with a clock that is set by hand.
import { expect, test } from "bun:test";
import { CHAT, home } from "../support/binaries.ts";

const GONE_S = 75;
const LAST_WORDS_S = 60;
const slow = test.skipIf(!Bun.env["SLOW_TESTS"]);

slow(
  `a member that stands still is gone within ${GONE_S} s, and finds back when it goes on (only with SLOW_TESTS=1)`,
  async () => {
    await using place = await home();
    await using chatd = await place.chatd("--ephemeral");
    await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
    await ada.until("In lobby");
    await using bob = place.run([CHAT, chatd.at, "-n", "Bob"]);
    await bob.until("In lobby");
    bob.kill("SIGSTOP");
    const started = performance.now();
    await ada.until("Bob lost the connection.", (GONE_S + 5) * 1_000);
    expect(performance.now() - started).toBeLessThan((GONE_S + 2) * 1_000);
    bob.kill("SIGCONT");
    await ada.until(() => ada.out.filter((line) => line.includes("Bob entered.")).length === 2);
    bob.say("what did I miss?");
    await ada.until("Bob > what did I miss?");
  },
  (GONE_S + 20) * 1_000,
);

slow(
  `input that has ended waits ${LAST_WORDS_S} s for a room that is away, then the exit code is 6 (only with SLOW_TESTS=1)`,
  async () => {
    await using place = await home();
    await using chatd = await place.chatd("--ephemeral");
    await using ada = place.run([CHAT, chatd.at, "-n", "Ada"]);
    await ada.until("In lobby");
    chatd.program.kill("SIGKILL");
    await ada.until("Trying again.");
    ada.say("not heard");
    ada.end();
    expect(await ada.exited((LAST_WORDS_S + 10) * 1_000)).toBe(6);
    expect(ada.out.join("\n")).not.toContain("not heard");
  },
  (LAST_WORDS_S + 20) * 1_000,
);
