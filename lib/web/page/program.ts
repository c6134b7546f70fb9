// Whether the program that serves the page still runs, as the event stream tells that it holds open. Knows nothing of what is drawn.

/** The browser tries each second to open the stream again. A program that does not answer for so long has ended. */
const ENDED_MS = 4_000;

/** Lets the program know that somebody needs it, as long as the page is open. `told` hears whether it has ended when that may have changed. */
export function stayWithProgram(told: (hasEnded: boolean) => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stream = new EventSource("./alive");
  stream.addEventListener("open", () => {
    clearTimeout(timer);
    timer = undefined;
    told(false);
  });
  stream.addEventListener("error", () => {
    timer ??= setTimeout(() => told(true), ENDED_MS);
  });
}
