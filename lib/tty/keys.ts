// The bytes of a keyboard → keys, wherever the bytes are cut. Knows nothing of what a key does.

/** What a keyboard can ask for besides text. */
export type Press =
  | "enter"
  | "tab"
  | "left"
  | "right"
  | "up"
  | "down"
  | "home"
  | "end"
  | "word-left"
  | "word-right"
  | "backspace"
  | "delete"
  | "delete-word-left"
  | "delete-word-right"
  | "delete-to-start"
  | "delete-to-end"
  | "clear-screen"
  | "ctrl-c"
  | "ctrl-d";

export type Key =
  /** Typed or pasted. Holds no control character but LF. */
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "press"; readonly press: Press }
  /** The terminal's answer to the question where its cursor is; counted from 0. */
  | { readonly type: "position"; readonly column: number };

/** What is pasted beyond this is dropped, so that a paste that never ends costs no more memory than this. */
export const MAX_PASTE_CHARS = 4 * 1024 * 1024;

const ESC = "\x1b";
const PASTE_START = "[200~";
const PASTE_END = "\x1b[201~";
/** No key's sequence comes near this length; a longer one is no key. */
const MAX_SEQUENCE_CHARS = 64;

const controls: Readonly<Record<string, Press>> = {
  "\x01": "home",
  "\x02": "left",
  "\x03": "ctrl-c",
  "\x04": "ctrl-d",
  "\x05": "end",
  "\x06": "right",
  "\b": "backspace",
  "\t": "tab",
  "\v": "delete-to-end",
  "\f": "clear-screen",
  "\r": "enter",
  "\x0e": "down",
  "\x10": "up",
  "\x15": "delete-to-start",
  "\x17": "delete-word-left",
  "\x7f": "backspace",
};

/** By what follows ESC. Keyboards differ in how they spell a key. */
const sequences: Readonly<Record<string, Press | "newline">> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  "[H": "home",
  "[F": "end",
  OA: "up",
  OB: "down",
  OC: "right",
  OD: "left",
  OH: "home",
  OF: "end",
  "[1~": "home",
  "[7~": "home",
  "[4~": "end",
  "[8~": "end",
  "[3~": "delete",
  "[1;3D": "word-left",
  "[1;5D": "word-left",
  "[1;3C": "word-right",
  "[1;5C": "word-right",
  "[3;3~": "delete-word-right",
  "[3;5~": "delete-word-right",
  b: "word-left",
  f: "word-right",
  d: "delete-word-right",
  "\b": "delete-word-left",
  "\x7f": "delete-word-left",
  "\r": "newline",
  "\n": "newline",
  // Shift+Enter, Alt+Enter and Ctrl+Enter, where the terminal tells them apart.
  "[13;2u": "newline",
  "[13;3u": "newline",
  "[13;5u": "newline",
  "[27;2;13~": "newline",
  "[27;3;13~": "newline",
  "[27;5;13~": "newline",
};

