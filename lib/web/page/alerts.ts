// How the page calls a reader who looks elsewhere: title, icon, sound, notification, and words for those who listen.
import type { Sight } from "../../client/view.ts";

/** Words for a screen reader wait this long, so that a burst is told as a number. */
const ANNOUNCE_MS = 700;
const ANNOUNCED_MAX = 3;
/** A burst is one sound. */
const CHIME_EVERY_MS = 2_000;

/** Why the browser shows no notifications here, for people; nothing where it does or may. */
export function whyNoNotifications(): string | undefined {
  if (!globalThis.isSecureContext)
    return "Browsers show notifications only for pages that came encrypted or from this machine; this one came as plain http.";
  if (!("Notification" in globalThis)) return "This browser has no notifications for pages.";
  if (Notification.permission === "denied")
    return "This browser was told to show none for this page; its settings can change that.";
  return undefined;
}

/** Asks the reader, where the browser wants that. Answers whether notifications may be shown. */
export async function mayNotify(): Promise<boolean> {
  return whyNoNotifications() === undefined && (await Notification.requestPermission()) === "granted";
}

export function notify(title: string, body: string): void {
  if (whyNoNotifications() !== undefined || Notification.permission !== "granted") return;
  try {
    const shown = new Notification(title, { body, tag: "chat", icon: "./icon-192.png" });
    shown.addEventListener("click", () => {
      globalThis.focus();
      shown.close();
    });
  } catch {
    // On phones, only pages that are installed may.
  }
}

let audio: AudioContext | undefined;
let chimedAt = -CHIME_EVERY_MS;

/** Two soft notes. A browser stays silent until the reader has touched the page. */
export function chime(): void {
  if (performance.now() - chimedAt < CHIME_EVERY_MS) return;
  chimedAt = performance.now();
  // What is played before that would wait, and come all at once.
  if (!("AudioContext" in globalThis) || !navigator.userActivation.hasBeenActive) return;
  audio ??= new AudioContext();
  for (const [index, hertz] of [660, 880].entries()) {
    const at = audio.currentTime + index * 0.12;
    const tone = new OscillatorNode(audio, { frequency: hertz });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.linearRampToValueAtTime(0.08, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.25);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.3);
  }
}

/** What is unread stands in the tab's title, and a dot on its icon says that somebody calls. */
export function showUnread(page: Document, room: string, unread: number, mentioned: boolean): void {
  const title = `${unread > 0 ? `(${unread}) ` : ""}${room} · chat`;
  if (page.title !== title) page.title = title;
  const icon = page.querySelector<HTMLLinkElement>("link[rel=icon]");
  const href = mentioned ? "./icon-mention.svg" : "./icon.svg";
  if (icon && icon.getAttribute("href") !== href) icon.setAttribute("href", href);
}

/** Says in `region` what came, for those who do not see it: each line, or of many how many there were. */
export function openAnnouncer(region: () => Element | null): (sights: readonly Sight[]) => void {
  let waiting: Sight[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = () => {
    const lines = waiting.map(({ who, text }) => (who === "" ? text : `${who}: ${text}`));
    waiting = [];
    timer = undefined;
    const place = region();
    if (place) place.textContent = lines.length > ANNOUNCED_MAX ? `${lines.length} new lines.` : lines.join("\n");
  };
  return (sights) => {
    for (const sight of sights) if (sight.tone !== "own" && !sight.mine) waiting.push(sight);
    if (waiting.length > 0) timer ??= setTimeout(say, ANNOUNCE_MS);
  };
}
