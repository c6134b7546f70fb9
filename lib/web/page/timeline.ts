// The talk as rows of a screen: grouped by author and minute, comings and goings folded, days and the first unread marked.
// Knows no DOM, and no more of time than the reader's calendar.
import type { Sight } from "../../client/view.ts";
import { dayKey, minuteKey } from "./calendar.ts";
import { isMention } from "./rich-text.ts";

export type Row =
  | { readonly kind: "day"; readonly key: string; readonly at: string }
  /** The first that was not read when it came is below. */
  | { readonly kind: "unread"; readonly key: string }
  /** What a member said. `opens`: its author and time stand above it. */
  | {
      readonly kind: "talk";
      readonly key: string;
      readonly sight: Sight;
      readonly opens: boolean;
      readonly mention: boolean;
      /** It is not known to be on disk yet. */
      readonly pending?: true;
    }
  /** Comings and goings in a row. */
  | { readonly kind: "traffic"; readonly key: string; readonly sights: readonly Sight[] }
  /** What the room or the program says, told together. */
  | { readonly kind: "aside"; readonly key: string; readonly sights: readonly Sight[] };

export type Talk = Extract<Row, { kind: "talk" }>;

/** Of more, the oldest make way: they are in the log. */
export const SIGHTS_MAX = 60_000;
const SIGHTS_KEPT = 50_000;

/** Sights that were shown together, and the key of their row. */
interface Entry {
  readonly key: string;
  readonly sights: readonly Sight[];
  readonly mention: boolean;
}

export class Timeline {
  #rows: Row[] = [];
  #entries: Entry[] = [];
  #count = 0;
  /** The key of the first entry that was unread when it came. */
  #unreadFrom: string | undefined;
  /** How many were said by others and not read yet. */
  unread = 0;
  /** One of them names the reader. */
  mentioned = false;

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** The oldest event that is here. */
  get oldest(): number | undefined {
    for (const { sights } of this.#entries) {
      const seq = sights[0]?.event?.seq;
      if (seq !== undefined) return seq;
    }
    return undefined;
  }

  /** Something came. `read`: the reader sees it come, or has seen it before. */
  append(sights: readonly Sight[], me: string, read: boolean): void {
    for (const entry of this.#entriesOf(sights, me)) {
      const talk = entry.sights[0]!;
      if (!read && (talk.tone === "said" || talk.tone === "whisper")) {
        if (this.unread === 0) this.#markFrom(entry.key);
        this.unread++;
        this.mentioned ||= entry.mention || talk.tone === "whisper";
      }
      this.#entries.push(entry);
      this.#add(this.#rows, entry);
    }
    if (this.#entries.length > SIGHTS_MAX && read) this.#forgetOldest();
  }

  /** Older events, oldest first, all before those that are here. */
  prepend(sights: readonly Sight[], me: string): void {
    const entries = this.#entriesOf(sights, me);
    const older: Row[] = [];
    for (const entry of entries) this.#add(older, entry);
    this.#entries = [...entries, ...this.#entries];
    this.#rows = [...older, ...joined(older, this.#rows)];
  }

  /** Everything that came was seen. The mark stays until something else is unread. */
  read(): void {
    this.unread = 0;
    this.mentioned = false;
  }

  /** The reader is elsewhere on the earth: the same talk, on other days. */
  rebuild(): void {
    this.#rows = [];
    for (const entry of this.#entries) this.#add(this.#rows, entry);
  }

  clear(): void {
    this.#rows = [];
    this.#entries = [];
    this.#unreadFrom = undefined;
    this.read();
  }

  #markFrom(key: string): void {
    const before = this.#rows.findLastIndex(({ kind }) => kind === "unread");
    if (before >= 0) this.#rows.splice(before, 1);
    this.#unreadFrom = key;
  }

  /** Lines of the program that come together are one entry; everything else is one each. */
  #entriesOf(sights: readonly Sight[], me: string): Entry[] {
    const entries: Entry[] = [];
    let together: Sight[] | undefined;
    for (const sight of sights) {
      if (sight.tone === "plain") {
        if (together) together.push(sight);
        else entries.push({ key: this.#newKey(), sights: (together = [sight]), mention: false });
        continue;
      }
      together = undefined;
      entries.push({
        key: this.#keyOf(sight),
        sights: [sight],
        mention: sight.tone === "said" && isMention(sight.text, me),
      });
    }
    return entries;
  }

  /** Own words keep the key that they had while they were pending. */
  #keyOf({ tone, event }: Sight): string {
    if (!event) return this.#newKey();
    return tone === "own" && event.re !== undefined ? pendingKey(event.re) : `#${event.seq}`;
  }

  #newKey(): string {
    return `+${++this.#count}`;
  }

