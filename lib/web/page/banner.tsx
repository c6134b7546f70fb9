// The strip that says how the connection is, where it is not as it should be, and what the reader can do about it.
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Stage } from "./stage.ts";

export interface BannerProps {
  readonly stage: Stage;
  /** The program that serves the page has ended: nothing works without it. */
  readonly hasEnded: boolean;
  /** How many of the reader's own messages wait. */
  readonly waiting: number;
  readonly hurry: () => void;
  readonly joinAgain: () => void;
  readonly reload: () => void;
}

/** Another run has another address: this page stays where it is. */
export const PROGRAM_ENDED = "The chat program has ended. Start it again: it opens a new page.";

export function Banner({ stage, hasEnded, waiting, ...acts }: BannerProps): VNode | null {
  if (hasEnded)
    return (
      <div class="banner over" role="alert">
        <p>{PROGRAM_ENDED}</p>
      </div>
    );
  if (stage.at === "away") return <Away stage={stage} waiting={waiting} hurry={acts.hurry} />;
  if (stage.at !== "over") return null;
  return (
    <div class="banner over" role="alert">
      <p>{overSentence(stage)}</p>
      {stage.code === "protocol" ? (
        <button type="button" onClick={acts.reload}>
          Reload
        </button>
      ) : (
        <button type="button" onClick={acts.joinAgain}>
          {stage.code === "replaced" ? "Continue here" : "Join again"}
        </button>
      )}
    </div>
  );
}

function overSentence({ code, text }: Extract<Stage, { at: "over" }>): string {
  if (code === "replaced") return "You are in the room in another tab or window now.";
  if (code === "protocol") return "This room speaks a newer language than this page. Reload it to go on.";
  return text;
}

interface AwayProps extends Pick<BannerProps, "waiting" | "hurry"> {
  readonly stage: Extract<Stage, { at: "away" }>;
}

function Away({ stage, waiting, hurry }: AwayProps): VNode {
  const [now, tick] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => tick(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.ceil((stage.nextTryAt - now) / 1_000);
  return (
    <div class="banner away">
      <p>
        <span role="status">{stage.why} You can go on typing: nothing is lost.</span>{" "}
        <span class="soft">
          {waiting > 0 && `${waiting === 1 ? "1 message waits" : `${waiting} messages wait`}. `}
          {seconds > 0 ? `Next try in ${seconds} s.` : "Trying…"}
        </span>
      </p>
      <button type="button" onClick={hurry}>
        Try now
      </button>
    </div>
  );
}
