// Written conversations: how they are read, played and compared.
//
//   # prose                        for the reader
//   ada> {"type":"ping"}           Ada sends this line, whatever it is; her first one opens a connection
//   ada< {"type":"pong",...}       and this is the next thing that she hears: fields that are not written are not looked at
//   ada hex> 7b ff 61*4097 0a      she sends these bytes, one of them 4097 times
//   ada cuts                       her wire breaks; her next line opens a new one
//   ada< end                       the server has closed the wire
//
// A string "$word" stands for any value where it is first heard, and for that value from then on. At the end, nobody has
// heard anything that is not written.
import { isDeepStrictEqual } from "node:util";
import type { Dial } from "../../lib/transport/connection.ts";
import { type Peer, peer } from "../support/peer.ts";

export interface Step {
  /** Number of its line, for whoever has to find it. */
  readonly at: number;
  readonly who: string;
  readonly what: "says" | "sends" | "hears" | "hears the end" | "cuts";
  readonly text: string;
}

const STEP = /^(\w+)(?:(>|<| hex>) ?(.*)| (cuts))$/;
const KINDS = { ">": "says", "<": "hears", " hex>": "sends", cuts: "cuts" } as const;

/** Throws where a line is none of those above. */
export function readTranscript(text: string): readonly Step[] {
  return text.split("\n").flatMap((line, index) => {
    if (line === "" || line.startsWith("#")) return [];
    const found = STEP.exec(line);
    if (!found) throw new Error(`Line ${index + 1} is no step of a conversation: ${line}`);
    const [, who = "", arrow, text = "", cuts] = found;
    const what = KINDS[(arrow ?? cuts) as keyof typeof KINDS];
    return [{ at: index + 1, who, text, what: what === "hears" && text === "end" ? "hears the end" : what }];
  });
}

/** Plays the steps one after another. Throws at the first that goes otherwise than written. */
export async function play(steps: readonly Step[], doorOf: (who: string) => Dial): Promise<void> {
  const peers = new Map<string, Peer>();
  const known = new Map<string, unknown>();
  const arrive = async (who: string): Promise<Peer> => {
    const arrived = peers.get(who) ?? (await peer(doorOf(who), who));
    peers.set(who, arrived);
    return arrived;
  };
  for (const { at, who, what, text } of steps) {
    try {
      await step(await arrive(who), what, text, known);
    } catch (error) {
      throw new Error(`Line ${at}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    if (what === "cuts") peers.delete(who);
  }
  for (const [who, last] of peers) {
    const rest = last.ends > 0 ? await last.end() : await last.rest();
    if (rest.length > 0) throw new Error(`${who} also heard ${JSON.stringify(rest)}`);
  }
  for (const last of peers.values()) last.connection.abort();
}

async function step(who: Peer, what: Step["what"], text: string, known: Map<string, unknown>): Promise<void> {
  switch (what) {
    case "says":
      return who.say(spoken(text, known));
    case "sends":
      return who.connection.send(bytesOf(text));
    case "hears": {
      const heard = await who.next();
      const problem = mismatch(written(text), heard, known);
      if (problem) throw new Error(`${who.name} heard ${JSON.stringify(heard)}, but ${problem}`);
      return;
    }
    case "hears the end": {
      const rest = await who.end();
      if (rest.length > 0) throw new Error(`${who.name} heard ${JSON.stringify(rest)} before the end`);
      return;
    }
    case "cuts":
      return who.connection.abort();
  }
}

/** The line with the values that its "$words" stand for. */
function spoken(line: string, known: ReadonlyMap<string, unknown>): string {
  return line.replace(/"\$(\w+)"/g, (word, name: string) => {
    if (!known.has(name)) throw new Error(`nobody has heard ${word} yet`);
    return JSON.stringify(known.get(name));
  });
}

function written(text: string): unknown {
  return JSON.parse(text.replace(/,? ?\.\.\.(?=[}\]])/g, ""));
}

/** Hex bytes, each as often as the number behind its star says. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(
    text
      .trim()
      .split(/ +/)
      .flatMap((word) => {
        const [hex = "", times = "1"] = word.split("*");
        return Array.from({ length: Number(times) }, () => Number.parseInt(hex, 16));
      }),
  );
}

/** Why `heard` is not what is written; nothing where it is. */
export function mismatch(written: unknown, heard: unknown, known: Map<string, unknown>, at = "it"): string | undefined {
  if (typeof written === "string" && written.startsWith("$")) {
    const name = written.slice(1);
    if (heard === undefined) return `${at} is missing`;
    if (!known.has(name)) known.set(name, heard);
    return isDeepStrictEqual(known.get(name), heard)
      ? undefined
      : `${at} is not ${JSON.stringify(known.get(name))}, which ${written} stands for`;
  }
  if (Array.isArray(written)) {
    if (!Array.isArray(heard) || heard.length !== written.length) return `${at} is not ${written.length} things`;
    return first(written.map((each, index) => mismatch(each, heard[index], known, `${at}[${index}]`)));
  }
  if (typeof written === "object" && written !== null) {
    if (typeof heard !== "object" || heard === null) return `${at} is no object`;
    return first(
      Object.entries(written).map(([key, value]) =>
        mismatch(value, (heard as Record<string, unknown>)[key], known, key),
      ),
    );
  }
  return isDeepStrictEqual(written, heard) ? undefined : `${at} is not ${JSON.stringify(written)}`;
}

function first(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}
