// The page as a whole: the form, or the room with its members, its talk and the field to type in.
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Banner } from "./banner.tsx";
import { dayKey, untilMidnightMs } from "./calendar.ts";
import { Composer, type ComposerHandle } from "./composer.tsx";
import { withEmoji } from "./emoji.ts";
import { Header } from "./header.tsx";
import { JoinForm } from "./join-form.tsx";
import { List, type ListHandle } from "./list.tsx";
import { Members, MembersDrawer } from "./members.tsx";
import type { Likes, Memory } from "./memory.ts";
import { rowElement } from "./rows.tsx";
import { suggest } from "./suggest.ts";
import type { Row } from "./timeline.ts";
import type { Visit } from "./visit.ts";

/** A longer jump of the clock means that the machine slept, or that the reader travelled. */
const MINUTE_MS = 60_000;

export interface AppProps {
  readonly visit: Visit;
  readonly memory: Memory;
  /** Server and port are asked for too. */
  readonly asksPlace: boolean;
  /** The page came in plain text, over a network. */
  readonly isPlain: boolean;
  /** The program that serves the page has ended. */
  readonly hasEnded: boolean;
  /** Where the reader is in the list. */
  readonly place: { atEnd: boolean };
}

export function App({ visit, ...props }: AppProps): VNode {
  const { stage } = visit;
  const hasRoom = visit.timeline.rows.length > 0 && stage.at !== "form" && !(stage.at === "joining" && !visit.wasIn);
  if (!hasRoom && (stage.at === "form" || stage.at === "joining"))
    return (
      <JoinForm
        goal={visit.goal}
        isInvited={visit.invite !== undefined}
        stage={stage}
        asksPlace={props.asksPlace}
        isPlain={props.isPlain}
        hasEnded={props.hasEnded}
        join={(goal, { invite, link }) => {
          if (invite !== "") visit.invite = invite;
          if (link !== "") visit.link = link;
          void visit.join(goal);
        }}
      />
    );
  return <Room visit={visit} {...props} />;
}

function Room({ visit, memory, asksPlace, isPlain, hasEnded, place }: AppProps): VNode {
  const [drawer, openDrawer] = useState(false);
  const [likes, setLikes] = useState(memory.likes);
  const [atEnd, setAtEnd] = useState(true);
  const now = useToday(visit);
  const list = useRef<ListHandle | undefined>(undefined);
  const composer = useRef<ComposerHandle | undefined>(undefined);
  const me = visit.name;
  const render = useMemo(() => (row: Row) => rowElement(row, { me, now }), [me, dayKey(now)]);
  const rows = visit.rows;
  const { unread } = visit.timeline;
  const isOver = visit.stage.at === "over";
  const waiting = rows.length - visit.timeline.rows.length;

  const whisper = (name: string): void => {
    openDrawer(false);
    composer.current?.insert(`/msg ${name} `);
  };
  const submit = (text: string): void => {
    visit.submit(withEmoji(text));
    list.current?.toEnd();
  };
  const like = (liked: Partial<Likes>): void => setLikes((before) => (memory.likes = { ...before, ...liked }));
  useTypingAnywhere(() => composer.current?.focus());
  const talk = useRef<HTMLElement>(null);
  const [, drawAgain] = useState(0);
  useLayoutEffect(() => {
    // Nobody needs to be led to what is seen already.
    if (visit.missed === 0 || !atEnd || !seesMark(talk.current!)) return;
    visit.missed = 0;
    drawAgain((count) => count + 1);
  });

  return (
    <div class="room">
      <Header
        room={visit.room}
        topic={visit.topic}
        stage={visit.stage}
        standing={asksPlace ? visit.standing : undefined}
        isPlain={isPlain}
        members={visit.members.length}
        role={visit.role}
        likes={likes}
        like={like}
        openMembers={() => openDrawer(true)}
        showsLeave={asksPlace}
        leave={() => visit.leave()}
      />
      <aside class="members beside" aria-label="Members">
        <Members names={visit.members} verified={visit.verified} me={me} chosen={whisper} />
      </aside>
      {drawer && (
        <MembersDrawer
          names={visit.members}
          verified={visit.verified}
          me={me}
          chosen={whisper}
          close={() => openDrawer(false)}
        />
      )}
      <main class="talk-side" ref={talk}>
        <Banner
          stage={visit.stage}
          hasEnded={hasEnded}
          waiting={waiting}
          hurry={() => visit.hurry()}
          joinAgain={() => void visit.join(visit.goal)}
          reload={() => location.reload()}
        />
        <div class="beside-list">
          {atEnd && visit.missed > 0 && (
            <button
              type="button"
              class="pill up"
              onClick={() => {
                visit.missed = 0;
                list.current?.toRow("unread");
              }}
            >
              {visit.missed} new since you looked <span aria-hidden="true">↑</span>
            </button>
          )}
        </div>
        <List
          rows={rows}
          keyOf={keyOf}
          render={render}
          label={`What was said in ${visit.room}`}
          nearStart={() => visit.fetchOlder()}
          reading={(reading) => {
            place.atEnd = reading.atEnd;
            setAtEnd(reading.atEnd);
            if (reading.atEnd && !document.hidden) visit.read();
          }}
          handle={(handle) => (list.current = handle)}
        />
        <div class="beside-list">
          {!atEnd && (
            <button type="button" class="pill" onClick={() => list.current?.toEnd()}>
              {unread > 0 ? `${unread} new` : "Newest"} <span aria-hidden="true">↓</span>
            </button>
          )}
        </div>
        <Composer
          label={`Message to ${visit.room}`}
          placeholder={isOver ? "You are not in the room" : "Say something, or /help"}
          // Words of who is not let in would be said later, perhaps under another name.
          disabled={isOver || visit.stage.at === "joining"}
          draft={visit.draft}
          changed={(draft) => (visit.draft = draft)}
          suggest={(before) =>
            visit.typist ? suggest(before, visit.members, visit.typist) : { from: before.length, items: [] }
          }
          submit={submit}
          textMax={visit.textBytesMax}
          handle={(handle) => {
            composer.current = handle;
            // On a phone, the keyboard would cover what the reader has come for.
            if (!matchMedia("(pointer: coarse)").matches) handle.focus();
          }}
        />
      </main>
    </div>
  );
}

/** Whether the first that was unread is on the screen. */
function seesMark(talk: HTMLElement): boolean {
  const mark = talk.querySelector(".unread-mark");
  const list = talk.querySelector(".list");
  return mark !== null && list !== null && mark.getBoundingClientRect().top >= list.getBoundingClientRect().top;
}

/** The present day: drawn anew after midnight, and when the reader comes back from another day or time zone. */
function useToday(visit: Visit): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    let zone = now.getTimezoneOffset();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      const present = new Date();
      if (present.getTimezoneOffset() !== zone) visit.moved();
      zone = present.getTimezoneOffset();
      setNow((before) => (dayKey(before) === dayKey(present) ? before : present));
      // A machine that slept does not call at midnight.
      timer = setTimeout(look, Math.min(untilMidnightMs(present) + 50, MINUTE_MS));
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return now;
}

/** Whoever types without having chosen a field means the message. */
function useTypingAnywhere(focus: () => void): void {
  useEffect(() => {
    const typed = (event: KeyboardEvent) => {
      const { target, key } = event;
      const isText = key.length === 1 && key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
      const isFree = target === document.body || (target instanceof Element && target.matches(".list"));
      if (isText && isFree) focus();
    };
    document.addEventListener("keydown", typed);
    return () => document.removeEventListener("keydown", typed);
  }, []);
}

function keyOf(row: Row): string {
  return row.key;
}
