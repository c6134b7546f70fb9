import { expect, test } from "bun:test";
import { openPort, PortUnusable } from "../../lib/flags/port.ts";

const socket = { data() {} };

function failure(run: () => unknown): PortUnusable {
  try {
    run();
  } catch (error) {
    if (error instanceof PortUnusable) return error;
    throw error;
  }
  throw new Error("It was opened.");
}

test("a port that is free is opened; one that is in use says which other to choose", () => {
  const listen = (port: number) => Bun.listen({ hostname: "127.0.0.1", port, socket });
  const first = openPort("port", "127.0.0.1", 0, () => listen(0));
  try {
    const { port } = first;
    const why = failure(() => openPort("web-port", "127.0.0.1", port, () => listen(port)));
    expect(why.isInUse).toBe(true);
    expect(why.message).toStartWith(`Port ${port} is in use, perhaps by another chatd. `);
    expect(why.message).toContain(`--web-port ${port > 65_525 ? 4_000 : port + 10} `);
  } finally {
    first.stop();
  }
});

test("of the last ports, another one is proposed that there is", () => {
  const inUse = () => {
    throw Object.assign(new Error(), { code: "EADDRINUSE" });
  };
  expect(failure(() => openPort("port", "::", 65_530, inUse)).message).toContain("--port 4000 ");
});

test("an address of another machine says what to do, and not that the port is taken", () => {
  const why = failure(() =>
    openPort("port", "192.0.2.99", 0, () => Bun.listen({ hostname: "192.0.2.99", port: 0, socket })),
  );
  expect(why.isInUse).toBe(false);
  expect(why.message).toBe(
    "This machine cannot listen on 192.0.2.99. Choose one of its own addresses with --host, or leave --host out.",
  );
});
