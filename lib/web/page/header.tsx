// The bar above the talk: the room, its topic, how the connection is, and what the reader may choose.
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { mayNotify, whyNoNotifications } from "./alerts.ts";
import type { Likes } from "./memory.ts";
import type { Stage } from "./visit.ts";

export interface HeaderProps {
  readonly room: string;
  readonly topic: string;
  readonly stage: Stage;
  readonly members: number;
  readonly likes: Likes;
  readonly like: (likes: Likes) => void;
  readonly openMembers: () => void;
  readonly leave: () => void;
}

export function Header({ room, topic, stage, members, openMembers, ...choices }: HeaderProps): VNode {
  return (
    <header class="bar">
      <button type="button" class="icon only-narrow" aria-label={`Members: ${members}`} onClick={openMembers}>
        <span aria-hidden="true">☰</span> <span class="count">{members}</span>
      </button>
      <div class="title">
        <h1>{room}</h1>
        <p class="topic" dir="auto" title={topic}>
          {topic === "" ? <span class="hint">No topic yet: /topic sets one</span> : topic}
        </p>
      </div>
      <span class={`state ${stage.at}`}>
        <span class="state-word">{stateWord(stage)}</span>
      </span>
      <Choices {...choices} isOver={stage.at === "over"} />
    </header>
  );
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

type ChoicesProps = Pick<HeaderProps, "likes" | "like" | "leave"> & { readonly isOver: boolean };

function Choices({ likes, like, leave, isOver }: ChoicesProps): VNode {
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
  const whyNot = whyNoNotifications();
  const wantNotify = async (box: HTMLInputElement): Promise<void> => {
    const notify = box.checked && (await mayNotify());
    // The browser, or its user, may have said no.
    box.checked = notify;
    like({ ...likes, notify });
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
        <span aria-hidden="true">⋯</span>
      </button>
      <div class="panel" id="choices" hidden={!isOpen}>
        <label class="choice">
          <input
            type="checkbox"
            checked={likes.sound}
            onChange={(event) => like({ ...likes, sound: event.currentTarget.checked })}
          />
          A sound when somebody speaks while you look elsewhere
        </label>
        <label class="choice">
          <input
            type="checkbox"
            checked={likes.notify && whyNot === undefined}
            disabled={whyNot !== undefined}
            aria-describedby={whyNot === undefined ? undefined : "why-not"}
            onChange={({ currentTarget: box }) => void wantNotify(box)}
          />
          A notification when somebody names you or whispers
        </label>
        {whyNot !== undefined && (
          <p class="small" id="why-not">
            {whyNot}
          </p>
        )}
        {!isOver && (
          <button type="button" class="leave" onClick={leave}>
            Disconnect
          </button>
        )}
      </div>
    </div>
  );
}