const printable = /\P{Cc}+/uy;
/** CSI … and SS3 …; the Linux console spells F1 as ESC [ [ A. */
const wholeSequence = /\[\[[ -~]|\[[0-?]*[ -/]*[@-Z\\-~]|O[ -~]/y;
const partOfSequence = /^(?:\[\[?|\[[0-?]*[ -/]*|O)?$/;
const cursorReport = /^\[\d+;(\d+)R$/;
/** Opens OSC, DCS, SOS, PM or APC: an answer to a question we did not ask, up to the next control character. */
const stringOpener = /^[\]PX^_]./su;

/** Turns chunks of input into keys. What a chunk leaves unfinished waits for the next one; no clock is asked. */
export class KeyReader {
  readonly #decoder = new TextDecoder();
  #held = "";
  #inString = false;
  #paste: { parts: string[]; length: number } | undefined;

  read(bytes: Uint8Array): Key[] {
    // A human who presses Esc and then a letter means the letter; a terminal that sends Alt+letter writes both at once.
    const escPressedBefore = this.#held === ESC;
    const text = this.#held + this.#decoder.decode(bytes, { stream: true });
    this.#held = "";
    const keys: Key[] = [];
    let at = escPressedBefore && !this.#inString && /^.[^[O\p{Cc}]/su.test(text) ? 1 : 0;
    while (at < text.length) {
      if (this.#paste) at = this.#readPaste(this.#paste, text, at, keys);
      else if (this.#inString) at = this.#skipString(text, at);
      else if (text[at] === ESC) at = this.#readSequence(text, at + 1, keys);
      else at = readPlain(text, at, keys);
    }
    return keys;
  }

  #readSequence(text: string, at: number, keys: Key[]): number {
    const sequence = matchAt(wholeSequence, text, at);
    if (sequence !== undefined) {
      const column = cursorReport.exec(sequence)?.[1];
      if (sequence === PASTE_START) this.#paste = { parts: [], length: 0 };
      else if (column !== undefined) keys.push({ type: "position", column: Number(column) - 1 });
      else pushSequence(sequence, keys);
      return at + sequence.length;
    }
    const rest = text.slice(at, at + MAX_SEQUENCE_CHARS);
    if (partOfSequence.test(rest)) {
      if (rest.length < MAX_SEQUENCE_CHARS) this.#held = text.slice(at - 1);
      return text.length;
    }
    if (stringOpener.test(rest)) {
      this.#inString = true;
      return at + 1;
    }
    // Broken off by a control character: that one counts, what came before it does not.
    const broken = /^(?:\[[ -?]*|O)(?=\p{Cc})/u.exec(rest)?.[0];
    if (broken !== undefined) return at + broken.length;
    if (rest.startsWith(ESC)) return at;
    const alt = String.fromCodePoint(text.codePointAt(at) ?? 0);
    pushSequence(alt, keys);
    return at + alt.length;
  }

  #skipString(text: string, at: number): number {
    const end = at + (matchAt(printable, text, at)?.length ?? 0);
    if (text[end] === ESC && end + 1 === text.length) {
      this.#held = ESC;
      return text.length;
    }
    if (end < text.length) this.#inString = false;
    if (text.startsWith("\x1b\\", end)) return end + 2;
    return text[end] === "\x07" ? end + 1 : end;
  }

  #readPaste(paste: { parts: string[]; length: number }, text: string, at: number, keys: Key[]): number {
    const end = text.indexOf(PASTE_END, at);
    const until = end < 0 ? text.length - endsWithStartOf(PASTE_END, text, at) : end;
    const part = text.slice(at, Math.min(until, at + MAX_PASTE_CHARS - paste.length));
    paste.parts.push(part);
    paste.length += part.length;
    if (end < 0) {
      this.#held = text.slice(until);
      return text.length;
    }
    this.#paste = undefined;
    const pasted = withoutControls(paste.parts.join(""));
    if (pasted) keys.push({ type: "text", text: pasted });
    return end + PASTE_END.length;
  }
}

function readPlain(text: string, at: number, keys: Key[]): number {
  const run = matchAt(printable, text, at);
  if (run !== undefined) {
    keys.push({ type: "text", text: run });
    return at + run.length;
  }
  const control = text.charAt(at);
  const press = controls[control];
  if (control === "\n") keys.push({ type: "text", text: "\n" });
  else if (press) keys.push({ type: "press", press });
  return at + 1;
}

function pushSequence(sequence: string, keys: Key[]): void {
  const press = Object.hasOwn(sequences, sequence) ? sequences[sequence] : undefined;
  if (press === "newline") keys.push({ type: "text", text: "\n" });
  else if (press) keys.push({ type: "press", press });
}

function withoutControls(pasted: string): string {
  return Bun.stripANSI(pasted)
    .replace(/\r\n?/g, "\n")
    .replaceAll("\t", " ")
    .replace(/[^\P{Cc}\n]/gu, "");
}

/** How many characters at the end of `text` (not before `from`) may be the start of `marker`. */
function endsWithStartOf(marker: string, text: string, from: number): number {
  for (let length = Math.min(marker.length - 1, text.length - from); length > 0; length -= 1) {
    if (text.endsWith(marker.slice(0, length))) return length;
  }
  return 0;
}

function matchAt(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}
