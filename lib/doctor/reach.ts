// From where the room can be reached, by what it listens on and where this machine stands. Pure.
import { list } from "./gates.ts";
import type { Finding, Part } from "./finding.ts";
import { joined } from "./finding.ts";
import { visible } from "./visible.ts";

export interface ReachSeen {
  readonly hostname: string;
  /** By which other machines reach it, as far as this one knows. */
  readonly addresses: readonly string[];
  /** This machine has an IPv6 address that is not for its own cable alone. */
  readonly hasIpv6: boolean;
  /** Somebody else stands in front: a proxy, whose names these are. */
  readonly origins: readonly string[];
  readonly inside: "container" | "wsl" | undefined;
  readonly ports: readonly number[];
}

/** Whether a listener on `hostname` is for this machine alone. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^(::ffff:)?127(\.\d+){3}$/.test(hostname);
}

export function judgeReach(seen: ReachSeen): Finding {
  const { hostname, addresses, hasIpv6 } = seen;
  const name = "address";
  const measured = { host: visible(hostname), addresses: addresses.map(visible) };
  if (isLoopback(hostname)) return { name, measured, ...alonePart(seen) };
  if (addresses.length === 0)
    return {
      name,
      measured,
      status: "warning",
      text: "This machine has no address that others could reach: it is in no network.",
      advice: "Connect it to the network that your friends are in, then ask again.",
    };
  const parts: Part[] = [
    { status: "ok", text: `Friends on the same network join at ${list(addresses)}.`, measured },
    ...familyParts(hostname, hasIpv6),
    ...insideParts(seen),
  ];
  return joined(name, parts);
}

function alonePart({ hostname, origins }: ReachSeen): Part {
  const host = visible(hostname);
  if (origins.length > 0)
    return {
      status: "ok",
      text: `Only this machine reaches it (--host ${host}), and so the proxy for ${list(origins)}.`,
    };
  return {
    status: "warning",
    text: `Only this machine reaches it: it listens on ${host}. Friends cannot come.`,
    advice: "Leave --host out for a room that they can join.",
  };
}

function familyParts(hostname: string, hasIpv6: boolean): readonly Part[] {
  if (hostname !== "0.0.0.0" || !hasIpv6) return [];
  return [{ status: "ok", text: "They come over IPv4 alone; --host :: takes IPv6 too, which this machine has." }];
}

function insideParts({ inside, ports }: ReachSeen): readonly Part[] {
  switch (inside) {
    case "container":
      return [
        {
          status: "warning",
          text: "This seems to be a container: its address may be known to its own machine alone.",
          ...(ports.length === 0
            ? {
                advice:
                  "Unless it shares the network of that machine, choose ports that stay (--port), to publish them.",
              }
            : {
                advice: "Unless it shares the network of that machine, publish its ports when you start it:",
                commands: [`docker run ${ports.map((port) => `-p ${port}:${port} `).join("")}IMAGE`],
              }),
        },
      ];
    case "wsl":
      return [
        {
          status: "warning",
          text: "This is Linux inside Windows: its address may be known to that Windows alone.",
          advice:
            "Run chatd on Windows itself, or give Linux the network of Windows: networkingMode=mirrored in .wslconfig.",
        },
      ];
    case undefined:
      return [];
  }
}
