// A writer as a program of its own, to be killed: says numbered texts, remembers in a file what was acked, and goes on from there.
// Prints `welcome LINE`, `event LINE`, `acked MARK` as they come, and `quiet COUNT` once its input said so and all is acked.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { Membership } from "../../lib/client/membership.ts";
import type { Notice } from "../../lib/client/notice.ts";
import { DEFAULT_ROOM } from "../../lib/protocol/limits.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { numberOf, textOf } from "./text.ts";

const WINDOW = 6;

interface Memory {
  readonly token?: string;
  /** This text and all before it are acked. */
  readonly acked: number;
}

const [name = "", port = "", file = ""] = process.argv.slice(2);
let memory = recall();
let sent = memory.acked;
/** What an earlier life left unanswered is asked again before anything new is said; at the end there is nothing new. */
let talking = false;

const membership = new Membership({
  dial: (receiver) => dialTcp({ hostname: "127.0.0.1", port: Number(port) }, receiver),
  room: DEFAULT_ROOM,
  token: memory.token,
  told,
});
for (let count = 0; count < WINDOW; count++) say();
await membership.join(name);
await membership.pending.settled();
// Their answers may be older than all that is told to one who comes in.
for (let number = memory.acked + 1; number <= sent; number++) print(`acked ${markOf(number)}`);
remember({ acked: sent });
talking = true;
fill();
for await (const _line of console) {
  talking = false;
  await membership.pending.settled();
  print(`quiet ${sent}`);
}
membership.close();

function say(): void {
  sent++;
  membership.ask({ type: "say", text: textOf(name, sent), re: markOf(sent) });
}

function fill(): void {
  if (!talking) return;
  while (membership.pending.size < WINDOW) say();
}

/** The same in every life, so that a text is known again. */
function markOf(number: number): string {
  return `${name}-${number}`;
}

function told(notice: Notice): void {
  if (notice.type !== "heard") return print(`problem ${JSON.stringify(notice)}`);
  const { message, line } = notice;
  if (message.type === "welcome") {
    remember({ token: message.token });
    return print(`welcome ${line}`);
  }
  if (!("seq" in message)) return print(`problem ${line}`);
  print(`event ${line}`);
  if (message.type !== "said" || message.from !== name) return;
  if (talking) remember({ acked: numberOf(message.text) });
  fill();
}

function recall(): Memory {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Memory;
  } catch {
    return { acked: 0 };
  }
}

/** Whole or not at all, whenever the end comes. */
function remember(news: Partial<Memory>): void {
  memory = { ...memory, ...news };
  writeFileSync(`${file}.new`, JSON.stringify(memory), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
