// Who is behind a gate, and whether a gate could be opened here: asks with a ping, which joins nothing and leaves no trace.
import { decodeClient, decodeServer, encode } from "../protocol/codec.ts";
import type { Accept, Connection, Dial, Listener } from "../transport/connection.ts";
import { Unreachable } from "../transport/connection.ts";
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
  /** To the chat port, and to the page's. */
  readonly dialChat: (hostname: string, port: number) => Dial;
  readonly dialPage: (hostname: string, port: number) => Dial;
}

/** Opens a gate for a moment and comes in by each of `addresses`; where it is taken, asks whoever has it. */
export async function tryGate(
  at: { readonly hostname: string; readonly port: number },
  addresses: readonly string[],
  listen: Listen,
  dial: { readonly own: Wires["dialChat"]; readonly taken: Wires["dialChat"] },
): Promise<GateSeen> {
  let listener: Listener;
  try {
    listener = listen(at, answering, () => {});
  } catch (error) {
    const code = codeOf(error);
    return { state: code, answers: code === "EADDRINUSE" ? await askAll(dial.taken, at.port) : [] };
  }
  try {
    return { state: "free", answers: await askAll(dial.own, listener.port) };
  } finally {
    await listener[Symbol.asyncDispose]();
  }

  async function askAll(way: Wires["dialChat"], port: number): Promise<GateSeen["answers"]> {
    return Promise.all(addresses.map(async (address) => ({ address, answer: await ask(way(address, port)) })));
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

/** Who answers there. Never throws. */
export async function ask(dial: Dial, withinMs = ANSWER_MS): Promise<Answer> {
  const mark = crypto.randomUUID();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const timer = setTimeout(() => resolve("silent"), withinMs);
  let connection: Connection | undefined;
  let over = false;
  dial({
    received: (line) => answerIn(line, mark, resolve),
    broken: () => resolve("other"),
    closed: () => resolve("other"),
  }).then(
    (dialled) => {
      connection = dialled;
      if (over) return dialled.finish();
      dialled.send(encode({ type: "ping", re: mark }));
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

function answerIn(line: string, mark: string, resolve: (answer: Answer) => void): void {
  const message = decodeServer(line);
  if (message?.type === "pong" && message.re === mark) return resolve("chatd");
  if (message?.type === "refused" && (message.code === "full" || message.code === "too-many-connections"))
    return resolve("full");
  // Ours may be on its way behind it.
  if (message?.type === "ping") return;
  resolve(message?.type === "bye" && message.code === "shutdown" ? "closing" : "other");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
