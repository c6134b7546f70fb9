// Figures as people read them: medians, percentiles, SI prefixes, aligned rows.

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The smallest of `values` that at least `part` of them do not exceed; NaN for no values. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}

/** How long something took many times, in milliseconds. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function spreadOf(times: readonly number[]): Spread {
  return {
    count: times.length,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    max: percentile(times, 1),
  };
}

/** The median of each figure. */
export function medianSpread(spreads: readonly Spread[]): Spread {
  const of = (pick: (spread: Spread) => number) => median(spreads.map(pick));
  return {
    count: of(({ count }) => count),
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
    max: of(({ max }) => max),
  };
}

/** p50, p99 and max as cells of a table. */
export function spreadCells({ p50, p99, max }: Spread): readonly string[] {
  return [p50, p99, max].map((time) => ms(time));
}

export const SPREAD_TITLES = ["p50 ms", "p99 ms", "max ms"] as const;

const COLUMNS = 110;
const PREFIXES = ["", "k", "M", "G", "T"];

/** `value` in three digits, with the prefix of thousands, millions and so on. */
export function si(value: number, unit = ""): string {
  if (!Number.isFinite(value)) return "-";
  const size = Math.abs(value);
  const power = size < 999.5 ? 0 : Math.min(PREFIXES.length - 1, Math.floor(Math.log10(size * 1.0005) / 3));
  const scaled = value / 1_000 ** power;
  return `${digits(scaled)} ${PREFIXES[power]}${unit}`.trimEnd();
}

/** Milliseconds, as a number. */
export function ms(time: number): string {
  if (!Number.isFinite(time)) return "-";
  return Math.abs(time) < 10 ? time.toFixed(2) : digits(time);
}

/** How one figure relates to another. */
export function ratio(of: number, to: number): string {
  return to > 0 && Number.isFinite(of / to) ? (of / to).toFixed(2) : "-";
}

function digits(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1_000) return String(value);
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

/** Answers what prints a row, below the titles. The first column is text, the others are figures. */
export function table(
  titles: readonly string[],
  widths: readonly number[] = [],
): (...cells: readonly string[]) => void {
  const columns = titles.map((title, index) => Math.max(title.length, widths[index] ?? 9));
  const print = (cells: readonly string[]) =>
    console.log(
      cells
        .map((cell, index) => (index === 0 ? cell.padEnd(columns[0]!) : cell.padStart(columns[index] ?? 0)))
        .join("  ")
        .trimEnd(),
    );
  let titled = false;
  return (...cells) => {
    // What cannot be measured at all has no table.
    if (!titled) print(titles);
    titled = true;
    print(cells);
  };
}

/** Prints text for people, as wide as the tables. */
export function explain(...paragraphs: readonly string[]): void {
  for (const paragraph of paragraphs) console.log(`\n${Bun.wrapAnsi(paragraph, COLUMNS)}`);
}
