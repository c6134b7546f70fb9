// Who is behind a gate, and whether a gate could be opened here: asks with a ping, which joins nothing and leaves no trace.
import { decodeClient, decodeServer, encode } from "../protocol/codec.ts";
import type { Accept, Connection, Listener, Receiver } from "../transport/connection.ts";
import { Unreachable } from "../transport/connection.ts";
import { codeOf } from "./error-code.ts";
import type { Answer, GateSeen } from "./gates.ts";

/** A chatd on this machine answers in a millisecond; one that is busy with ten thousand, in a tenth of a second. */
const ANSWER_MS = 3_000;

/** Listens at once. Throws an error with a `code` where it cannot. */
export type Listen = (
  at: { readonly hostname: string; readonly port: number },
  accept: Accept,
  failed: (error: Error) => void,
) => Listener;

export interface Wires {
  readonly listen: Listen;
  /** A wire in plain text. */
  readonly dialTo: (hostname: string, port: number) => DialLines;
}

/** Opens a wire, of which no more is asked here than this. Throws Unreachable. */
export type DialLines = (receiver: Receiver) => Promise<Pick<Connection, "send" | "finish">>;

/** Asks who is behind a gate, by one of its addresses. */
export type AskThere = (hostname: string, port: number) => Promise<Answer>;

/** Opens a gate for a moment and comes in by each of `addresses`; where somebody has it, asks who that is. */
export async function tryGate(
  at: { readonly hostname: string; readonly port: number },
  addresses: readonly string[],
  listen: Listen,
  asking: { readonly own: AskThere; readonly taken: AskThere },
): Promise<GateSeen> {
  const askAll = (ask: AskThere, port: number) =>
    Promise.all(addresses.map(async (address) => ({ address, answer: await ask(address, port) })));
  let listener: Listener;
  try {
    listener = listen(at, answering, () => {});
  } catch (error) {
    const code = codeOf(error);
    return { state: code, answers: code === "EADDRINUSE" ? await askAll(asking.taken, at.port) : [] };
  }
  try {
    return { state: "free", answers: await askAll(asking.own, listener.port) };
  } finally {
    await listener[Symbol.asyncDispose]();
  }
}

/** As a chatd would, as far as it is asked here. */
const answering: Accept = (connection) => ({
  received(line) {
    const message = decodeClient(line);
    if (message.type === "ping") connection.send(encode({ type: "pong", re: message.re }));
    else connection.abort();
  },
  broken: () => connection.abort(),
  closed() {},
});

/** Who answers a ping at the chat port. Never throws. */
export function askChat(dial: DialLines, withinMs = ANSWER_MS): Promise<Answer> {
  const mark = crypto.randomUUID();
  return ask(dial, encode({ type: "ping", re: mark }), (line) => chatAnswer(line, mark), withinMs);
}

/** Who answers at the page's port, where the wire of bytes that `dial` opens leads. Never throws. */
export function askPage(dial: DialLines, host: string, withinMs = ANSWER_MS): Promise<Answer> {
  // Where its WebSocket is, whoever asks for anything else is told so; that opens none.
  const request = `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  let first: string | undefined;
  return ask(dial, new TextEncoder().encode(request), (line) => pageAnswer((first ??= line), line), withinMs);
}

async function ask(
  dial: DialLines,
  question: Uint8Array,
  answerIn: (line: string) => Answer | undefined,
  withinMs: number,
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const timer = setTimeout(() => resolve("silent"), withinMs);
  let connection: Pick<Connection, "send" | "finish"> | undefined;
  let over = false;
  dial({
    received(line) {
      const answer = answerIn(line);
      if (answer) resolve(answer);
    },
    broken: () => resolve("other"),
    closed: () => resolve("other"),
  }).then(
    (dialled) => {
      connection = dialled;
      if (over) dialled.finish();
      else dialled.send(question);
    },
    (error: unknown) => resolve(error instanceof Unreachable ? "nobody" : "other"),
  );
  try {
    return await promise;
  } finally {
    over = true;
    clearTimeout(timer);
    connection?.finish();
  }
}

/** Nothing where there is more to come. */
function chatAnswer(line: string, mark: string): Answer | undefined {
  const message = decodeServer(line);
  switch (message?.type) {
    case "pong":
      return message.re === mark ? "chatd" : "other";
    case "refused":
      // Whatever else it refuses, it is a room that does.
      return message.code === "full" || message.code === "too-many-connections" ? "full" : "chatd";
    case "bye":
      return message.code === "shutdown" ? "closing" : "chatd";
    case "ping":
      return undefined;
    default:
      return "other";
  }
}

function pageAnswer(first: string, line: string): Answer | undefined {
  if (!first.startsWith("HTTP/1.1 426 ")) return "other";
  return line.includes("chat room's WebSocket") ? "chatd" : undefined;
}
