// The browser's tabs in which the page is open, as far as their event streams tell. Knows nothing of what the page does.

/** So that a tab that has gone without a word is noticed, and a server that closes silent connections leaves the stream alone. */
const BEAT_MS = 4_000;
/** A line of no meaning; the browser comes back within a second where the stream breaks. */
const FIRST = new TextEncoder().encode("retry: 1000\n\n");
const BEAT = new TextEncoder().encode(":\n\n");

export class Tabs {
  readonly #lingerMs: number;
  readonly #gone: () => void;
  #open = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `gone` is called when the last tab has been closed for `lingerMs`; a tab that comes, or comes back, within that time cancels it. */
  constructor(lingerMs: number, gone: () => void) {
    this.#lingerMs = lingerMs;
    this.#gone = gone;
  }

  /** What one tab listens to, as an event stream, as long as it is open. */
  stream(): ReadableStream<Uint8Array> {
    let beat: ReturnType<typeof setInterval> | undefined;
    return new ReadableStream({
      start: (stream) => {
        this.#opened();
        stream.enqueue(FIRST);
        beat = setInterval(() => stream.enqueue(BEAT), BEAT_MS);
      },
      cancel: () => {
        clearInterval(beat);
        this.#closed();
      },
    });
  }

  #opened(): void {
    this.#open++;
    clearTimeout(this.#timer);
  }

  #closed(): void {
    if (--this.#open === 0) this.#timer = setTimeout(this.#gone, this.#lingerMs);
  }
}
