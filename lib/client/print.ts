// A sight as lines of a terminal, as the 2015 original showed them: `[21:12:52] Spider-Man > Hey`, `[*] Ironman entered.`
import type { Standing } from "../protocol/message.ts";
import { standingWords } from "./standing.ts";
import type { Sight } from "./view.ts";
import { timeOf } from "./when.ts";

const RESET = "\x1b[0m";
const BOLD = "\x1b[1m";
const DIM = "\x1b[2m";
const ITALIC = "\x1b[3m";
const YELLOW = "\x1b[33m";
const CYAN = "\x1b[36m";

type Paint = (code: string, text: string) => string;

function painter(colour: boolean): Paint {
  return (code, text) => (colour && text !== "" ? `${code}${text}${RESET}` : text);
}

/** The row that stays: how far the wire can be trusted, and how many are inside. */
export function statusOf(standing: Standing, members: number, colour: boolean): string {
  const paint = painter(colour);
  const words = standingWords(standing);
  const trust = standing === "plain" ? paint(BOLD + YELLOW, words) : standing === "renewed" ? words : paint(DIM, words);
  return `${paint(DIM, "── ")}${trust}${paint(DIM, ` · ${members} here`)}`;
}

/** The lines of `sight`. What follows the first is indented, so that no text can pretend to be a line of its own. */
export function lineOf(sight: Sight, colour: boolean): string {
  const paint = painter(colour);
  const text = wordsOf(sight).replaceAll("\n", "\n    ");
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

/** A page takes back what was withdrawn. What a terminal has shown stays there. */
function wordsOf({ text, event }: Sight): string {
  const isWithdrawal = event?.type === "moderated" && event.act === "purged";
  return isWithdrawal ? `${text} It is gone from the history, not from this screen.` : text;
}
