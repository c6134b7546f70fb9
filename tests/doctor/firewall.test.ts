// Hints about firewalls: what their own words say, and what is said of it.
import { describe, expect, test } from "bun:test";
import { iptablesChains, nftChains, ufwAllows } from "../../lib/doctor/firewall-rules.ts";
import { type FirewallSeen, judgeFirewall } from "../../lib/doctor/firewall.ts";

const PORTS = [3_001, 3_002];

describe("the rules of nft", () => {
  const RULESET = `table inet filter {
	set banned {
		type ipv4_addr
		elements = { 192.0.2.9 }
	}

	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iifname "lo" accept
		tcp dport 22 accept
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
	}
}
table ip6 nat {
	chain other {
		drop
	}
}
`;

  test("are those of the chains that all that comes in passes", () => {
    expect(nftChains(RULESET, PORTS)).toEqual([
      { tool: "nft", family: "inet", table: "filter", chain: "input", drops: true, namesPorts: false },
    ]);
    expect(nftChains("", PORTS)).toEqual([]);
    expect(nftChains("no rules at all }\n}\n", PORTS)).toEqual([]);
  });

  test.each([
    ["tcp dport { 22, 3001, 3002 } accept", true],
    ["tcp dport 3001 accept\n\t\ttcp dport 3002 counter packets 0 bytes 0 accept", true],
    ["tcp dport 3001 accept", false],
    ["tcp dport { 3001, 3002 } drop", false],
    ["tcp dport { 13001, 30020 } accept", false],
  ])("%j lets both ports in: %p", (rule, lets) => {
    const [chain] = nftChains(RULESET.replace("tcp dport 22 accept", rule), PORTS);
    expect(chain!.namesPorts).toBe(lets);
  });

  test.each([
    ["drop", true],
    ["counter packets 0 bytes 0 reject with icmp port-unreachable", true],
    ["ct state invalid drop", false],
    ["tcp dport 25 reject", false],
    ["ip saddr @banned drop", false],
    ['iifname "eth9" drop', false],
    ["accept", false],
  ])("%j drops whoever comes: %p", (rule, drops) => {
    const open = RULESET.replace("policy drop", "policy accept").replace("tcp dport 22 accept", rule);
    expect(nftChains(open, PORTS)[0]!.drops).toBe(drops);
  });
});

test("the rules of iptables are read as well", () => {
  const saved = (policy: string, ...rules: readonly string[]) =>
    [
      "*nat",
      ":INPUT DROP [0:0]",
      "COMMIT",
      "*filter",
      `:INPUT ${policy} [0:0]`,
      ":FORWARD DROP [0:0]",
      ...rules,
      "COMMIT",
      "",
    ].join("\n");
  const judge = (text: string) => iptablesChains(text, PORTS)[0];
  expect(judge(saved("DROP"))).toMatchObject({ tool: "iptables", drops: true, namesPorts: false });
  expect(judge(saved("ACCEPT"))).toMatchObject({ drops: false });
  expect(judge(saved("ACCEPT", "-A INPUT -j REJECT --reject-with icmp-host-prohibited"))).toMatchObject({
    drops: true,
  });
  expect(judge(saved("ACCEPT", "-A INPUT -s 192.0.2.9/32 -j DROP"))).toMatchObject({ drops: false });
  expect(judge(saved("ACCEPT", "-A FORWARD -j DROP"))).toMatchObject({ drops: false });
  expect(judge(saved("DROP", "-A INPUT -p tcp -m multiport --dports 3001,3002 -j ACCEPT"))).toMatchObject({
    namesPorts: true,
  });
  expect(iptablesChains("", PORTS)).toEqual([]);
});

