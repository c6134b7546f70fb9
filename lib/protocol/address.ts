// Where a room is, in the ways people write it: HOST, HOST:PORT, user@HOST, chat://HOST:PORT/ROOM.
import { DEFAULT_PORT, DEFAULT_ROOM } from "./limits.ts";

export interface Address {
  readonly hostname: string;
  readonly port: number;
  readonly room: string;
  readonly name?: string;
}

const FORM =
  /^(?:chat:\/\/)?(?:([^@/\s]+)@)?(\[[0-9a-fA-F:.%\w]+\]|[^:/@\s[\]]+|[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*)(?::(\d{1,5}))?(?:\/([^/\s]*))?$/;

/** The address that `text` means, or a sentence that says what is wrong with it. */
export function readAddress(text: string): Address | { readonly problem: string } {
  const match = FORM.exec(text.trim());
  if (!match) return { problem: `"${text}" is not an address. Write HOST, HOST:PORT or chat://HOST:PORT/ROOM.` };
  const [, name, host = "", portText, room] = match;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  if (port < 1 || port > 65_535)
    return { problem: `${portText} is not a port. Ports are 1 to 65535; chatd's is ${DEFAULT_PORT}.` };
  return {
    hostname: host.replace(/^\[|\]$/g, ""),
    port,
    room: room ? decoded(room) : DEFAULT_ROOM,
    ...(name !== undefined && { name: decoded(name) }),
  };
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
