// Frames of text and the lines in them: the same for the end that listened and the end that dialled. Runs in any JavaScript.
import { bytesOf } from "../protocol/text.ts";

const LF = 0x0a;
/** Bytes of UTF-8 that one UTF-16 unit may become. */
const BYTES_PER_UNIT = 3;

/** The lines of a frame, without LF and the CR before it. Where the last one has no LF, the frame's end ends it. */
export function linesIn(frame: string): readonly string[] {
  const lines = frame.split("\n");
  if (frame.endsWith("\n")) lines.pop();
  return frame.includes("\r") ? lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line)) : lines;
}

export function isTooLong(line: string, limitBytes: number): boolean {
  return line.length * BYTES_PER_UNIT > limitBytes && (line.length > limitBytes || bytesOf(line) > limitBytes);
}

/** What both ends know of a WebSocket: its server's name and port, as whoever dialled it wrote them. */
export function hostBinding(host: string): string {
  return `host:${host.toLowerCase()}`;
}

/** Cuts whole lines into pieces of at most `limitBytes` at line ends. A line that is longer is a piece by itself. */
export function framesOf(bytes: Uint8Array, limitBytes: number): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  let start = 0;
  while (bytes.length - start > limitBytes) {
    const fitting = bytes.lastIndexOf(LF, start + limitBytes - 1);
    const end = fitting >= start ? fitting : bytes.indexOf(LF, start + limitBytes);
    if (end < 0) break;
    frames.push(bytes.subarray(start, end + 1));
    start = end + 1;
  }
  if (start < bytes.length) frames.push(bytes.subarray(start));
  return frames;
}
