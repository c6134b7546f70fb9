// Where a room is, in the ways people write it: HOST, HOST:PORT, user@HOST, and as a link: chat://HOST:PORT/ROOM#pin=PIN.
import { DEFAULT_PORT, DEFAULT_ROOM } from "./limits.ts";

export interface Address {
  readonly hostname: string;
  readonly port: number;
  readonly room: string;
  readonly name?: string;
  /** What a link says beyond the place: `pin`, and whatever else programs know of. */
  readonly extras?: Readonly<Record<string, string>>;
}

const FORM =
  /^(?:chat:\/\/)?(?:([^@/#\s]+)@)?(\[[0-9a-fA-F:.%\w]+\]|[^:/@#\s[\]]+|[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*)(?::(\d{1,5}))?(?:\/([^/#\s]*))?(?:#(\S*))?$/;
/** A pin as it is written: 32 bytes in base64url. */
const PIN = /^[\w-]{43}$/;

/** The address that `text` means, or a sentence that says what is wrong with it. */
export function readAddress(text: string): Address | { readonly problem: string } {
  const page = /^https?:\/\/(\[[^\]]*\]|[^/:#\s]+)/i.exec(text.trim());
  if (page)
    return {
      problem: `That is the address of a page: open it in a browser. For chat, type the server alone: ${page[1]}${text.includes("#invite=") ? ", and paste the link when it asks for the invitation" : ""}.`,
    };
  const match = FORM.exec(text.trim());
  if (!match) return { problem: `"${text}" is not an address. Write HOST, HOST:PORT or chat://HOST:PORT/ROOM.` };
  const [, name, host = "", portText, room, fragment] = match;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  if (port < 1 || port > 65_535)
    return { problem: `${portText} is not a port. Ports are 1 to 65535; chatd's is ${DEFAULT_PORT}.` };
  const extras = fragment ? readExtras(fragment) : undefined;
  if (extras?.["pin"] !== undefined && !PIN.test(extras["pin"]))
    return { problem: "The link is not whole: its pin must be 43 letters, digits, - and _. Copy all of it." };
  return {
    hostname: host.replace(/^\[|\]$/g, ""),
    port,
    room: room ? decoded(room) : DEFAULT_ROOM,
    ...(name !== undefined && { name: decoded(name) }),
    ...(extras && { extras }),
  };
}

/** `pin=…&invite=…` */
function readExtras(fragment: string): Readonly<Record<string, string>> {
  const pairs = fragment.split("&").map((pair) => {
    const [key = "", ...value] = pair.split("=");
    return [decoded(key), decoded(value.join("="))] as const;
  });
  return Object.fromEntries(pairs.filter(([key]) => key !== ""));
}

/** A link, whole: to be copied, and understood wherever it is given. */
export function writeLink({ hostname, port, room, extras = {} }: Omit<Address, "name">): string {
  const fragment = Object.entries(extras)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join("&");
  const place = `chat://${bracketed(hostname)}:${port}/${encodeURIComponent(room)}`;
  return fragment === "" ? place : `${place}#${fragment}`;
}

/** As people write it: the port only where it is not the usual one. */
export function writeAddress({ hostname, port }: Pick<Address, "hostname" | "port">): string {
  const host = bracketed(hostname);
  return port === DEFAULT_PORT ? host : `${host}:${port}`;
}

/** An IPv6 address as it stands before a port. */
export function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
