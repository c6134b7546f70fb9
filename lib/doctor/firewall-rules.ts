// The rules of Linux's firewalls, as far as they tell whether those who come to a port may come in. Pure.

/** Rules that all that comes in passes, by the names that nft gives them. */
export interface Chain {
  readonly tool: "nft" | "iptables";
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** It drops, or turns away, whatever it has no other rule for. */
  readonly drops: boolean;
  /** It names each of the ports as one that is let in. */
  readonly namesPorts: boolean;
}

/** What `nft list ruleset` says. */
export function nftChains(ruleset: string, ports: readonly number[]): readonly Chain[] {
  const chains: Chain[] = [];
  let [family, table, chain] = ["", "", ""];
  let rules: string[] = [];
  for (const raw of ruleset.split("\n")) {
    const line = raw.trim();
    const [, ofFamily, ofTable] = /^table (\S+) (\S+) \{$/.exec(line) ?? [];
    const [, ofChain] = /^chain (\S+) \{$/.exec(line) ?? [];
    if (ofFamily !== undefined) [family, table] = [ofFamily, ofTable!];
    else if (ofChain !== undefined) [chain, rules] = [ofChain, []];
    else if (line !== "}") rules.push(line);
    else if (chain !== "") {
      if (rules.some((rule) => rule.startsWith("type filter hook input ")))
        chains.push({ tool: "nft", family, table, chain, ...judge(rules, ports) });
      chain = "";
    }
  }
  return chains;
}

/** What `iptables-save` says. */
export function iptablesChains(saved: string, ports: readonly number[]): readonly Chain[] {
  const filter = /^\*filter\n(.*?)^COMMIT$/ms.exec(saved)?.[1];
  if (filter === undefined) return [];
  const rules = filter.split("\n").filter((line) => /^(:INPUT|-A INPUT) /.test(line));
  return [{ tool: "iptables", family: "ip", table: "filter", chain: "INPUT", ...judge(rules, ports) }];
}

/** A rule that is for some alone: what it drops need not be a guest. */
const FOR_SOME =
  /\b(ct state|dport|sport|saddr|daddr|iif|iifname|icmp\w*|ctstate)\b|--(dports?|sports?|state)\b|(^| )-[sdi] /;
/** In which words it turns away. */
const HOW = / (with|--reject-with) .*$/;

function judge(rules: readonly string[], ports: readonly number[]): Pick<Chain, "drops" | "namesPorts"> {
  return {
    drops: rules.some(
      (rule) =>
        /\bpolicy drop\b|^:INPUT DROP\b/.test(rule) ||
        (/\b(drop|reject)\b/i.test(rule) && !FOR_SOME.test(rule.replace(HOW, ""))),
    ),
    namesPorts: ports.every((port) =>
      rules.some((rule) => /\baccept\b/i.test(rule) && new RegExp(`\\bdports?\\b.*\\b${port}\\b`).test(rule)),
    ),
  };
}

/** Whether the rules of ufw, as it keeps them in user.rules, let all in at each of the ports. */
export function ufwAllows(rules: string, ports: readonly number[]): boolean {
  const allowed = [...rules.matchAll(/^### tuple ### allow (?:tcp|any) (\S+) 0\.0\.0\.0\/0 any 0\.0\.0\.0\/0 in\b/gm)];
  return ports.every((port) => allowed.some(([, ranges]) => ranges!.split(",").some((range) => covers(range, port))));
}

function covers(range: string, port: number): boolean {
  const [first, last = first] = range.split(":").map(Number);
  return first! <= port && port <= last!;
}
