// The page's entry: what the server tells, what the browser remembers, the wire → a visit → what is drawn.
import { render } from "preact";
import { dialWebSocket } from "../../transport/dial-websocket.ts";
import { chime, notify, openAnnouncer, showUnread } from "./alerts.ts";
import { writeLink } from "../../protocol/address.ts";
import { secretIn } from "../../protocol/secret.ts";
import { App } from "./app.tsx";
import { Memory, type Shelf } from "./memory.ts";
import { ownKey } from "./own-key.ts";
import { firstGoal, readSettings, socketUrl } from "./settings.ts";
import { stayWithProgram } from "./program.ts";
import { isMention } from "./rich-text.ts";
import { Visit } from "./visit.ts";

const settings = readSettings(document.querySelector<HTMLMetaElement>("meta[name=chat]")?.content ?? "");
const memory = new Memory(
  shelf(() => sessionStorage),
  shelf(() => localStorage),
);
const app = document.querySelector("#app")!;
const place = { atEnd: true };
const program = { hasEnded: false };
const announce = openAnnouncer(() => document.querySelector("#announcements"));

/** The program that serves the form has a key of its own. */
const signer = settings.form ? undefined : ownKey(memory);

const visit: Visit = new Visit(firstGoal(settings, memory.last), {
  signer: signer && (() => signer),
  links: (invite, { server, port, pin }) => [
    settings.form
      ? `  chat '${writeLink({ hostname: server, port: Number(port), room: visit.room, extras: { ...(pin !== undefined && { pin }), invite } })}'`
      : `  ${new URL(`./#invite=${encodeURIComponent(invite)}`, location.href).href}`,
  ],
  dial: (place) => (receiver) => dialWebSocket(socketUrl(location.href, place), receiver),
  memory,
  changed,
  isReading: () => !document.hidden && place.atEnd,
  came(sights, unread) {
    announce(sights);
    if (!unread) return;
    const spoken = sights.filter(({ tone, mine }) => !mine && (tone === "said" || tone === "whisper"));
    const call = spoken.find(({ tone, text }) => tone === "whisper" || isMention(text, visit.name));
    if (spoken.length > 0 && memory.likes.sound) chime();
    if (call && memory.likes.notify) notify(`${call.who} · ${visit.room}`, call.text);
  },
});

/** How soon the title of a tab that nobody looks at says what came. */
const ENTITLE_MS = 250;
let frame = 0;
let titleTimer: ReturnType<typeof setTimeout> | undefined;

/** Drawn once a frame, however much has changed; where nothing is drawn, the tab's title alone says what came. */
function changed(): void {
  if (document.hidden) titleTimer ??= setTimeout(entitle, ENTITLE_MS);
  frame ||= requestAnimationFrame(draw);
}

function entitle(): void {
  clearTimeout(titleTimer);
  titleTimer = undefined;
  const { unread, mentioned } = visit.timeline;
  showUnread(document, visit.room, unread, mentioned);
}

function draw(): void {
  frame = 0;
  entitle();
  render(
    <App
      visit={visit}
      memory={memory}
      asksPlace={settings.form}
      // On this machine, nobody else is on the way.
      isPlain={!isSecureContext}
      hasEnded={program.hasEnded}
      place={place}
    />,
    app,
  );
}

/** A browser may forbid even to ask. */
function shelf(open: () => Shelf): Shelf | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    entitle();
    return visit.save();
  }
  if (place.atEnd) visit.read();
  // A phone that was in a pocket has lost its connection, and its owner waits.
  visit.hurry();
});
addEventListener("online", () => visit.hurry());
addEventListener("pagehide", () => visit.save());

/** An invitation that stands in the address is for whoever opened it: in the bar it would be seen, shared and kept. */
function takeInvite(): void {
  const invite = location.hash === "" ? "" : secretIn(location.hash, "invite");
  if (invite === "") return;
  visit.invite = invite;
  history.replaceState(history.state, "", `${location.pathname}${location.search}`);
}
addEventListener("hashchange", takeInvite);
takeInvite();
if (settings.invite !== undefined) visit.invite = settings.invite;
visit.link = settings.link;

if (settings.form)
  stayWithProgram((hasEnded) => {
    program.hasEnded = hasEnded;
    changed();
  });

draw();
visit.resume();
if (settings.connect && visit.stage.at === "form") void visit.join(visit.goal);
