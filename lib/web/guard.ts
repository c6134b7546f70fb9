// Who may use a page's server, by the two headers that a browser does not let a page forge: Host and Origin. Pure: knows no request and no socket.
import type { NearEnd } from "../transport/site.ts";

/** Why a request is not answered: an HTTP status, and a sentence that says what to do. */
export interface Denial {
  readonly status: 400 | 403 | 421;
  readonly text: string;
}

/** Nothing where the request may go on. */
export type Guard = (host: string | null, origin: string | null) => Denial | undefined;

/** What a server answers to. */
export interface Known {
  /** Names of this machine, in any case. */
  readonly names: readonly string[];
  /** Where else the page is reached, through a proxy: `https://chat.example.org`, as browsers send it. */
  readonly origins: readonly string[];
  /** Of the server itself. In front of one that speaks plain http, a proxy may speak https under the same name. */
  readonly scheme?: "http" | "https";
}

const LOCALHOST = /^([a-z0-9-]+\.)*localhost$/;
const HTTP_PORT = 80;
const HTTPS_PORT = 443;
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/;

/**
 * A page of another site may send requests here, and a name of its own may lead to this machine (DNS rebinding): then its
 * Host is that name. So only addresses, which nobody can own elsewhere, and names known beforehand are taken. Its Origin is
 * always its own, so only the page that came from here may open a wire.
 */
export function guardOf(known: Known): Guard {
  return (host, origin) => {
    if (!host) return denied(400, "The request does not say which host it is for.");
    const { hostname } = partsOf(host) ?? {};
    if (hostname === undefined) return denied(400, "The request says in no clear way which host it is for.");
    if (!answersTo(hostname, known))
      return denied(
        421,
        `This server does not answer to the name ${hostname}. If the name is yours, start chatd with it, as browsers see it: --origin https://chat.example.org. Otherwise use the machine's IP address.`,
      );
    if (origin === null || isOwn(origin, host, known.scheme) || known.origins.includes(origin)) return undefined;
    const where = readOrigin(origin) ?? "https://chat.example.org";
    return denied(
      403,
      `Only the page of this server may do that. If another one should, start chatd with --origin ${where}.`,
    );
  };
}

/** The name or address in `host`, a Host header, where the server answers to it. */
export function ownHostname(host: string, known: Known): string | undefined {
  const { hostname } = partsOf(host) ?? {};
  return hostname !== undefined && answersTo(hostname, known) ? hostname : undefined;
}

/**
 * Whether `host`, a Host header, means the server at `at` and no other. A request may name any address, so only the one
 * that it came to counts; what is called localhost is another machine for everybody, so only wires within this one count.
 * Of a proxy, only its origins tell.
 */
export function meansOnly(host: string, at: NearEnd, { names, origins }: Known): boolean {
  const { hostname, port } = partsOf(host) ?? {};
  if (hostname === undefined) return false;
  if (origins.some((origin) => isHostOf(origin, hostname, port))) return true;
  if (Number(port || (at.isHttps ? HTTPS_PORT : HTTP_PORT)) !== at.port) return false;
  const own = hostnameOf(at.address);
  if (isAddress(hostname)) return own === hostnameOf(hostname);
  if (LOCALHOST.test(hostname)) return own === "[::1]" || own.startsWith("127.");
  return names.some((name) => name.toLowerCase() === hostname);
}

function isHostOf(origin: string, hostname: string, port = ""): boolean {
  const url = new URL(origin);
  const usual = url.protocol === "https:" ? HTTPS_PORT : HTTP_PORT;
  return url.hostname === hostnameOf(hostname) && Number(port || usual) === Number(url.port || usual);
}

/** An address or a name in the one way of writing that URLs have for it. */
function hostnameOf(text: string): string {
  const url = `http://${text.includes(":") && !text.startsWith("[") ? `[${text.replace(/%.*$/, "")}]` : text}/`;
  return URL.canParse(url) ? new URL(url).hostname : text;
}

/** An origin as browsers send it; nothing where `text` is more or less than scheme, host and port. */
export function readOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^/?#@\\\s]+\/?$/i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text).origin;
}

function partsOf(host: string): { hostname: string; port: string } | undefined {
  const [, hostname, port = ""] = HOST.exec(host.toLowerCase()) ?? [];
  return hostname === undefined || Number(port) > 65_535 ? undefined : { hostname, port };
}

function answersTo(hostname: string, { names, origins }: Known): boolean {
  return (
    isAddress(hostname) ||
    LOCALHOST.test(hostname) ||
    names.some((name) => name.toLowerCase() === hostname) ||
    origins.some((origin) => new URL(origin).hostname === hostname)
  );
}

/** Only in the usual way of writing: one number, octal or with a dot behind it may be a name to somebody else. */
function isAddress(hostname: string): boolean {
  if (hostname.startsWith("[")) return URL.canParse(`http://${hostname}/`);
  const octets = hostname.split(".");
  return octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
}

/** Whether a page of `origin` came from `host`: the same name and the same port, which need not be written where it is the scheme's own. */
function isOwn(origin: string, host: string, scheme: Known["scheme"]): boolean {
  return (scheme === "https" ? ["https"] : ["http", "https"]).some(
    (scheme) => origin === readOrigin(`${scheme}://${host}`),
  );
}

function denied(status: Denial["status"], text: string): Denial {
  return { status, text };
}
