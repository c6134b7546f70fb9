// The rows of the talk, as elements. Whatever a member wrote is a text node.
import type { ComponentChild, VNode } from "preact";
import { useState } from "preact/hooks";
import type { Sight } from "../../client/view.ts";
import { clockOf, dayLabel, exactly } from "./calendar.ts";
import { hueOf } from "./hue.ts";
import { type Piece, piecesOf } from "./rich-text.ts";
import type { Row, Talk } from "./timeline.ts";
import { trafficLine } from "./traffic.ts";

/** Comings and goings up to this many are told one by one. */
const TRAFFIC_TOLD = 2;
/** What to type and what it does, as the help has it in columns. */
const HELP = /^ {2}(\S.*?) {2,}(\S.*)$/;

/** What a row looks like depends on who looks, and when. */
export interface Reader {
  readonly me: string;
  readonly now: Date;
}

export function rowElement(row: Row, reader: Reader): ComponentChild {
  switch (row.kind) {
    case "day":
      return (
        <div class="day-mark">
          <time dateTime={row.at}>{dayLabel(row.at, reader.now)}</time>
        </div>
      );
    case "unread":
      return <div class="unread-mark">New</div>;
    case "talk":
      return <TalkRow row={row} me={reader.me} />;
    case "traffic":
      return <Traffic sights={row.sights} />;
    case "aside":
      return <Aside sights={row.sights} />;
  }
}

function TalkRow({ row, me }: { row: Talk; me: string }): VNode {
  const { sight, opens, mention, pending } = row;
  const { who, at, tone, text } = sight;
  const when = at === undefined ? undefined : exactly(at);
  const looks = ["talk", tone, opens && "opens", mention && "mention", pending && "pending", who === "" && "action"];
  return (
    <div class={looks.filter(Boolean).join(" ")} title={when}>
      {opens && (
        <div class="byline">
          {who !== "" && (
            <span class={tone === "whisper" ? "author" : `author hue-${hueOf(who)}`}>
              <bdi>{who}</bdi>
            </span>
          )}
          {tone === "own" && <span class="tag">you</span>}
          {mention && <span class="tag calls">names you</span>}
          {at !== undefined && <time dateTime={at}>{clockOf(at)}</time>}
        </div>
      )}
      <div class="words" dir="auto">
        {piecesOf(text, tone === "own" ? "" : me).map(pieceElement)}
        {pending && <span class="pending-note"> sending…</span>}
      </div>
    </div>
  );
}

function pieceElement(piece: Piece): ComponentChild {
  switch (piece.type) {
    case "text":
      return piece.text;
    case "link":
      return (
        <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
          {piece.text}
        </a>
      );
    case "code":
      return piece.block ? <pre>{piece.text}</pre> : <code>{piece.text}</code>;
    case "mention":
      return <mark>{piece.text}</mark>;
  }
}

/** Who came and went: one quiet line, and all of it for those who ask. */
function Traffic({ sights }: { sights: readonly Sight[] }): VNode {
  const [isOpen, open] = useState(false);
  if (sights.length <= TRAFFIC_TOLD || isOpen)
    return (
      <div class="aside event">
        {sights.map((sight) => (
          <SightLine sight={sight} />
        ))}
        {isOpen && (
          <button type="button" class="quiet" aria-expanded="true" onClick={() => open(false)}>
            Show less
          </button>
        )}
      </div>
    );
  return (
    <div class="aside event">
      {trafficLine(sights)}{" "}
      <button type="button" class="quiet" aria-expanded="false" onClick={() => open(true)}>
        Show all {sights.length}
      </button>
    </div>
  );
}

function Aside({ sights }: { sights: readonly Sight[] }): VNode {
  const [first] = sights;
  return (
    <div class={`aside ${first?.tone ?? "notice"}`}>
      {sights.map((sight) => (first?.tone === "plain" ? <PlainLine text={sight.text} /> : <SightLine sight={sight} />))}
    </div>
  );
}

/** A line of the help in two parts, so that it can be read where columns have no room. */
function PlainLine({ text }: { text: string }): VNode {
  const [, typed, does] = HELP.exec(text) ?? [];
  if (typed === undefined) return <div>{text}</div>;
  return (
    <div class="pair">
      <code>{typed}</code> <span>{does}</span>
    </div>
  );
}

function SightLine({ sight: { at, text } }: { sight: Sight }): VNode {
  return (
    <div dir="auto" title={at === undefined ? undefined : exactly(at)}>
      {text}
    </div>
  );
}
