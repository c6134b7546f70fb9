// Who may use a page's server and who may not: pairs of Host and Origin, for the rules alone and for the whole program.
import { hostname } from "node:os";

/** What the server is told about itself. */
export const OWN_NAMES: readonly string[] = [hostname(), `${hostname()}.local`];
export const PROXY = "https://chat.example.org";

export interface Caller {
  /** Without the header where it is null. */
  readonly host: string | null;
  readonly origin: string | null;
  /** Nothing where it is let in. */
  readonly status: 400 | 403 | 421 | undefined;
}

/** To a server on `port`. */
export function callers(port: number): readonly Caller[] {
  const allowed = (host: string, origin: string | null): Caller => ({ host, origin, status: undefined });
  const refused = (status: 400 | 403 | 421, host: string | null, origin: string | null = null): Caller => ({
    host,
    origin,
    status,
  });
  return [
    allowed(`127.0.0.1:${port}`, null),
    allowed("127.0.0.1", null),
    allowed(`127.0.0.1:${port}`, `http://127.0.0.1:${port}`),
    allowed(`192.168.1.5:${port}`, `http://192.168.1.5:${port}`),
    allowed(`[::1]:${port}`, `http://[::1]:${port}`),
    allowed(`[2001:db8::5]:${port}`, null),
    allowed("[0:0:0:0:0:0:0:1]", "http://[::1]"),
    allowed(`localhost:${port}`, `http://localhost:${port}`),
    allowed(`LocalHost:${port}`, `http://localhost:${port}`),
    allowed(`class.localhost:${port}`, `http://class.localhost:${port}`),
    allowed("localhost", "http://localhost"),
    allowed("localhost:80", "http://localhost"),
    // A proxy that speaks HTTPS and hands the name on, or puts an address in its place.
    allowed(`localhost:${port}`, `https://localhost:${port}`),
    allowed("chat.example.org", PROXY),
    allowed("CHAT.example.org:443", PROXY),
    allowed(`127.0.0.1:${port}`, PROXY),
    allowed(`${OWN_NAMES[0]}:${port}`, `http://${OWN_NAMES[0]?.toLowerCase()}:${port}`),
    allowed(`${OWN_NAMES[1]}:${port}`, null),

    // The pages of others.
    refused(403, `127.0.0.1:${port}`, "https://evil.example"),
    refused(403, `127.0.0.1:${port}`, "null"),
    refused(403, `127.0.0.1:${port}`, ""),
    refused(403, `localhost:${port}`, "http://localhost"),
    refused(403, `localhost:${port}`, `http://localhost:${port === 8_080 ? 8_081 : 8_080}`),
    refused(403, "localhost", `http://localhost:${port}`),
    refused(403, `127.0.0.1:${port}`, `http://localhost:${port}`),
    refused(403, `localhost:${port}`, `http://localhost.evil.com:${port}`),
    refused(403, `localhost:${port}`, `http://localhost:${port}@evil.com`),
    refused(403, `localhost:${port}`, `http://ada@localhost:${port}`),
    refused(403, `localhost:${port}`, `http://localhost:${port}/`),
    refused(403, `localhost:${port}`, `http://localhost:${port}, https://evil.example`),
    refused(403, `localhost:${port}`, `http://localhost.:${port}`),
    refused(403, `localhost:${port}`, `ftp://localhost:${port}`),
    refused(403, `localhost:${port}`, "file://"),
    refused(403, `localhost:${port}`, "chrome-extension://abcdefghijklmnop"),
    refused(403, "chat.example.org", "http://chat.example.org.evil.com"),
    refused(403, `127.0.0.1:${port}`, "https://chat.example.org:8443"),

    // Names that lead here and are somebody else's.
    refused(421, `evil.example:${port}`),
    refused(421, `evil.example:${port}`, `http://evil.example:${port}`),
    refused(421, `localhost.evil.com:${port}`, `http://localhost.evil.com:${port}`),
    refused(421, `127.0.0.1.evil.com:${port}`),
    refused(421, `notlocalhost:${port}`),
    refused(421, "chat.example.org.evil.com"),
    refused(421, `localhost.:${port}`),
    refused(421, `127.0.0.1.:${port}`),
    refused(421, `2130706433:${port}`),
    refused(421, `0177.0.0.1:${port}`),
    refused(421, `0x7f.0.0.1:${port}`),
    refused(421, `127.1:${port}`),
    refused(421, `127.0.0.256:${port}`),

    // What is no host at all.
    refused(400, ""),
    refused(400, `ada@localhost:${port}`),
    refused(400, `localhost:${port}@evil.com`),
    refused(400, `localhost:${port}/evil`),
    refused(400, "localhost:99999"),
    refused(400, "localhost:"),
    refused(400, `[fe80::1%25eth0]:${port}`),
    refused(400, `[localhost]:${port}`),
    refused(400, `localhost:${port}, evil.example`),
  ];
}

/** As a test's name. */
export function called({ host, origin }: Caller): string {
  return `Host ${JSON.stringify(host)}, Origin ${JSON.stringify(origin)}`;
}