test.each([
  ["allow tcp 3001 0.0.0.0/0 any 0.0.0.0/0 in\n### tuple ### allow any 3002 0.0.0.0/0 any 0.0.0.0/0 in", true],
  ["allow tcp 3000:3010 0.0.0.0/0 any 0.0.0.0/0 in", true],
  ["allow tcp 22,3001,3002 0.0.0.0/0 any 0.0.0.0/0 in", true],
  ["allow tcp 3001 0.0.0.0/0 any 0.0.0.0/0 in", false],
  ["allow udp 3001:3002 0.0.0.0/0 any 0.0.0.0/0 in", false],
  ["deny tcp 3001:3002 0.0.0.0/0 any 0.0.0.0/0 in", false],
  ["allow tcp 3001:3002 0.0.0.0/0 any 192.0.2.0/24 in", false],
  ["allow tcp 3001:3002 0.0.0.0/0 any 0.0.0.0/0 out", false],
])("the rules of ufw, %j, let both ports in: %p", (rule, lets) => {
  expect(ufwAllows(`*filter\n### tuple ### ${rule}\nCOMMIT\n`, PORTS)).toBe(lets);
});

describe("what is said", () => {
  const nothing: FirewallSeen = {
    platform: "linux",
    administrator: false,
    ufw: "off",
    firewalld: false,
    chains: undefined,
    applications: false,
  };
  const judge = (more: Partial<FirewallSeen>, ports: readonly number[] = PORTS, alone = false) =>
    judgeFirewall({ ...nothing, ...more }, ports, alone);
  const chain = {
    tool: "nft",
    family: "inet",
    table: "my table",
    chain: "input",
    drops: true,
    namesPorts: false,
  } as const;

  test("where nothing is seen, no more is claimed than that", () => {
    expect(judge({})).toMatchObject({ status: "ok", commands: ["sudo nft list ruleset"], measured: { kind: null } });
    expect(judge({ administrator: true })).toMatchObject({
      status: "ok",
      text: expect.stringContaining("cannot be seen") as unknown,
    });
    expect(judge({ administrator: true, chains: [{ ...chain, drops: false }] })).toMatchObject({ status: "ok" });
    expect(judge({ administrator: true, chains: [{ ...chain, namesPorts: true }] })).toMatchObject({ status: "ok" });
  });

  test("what may stop friends is a warning with the commands that let them in, never a problem", () => {
    expect(judge({ ufw: "on" })).toMatchObject({
      status: "warning",
      commands: ["sudo ufw status", "sudo ufw allow 3001/tcp", "sudo ufw allow 3002/tcp"],
      measured: { kind: "ufw" },
    });
    expect(judge({ firewalld: true })).toMatchObject({
      status: "warning",
      commands: [
        "sudo firewall-cmd --list-ports",
        "sudo firewall-cmd --add-port=3001/tcp --add-port=3002/tcp",
        "sudo firewall-cmd --permanent --add-port=3001/tcp --add-port=3002/tcp",
      ],
    });
    expect(judge({ chains: [chain] })).toMatchObject({
      status: "warning",
      commands: [
        "sudo nft list ruleset",
        "sudo nft insert rule inet 'my table' input tcp dport '{ 3001, 3002 }' accept",
      ],
      measured: { kind: "nft" },
    });
    expect(judge({ chains: [{ ...chain, tool: "iptables" }] }).commands).toEqual([
      "sudo iptables-save",
      "sudo iptables -I INPUT -p tcp -m multiport --dports 3001,3002 -j ACCEPT",
    ]);
    expect(judge({ platform: "darwin", applications: true }).status).toBe("warning");
  });

  test("what lets them in is fine", () => {
    expect(judge({ ufw: "open" })).toMatchObject({
      status: "ok",
      text: expect.stringContaining("allows 3001 and 3002") as unknown,
    });
    expect(judge({ platform: "darwin" }).status).toBe("ok");
    expect(judge({ platform: "win32" })).toMatchObject({
      status: "ok",
      commands: [expect.stringContaining("-LocalPort 3001,3002 -Action Allow") as unknown],
    });
  });

  test("it is not asked where nobody comes in, or nobody knows where", () => {
    expect(judge({ ufw: "on" }, PORTS, true)).toMatchObject({
      status: "ok",
      text: "Not looked at: only this machine comes in.",
    });
    expect(judge({ ufw: "on" }, [])).toMatchObject({
      status: "ok",
      text: expect.stringContaining("others each time") as unknown,
    });
  });
});
