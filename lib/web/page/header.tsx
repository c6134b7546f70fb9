// The bar above the talk: the room, its topic, how the connection is, and what the reader may choose.
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { PLAIN_MEANS, standingWords } from "../../client/standing.ts";
import { shownName } from "../../client/view.ts";
import type { Standing } from "../../protocol/message.ts";
import { mayNotify, whyNoNotifications } from "./alerts.ts";
import { Glyph } from "./glyph.tsx";
import type { Likes } from "./memory.ts";
import type { Stage } from "./stage.ts";

export interface HeaderProps {
  readonly room: string;
  readonly topic: string;
  readonly stage: Stage;
  /** How far the wire behind the page can be trusted; nothing where the browser itself tells. */
  readonly standing: Standing | undefined;
  /** The page came in plain text, over a network. */
  readonly isPlain: boolean;
  readonly members: number;
  /** What the reader may do that is not what everybody may. */
  readonly role: string | undefined;
  readonly likes: Likes;
  readonly like: (liked: Partial<Likes>) => void;
  readonly openMembers: () => void;
  /** Where the reader chose the room, to leave it is one of the first things to look for. */
  readonly showsLeave: boolean;
  readonly leave: () => void;
}

export function Header({
  room,
  topic,
  stage,
  standing,
  isPlain,
  members,
  role,
  openMembers,
  ...choices
}: HeaderProps): VNode {
  const isOver = stage.at === "over";
  const { showsLeave, leave } = choices;
  return (
    <header class="bar">
      <button type="button" class="icon only-narrow" aria-label={`Members: ${members}`} onClick={openMembers}>
        <Glyph shape="people" /> <span class="count">{members}</span>
      </button>
      <div class="title">
        <div class="name">
          <h1>{room}</h1>
          <Trust standing={standing} isPlain={isPlain} />
        </div>
        <Topic key={topic} topic={topic} />
      </div>
      {role !== undefined && !isOver && <span class="role">{roleWord(role)}</span>}
      <span class={`state ${stage.at}`}>
        <span class="state-word">{stateWord(stage)}</span>
      </span>
      {showsLeave && !isOver && (
        <button type="button" class="leave" onClick={leave}>
          Disconnect
        </button>
      )}
      <Choices {...choices} isOver={isOver} />
    </header>
  );
}

/** For the page itself a quiet word: its reader can do nothing about it. */
function Trust({ standing, isPlain }: Pick<HeaderProps, "standing" | "isPlain">): VNode | null {
  if (standing === undefined && !isPlain) return null;
  const words = standing === undefined ? "not encrypted" : standingWords(standing);
  return (
    <span
      class={`trust ${standing === undefined ? "" : `told ${standing}`}`}
      title={isPlain || standing === "plain" ? `${words}: ${PLAIN_MEANS}` : words}
    >
      {words}
    </span>
  );
}

/** One line of it; all of it for those who press it. */
function Topic({ topic }: { readonly topic: string }): VNode {
  const [isWhole, show] = useState(false);
  if (topic === "") return <p class="topic">No topic yet: /topic sets one</p>;
  return (
    <button
      type="button"
      class={isWhole ? "topic whole" : "topic"}
      dir="auto"
      title={topic}
      aria-expanded={isWhole}
      onClick={() => show(!isWhole)}
    >
      {topic}
    </button>
  );
}

function roleWord(role: string): string {
  return role === "reader" ? "reading only" : shownName(role);
}

function stateWord(stage: Stage): string {
  switch (stage.at) {
    case "live":
      return "connected";
    case "away":
      return "reconnecting";
    case "form":
    case "joining":
      return "connecting";
    case "over":
      return "disconnected";
  }
}

type ChoicesProps = Pick<HeaderProps, "likes" | "like" | "showsLeave" | "leave"> & { readonly isOver: boolean };

function Choices({ likes, like, showsLeave, leave, isOver }: ChoicesProps): VNode {
  const [isOpen, open] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const outside = (event: Event) => {
      if (!place.current?.contains(event.target as Node)) open(false);
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      open(false);
      button.current?.focus();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
      document.removeEventListener("keydown", escape);
    };
  }, [isOpen]);
  // A browser asks another process, which takes longer than all the rest of a frame.
  const whyNot = isOpen ? whyNoNotifications() : undefined;
  const wantNotify = async (box: HTMLInputElement): Promise<void> => {
    const notify = box.checked && (await mayNotify());
    // The browser, or its user, may have said no.
    box.checked = notify;
    like({ notify });
  };
  return (
    <div class="choices" ref={place}>
      <button
        type="button"
        class="icon"
        ref={button}
        aria-label="Settings"
        aria-expanded={isOpen}
        aria-controls="choices"
        onClick={() => open(!isOpen)}
      >
        <Glyph shape="more" />
      </button>
      <div class="panel" id="choices" hidden={!isOpen}>
        <label class="choice">
          <input
            type="checkbox"
            checked={likes.sound}
            onChange={(event) => like({ sound: event.currentTarget.checked })}
          />
          Play a sound when somebody speaks while you look elsewhere
        </label>
        <label class="choice">
          <input
            type="checkbox"
            checked={likes.notify && whyNot === undefined}
            disabled={whyNot !== undefined}
            aria-describedby={whyNot === undefined ? undefined : "why-not"}
            onChange={({ currentTarget: box }) => void wantNotify(box)}
          />
          Show a notification when somebody names you or whispers to you
        </label>
        {whyNot !== undefined && (
          <p class="small" id="why-not">
            {whyNot}
          </p>
        )}
        {!showsLeave && !isOver && (
          <button type="button" class="leave" onClick={leave}>
            Disconnect
          </button>
        )}
      </div>
    </div>
  );
}
