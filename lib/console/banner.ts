// What a host reads first, and with /invite again: how others join, in words and as a code for phones. Pure: knows no network and no terminal.
import type { NetworkInterfaceInfo } from "node:os";
import { bracketed, writeAddress, writeLink } from "../protocol/address.ts";
import { DEFAULT_ROOM } from "../protocol/limits.ts";
import type { Screen } from "./screen.ts";

/** A room that is open. */
export interface OpenRoom {
  readonly hostname: string;
  readonly port: number;
  /** The page's port, or a sentence that says why there is none; nothing where none is wanted. */
  readonly page: number | string | undefined;
  /** Where else the page is reached. */
  readonly origins: readonly string[];
  /** By which other machines reach it. */
  readonly addresses: readonly string[];
  /** Only who is invited comes in. */
  readonly isPrivate: boolean;
  /** By which chat programs know the server; nothing where it encrypts nothing. */
  readonly pin: string | undefined;
  /** How the page is reached. With a certificate of chatd's own, browsers warn of it. */
  readonly scheme: "http" | "https" | "https with a warning";
}

export interface BannerOptions {
  readonly version: string;
  readonly directory: string | undefined;
  /** Nothing where no host sits at a terminal. */
  readonly screen: Screen | undefined;
  /** What holds from earlier, and would surprise a host that has forgotten it. */
  readonly state?: RoomState;
}

export interface RoomState {
  readonly isLocked: boolean;
  readonly slowMs: number;
  /** A link for an operator stands above. */
  readonly isNew: boolean;
}

type Row = readonly [what: string, how: string];

/** What to tell friends, where the history is, how to stop. The code is shown where all of it and the prompt fit in the window. */
export function bannerLines(room: OpenRoom, { version, directory, screen, state }: BannerOptions): string[] {
  const lines = [
    `chatd ${version}: the room is open on port ${room.port}.`,
    ...written([
      ...joinRows(room),
      ...pageRows(room),
      ...(room.isPrivate ? [["Private", "who is new needs an invitation: /invite makes one"] as const] : []),
      ...(state ? stateRows(state) : []),
      ["From here", fromHere(room, directory !== undefined)],
      ...(room.pin === undefined
        ? [["Encryption", "none (--no-tls): others in the network can read along"] as const]
        : []),
      ["History", directory ?? "none is kept (--ephemeral)"],
      ["To stop", screen ? "EXIT, or Ctrl+C; HELP shows more" : "EXIT on standard input, or SIGTERM"],
    ]),
  ];
  const code = screen && codeOf(room, screen);
  // Where it is private, nobody new comes in by the address alone.
  if (!code || room.isPrivate) return [...lines, ""];
  if (fits(lines, code, screen)) return [...lines, ...code];
  return [...lines, ...written([["QR code", "/invite shows it"]]), ""];
}

function stateRows({ isLocked, slowMs, isNew }: RoomState): Row[] {
  return [
    ...(isNew ? [["An operator", "joins by the link above"] as const] : []),
    ...(isLocked ? [["Locked", "nobody new may come in; /unlock lets them"] as const] : []),
    ...(slowMs > 0 ? [["Slow mode", `one message every ${slowMs / 1_000} s; /slow off ends it`] as const] : []),
  ];
}

/** What stands above the banner of a room that is new: whoever joins by the link first may keep order. */
export function operatorLines(room: OpenRoom, invite: string): string[] {
  const [link = ""] = linksTo(room, invite);
  return [
    "This room is new. For one whom you trust to keep order with you, shown only now",
    "(/invite operator makes another):",
    `  chat '${link}'`,
    "",
  ];
}

/** How others join. */
export function inviteLines(room: OpenRoom, screen: Screen): string[] {
  return withCode(written([...joinRows(room), ...pageRows(room)]), codeOf(room, screen), screen);
}

/** How others join with an invitation: by a link for each way here, with marks of quotation where a shell would read more into it. */
export function invitedLines(room: OpenRoom, invite: string, screen: Screen | undefined): string[] {
  const pages = typeof room.page === "number" ? pagesOf(room).map((page) => invitedTo(page, invite)) : [];
  const lines = [...pages, ...linksTo(room, invite).map((link) => `chat '${link}'`)].map((line) => `  ${line}`);
  return screen ? withCode(lines, codeOf(room, screen, invite), screen) : lines;
}

