// A browser at the port of the chat programs: it is shown the way to the page. Everyone else comes through untouched.
import { LINE_BYTES_MAX } from "../protocol/limits.ts";
import type { LineFault } from "../protocol/line.ts";
import type { Accept, Arrival, Connection, Receiver } from "../transport/connection.ts";

export interface Way {
  readonly scheme: "http" | "https";
  /** The page's port, once it is open. */
  port(): number | undefined;
  /** What stands before the port in the page's address, as told by the request's Host; nothing where that is no name of this machine. */
  hostname(host: string): string | undefined;
}

const REQUEST = /^[A-Z]+ \S+ HTTP\/\d(\.\d)?$/;
/** A browser sends about twenty. */
const HEADERS_MAX = 100;

/** Lets in whoever does not begin with an HTTP request. */
export function guideBrowsers(accept: Accept, way: Way): Accept {
  return (arrival, tooMany) => new Guide(arrival, accept(arrival, tooMany), way);
}

/** Hears the first line, and leaves the rest to whom it is for. */
class Guide implements Receiver {
  readonly #arrival: Arrival;
  readonly #session: Receiver;
  readonly #way: Way;

  constructor(arrival: Arrival, session: Receiver, way: Way) {
    this.#arrival = arrival;
    this.#session = session;
    this.#way = way;
  }

  received(line: string): void {
    const isRequest = REQUEST.test(line);
    const receiver = isRequest ? lostBrowser(this.#arrival, this.#session, this.#way) : this.#session;
    this.#arrival.attach(receiver);
    receiver.received(line);
  }

  broken(fault: LineFault): void {
    this.#session.broken(fault);
  }

  closed(): void {
    this.#session.closed();
  }
}

/** Reads a request to its end, whatever is in it, and answers once. To its session it is a peer that says nothing, which is cut off in time. */
function lostBrowser(connection: Connection, session: Receiver, way: Way): Receiver {
  // Cookies of other servers on this machine may be long.
  connection.limitLines(LINE_BYTES_MAX);
  let host: string | undefined;
  let lines = 0;
  const reply = () => {
    connection.send(new TextEncoder().encode(answerFor(host, way)));
    connection.finish();
  };
  return {
    received(line) {
      if (line === "" || ++lines > HEADERS_MAX) return reply();
      host ??= /^host:\s*(\S+)\s*$/i.exec(line)?.[1];
    },
    broken: reply,
    closed: () => session.closed(),
  };
}

function answerFor(host: string | undefined, way: Way): string {
  const port = way.port();
  if (port === undefined)
    return response(
      "404 Not Found",
      [],
      "This is a chat room, and it serves no page. Join it with the program chat: chat HOST -n NAME",
    );
  const hostname = host === undefined ? undefined : way.hostname(host);
  if (hostname === undefined)
    return response(
      "404 Not Found",
      [],
      `This port is for chat programs. The page is on port ${port} of this machine: ${way.scheme}://ADDRESS:${port}/`,
    );
  const location = `${way.scheme}://${hostname}:${port}/`;
  return response("302 Found", [`Location: ${location}`], `The page is at ${location}`);
}

function response(status: string, headers: readonly string[], text: string): string {
  const body = `${text}\n`;
  return [
    `HTTP/1.1 ${status}`,
    ...headers,
    "Content-Type: text/plain; charset=utf-8",
    "X-Content-Type-Options: nosniff",
    "Cache-Control: no-store",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
