// The gates of a room: whether chatd may have its ports, and who has them where not. Pure.
import type { Finding, Part } from "./finding.ts";
import { visible } from "./visible.ts";

/** `full`: a chatd that takes nobody more. `closing`: one that ends. `other`: no chatd. `silent`: takes the connection and says nothing. `nobody`: takes none. */
export type Answer = "chatd" | "full" | "closing" | "other" | "silent" | "nobody";

export interface GateSeen {
  /** `free`, or the system's code of why it could not be opened. */
  readonly state: string;
  readonly answers: readonly { readonly address: string; readonly answer: Answer }[];
}

export interface Gate {
  readonly name: "chat port" | "web port";
  readonly flag: "port" | "web-port";
  /** 0 for whichever is free. */
  readonly port: number;
  readonly hostname: string;
  /** The room does not open without it. */
  readonly needed: boolean;
}

export function judgeGate(gate: Gate, seen: GateSeen, platform: string = process.platform): Finding {
  const chatd = seen.answers.filter(({ answer }) => answer === "chatd").map(({ address }) => address);
  const measured = { port: gate.port, state: stateOf(seen), reached_at: chatd };
  return { name: gate.name, measured, ...partOf(gate, seen, platform) };
}

function stateOf(seen: GateSeen): string {
  if (isOpen(seen)) return "chatd";
  return seen.state === "EADDRINUSE" ? "in use" : seen.state === "free" ? "free" : "unusable";
}

/** A chatd has the gate already. */
export function isOpen({ state, answers }: GateSeen): boolean {
  return (
    state === "EADDRINUSE" &&
    answers.some(({ answer }) => answer === "chatd" || answer === "full" || answer === "closing")
  );
}

/** Whether it is the address that nobody can listen on, and not the port. */
export function isNoAddress({ state }: GateSeen): boolean {
  return !["free", "EADDRINUSE", "EACCES"].includes(state);
}

function partOf(gate: Gate, seen: GateSeen, platform: string): Part {
  const { port } = gate;
  if (seen.state === "free") return freePart(gate, seen.answers);
  if (seen.state === "EADDRINUSE") return isOpen(seen) ? chatdPart(gate, seen.answers) : alienPart(gate, platform);
  if (seen.state === "EACCES")
    return {
      status: lack(gate),
      text: `Port ${port} is for the administrator only.`,
      advice: `Choose one above 1023 with --${gate.flag}.`,
    };
  return {
    status: "problem",
    text: `This machine cannot listen on ${visible(gate.hostname)}.`,
    advice: "Choose one of its own addresses with --host, or leave --host out.",
  };
}

function freePart(gate: Gate, answers: GateSeen["answers"]): Part {
  const { port } = gate;
  const through = answers.filter(({ answer }) => answer === "chatd").map(({ address }) => address);
  const shut = answers.filter(({ answer }) => answer !== "chatd").map(({ address }) => address);
  const free = port === 0 ? "A port is free, another one each time" : `Port ${port} is free`;
  if (shut.length === 0)
    return { status: "ok", text: `${free}. From this machine, it is reached at ${list(through)}.` };
  return {
    status: through.length === 0 ? lack(gate) : "warning",
    text: `${free}, but not even this machine reaches it at ${list(shut)}.`,
    advice: "A firewall here drops what comes to that address: see what is said about it.",
  };
}

function chatdPart(gate: Gate, answers: GateSeen["answers"]): Part {
  const { port } = gate;
  const of = (...wanted: readonly Answer[]) =>
    answers.filter(({ answer }) => wanted.includes(answer)).map(({ address }) => address);
  const here = gate.name === "web port" ? `A chatd has its page on port ${port}` : `A chatd runs on port ${port}`;
  if (of("full").length > 0)
    return {
      status: "warning",
      text: `${here} and takes nobody more at ${list(of("full"))}.`,
      advice:
        "Its room is full, or has as many from that address as it takes. --clients and --per-address say how many.",
    };
  if (of("closing").length > 0)
    return { status: "warning", text: `${here} and is closing.`, advice: "Ask again when it has ended." };
  const deaf = of("nobody", "silent", "other");
  if (deaf.length === 0) return { status: "ok", text: `${here} and answers at ${list(of("chatd"))}.` };
  return {
    status: "warning",
    text: `${here}, answers at ${list(of("chatd"))}, and does not at ${list(deaf)}.`,
    advice: "It was started with another --host, or a firewall is in between.",
  };
}

function alienPart(gate: Gate, platform: string): Part {
  const { port } = gate;
  const other = `choose another port: --${gate.flag} ${port > 65_525 ? 4_000 : port + 10}.`;
  return {
    status: lack(gate),
    text: `Port ${port} is in use, and what has it does not answer as a chatd does.${gate.needed ? "" : " The room opens without a page."}`,
    advice: `See which program it is and stop it, or ${other}`,
    commands: [whoHas(port, platform)],
  };
}

function whoHas(port: number, platform: string): string {
  if (platform === "win32") return `Get-NetTCPConnection -State Listen -LocalPort ${port} | Select OwningProcess`;
  if (platform === "linux") return `sudo ss -ltnp 'sport = :${port}'`;
  return `sudo lsof -nP -iTCP:${port} -sTCP:LISTEN`;
}

/** How bad it is that the gate does not open. */
function lack({ needed }: Gate): "problem" | "warning" {
  return needed ? "problem" : "warning";
}

/** More than these would hide what is said about them. */
const LISTED_MAX = 6;

/** `items` as people say them. */
export function list(items: readonly string[]): string {
  const shown = items.slice(0, LISTED_MAX).map(visible);
  const last = items.length > LISTED_MAX ? `${items.length - LISTED_MAX} more` : shown.pop();
  return shown.length === 0 ? (last ?? "") : `${shown.join(", ")} and ${last}`;
}
