// Somebody who comes when it is over and reads all that happened, in both ways that there are: what follows a number, and pages of history.
import type { RoomEvent } from "../../lib/protocol/message.ts";
import type { Dial } from "../../lib/transport/connection.ts";
import { QUIET_MS, within } from "../chaos/settings.ts";
import type { Stored } from "../chaos/verdict.ts";
import { type Heard, type Peer, peer } from "../support/peer.ts";

const PAGE = 500;

/** All events after the place where `member` has come in, up to `last` or further. */
export async function readLog(
  dial: Dial,
  member: { readonly log: string; readonly view: { readonly from: number | undefined } },
  last: number,
): Promise<{ readonly log: Stored; readonly reader: Peer }> {
  const log = new Map<number, { readonly event: RoomEvent; readonly line: string }>();
  const reader = await peer(dial, "reader");
  const { promise: read, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  reader.hears = (message) => {
    if (typeof message["seq"] !== "number" || message.type === "welcome") return;
    const event = message as unknown as RoomEvent;
    log.set(event.seq, { event, line: reader.lines.at(-1)! });
    seen = event.seq;
    if (seen >= last) resolve();
  };
  await reader.join("reader", { after: member.view.from, log: member.log });
  await within(QUIET_MS, () => `a new reader has got up to ${seen} of ${last}`, read);
  return { log, reader };
}

/** Compares what was said with the pages of history. */
export async function readHistory(reader: Peer, log: Stored, problems: string[]): Promise<void> {
  const said = [...log.values()].flatMap(({ event, line }) =>
    event.type === "said" ? [{ seq: event.seq, line }] : [],
  );
  const first = said[0]?.seq ?? Number.MAX_SAFE_INTEGER;
  const pages: Heard[] = [];
  let before: number | undefined;
  do {
    reader.send({ type: "history", limit: PAGE, before });
    const { events, more } = (await reader.until("history")) as unknown as { events: Heard[]; more: boolean };
    pages.unshift(...events);
    before = more ? Number(events[0]?.["seq"]) : undefined;
  } while (before !== undefined && before > first);
  const last = Math.max(...log.keys());
  const shown = pages
    .filter(({ seq }) => Number(seq) >= first && Number(seq) <= last)
    .map((event) => JSON.stringify(event));
  const wrong = said.findIndex(({ line }, index) => shown[index] !== line);
  if (wrong >= 0) problems.push(`history shows ${shown[wrong]} where the log has ${said[wrong]!.line}`);
  if (shown.length > said.length) problems.push(`history shows ${shown.length} texts, and ${said.length} were said`);
}
