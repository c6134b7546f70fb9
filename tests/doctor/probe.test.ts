// Asking who is behind a port, against all that may be there.
import { describe, expect, test } from "bun:test";
import { type Answer, type GateSeen } from "../../lib/doctor/gates.ts";
import { askChat, askPage, tryGate } from "../../lib/doctor/probe.ts";
import { encode } from "../../lib/protocol/codec.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { listenTcp } from "../../lib/transport/listen-tcp.ts";

/** A server that sends `greeting` at once and `reply` to whatever comes, and then hangs up, unless it is to stay. */
function server(replies: { greeting?: string; reply?: string | ((asked: string) => string); stays?: boolean }) {
  const heard: string[] = [];
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        if (replies.greeting !== undefined) socket.write(replies.greeting);
      },
      data(socket, bytes) {
        const asked = bytes.toString();
        heard.push(asked);
        const { reply } = replies;
        if (reply !== undefined) socket.write(typeof reply === "function" ? reply(asked) : reply);
        if (!replies.stays) socket.end();
      },
    },
  });
  return { heard, port: listener.port, [Symbol.dispose]: () => listener.stop(true) };
}

const dial = (port: number) => (receiver: Parameters<typeof dialTcp>[1]) =>
  dialTcp({ hostname: "127.0.0.1", port }, receiver);
const echoMark = (asked: string) =>
  `${JSON.stringify({ type: "pong", re: (JSON.parse(asked) as { re: string }).re })}\n`;
const line = (message: object) => `${JSON.stringify(message)}\n`;

describe("at the chat port", () => {
  test.each<[string, Parameters<typeof server>[0], Answer]>([
    ["a chatd", { reply: echoMark, stays: true }, "chatd"],
    ["a chatd that asks as well", { greeting: line({ type: "ping" }), reply: echoMark, stays: true }, "chatd"],
    ["a chatd that is full", { greeting: line({ type: "refused", code: "full", text: "Full." }) }, "full"],
    ["a chatd that refuses", { reply: line({ type: "refused", code: "not-allowed", text: "No." }) }, "chatd"],
    ["a chatd that ends", { greeting: line({ type: "bye", code: "shutdown", text: "Closing." }) }, "closing"],
    ["an echo", { reply: (asked) => asked, stays: true }, "silent"],
    ["somebody else's pong", { reply: line({ type: "pong", re: "guessed" }) }, "other"],
    ["an SSH server", { greeting: "SSH-2.0-OpenSSH_9.2\r\n", stays: true }, "other"],
    ["a web server", { reply: "HTTP/1.1 400 Bad Request\r\n\r\n" }, "other"],
    ["bytes", { greeting: "\x15\x03\x01\x00\x02\x02\x28".repeat(2_000), stays: true }, "other"],
    ["who hangs up", {}, "other"],
    ["who says nothing", { stays: true }, "silent"],
  ])("%s is known for what it is", async (_, replies, answer) => {
    using there = server(replies);
    expect(await askChat(dial(there.port), 300)).toBe(answer);
    // Whoever it is, it was asked one thing, or had spoken before that.
    expect(there.heard.length).toBeLessThanOrEqual(1);
    for (const asked of there.heard) expect(JSON.parse(asked)).toMatchObject({ type: "ping" });
  });

  test("where nobody listens, nobody answers", async () => {
    const there = server({});
    there[Symbol.dispose]();
    expect(await askChat(dial(there.port))).toBe("nobody");
  });
});

describe("at the page's port", () => {
  const http = (status: string, body: string) => `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  test.each<[string, Parameters<typeof server>[0], Answer]>([
    ["a chatd", { reply: http("426 Upgrade Required", "Here is a chat room's WebSocket; …\n") }, "chatd"],
    ["another WebSocket", { reply: http("426 Upgrade Required", "Upgrade.\n") }, "other"],
    ["another web server", { reply: http("404 Not Found", "Here is no chat room's WebSocket.\n") }, "other"],
    ["a chat port", { greeting: line({ type: "pong" }), stays: true }, "other"],
    ["who says nothing", { stays: true }, "silent"],
  ])("%s is known for what it is", async (_, replies, answer) => {
    using there = server(replies);
    expect(await askPage(dial(there.port), "127.0.0.1:80", 300)).toBe(answer);
    for (const asked of there.heard) expect(asked).toStartWith("GET /ws HTTP/1.1\r\nHost: 127.0.0.1:80\r\n");
  });
});

describe("a gate", () => {
  const here = (port: number, hostname = "127.0.0.1"): Promise<GateSeen> =>
    tryGate({ hostname, port }, ["127.0.0.1", "127.0.0.2"], listenTcp, {
      own: (address, at) => askChat((receiver) => dialTcp({ hostname: address, port: at }, receiver)),
      taken: async (address) => (address === "127.0.0.1" ? "other" : "nobody"),
    });

  test("that is free is opened for a moment, and reached by the addresses that it listens on", async () => {
    expect(await here(0)).toEqual({
      state: "free",
      answers: [
        { address: "127.0.0.1", answer: "chatd" },
        { address: "127.0.0.2", answer: "nobody" },
      ],
    });
    // And it is closed again.
    using there = server({});
    const { port } = there;
    there[Symbol.dispose]();
    await here(port);
    const again = listenTcp(
      { hostname: "127.0.0.1", port },
      () => ({ received() {}, broken() {}, closed() {} }),
      () => {},
    );
    expect(again.port).toBe(port);
    await again[Symbol.asyncDispose]();
  });

  test("that somebody has is asked who that is", async () => {
    using there = server({});
    expect(await here(there.port)).toEqual({
      state: "EADDRINUSE",
      answers: [
        { address: "127.0.0.1", answer: "other" },
        { address: "127.0.0.2", answer: "nobody" },
      ],
    });
  });

  test("on an address that is not here says why", async () => {
    expect(await here(0, "192.0.2.77")).toEqual({ state: "EADDRNOTAVAIL", answers: [] });
    expect((await here(0, "no-such-machine.invalid")).answers).toEqual([]);
  });

  test("cuts off whoever comes in meanwhile and wants to join", async () => {
    let stranger: Promise<Answer> | undefined;
    const { state } = await tryGate({ hostname: "127.0.0.1", port: 0 }, ["127.0.0.1"], listenTcp, {
      own: async (_, port) => {
        const { promise, resolve } = Promise.withResolvers<Answer>();
        stranger = promise;
        const connection = await dial(port)({
          received: () => resolve("other"),
          broken() {},
          closed: () => resolve("nobody"),
        });
        connection.send(encode({ type: "join", name: "Ada", room: "lobby" }));
        return promise;
      },
      taken: async () => "nobody",
    });
    expect(state).toBe("free");
    expect(await stranger).toBe("nobody");
  });
});
