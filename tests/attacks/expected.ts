// What a room owes one who sends these lines: which answers, which end. As docs/protocol.md has it; knows nothing of how a session does it.
import { decodeClient } from "../../lib/protocol/codec.ts";
import { FIRST_LINE_BYTES_MAX, LINE_BYTES_MAX } from "../../lib/protocol/limits.ts";
import type { ByeCode } from "../../lib/protocol/message.ts";
import type { Heard } from "../support/peer.ts";

export interface Expected {
  /** How many answers bear each mark; those without one are counted under the empty one. */
  readonly answers: ReadonlyMap<string, number>;
  /** Refusals that need no room: code and mark of each. */
  readonly refusals: readonly string[];
  /** The conversation ends with this, and what follows is not heard. */
  readonly end: ByeCode | undefined;
}

const TLS_HANDSHAKE = 0x16;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `isIn`: a join was read before. What was understood once is a client for ever. */
export function expectedOf(bytes: Uint8Array, { isIn }: { readonly isIn: boolean }): Expected {
  const answers = new Map<string, number>();
  const refusals: string[] = [];
  const owe = (mark: string | undefined) => answers.set(mark ?? "", (answers.get(mark ?? "") ?? 0) + 1);
  let understood = isIn;
  let limit = isIn ? LINE_BYTES_MAX : FIRST_LINE_BYTES_MAX;
  const ended = (end: ByeCode): Expected => ({ answers, refusals, end });
  // TLS begins after a line that asks for it.
  if (!isIn && bytes[0] === TLS_HANDSHAKE) return ended("bad-handshake");
  for (const line of linesOf(bytes)) {
    if (line.length > limit) return ended("line-too-long");
    const text = textOf(line);
    if (text === undefined) return ended("bad-utf8");
    const message = decodeClient(text);
    if (message.type === "refused") {
      if (message.code === "bad-json" && !understood) return ended("bad-handshake");
      refusals.push(`${message.code} ${message.re ?? ""}`);
      owe(message.re);
      continue;
    }
    understood = true;
    if (message.type === "join") limit = LINE_BYTES_MAX;
    if (message.type === "leave") return ended("left");
    if (message.type !== "pong") owe(message.re);
  }
  return { answers, refusals, end: undefined };
}

/** Lines that are whole. Where the last one is not, it counts if it is too long already. */
function linesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const lf = bytes.indexOf(0x0a, start);
    const end = lf < 0 ? bytes.length : lf;
    const line = bytes.subarray(start, end > start && lf >= 0 && bytes[end - 1] === 0x0d ? end - 1 : end);
    if (lf >= 0 || line.length > FIRST_LINE_BYTES_MAX) lines.push(line);
    start = end + 1;
  }
  return lines;
}

function textOf(line: Uint8Array): string | undefined {
  try {
    return utf8.decode(line);
  } catch {
    return undefined;
  }
}

/** Counts of what one heard that answers something it asked: the rest is what others did. */
export function answersAmong(heard: readonly Heard[], names: Set<string>): ReadonlyMap<string, number> {
  const answers = new Map<string, number>();
  for (const message of heard) {
    const { type, from, name, by, to, re } = message as Readonly<Record<string, string | undefined>>;
    if (type === "welcome") names.add(name!);
    if ("seq" in message && type !== "welcome" && !names.has(from ?? by ?? name ?? "")) continue;
    // To come in is answered by the welcome.
    if (type === "entered" || (type === "whisper" && re === undefined && !names.has(from!))) continue;
    if (type === "renamed") names.add(to!);
    answers.set(re ?? "", (answers.get(re ?? "") ?? 0) + 1);
  }
  return answers;
}

/** What is wrong with the answers, as sentences. Marks that were used twice, or by others, are answered once or more. */
export function wrongAnswers(
  { answers: owed, refusals }: Expected,
  heard: readonly Heard[],
  given: ReadonlyMap<string, number>,
  mark: string,
): string[] {
  const wrong: string[] = [];
  for (const re of new Set([...owed.keys(), ...given.keys()])) {
    const [due, got] = [owed.get(re) ?? 0, given.get(re) ?? 0];
    const isOwn = re === "" || (re.startsWith(mark) && due < 2);
    if (isOwn ? due !== got : got > due || (due > 0 && got === 0)) wrong.push(`${got} answers and not ${due} to ${re}`);
  }
  const refused = heard.flatMap(({ type, code, re }) =>
    type === "refused" ? [`${String(code)} ${typeof re === "string" ? re : ""}`] : [],
  );
  for (const refusal of refusals) {
    const at = refused.indexOf(refusal);
    if (at < 0) wrong.push(`no refusal ${refusal}`);
    else refused.splice(at, 1);
  }
  return wrong;
}
