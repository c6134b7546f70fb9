// What is seen: a message as a line for people, the same words on every screen. No colours, no cursor.
import type { RoomEvent, RoomRequest, ServerMessage } from "../protocol/message.ts";
import { SHOWN_NAME_MAX } from "../protocol/limits.ts";
import { scrub, tidy } from "../protocol/text.ts";
import { actSentence, auditLines, banLines, inviteLines, linkLines } from "./order-view.ts";

/** How a line is to be set. */
export type Tone = "said" | "own" | "event" | "whisper" | "problem" | "notice" | "plain";

export interface Sight {
  readonly tone: Tone;
  /** When, for those that bear a time: RFC 3339. */
  readonly at?: string;
  /** Before the text: who speaks. Empty where the room does. */
  readonly who: string;
  /** May have several lines. */
  readonly text: string;
  /** It is the looking person's own, where the tone does not say so. */
  readonly mine?: true;
  /** What it shows, where that is in the log. */
  readonly event?: RoomEvent;
}

/** What a person sees of an event; nothing where there is nothing to see. `me` is the name of who looks. */
export function seen(event: RoomEvent, me: string): Sight | undefined {
  switch (event.type) {
    case "said": {
      const { at, from } = event;
      const tone = from === me ? "own" : "said";
      return event.action
        ? { tone, at, who: "", text: `* ${shownName(from)} ${shownText(event.text)}`, event }
        : { tone, at, who: shownName(from), text: shownText(event.text), event };
    }
    case "entered":
      return happened(event, `${shownName(event.name)} entered.`);
    case "exited":
      return happened(event, exitSentence(event));
    case "renamed":
      return happened(event, `${shownName(event.name)} is now called ${shownName(event.to)}.`);
    case "topic":
      return happened(event, `${shownName(event.by)} set the topic: ${shownText(event.text)}`);
    case "moderated":
      return happened(event, actSentence({ ...inOneLine(event), text: event.text && shownText(event.text) }));
    case "opened":
      return undefined;
  }
}

/** What a person sees of what the server sends to one alone; nothing for the machinery. */
export function seenAlone(message: Exclude<ServerMessage, RoomEvent>, me: string): Sight | undefined {
  switch (message.type) {
    case "whisper":
      return message.from === me
        ? {
            tone: "whisper",
            at: message.at,
            who: `You to ${shownName(message.to)}, whispering`,
            text: shownText(message.text),
            mine: true,
          }
        : {
            tone: "whisper",
            at: message.at,
            who: `${shownName(message.from)}, whispering`,
            text: shownText(message.text),
          };
    case "members":
      return notice(usersLine(marked(message.members, message.verified)));
    case "bans":
      return notice(banLines(message.bans.map(inOneLine)).join("\n"));
    case "audit":
      return notice(auditLines(message.acts.map(inOneLine)).join("\n"));
    case "invites":
      return notice(inviteLines(message.invites.map(inOneLine)).join("\n"));
    case "link":
      return notice(linkLines(inOneLine(message), me).join("\n"));
    case "refused":
      return { tone: "problem", who: "", text: shownText(message.text) };
    case "welcome":
    case "history":
    case "challenge":
    // Whoever knows the way here makes a link of it.
    case "invitation":
    case "bye":
    case "ping":
    case "pong":
      return undefined;
  }
}

/** What a person sees of words of its own that stayed unsaid when it was over. */
export function unsaid(request: RoomRequest): Sight | undefined {
  if (request.type === "say") return problem(`Not said: ${request.text}`);
  return request.type === "whisper" ? problem(`Not whispered to ${request.to}: ${request.text}`) : undefined;
}

/** May be longer than any text: the list of a full room. Whatever is a server's in it is cut before. */
export function notice(text: string): Sight {
  return { tone: "notice", who: "", text: scrub(text).replaceAll("\t", "    ") };
}

export function problem(text: string): Sight {
  return { tone: "problem", who: "", text: shownText(text) };
}

/** Text of the program's own, as it is. */
export function plain(text: string): Sight {
  return { tone: "plain", who: "", text };
}

/** Who is here, in the original's own words; of more than `most`, how many more there are. Each is cleaned by itself: half an escape sequence in one would take the others along. */
export function usersLine(names: readonly string[], most = names.length): string {
  const more = names.length > most ? `, … and ${names.length - most} more` : "";
  return `USERS: [${names.slice(0, most).map(shownName).join(",")}${more}]`;
}

/** Stands behind the name of whoever has proved a key. */
export const VERIFIED = "✓";

/** The names, those that are verified with their mark. */
export function marked(names: readonly string[], verified: readonly string[] = []): string[] {
  const proved = new Set(verified);
  return names.map((name) => (proved.has(name) ? `${name}${VERIFIED}` : name));
}

/** Stands where lines were given up because nobody read the screen. */
export function unshown(lines: number): Sight {
  return problem(`${lines === 1 ? "1 line was" : `${lines} lines were`} not shown; /history shows what was said.`);
}

function happened(event: RoomEvent, text: string): Sight {
  return { tone: "event", at: event.at, who: "", text: shownText(text), event };
}

function exitSentence({ why, by, text, ...who }: Extract<RoomEvent, { type: "exited" }>): string {
  const name = shownName(who.name);
  const because = text ? `: ${shownText(text)}` : ".";
  switch (why) {
    case "left":
      return `${name} left${because}`;
    case "kicked":
      return `${name} was kicked by ${shownName(by ?? "the host")}${because}`;
    case "lost":
      return `${name} lost the connection.`;
    case "slow":
      return `${name} was too slow and was cut off.`;
  }
}

/** A name, cleaned again, in one line, and never the whole screen. */
export function shownName(name: string): string {
  const shown = scrub(name.slice(0, SHOWN_NAME_MAX)).replace(/[\n\t]/g, " ");
  return name.length > SHOWN_NAME_MAX ? `${shown}…` : shown;
}

/** Cleaned again where it is shown, whatever server it came from; a tab would break the columns. */
export function shownText(text: string): string {
  return tidy(text).replaceAll("\t", "    ");
}

/** Every word of a message cleaned by itself, for sentences and lists that are made of several: none ends the line that it stands in. */
export function inOneLine<M extends object>(message: M): M {
  const shown = Object.entries(message).map(([field, value]: [string, unknown]) => [
    field,
    typeof value === "string" ? shownText(value).replaceAll("\n", " ") : value,
  ]);
  return Object.fromEntries(shown) as M;
}