  #add(rows: Row[], { key, sights, mention }: Entry): void {
    const [sight] = sights as readonly [Sight];
    if (sight.at !== undefined && dayKey(sight.at) !== lastDayIn(rows))
      rows.push({ kind: "day", key: `day ${dayKey(sight.at)} ${key}`, at: sight.at });
    if (key === this.#unreadFrom) rows.push({ kind: "unread", key: "unread" });
    const last = rows.at(-1);
    if (isTraffic(sight)) {
      if (last?.kind !== "traffic") rows.push({ kind: "traffic", key, sights: [sight] });
      // The array grows in place, and the row around it is new: a thousand who enter are not copied a thousand times.
      else rows[rows.length - 1] = { ...last, sights: grown(last.sights, sight) };
    } else if (isTalk(sight)) rows.push({ kind: "talk", key, sight, opens: opensAfter(last, sight), mention });
    else rows.push({ kind: "aside", key, sights });
  }

  #forgetOldest(): void {
    this.#entries = this.#entries.slice(-SIGHTS_KEPT);
    this.rebuild();
  }
}

/** Where own words stand while they are pending, and afterwards. */
export function pendingKey(re: string): string {
  return `re ${re}`;
}

/** Own words that are not known to be on disk, as rows that follow `last`. */
export function pendingRow(re: string, sight: Sight, last: Row | undefined): Talk {
  return {
    kind: "talk",
    key: pendingKey(re),
    sight,
    opens: opensAfter(last, sight),
    mention: false,
    pending: true,
  };
}

/** Author and time are told once for what one author said in one minute. */
export function opensAfter(last: Row | undefined, { who, tone, at }: Sight): boolean {
  if (last?.kind !== "talk" || who === "" || tone === "whisper") return true;
  const before = last.sight;
  if (before.who !== who || before.tone !== tone) return true;
  return at !== undefined && before.at !== undefined && minuteKey(before.at) !== minuteKey(at);
}

/** `rows`, as they follow `older`: a day that went on is not begun again, nor is what an author went on saying. */
function joined(older: readonly Row[], rows: readonly Row[]): readonly Row[] {
  const [first, second] = rows;
  if (first?.kind !== "day" || dayKey(first.at) !== lastDayIn(older)) return rows;
  const rest = rows.slice(1);
  if (second?.kind === "talk") rest[0] = { ...second, opens: opensAfter(older.at(-1), second.sight) };
  return rest;
}

function lastDayIn(rows: readonly Row[]): string | undefined {
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index]!;
    const at = row.kind === "day" ? row.at : row.kind === "talk" ? row.sight.at : undefined;
    if (at !== undefined) return dayKey(at);
  }
  return undefined;
}

function isTalk({ tone }: Sight): boolean {
  return tone === "said" || tone === "own" || tone === "whisper";
}

function isTraffic({ event }: Sight): boolean {
  return event?.type === "entered" || event?.type === "exited";
}

function grown(sights: readonly Sight[], sight: Sight): readonly Sight[] {
  (sights as Sight[]).push(sight);
  return sights;
}
