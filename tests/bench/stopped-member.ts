// A member that stops reading, and later hears all it has missed: on the same connection, or on the next one.
import type { Attendee, Crowd } from "./crowd.ts";

const DEADLINE_MS = 120_000;

export interface StoppedMember {
  /** Goes on; resolves once it has heard what everyone has heard. */
  resume(): Promise<{ readonly ms: number; readonly how: string }>;
}

export function pauseOne(crowd: Crowd, attendee: Attendee): StoppedMember {
  const { ear, member } = attendee;
  let bye: string | undefined;
  let gone = false;
  attendee.told = (line) => {
    const message = JSON.parse(line) as { readonly type: string; readonly code: string };
    bye = message.code;
    if (message.code !== "slow") crowd.blame(`who did not read was told ${line}`);
  };
  const ended = () => {
    gone = true;
  };
  member.lost = ended;
  member.pause();
  return {
    async resume() {
      const start = performance.now();
      member.resume();
      const behind = () => ear.position < crowd.transcript.end;
      while (behind() && crowd.fault === undefined) {
        if (performance.now() - start > DEADLINE_MS) crowd.blame("who did not read does not hear the rest");
        if (gone) {
          gone = false;
          ear.interrupted();
          const { token, log, seq } = member.welcome;
          const after = crowd.transcript.seqBefore(ear.position) ?? seq;
          attendee.member = await crowd.enter(attendee.name, ear, { token, log, after });
          if (attendee.member.welcome.resumed !== true) crowd.blame("who came back was not taken up again");
        }
        await Bun.sleep(1);
      }
      const how = bye === undefined ? (attendee.member === member ? "the rest" : "no goodbye") : `bye ${bye}`;
      return { ms: performance.now() - start, how };
    },
  };
}
