// A sight as lines of a terminal, as the 2015 original showed them: `[21:12:52] Spider-Man > Hey`, `[*] Ironman entered.`
import type { Sight } from "./view.ts";

const RESET = "\x1b[0m";
const BOLD = "\x1b[1m";
const DIM = "\x1b[2m";
const ITALIC = "\x1b[3m";
const YELLOW = "\x1b[33m";
const CYAN = "\x1b[36m";

/** The lines of `sight`. What follows the first is indented, so that no text can pretend to be a line of its own. */
export function lineOf(sight: Sight, colour: boolean): string {
  const paint = (code: string, text: string) => (colour && text !== "" ? `${code}${text}${RESET}` : text);
  const text = sight.text.replaceAll("\n", "\n    ");
  const time = sight.at === undefined ? "" : `[${timeOf(sight.at)}] `;
  switch (sight.tone) {
    case "said":
    case "own":
      return sight.who === ""
        ? `${paint(DIM, time)}${paint(ITALIC, text)}`
        : `${paint(DIM, time)}${paint(sight.tone === "own" ? BOLD : BOLD + CYAN, sight.who)} > ${text}`;
    case "whisper":
      return `${paint(DIM, time)}${paint(ITALIC + CYAN, sight.who)} > ${text}`;
    case "plain":
      return text;
    case "event":
      return paint(DIM, `[*] ${text}`);
    case "notice":
      return text.startsWith("USERS: ") ? paint(DIM, text) : paint(DIM, `[*] ${text}`);
    case "problem":
      return paint(YELLOW, `[!] ${text}`);
  }
}

/** Local time of day. */
export function timeOf(at: string | Date): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** Local day, for a line between two of them. */
export function dayOf(at: string): string {
  return new Date(at).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

/** How long, as people say it. */
export function spanOf(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
