// One line of text ↔ one message. The only place where JSON is read or written.
import * as v from "valibot";
import { RE_CHARS_MAX } from "./limits.ts";
import {
  ClientMessage,
  type Refusal,
  type RefusalCode,
  refuse,
  type RoomEvent,
  ServerMessage,
  StartTls,
  type Welcome,
} from "./message.ts";
import { cleanText } from "./text.ts";
import { Re } from "./words.ts";

const utf8 = new TextEncoder();

/** Simple programs look for text in what a WebSocket brings without taking its frames apart, and stop at a zero byte: lengths from 256 on have one where they are a multiple of it. */
const LENGTH_WITH_ZERO = 256;

/** One line, LF included, as it goes over the wire. */
export function encode(message: ServerMessage | ClientMessage | StartTls): Uint8Array {
  const line = JSON.stringify(message);
  const bytes = utf8.encode(`${line}\n`);
  return bytes.length % LENGTH_WITH_ZERO === 0 ? utf8.encode(`${line} \n`) : bytes;
}

/** Names, as they stand in a list of JSON. In a room of 10,000, a list of its own for each who comes would be most of the work. */
export class NameList {
  #bytes = new Uint8Array(256);
  #length = 0;

  add(name: string): void {
    const bytes = utf8.encode(this.#length > 0 ? `,${JSON.stringify(name)}` : JSON.stringify(name));
    if (this.#length + bytes.length > this.#bytes.length) {
      const longer = new Uint8Array(2 * (this.#length + bytes.length));
      longer.set(this.json);
      this.#bytes = longer;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** All that were added until now, without the brackets. Stays as it is, whatever is added. */
  get json(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** A welcome with the members that `names` lists, and those of them that `verified` does. */
export function encodeWelcome(
  welcome: Omit<Welcome, "members" | "verified">,
  names: Uint8Array,
  verified: Uint8Array,
): Uint8Array {
  const head = utf8.encode(`${JSON.stringify(welcome).slice(0, -1)},"members":[`);
  const middle = utf8.encode(verified.length === 0 ? "" : '],"verified":[');
  const length = head.length + names.length + middle.length + verified.length + "]}\n".length;
  const tail = utf8.encode(length % LENGTH_WITH_ZERO === 0 ? "]} \n" : "]}\n");
  return joined([head, names, middle, verified, tail]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

const CODE_OF_FIELD: Readonly<Record<string, RefusalCode>> = { name: "bad-name", to: "bad-name", text: "bad-text" };
const CLIENT_TYPES: ReadonlySet<unknown> = new Set(ClientMessage.options.map((option) => option.entries.type.literal));
const SERVER_TYPES: ReadonlySet<unknown> = new Set(ServerMessage.options.map((option) => option.entries.type.literal));

/** What a client asks in `line`, or what is wrong with it. Never throws. */
export function decodeClient(line: string): ClientMessage | Refusal {
  const value = parse(line);
  if (value === undefined) return refuse("bad-json", "This line is not a JSON object; send one object a line.");
  const known = plain(value);
  if (known) return known;
  const parsed = v.safeParse(ClientMessage, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const mark = v.safeParse(Re, value["re"]);
  const re = mark.success ? mark.output : undefined;
  const type = value["type"];
  if (!CLIENT_TYPES.has(type)) {
    if (typeof type !== "string") return refuse("bad-message", "A message needs a `type`, a string.", re);
    if (type === "starttls")
      return refuse(
        "no-encryption",
        "Encryption begins with the first line of a TCP connection, where the server has it, and never later: this connection goes on as it is.",
        re,
      );
    return refuse("unknown-type", "This server does not know that `type`; is your client newer?", re);
  }
  const [issue] = parsed.issues;
  const key = issue.path?.[0]?.key;
  const field = typeof key === "string" ? key : "";
  const own = issue.type === "raw_transform" || issue.type === "max_length" || issue.type === "check";
  const text = own ? issue.message : `\`${field}\` is missing or of the wrong kind.`;
  return refuse(CODE_OF_FIELD[field] ?? "bad-message", text, re);
}

const PONG: ClientMessage = { type: "pong" };
const PLAIN_MARK = /^[\x20-\x7e]*$/;

/**
 * The messages that come by the thousand, read as their schemas read them in a quarter of the time: what is said, and that
 * somebody is still there. With anything about them that is out of the ordinary they are left to the schemas.
 */
function plain({ type, text, action, re }: Readonly<Record<string, unknown>>): ClientMessage | Refusal | undefined {
  if (type === "pong" && re === undefined) return PONG;
  if (type !== "say" || typeof text !== "string") return undefined;
  if (action !== undefined && typeof action !== "boolean") return undefined;
  if (re !== undefined && !(typeof re === "string" && re.length <= RE_CHARS_MAX && PLAIN_MARK.test(re)))
    return undefined;
  const cleaned = cleanText(text);
  // To have it cleaned a second time, for the same answer, would be twice the work for whoever wants to make some.
  return "value" in cleaned ? { type, text: cleaned.value, action, re } : refuse("bad-text", cleaned.problem, re);
}

/** The line after which a wire is encrypted, whichever end it is from; nothing where `line` is another. */
export function decodeStartTls(line: string): StartTls | undefined {
  if (!line.includes('"starttls"')) return undefined;
  const parsed = v.safeParse(StartTls, parse(line));
  return parsed.success ? parsed.output : undefined;
}

/** What a server says in `line`; nothing where it is of a kind this program does not know or not a message at all. */
export function decodeServer(line: string): ServerMessage | undefined {
  const value = parse(line);
  if (value === undefined || !SERVER_TYPES.has(value["type"])) return undefined;
  const parsed = v.safeParse(ServerMessage, value, { abortEarly: true });
  return parsed.success ? parsed.output : undefined;
}

/** An event as the log kept it. The log holds only what this program wrote, so it is read without checks. */
export function decodeStored(line: string): RoomEvent {
  return JSON.parse(line) as RoomEvent;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