function invitedTo(page: string, invite: string): string {
  return `${page}#invite=${encodeURIComponent(invite)}`;
}

function withCode(lines: readonly string[], code: readonly string[] | undefined, screen: Screen): string[] {
  if (!code) return [...lines];
  // The words may scroll away, the code may not.
  if (fits([], code, screen)) return [...lines, ...code];
  return [...lines, ...written([["QR code", "needs a larger window"]])];
}

/** Where each room to come has another key, the next one would not be joined for its address alone. */
function fromHere({ hostname, port, pin }: OpenRoom, keepsKey: boolean): string {
  const place = { hostname: isAny(hostname) || hostname.startsWith("127.") ? "localhost" : hostname, port };
  return `chat ${pin === undefined || keepsKey ? writeAddress(place) : link(place, pin)}`;
}

/** The links by which programs join, the best to tell first. */
export function linksTo({ hostname, port, addresses, pin }: OpenRoom, invite?: string): string[] {
  const hosts = addresses.length > 0 ? addresses : [isAny(hostname) ? "localhost" : hostname];
  return hosts.map((host) => link({ hostname: host, port }, pin, invite));
}

function link(
  place: { readonly hostname: string; readonly port: number },
  pin: string | undefined,
  invite?: string,
): string {
  const extras = { ...(pin !== undefined && { pin }), ...(invite !== undefined && { invite }) };
  return writeLink({ ...place, room: DEFAULT_ROOM, extras });
}

/** The first address of the page as a code; nothing where only this machine reaches it. */
function codeOf(room: OpenRoom, screen: Screen, invite?: string): string[] | undefined {
  if (typeof room.page !== "number" || room.addresses.length + room.origins.length === 0) return undefined;
  const page = pagesOf(room)[0]!;
  return screen.qr(invite === undefined ? page : invitedTo(page, invite)).map((row) => `  ${row}`);
}

/** Whether all of it stands in one window with the prompt. */
function fits(lines: readonly string[], code: readonly string[], { columns, rows }: Screen): boolean {
  const wrapped = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(Bun.stringWidth(line) / columns)), 0);
  return wrapped + code.length < rows && Bun.stringWidth(code[0] ?? "") <= columns;
}

/** The addresses by which other machines reach a listener on `hostname`. */
export function addressesOf(
  hostname: string,
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): string[] {
  if (!isAny(hostname))
    return hostname === "localhost" || hostname === "::1" || hostname.startsWith("127.") ? [] : [hostname];
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(
      ({ internal, family, address }) =>
        !internal && (family === "IPv4" || (hostname === "::" && !address.startsWith("fe80:"))),
    )
    .map(({ address }) => address);
}

function joinRows(room: OpenRoom): Row[] {
  const { hostname, port, addresses, pin } = room;
  if (addresses.length > 0) {
    const places =
      pin === undefined ? addresses.map((address) => writeAddress({ hostname: address, port })) : linksTo(room);
    return titled(
      "Friends join",
      places.map((place) => `chat ${place}`),
    );
  }
  return [
    [
      "Friends join",
      isAny(hostname) ? "once this machine has a network" : `from this machine only (--host ${hostname})`,
    ],
  ];
}

function pageRows(room: OpenRoom): Row[] {
  if (room.page === undefined) return [];
  if (typeof room.page === "string") return [["No page", room.page]];
  const pages = titled("In a browser", pagesOf(room));
  if (room.scheme !== "https with a warning") return pages;
  return [...pages, ["", "browsers will warn: they do not know chatd's own certificate"]];
}

/** The page's addresses, the best to tell first. */
function pagesOf({ hostname, page, origins, addresses, scheme }: OpenRoom): string[] {
  const start = scheme === "http" ? "http" : "https";
  const hosts = addresses.length > 0 ? addresses : [hostname === "::1" ? "::1" : "localhost"];
  return [...origins.map((origin) => `${origin}/`), ...hosts.map((host) => `${start}://${bracketed(host)}:${page}/`)];
}

/** Whether a listener on `hostname` takes whatever address this machine has. */
function isAny(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}

function titled(title: string, values: readonly string[]): Row[] {
  return values.map((value, index) => [index === 0 ? title : "", value]);
}

function written(rows: readonly Row[]): string[] {
  return rows.map(([what, how]) => `  ${what.padEnd(14)}${how}`);
}
