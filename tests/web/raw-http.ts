// Requests written by hand and answers read as they come, for what no well-meaning client sends.
import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The answer to `request`, whose lines are given without their ends. One that tells no length ends with the connection. */
export function exchange(port: number, ...request: readonly string[]): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const socket = connect(port, "127.0.0.1", () => socket.write(`${request.join("\r\n")}\r\n\r\n`));
  let heard = "";
  const look = (ended: boolean) => {
    const answer = read(heard, ended || request[0]!.startsWith("HEAD "));
    if (answer) resolve(answer);
    else if (ended) reject(new Error(`${request[0]} was answered by ${JSON.stringify(heard)}`));
    if (answer) socket.destroy();
  };
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    heard += text;
    look(false);
  });
  socket.on("error", reject);
  socket.on("close", () => look(true));
  return promise;
}

/** Lines that open a WebSocket, or try to. */
export function handshake(path: string, ...headers: readonly string[]): readonly string[] {
  return [
    `GET ${path} HTTP/1.1`,
    ...headers,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${Buffer.from("0123456789abcdef").toString("base64")}`,
  ];
}

function read(heard: string, ended: boolean): RawAnswer | undefined {
  const end = heard.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = heard.slice(0, end).split("\r\n");
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const status = Number(first.split(" ")[1]);
  const body = heard.slice(end + 4);
  const length = Number(headers.get("content-length") ?? Infinity);
  if (status !== 101 && status !== 304 && !ended && body.length < length) return undefined;
  return { status, headers, body };
}
