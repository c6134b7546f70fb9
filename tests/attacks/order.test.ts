// Putting somebody out, on every door at once: encrypted, and through the page's WebSocket.
import { expect, test } from "bun:test";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { joinWith, newKey } from "../support/key.ts";
import { peer } from "../support/peer.ts";
import { openTarget } from "./target.ts";

const TIMEOUT_MS = 30_000;
const GONE_MS_MAX = 1_000;

test.each(["kick", "ban"])(
  "a %s closes every connection of the key within a second, on every door",
  async (act) => {
    await using target = await openTarget();
    const at = { hostname: "127.0.0.1", port: target.port };
    const believing = { encrypted() {}, plain() {} };
    const doors = {
      encrypted: (receiver: Parameters<typeof dialTcp>[1]) => dialTcp(at, receiver, believing),
      second: (receiver: Parameters<typeof dialTcp>[1]) => dialTcp(at, receiver, believing),
      web: (receiver: Parameters<typeof dialTcp>[1]) => dialWebSocket(`ws://127.0.0.1:${target.webPort}/ws`, receiver),
    };
    const key = await newKey();
    const devices = await Promise.all(Object.entries(doors).map(([name, dial]) => peer(dial, name)));
    for (const device of devices)
      expect(await joinWith(device, key, `Eve_${device.name}`)).toMatchObject({ type: "welcome" });
    expect(devices.map(({ connection }) => connection.binding?.split(":")[0])).toEqual(["tls", "tls", "host"]);
    const start = performance.now();
    target.program.say(`/${act} Eve_encrypted`);
    const code = act === "ban" ? "banned" : "kicked";
    for (const device of devices) expect((await device.end()).at(-1)).toMatchObject({ type: "bye", code });
    expect(performance.now() - start).toBeLessThan(GONE_MS_MAX);
    const again = await peer(doors.encrypted, "again");
    const answer = await joinWith(again, key, "Another");
    expect(act === "ban" ? answer["code"] : answer.type).toBe(act === "ban" ? "banned" : "welcome");
    again.connection.abort();
  },
  TIMEOUT_MS,
);
