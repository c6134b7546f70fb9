// The talk as rows of a screen: grouped by author and minute, comings and goings folded, days and the first unread marked.
// Knows no DOM, and no more of time than the reader's calendar.
import type { Sight } from "../../client/view.ts";
import { dayKey, minuteKey } from "./calendar.ts";
import { foldName } from "../../protocol/name.ts";
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
/** The same while the reader is elsewhere, and would lose the place. */
export const SIGHTS_UNREAD_MAX = 4 * SIGHTS_MAX;
const SIGHTS_KEPT = 50_000;

/** Sights that were shown together, and the key of their row. */
interface Entry {
  readonly key: string;
  readonly sights: readonly Sight[];
  readonly mention: boolean;
  /** Nobody saw it come. */
  readonly counted?: true;
}

/** What is withdrawn: what was said under any of these names, folded, from a moment on and before an event. */
export interface Withdrawal {
  readonly names: ReadonlySet<string>;
  readonly since: string;
  readonly before: number;
}

/** Rows, and the day of the last of them that has one. */
interface Growing {
  readonly rows: Row[];
  day: string | undefined;
}

export class Timeline {
  #talk: Growing = { rows: [], day: undefined };
  #entries: Entry[] = [];
  /** Of the entries that are here. */
  #keys = new Set<string>();
  #count = 0;
  /** The key of the first entry that was unread when it came. */
  #unreadFrom: string | undefined;
  /** How many were said by others and not read yet. */
  unread = 0;
  /** One of them names the reader. */
  mentioned = false;

  get rows(): readonly Row[] {
    return this.#talk.rows;
  }

  /** The oldest event that is here. */
  get oldest(): number | undefined {
    for (const { sights } of this.#entries) {
      const seq = sights[0]?.event?.seq;
      if (seq !== undefined) return seq;
    }
    return undefined;
  }

  /** Whether words that were pending under this mark are here. */
  has(re: string): boolean {
    return this.#keys.has(pendingKey(re));
  }

  /** Something came. `read`: the reader sees it come, or has seen it before. */
  append(sights: readonly Sight[], me: string, read: boolean): void {
    for (const entry of this.#entriesOf(sights, me)) {
      const talk = entry.sights[0]!;
      const counted = !read && !talk.mine && (talk.tone === "said" || talk.tone === "whisper");
      if (counted) {
        if (this.unread === 0) this.#markFrom(entry.key);
        this.unread++;
        this.mentioned ||= calls(entry);
      }
      this.#entries.push(counted ? { ...entry, counted } : entry);
      this.#add(this.#talk, entry);
    }
    if (this.#entries.length > (read ? SIGHTS_MAX : SIGHTS_UNREAD_MAX)) this.#forgetOldest();
  }

  /** Older events, oldest first, all before those that are here. */
  prepend(sights: readonly Sight[], me: string): void {
    const entries = this.#entriesOf(sights, me);
    const older: Growing = { rows: [], day: undefined };
    for (const entry of entries) this.#add(older, entry);
    this.#entries = [...entries, ...this.#entries];
    const { rows, day } = this.#talk;
    this.#talk = { rows: [...older.rows, ...joined(older, rows)], day: day ?? older.day };
  }

  /** Everything that came was seen. The mark stays until something else is unread. */
  read(): void {
    this.unread = 0;
    this.mentioned = false;
  }

  /** Takes back what was said, as if nobody had. */
  withdraw(what: Withdrawal): void {
    const kept = this.#entries.filter((entry) => !isOf(entry, what));
    if (kept.length === this.#entries.length) return;
    const mark = this.#entries.findIndex(({ key }) => key === this.#unreadFrom);
    const below = new Set(mark < 0 ? [] : this.#entries.slice(mark));
    const unread = kept.filter((entry) => below.has(entry) && entry.counted);
    this.#unreadFrom = unread[0]?.key;
    if (this.unread > 0) {
      this.unread = unread.length;
      this.mentioned = unread.some(calls);
    }
    for (const entry of this.#entries) if (isOf(entry, what)) this.#keys.delete(entry.key);
    this.#entries = kept;
    this.rebuild();
  }

  /** The reader is elsewhere on the earth: the same talk, on other days. */
  rebuild(): void {
    this.#talk = { rows: [], day: undefined };
    for (const entry of this.#entries) this.#add(this.#talk, entry);
  }

  clear(): void {
    this.#talk = { rows: [], day: undefined };
    this.#entries = [];
    this.#keys.clear();
    this.#unreadFrom = undefined;
    this.read();
  }

  #markFrom(key: string): void {
    const { rows } = this.#talk;
    const before = rows.findLastIndex(({ kind }) => kind === "unread");
    if (before >= 0) rows.splice(before, 1);
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
    const key = tone === "own" && event.re !== undefined ? pendingKey(event.re) : `#${event.seq}`;
    // What /history shows may be here already, and a server may say anything twice.
    if (this.#keys.has(key)) return this.#newKey();
    this.#keys.add(key);
    return key;
  }

  #newKey(): string {
    return `+${++this.#count}`;
  }

  #add(talk: Growing, { key, sights, mention }: Entry): void {
    const { rows } = talk;
    const [sight] = sights as readonly [Sight];
    const day = sight.at === undefined ? talk.day : dayKey(sight.at);
    if (sight.at !== undefined && day !== talk.day) rows.push({ kind: "day", key: `day ${day} ${key}`, at: sight.at });
    talk.day = day;
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
    const tooMany = this.#entries.length - SIGHTS_KEPT;
    // Where words begin, rows begin; comings and goings may share theirs with some that go.
    const words = this.#entries.findIndex(({ sights: [sight] }, index) => index >= tooMany && isTalk(sight!));
    const forgotten = this.#entries.splice(0, words < 0 ? tooMany : words);
    for (const { key } of forgotten) this.#keys.delete(key);
    const [first] = this.#entries;
    if (words < 0 || !first) return this.rebuild();
    // To build all rows anew would take longer than a reader should see nothing move.
    const { rows, day } = this.#talk;
    const begun: Growing = { rows: [], day: undefined };
    this.#add(begun, first);
    const rest = rows.slice(rows.findIndex(({ key }) => key === first.key) + 1);
    this.#talk = { rows: begun.rows.concat(rest), day };
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
function joined(older: Growing, rows: readonly Row[]): readonly Row[] {
  // What the program said first has no day.
  const first = rows.findIndex(({ kind }) => kind === "day");
  const day = rows[first];
  if (day?.kind !== "day" || dayKey(day.at) !== older.day) return rows;
  const rest = rows.toSpliced(first, 1);
  const next = rest[first];
  if (next?.kind === "talk")
    rest[first] = { ...next, opens: opensAfter(rest[first - 1] ?? older.rows.at(-1), next.sight) };
  return rest;
}

/** Whether it is for the reader in particular. */
function calls({ mention, sights: [sight] }: Entry): boolean {
  return mention || sight?.tone === "whisper";
}

function isOf({ sights: [sight] }: Entry, { names, since, before }: Withdrawal): boolean {
  const event = sight?.event;
  return event?.type === "said" && event.seq < before && event.at >= since && names.has(foldName(event.from));
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
