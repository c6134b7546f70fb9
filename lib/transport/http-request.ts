// Bytes → the head of an HTTP request, strictly: what is not written as it should be is no request. Knows no socket and no answer.

/** Cookies of other servers on the same machine may be long. */
const HEAD_BYTES_MAX = 16_384;
const HEADERS_MAX = 100;

export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** HTTP/1.1; what is older says goodbye after each answer. */
  readonly isCurrent: boolean;
  readonly headers: Headers;
}

/** The status of the answer to what is no request. */
export type HeadFault = 400 | 431;

const LINE = /^([A-Z]+) (?:https?:\/\/[^/\s?#]+)?(\/[!-~]*) HTTP\/1\.([01])$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t -~\x80-\xff]*$/;
const END = "\r\n\r\n";
const A = 0x41;
const Z = 0x5a;
const SPACE = 0x20;
const TAB = 0x09;

export class HeadReader {
  #held: Buffer = Buffer.alloc(0);

  /** What came behind the last head. */
  get rest(): Uint8Array {
    return this.#held;
  }

  push(bytes: Uint8Array): void {
    this.#held = this.#held.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes]);
  }

  /** Too much has come for what is asked. */
  get isFull(): boolean {
    return this.#held.length > HEAD_BYTES_MAX;
  }

  /** The next head, or why there is none; nothing where it is not there yet in whole. */
  take(): RequestHead | HeadFault | undefined {
    const first = this.#held[0];
    if (first === undefined) return undefined;
    // Whatever it is, it need not be waited for.
    if (first < A || first > Z) return 400;
    const end = this.#held.indexOf(END);
    if (end < 0) return this.isFull ? 431 : undefined;
    const lines = this.#held.toString("latin1", 0, end).split("\r\n");
    this.#held = this.#held.subarray(end + END.length);
    return end > HEAD_BYTES_MAX || lines.length > HEADERS_MAX ? 431 : (headOf(lines) ?? 400);
  }
}

function headOf([line = "", ...written]: readonly string[]): RequestHead | undefined {
  const [, method, target, minor] = LINE.exec(line) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const headers = new Headers();
  for (const each of written) {
    const colon = each.indexOf(":");
    const [name, value] = [each.slice(0, Math.max(colon, 0)), trimmed(each, colon + 1)];
    if (!NAME.test(name) || !VALUE.test(value)) return undefined;
    // Two hosts are none.
    if (/^host$/i.test(name) && headers.has("host")) return undefined;
    headers.append(name, value);
  }
  return { method, target, isCurrent: minor === "1", headers };
}

/** From `start` on, without the blanks around it. By hand: an expression that looks for them tries each of thousands as the last. */
function trimmed(line: string, start: number): string {
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (start < end && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Whether a list like that of `Connection` names `token`. */
export function lists(value: string | null, token: string): boolean {
  return (value ?? "").split(",").some((each) => each.trim().toLowerCase() === token);
}
