// The page's entry: what the server tells, what the browser remembers, the wire → a visit → what is drawn.
import { render } from "preact";
import { dialWebSocket } from "../../transport/dial-websocket.ts";
import { chime, notify, openAnnouncer, showUnread } from "./alerts.ts";
import { App } from "./app.tsx";
import { Memory, type Shelf } from "./memory.ts";
import { firstGoal, readSettings, socketUrl } from "./settings.ts";
import { isMention } from "./rich-text.ts";
import { Visit } from "./visit.ts";

const settings = readSettings(document.querySelector<HTMLMetaElement>("meta[name=chat]")?.content ?? "");
const memory = new Memory(
  shelf(() => sessionStorage),
  shelf(() => localStorage),
);
const app = document.querySelector("#app")!;
const place = { atEnd: true };
const announce = openAnnouncer(() => document.querySelector("#announcements"));

const visit: Visit = new Visit(firstGoal(settings, memory.last), {
  dial: (place) => (receiver) => dialWebSocket(socketUrl(location.href, place), receiver),
  memory,
  changed,
  isReading: () => !document.hidden && place.atEnd,
  came(sights, unread) {
    announce(sights);
    if (!unread) return;
    const spoken = sights.filter(({ tone }) => tone === "said" || tone === "whisper");
    const call = spoken.find(({ tone, text }) => tone === "whisper" || isMention(text, visit.name));
    if (spoken.length > 0 && memory.likes.sound) chime();
    if (call && memory.likes.notify) notify(`${call.who} · ${visit.room}`, call.text);
  },
});

let frame = 0;

/** Drawn once a frame, however much has changed; what stands in the tab's title is changed also where nothing is drawn. */
function changed(): void {
  const { unread, mentioned } = visit.timeline;
  showUnread(document, visit.room, unread, mentioned);
  frame ||= requestAnimationFrame(draw);
}

function draw(): void {
  frame = 0;
  render(<App visit={visit} memory={memory} asksPlace={settings.form} place={place} />, app);
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
  if (document.hidden) visit.save();
  else if (place.atEnd) visit.read();
});
addEventListener("pagehide", () => visit.save());

// As long as this stream is open, the program that serves the page knows that somebody needs it.
if (settings.form) new EventSource("./alive").addEventListener("error", () => {});

draw();
visit.resume();
if (settings.connect && visit.stage.at === "form") void visit.join(visit.goal);
