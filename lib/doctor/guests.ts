// How many may come, and what one of them may take: the open files that the system grants, and the bounds that were turned off. Pure.
import { RESERVED_FILES } from "../protocol/limits.ts";
import type { Finding, Part } from "./finding.ts";
import { joined } from "./finding.ts";

export interface FilesSeen {
  /** How many files a process may have open. */
  readonly openFiles: number;
  /** The system says so; else it is a cautious guess. */
  readonly told: boolean;
  /** How many clients are wanted, and whether somebody asked for just as many. */
  readonly clients: number;
  readonly named: boolean;
}

const TRUSTED = "Leave it out, but for a test on a network that you trust.";
/** A room for fewer surprises whoever opens it. */
const CLIENTS_FEW = 200;

export function judgeFiles(
  { openFiles, told, clients, named }: FilesSeen,
  platform: string = process.platform,
): Finding {
  const name = "open files";
  const most = Math.max(0, openFiles - RESERVED_FILES);
  const granted = Math.min(clients, most);
  const measured = { limit: openFiles, reserved: RESERVED_FILES, clients_wanted: clients, clients: granted };
  const limit = told
    ? `A process may have ${openFiles === Number.MAX_SAFE_INTEGER ? "any number of" : openFiles} files open`
    : `This system does not say how many files may be open; chatd takes it for ${openFiles}`;
  const wanted = clients + RESERVED_FILES;
  const raise = {
    advice: `Raise the limit in the shell that starts chatd (a service of systemd: LimitNOFILE=${wanted}). Beyond its hard limit only the administrator can.`,
    ...(platform === "win32" ? {} : { commands: [`ulimit -n ${wanted}`] }),
  };
  if (most === 0)
    return {
      name,
      measured,
      status: "problem",
      text: `${limit}: the room itself needs ${RESERVED_FILES}, and nobody could come.`,
      ...raise,
    };
  if (named && granted < clients)
    return {
      name,
      measured,
      status: "problem",
      text: `${limit}: enough for ${granted} clients and not for the ${clients} of --clients.`,
      ...raise,
    };
  if (granted < Math.min(clients, CLIENTS_FEW))
    return {
      name,
      measured,
      status: "warning",
      text: `${limit}: enough for ${granted} clients at once, the next one is turned away.`,
      ...raise,
    };
  return { name, measured, status: "ok", text: `${limit}: enough for ${granted} clients at once.` };
}

export interface BoundsSeen {
  readonly rate: { readonly perSecond: number; readonly burst: number } | undefined;
  readonly perAddress: number | undefined;
  readonly clients: number;
  /** A proxy stands in front, as it seems. */
  readonly proxied: boolean;
}

export function judgeBounds({ rate, perAddress, clients, proxied }: BoundsSeen): Finding {
  const measured = { rate_per_s: rate?.perSecond ?? null, burst: rate?.burst ?? null, per_address: perAddress ?? null };
  return joined("bounds", [
    rate
      ? {
          status: "ok",
          text: `A member may send ${rate.perSecond} messages a second, ${rate.burst} at once.`,
          measured,
        }
      : {
          status: "warning",
          text: "--rate off: one guest can take all of the room's time, and fill its disk.",
          advice: TRUSTED,
          measured,
        },
    perAddress === undefined ? unboundPart(proxied) : boundPart(perAddress, clients),
  ]);
}

function unboundPart(proxied: boolean): Part {
  const text = "--per-address off: one guest can take all of the room's connections.";
  return {
    status: "warning",
    text,
    advice: proxied
      ? "That is right behind a proxy that counts them itself. Then let nobody past it: --host 127.0.0.1, where it runs on this machine."
      : TRUSTED,
  };
}

function boundPart(perAddress: number, clients: number): Part {
  if (perAddress >= clients && clients > 1)
    return {
      status: "warning",
      text: `--per-address ${perAddress}: one guest can take all of the room's ${clients} connections.`,
      advice: "Give a smaller one.",
    };
  return { status: "ok", text: `${perAddress} connections may come from one address.` };
}
