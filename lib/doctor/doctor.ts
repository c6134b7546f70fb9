// The doctor: asks this machine what a room would find on it, and tells it check by check. Opens no room and changes no history.
import { networkInterfaces, release } from "node:os";
import { join } from "node:path";
import { ACCESS_FILE, APPLICATION_ID, VERSION as VERSION_OF_LIST } from "../access/access.ts";
import type { ChatdSettings } from "../flags/chatd.ts";
import type { DoctorSettings } from "../flags/doctor.ts";
import { openFileLimit, tellsOpenFileLimit } from "../flags/machine.ts";
import { CHANGED_AT, COMMIT, VERSION } from "../flags/version.ts";
import { readHeader } from "../log/sqlite-file.ts";
import { type LogSurvey, surveyLog } from "../log/survey.ts";
import { bracketed } from "../protocol/address.ts";
import { judgeCertificate } from "./certificate.ts";
import { readCertificate } from "./certificate-files.ts";
import { judgeClock } from "./clock.ts";
import { dialTls } from "./dial-tls.ts";
import { judgeFolder, judgeSpace, lateFolder } from "./disk.ts";
import { isNoAddress, isOpen, judgeGate } from "./gates.ts";
import { judgeFileSystem } from "./file-system.ts";
import { type Finding, isWell, jsonOf, STATUSES, verdict } from "./finding.ts";
import { judgeFirewall } from "./firewall.ts";
import { lookAtDisk, lookAtFolder } from "./folder.ts";
import { judgeBounds, judgeFiles } from "./guests.ts";
import { judgeHistory, unreadHistory } from "./history.ts";
import { addressesIn, firewallHere, hasIpv6, insideOf } from "./machine.ts";
import { askChat, askPage, type AskThere, tryGate, type Wires } from "./probe.ts";
import { tellProgram } from "./program.ts";
import { isLoopback, judgeReach } from "./reach.ts";
import { inTime, judgeSync, measureSync, type SyncSeen } from "./sync-speed.ts";
import { linesOf, type Page, verdictLines } from "./telling.ts";

export interface Surgery extends Wires {
  /** By which other machines reach a listener on `hostname`. */
  readonly addressesOf: (hostname: string) => readonly string[];
  readonly page: Page;
  readonly print: (line: string) => void;
}

/** Makes all checks and tells of them. Answers whether there was no problem. */
export async function runDoctor(settings: DoctorSettings, surgery: Surgery): Promise<boolean> {
  const { page, print } = surgery;
  const findings: Finding[] = [];
  const checks = examine(settings, surgery);
  let next = await checks.next();
  for (; !next.done; next = await checks.next()) {
    findings.push(next.value);
    if (!settings.json) print(linesOf(next.value, page).join("\n"));
  }
  const { open } = next.value;
  if (settings.json) print(jsonOf(findings, open));
  else {
    const worst = Math.max(...findings.map(({ status }) => STATUSES.indexOf(status)));
    print(["", ...verdictLines(verdict(findings, open), STATUSES[worst]!, page)].join("\n"));
  }
  return isWell(findings);
}

/** Answers whether the room is open already. */
async function* examine(
  settings: DoctorSettings,
  surgery: Surgery,
): AsyncGenerator<Finding, { readonly open: boolean }> {
  const start = { wall: Date.now(), steady: performance.now() };
  const { room } = settings;
  yield tellProgram(program());
  const open = yield* examineGates(settings, surgery);
  const survey = room.directory === undefined ? undefined : yield* examineFolder(room.directory, open);
  if (room.directory === undefined)
    yield { name: "folder", status: "ok", text: "None: nothing is kept (--ephemeral).", measured: { directory: null } };
  yield judgeFiles({
    openFiles: openFileLimit(),
    told: tellsOpenFileLimit(),
    clients: room.clients,
    named: settings.clientsNamed,
  });
  yield judgeBounds({ ...room, proxied: (room.web?.origins.length ?? 0) > 0 });
  const now = Date.now();
  yield judgeClock({
    now,
    changedAt: CHANGED_AT,
    newestAt: survey?.newest?.at,
    jumpedMs: now - start.wall - (performance.now() - start.steady),
  });
  yield judgeCertificate(await readCertificate(room, now));
  return { open };
}

