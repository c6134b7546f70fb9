// What this machine's firewall may do to those who come: hints, as only it knows. Pure.
import type { Chain } from "./firewall-rules.ts";
import type { Finding, Part } from "./finding.ts";
import { shellWord } from "./visible.ts";

export interface FirewallSeen {
  readonly platform: string;
  /** This process may read whatever rules there are. */
  readonly administrator: boolean;
  /** `open`: its own list allows each of the ports. */
  readonly ufw: "off" | "on" | "open";
  readonly firewalld: boolean;
  /** What all that comes in passes. Nothing where it cannot be read. */
  readonly chains: readonly Chain[] | undefined;
  /** macOS: whether its firewall for programs is on. */
  readonly applications: boolean;
}

const BEYOND = "What a router or a hoster has in front of this machine cannot be seen from here.";

export function judgeFirewall(seen: FirewallSeen, ports: readonly number[], alone: boolean): Finding {
  return { name: "firewall", measured: { kind: kindOf(seen) }, ...partOf(seen, ports, alone) };
}

function kindOf({ platform, ufw, firewalld, chains, applications }: FirewallSeen): string | null {
  if (platform === "win32") return "windows";
  if (applications) return "macos";
  if (ufw !== "off") return "ufw";
  if (firewalld) return "firewalld";
  return chains?.find(({ drops }) => drops)?.tool ?? null;
}

function partOf(seen: FirewallSeen, ports: readonly number[], alone: boolean): Part {
  if (alone) return { status: "ok", text: "Not looked at: only this machine comes in." };
  if (ports.length === 0)
    return { status: "ok", text: "Not looked at: the ports are others each time (0), so no rule can name them." };
  if (seen.platform === "win32") return windowsPart(ports);
  if (seen.platform === "darwin") return macPart(seen.applications);
  const named = ports.join(" and ");
  if (seen.ufw === "open") return { status: "ok", text: `ufw is on, and its list allows ${named}. ${BEYOND}` };
  if (seen.ufw === "on")
    return {
      status: "warning",
      text: `ufw is on, and it is not known to let ${named} through.`,
      advice: "See what it lets through, and let those who come in:",
      commands: ["sudo ufw status", ...ports.map((port) => `sudo ufw allow ${port}/tcp`)],
    };
  if (seen.firewalld)
    return {
      status: "warning",
      text: `firewalld is running; whether it lets ${named} through is for it to say.`,
      advice: "See what it lets through, and let those who come in, now and (--permanent) after a restart:",
      commands: ["sudo firewall-cmd --list-ports", firewallCmd(ports, ""), firewallCmd(ports, " --permanent")],
    };
  return rulesPart(seen, ports);
}

function rulesPart({ chains, administrator }: FirewallSeen, ports: readonly number[]): Part {
  if (!chains && administrator)
    return { status: "ok", text: `There is no ufw, no firewalld, no nft and no iptables here. ${BEYOND}` };
  if (!chains)
    return {
      status: "ok",
      text: `There is no ufw and no firewalld. Other rules of this machine are for the administrator to read. ${BEYOND}`,
      advice: "If friends cannot join, look there for what drops or rejects:",
      commands: ["sudo nft list ruleset"],
    };
  const shut = chains.filter(({ drops, namesPorts }) => drops && !namesPorts);
  const [first] = shut;
  if (!first) return { status: "ok", text: `No rule was found here that drops what comes in. ${BEYOND}` };
  return {
    status: "warning",
    text: `Rules of this machine drop some of what comes in, and do not name ${ports.join(" and ")}.`,
    advice: "See whether that is meant, and let those who come in (until the next restart):",
    commands: [
      first.tool === "nft" ? "sudo nft list ruleset" : "sudo iptables-save",
      ...shut.map((chain) => insertRule(chain, ports)),
    ],
  };
}

function insertRule({ tool, family, table, chain }: Chain, ports: readonly number[]): string {
  if (tool === "iptables") return `sudo iptables -I INPUT -p tcp -m multiport --dports ${ports.join(",")} -j ACCEPT`;
  const at = [family, table, chain].map((word) => shellWord(word)).join(" ");
  return `sudo nft insert rule ${at} tcp dport '{ ${ports.join(", ")} }' accept`;
}

function firewallCmd(ports: readonly number[], permanent: string): string {
  return `sudo firewall-cmd${permanent} ${ports.map((port) => `--add-port=${port}/tcp`).join(" ")}`;
}

function windowsPart(ports: readonly number[]): Part {
  return {
    status: "ok",
    text: `Windows asks once whether chatd may be reached; on Cancel it drops all who come. ${BEYOND}`,
    advice: "If friends cannot join, type this in a PowerShell of the administrator:",
    commands: [
      `New-NetFirewallRule -DisplayName chatd -Direction Inbound -Protocol TCP -LocalPort ${ports.join(",")} -Action Allow`,
    ],
  };
}

function macPart(applications: boolean): Part {
  if (!applications) return { status: "ok", text: `The firewall of macOS is off. ${BEYOND}` };
  return {
    status: "warning",
    text: "The firewall of macOS is on; it asks once whether chatd may be reached, and on Deny it drops all who come.",
    advice: "If friends cannot join, allow it in System Settings, Network, Firewall, or type:",
    commands: [`sudo /usr/libexec/ApplicationFirewall/socketfilterfw --unblockapp ${shellWord(process.execPath)}`],
  };
}
