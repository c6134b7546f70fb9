// What this machine tells about its network and its firewalls: asked once, changed never.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type NetworkInterfaceInfo, release } from "node:os";
import { iptablesChains, nftChains, ufwAllows } from "./firewall-rules.ts";
import type { FirewallSeen } from "./firewall.ts";
import type { ReachSeen } from "./reach.ts";

/** A program that is asked may hang. */
const PROGRAM_MS = 3_000;

export function firewallHere(ports: readonly number[]): FirewallSeen {
  const { platform } = process;
  return {
    platform,
    administrator: process.getuid?.() === 0,
    ufw: platform === "linux" ? ufwHere(ports) : "off",
    firewalld: platform === "linux" && isRunning("firewalld"),
    chains: platform === "linux" ? chainsHere(ports) : undefined,
    applications: platform === "darwin" && macFirewall(),
  };
}

function ufwHere(ports: readonly number[]): FirewallSeen["ufw"] {
  if (!/^ENABLED=yes$/m.test(textOf("/etc/ufw/ufw.conf") ?? "")) return "off";
  return ufwAllows(textOf("/etc/ufw/user.rules") ?? "", ports) ? "open" : "on";
}

function isRunning(program: string): boolean {
  return listOf("/proc").some((name) => /^\d+$/.test(name) && textOf(`/proc/${name}/comm`)?.trim() === program);
}

/** Only the administrator may read them. */
function chainsHere(ports: readonly number[]): FirewallSeen["chains"] {
  if (process.getuid?.() !== 0) return undefined;
  const ruleset = outputOf(["nft", "list", "ruleset"]);
  if (ruleset !== undefined) return nftChains(ruleset, ports);
  const saved = outputOf(["iptables-save"]);
  return saved === undefined ? undefined : iptablesChains(saved, ports);
}

function macFirewall(): boolean {
  const said = outputOf(["/usr/libexec/ApplicationFirewall/socketfilterfw", "--getglobalstate"]);
  return said !== undefined && /State = [12]/.test(said);
}

export function insideOf(): ReachSeen["inside"] {
  if (process.platform !== "linux") return undefined;
  if (/microsoft/i.test(release())) return "wsl";
  return existsSync("/.dockerenv") || existsSync("/run/.containerenv") ? "container" : undefined;
}

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** All the addresses that this machine has, also those by which only it reaches itself. */
export function addressesIn(interfaces: Interfaces): readonly string[] {
  return Object.values(interfaces).flatMap((infos) => (infos ?? []).map(({ address }) => address));
}

/** Whether others may reach this machine over IPv6: by an address that is not for its own cable alone. */
export function hasIpv6(interfaces: Interfaces): boolean {
  return Object.values(interfaces)
    .flatMap((infos) => infos ?? [])
    .some(({ internal, family, address }) => !internal && family === "IPv6" && !address.startsWith("fe80:"));
}

/** What a program prints; nothing where it is not here, fails or takes too long. */
function outputOf(command: readonly string[]): string | undefined {
  if (Bun.which(command[0]!) === null) return undefined;
  const run = Bun.spawnSync([...command], { stderr: "ignore", timeout: PROGRAM_MS });
  return run.success ? run.stdout.toString() : undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function listOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