function program(): Parameters<typeof tellProgram>[0] {
  const { platform, arch } = process;
  return { version: VERSION, commit: COMMIT, bun: Bun.version, platform, arch, release: release(), glibc: glibc() };
}

function glibc(): string | undefined {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: unknown } };
  return typeof header?.glibcVersionRuntime === "string" ? header.glibcVersionRuntime : undefined;
}

/** Answers whether a chatd has the chat port already. */
async function* examineGates(
  { room }: DoctorSettings,
  { listen, dialTo, addressesOf }: Surgery,
): AsyncGenerator<Finding, boolean> {
  const { hostname, port, web } = room;
  const beyond = addressesOf(hostname);
  const interfaces = networkInterfaces();
  const ways = waysTo(hostname, beyond, addressesIn(interfaces).includes("::1"));
  const ping: AskThere = (address, at) => askChat(dialTo(address, at));
  const look: AskThere = async (address, at) => {
    const ways = [dialTo(address, at), dialTls(address, at)];
    const [first, second] = isHttps(room) ? ways.toReversed() : ways;
    const host = `${bracketed(address)}:${at}`;
    const answer = await askPage(first!, host);
    // The chatd that has the port may have been given other flags.
    return answer === "chatd" ? answer : askPage(second!, host);
  };
  const chat = await tryGate({ hostname, port }, ways, listen, { own: ping, taken: ping });
  yield judgeGate({ name: "chat port", flag: "port", port, hostname, needed: true }, chat);
  // What else there is to say depends on where it would listen.
  if (isNoAddress(chat)) return false;
  if (web) {
    const seen = await tryGate({ hostname, port: web.port }, ways, listen, { own: ping, taken: look });
    yield judgeGate({ name: "web port", flag: "web-port", port: web.port, hostname, needed: web.named }, seen);
  } else
    yield { name: "web port", status: "ok", text: "None: no page is served (--no-web).", measured: { port: null } };
  const ports = [port, ...(web ? [web.port] : [])].filter((named) => named > 0);
  const origins = web?.origins ?? [];
  yield judgeReach({ hostname, addresses: beyond, hasIpv6: hasIpv6(interfaces), origins, inside: insideOf(), ports });
  yield judgeFirewall(firewallHere(ports), ports, isLoopback(hostname));
  return isOpen(chat);
}

function isHttps({ tls }: ChatdSettings): boolean {
  return tls.mode === "required" || tls.given !== undefined;
}

/** The addresses by which this machine comes to a listener on `hostname`. */
function waysTo(hostname: string, beyond: readonly string[], hasLoopback6: boolean): readonly string[] {
  if (hostname === "0.0.0.0") return ["127.0.0.1", ...beyond];
  if (hostname === "::") return ["127.0.0.1", ...(hasLoopback6 ? ["::1"] : []), ...beyond];
  return [hostname];
}

async function* examineFolder(directory: string, open: boolean): AsyncGenerator<Finding, LogSurvey | undefined> {
  const folder = await inTime(lookAtFolder(directory));
  if (!folder) {
    yield lateFolder(directory);
    return undefined;
  }
  const usable = folder.state !== "no folder" && folder.refused === undefined;
  const synced: SyncSeen | undefined = usable ? await measureSync(folder.ground) : undefined;
  // What may be written by its permissions, and cannot for all that, is known by trying.
  yield judgeFolder({ ...folder, refused: folder.refused ?? (synced?.failed === "late" ? undefined : synced?.failed) });
  if (folder.state === "out of reach" || folder.state === "no folder") return undefined;
  const disk = await lookAtDisk(folder.ground);
  yield judgeFileSystem(disk.type, directory);
  yield judgeSpace({ ...disk, refused: synced?.failed });
  if (synced) yield judgeSync(synced);
  if (folder.state === "missing") return undefined;
  try {
    const survey = surveyLog(directory);
    yield judgeHistory(directory, survey, { open, newerGuests: hasNewerGuestList(directory) });
    return survey;
  } catch {
    // Where nothing can be written, that was said already.
    if (folder.refused === undefined && folder.files.every(({ writable }) => writable)) yield unreadHistory(directory);
    return undefined;
  }
}

/** Whether a newer chatd has written who may come in. */
function hasNewerGuestList(directory: string): boolean {
  const header = readHeader(join(directory, ACCESS_FILE));
  return typeof header === "object" && header.application === APPLICATION_ID && header.version > VERSION_OF_LIST;
}
