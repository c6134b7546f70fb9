// The shape of lib/: who may import whom, what files are called, and that the map in lib/README.md is true.
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** A file imports its own folder or a lower floor; folders on one floor do not know each other. */
const FLOORS: readonly (readonly string[])[] = [
  ["protocol"],
  ["room", "access", "log", "transport", "tty", "flags", "report"],
  ["hub", "client"],
  ["console", "terminal", "web", "doctor"],
];
/** Scripts that build: they belong to no floor, and nobody imports them. */
const APART = "setup";
/** The only files outside lib/. */
const ENTRIES: ReadonlySet<string> = new Set(["server.ts", "client.ts"]);
/** The page is a program of its own: its entry chooses its wire. */
const PAGE_ENTRY = "lib/web/page/main.tsx";
const CHOICES = /^lib\/(log\/(open-file|memory)|transport\/(listen|dial)-[\w-]+|transport\/pipe)\.ts$/;
const PURE: ReadonlySet<string> = new Set(["protocol", "room"]);
/** These run in a browser, where the globals of Bun and Node are not. The table of emoji is packed when the page is bundled. */
const EVERYWHERE =
  /^lib\/(protocol\/|client\/|web\/page\/(?!emoji-table)|transport\/(connection|dial-websocket|frames)\.ts|tty\/history\.ts)/;
const NOT_EVERYWHERE = /(?<![\w$.])(?:globalThis\??\.)?(Buffer|process|Bun)\b(?!\s*:)/g;
/** What asks first whether it is there. */
const GUARDED = "globalThis.Bun?.stripANSI";
const NO_NAMES = /(^|\/)(index|utils|types|helpers|constants)\.[a-z]+$/;

/** A file of the project, by its path from the top. */
interface Source {
  readonly path: string;
  readonly text: string;
}

interface Import {
  /** As it is written. */
  readonly of: string;
  /** The file that is meant, where it is one of ours. */
  readonly path: string | undefined;
}

const transpiler = new Bun.Transpiler({ loader: "tsx" });
/** All that names another file: types too, which a transpiler drops. */
const NAMED =
  /^\s*(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;

function importsOf({ path, text }: Source): readonly Import[] {
  const named = [...text.matchAll(NAMED)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? "");
  const run = path.endsWith(".d.ts") ? [] : transpiler.scanImports(text).map((each) => each.path);
  return [...new Set([...named, ...run])].map((of) => ({
    of,
    path: of.startsWith(".") ? join(path, "..", of).replaceAll("\\", "/") : undefined,
  }));
}

function folderOf(path: string): string | undefined {
  return /^lib\/([^/]+)\//.exec(path)?.[1];
}

function floorOf(folder: string | undefined): number {
  return FLOORS.findIndex((folders) => folders.includes(folder ?? ""));
}

/** Everything about `sources` that is not as it should be, as sentences. */
function problemsOf(sources: readonly Source[]): readonly string[] {
  return [...sources.flatMap(problemsIn), ...circlesIn(sources)];
}

function problemsIn(source: Source): readonly string[] {
  const { path, text } = source;
  const folder = folderOf(path);
  const entry = ENTRIES.has(path);
  const problems: string[] = [];
  if (!entry && folder !== APART && floorOf(folder) < 0) problems.push(`${path} is in no folder that has a floor`);
  if (NO_NAMES.test(path)) problems.push(`${path} has a name that says nothing`);
  if (!/^(#![^\n]*\n)?(\/\/|\/\*|<!--)/.test(text)) problems.push(`${path} does not begin with what lives there`);
  if (/^\s*export\s+default\b|^\s*export\s*\{[^}]*\bas\s+default\b/m.test(text))
    problems.push(`${path} has a default export`);
  if (EVERYWHERE.test(path))
    for (const name of globalsIn(text)) problems.push(`${path} uses ${name}, which no browser has`);
  for (const { of, path: to } of importsOf(source)) {
    if (PURE.has(folder ?? "") && (/^(bun|node):/.test(of) || of === "bun"))
      problems.push(`${path} imports ${of}, but runs in a browser too`);
    if (to === undefined) continue;
    const target = folderOf(to);
    if (target === APART && folder !== APART) problems.push(`${path} imports ${to}, which only builds`);
    if (ENTRIES.has(to)) problems.push(`${path} imports the entry ${to}`);
    if (CHOICES.test(to) && !entry && path !== PAGE_ENTRY)
      problems.push(`${path} chooses ${to}; that is for the entries`);
    if (entry || folder === APART || target === folder || target === undefined) continue;
    if (floorOf(target) === floorOf(folder)) problems.push(`${path} imports ${to}, a neighbour on its floor`);
    if (floorOf(target) > floorOf(folder)) problems.push(`${path} imports ${to}, from a higher floor`);
  }
  return problems;
}

/** Globals that not everyone has, as far as they are more than a type, a comment or a text. */
function globalsIn(text: string): ReadonlySet<string> {
  const code = transpiler
    // A macro is not run here.
    .transformSync(text.replaceAll(' with { type: "macro" }', ""))
    .replaceAll(GUARDED, "")
    .replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""');
  return new Set([...code.matchAll(NOT_EVERYWHERE)].map(([, name = ""]) => name));
}

function circlesIn(sources: readonly Source[]): readonly string[] {
  const next = new Map(sources.map((source) => [source.path, importsOf(source).flatMap(({ path }) => path ?? [])]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push(`a circle: ${[...way.slice(way.indexOf(path)), path].join(" → ")}`);
    else if (!done.has(path)) for (const to of next.get(path) ?? []) visit(to, [...way, path]);
    done.add(path);
  };
  for (const path of next.keys()) visit(path, []);
  return circles;
}

/** What the map names and is not there, and which folder is there and not on the map. `paths` are from the top. */
function mapProblems(map: string, paths: readonly string[]): readonly string[] {
  const inside = paths.filter((path) => path.startsWith("lib/"));
  const folders = new Set(inside.flatMap((path) => folderOf(path) ?? []));
  const named = [...map.matchAll(/[\w./-]+/g)]
    .map(([word]) => word)
    .filter((word) => /^[\w./-]+\/$|\.(ts|tsx|mjs|css|html|json)$/.test(word));
  /** A path from lib/, from the top, or a file by its name alone. */
  const there = (word: string) =>
    paths.some((path) => path.startsWith(join("lib", word)) || path.startsWith(word)) ||
    inside.some((path) => path.endsWith(`/${word}`));
  return [
    ...named.filter((word) => !there(word)).map((word) => `the map names ${word}, which is not there`),
    ...[...folders]
      .filter((folder) => !named.some((word) => word.replace(/^lib\//, "").startsWith(`${folder}/`)))
      .map((folder) => `the map does not name ${folder}`),
  ];
}

const TOP = join(import.meta.dir, "..");
const LIB = join(TOP, "lib");

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => relative(TOP, path).replaceAll("\\", "/"));
}

const sources: readonly Source[] = [...filesUnder(LIB), ...ENTRIES]
  .filter((path) => /\.(ts|tsx|mjs)$/.test(path) && existsSync(join(TOP, path)))
  .map((path) => ({ path, text: readFileSync(join(TOP, path), "utf8") }));

describe("lib", () => {
  test("keeps its floors, its names and its promises", () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(problemsOf(sources)).toEqual([]);
  });

  const map = join(LIB, "README.md");
  if (!existsSync(map)) console.warn("lib/README.md is missing: nobody checks the map.");
  test.skipIf(!existsSync(map))("is as its map says", () => {
    const paths = [...filesUnder(LIB), ...filesUnder(join(TOP, "tests")), ...ENTRIES];
    expect(mapProblems(readFileSync(map, "utf8"), paths)).toEqual([]);
  });
});

describe("the check", () => {
  /** A file that is as it should be but for what it imports. */
  const file = (path: string, text: string): Source => ({ path, text: `// What it is.\n${text}\n` });
  const importing = (path: string, of: string) => problemsOf([file(path, `import { x } from "${of}";\nx();`)]);

  test.each([
    ["lib/hub/hub.ts", "./session.ts"],
    ["lib/hub/hub.ts", "../log/log.ts"],
    ["lib/hub/hub.ts", "../protocol/message.ts"],
    ["lib/hub/hub.ts", "valibot"],
    ["lib/hub/hub.ts", "node:fs"],
    ["lib/web/page/app.tsx", "../../client/view.ts"],
    ["lib/web/page/main.tsx", "../../transport/dial-websocket.ts"],
    ["lib/setup/build.ts", "../flags/version.ts"],
    ["server.ts", "./lib/log/open-file.ts"],
    ["client.ts", "./lib/transport/dial-tcp.ts"],
    ["server.ts", "./lib/transport/pipe.ts"],
  ])("lets %s import %s", (path, of) => {
    expect(importing(path, of)).toEqual([]);
  });

  test.each([
    ["lib/protocol/message.ts", "../room/room.ts", "from a higher floor"],
    ["lib/log/log.ts", "../hub/hub.ts", "from a higher floor"],
    ["lib/room/room.ts", "../log/log.ts", "a neighbour"],
    ["lib/hub/hub.ts", "../client/view.ts", "a neighbour"],
    ["lib/console/console.ts", "../terminal/ask.ts", "a neighbour"],
    ["lib/hub/hub.ts", "../log/open-file.ts", "that is for the entries"],
    ["lib/console/console.ts", "../log/memory.ts", "that is for the entries"],
    ["lib/terminal/line.ts", "../transport/dial-tcp.ts", "that is for the entries"],
    ["lib/web/page/visit.ts", "../../transport/dial-websocket.ts", "that is for the entries"],
    ["lib/web/page/app.tsx", "../../console/console.ts", "a neighbour"],
    ["lib/console/console.ts", "../transport/pipe.ts", "that is for the entries"],
    ["lib/hub/hub.ts", "../setup/build.ts", "which only builds"],
    ["server.ts", "./lib/setup/build.ts", "which only builds"],
    ["lib/hub/hub.ts", "../../server.ts", "imports the entry"],
    ["lib/protocol/text.ts", "node:util", "a browser too"],
    ["lib/room/room.ts", "bun:sqlite", "a browser too"],
    ["lib/room/room.ts", "bun", "a browser too"],
    ["lib/things/thing.ts", "./other.ts", "has a floor"],
    ["lib/loose.ts", "./protocol/text.ts", "has a floor"],
  ])("does not let %s import %s", (path, of, why) => {
    expect(importing(path, of).join()).toContain(why);
  });

  test.each([
    ['export const mark = Buffer.from("x").toString("base64url");', "uses Buffer, which no browser has"],
    ["export const at = `${process.pid}`;", "uses process, which no browser has"],
    ["export const now = Bun.nanoseconds();", "uses Bun, which no browser has"],
    ["export const now = globalThis.Bun?.nanoseconds();", "uses Bun, which no browser has"],
  ])("does not let %j into the client", (text, why) => {
    expect(problemsOf([file("lib/client/mark.ts", text)])).toEqual([`lib/client/mark.ts ${why}`]);
    expect(problemsOf([file("lib/protocol/mark.ts", text)])).toEqual([`lib/protocol/mark.ts ${why}`]);
    expect(problemsOf([file("lib/web/page/mark.ts", text)])).toEqual([`lib/web/page/mark.ts ${why}`]);
    expect(problemsOf([file("lib/hub/mark.ts", text)])).toEqual([]);
  });

  test.each([
    "/** Only Bun has it, and its process. */\nexport const strip = globalThis.Bun?.stripANSI;",
    "export const text = 'A Buffer of a process of Bun';",
    "export const done = (chat: { process(): void }): void => chat.process();",
    "export type Bytes = Buffer;",
  ])("lets %j into the client", (text) => {
    expect(problemsOf([file("lib/client/strip.ts", text)])).toEqual([]);
  });

  test.each([
    'import type { Hub } from "../hub/hub.ts";',
    'import { type Hub } from "../hub/hub.ts";',
    'import {\n  type A,\n  B,\n} from "../hub/hub.ts";\nB();',
    'export { Hub } from "../hub/hub.ts";',
    'export * from "../hub/hub.ts";',
    'export type { Hub } from "../hub/hub.ts";',
    'import "../hub/hub.ts";',
    'export const hub = await import("../hub/hub.ts");',
    'export type Hub = import("../hub/hub.ts").Hub;',
  ])("sees %j", (text) => {
    expect(problemsOf([file("lib/log/log.ts", text)])).toEqual([
      "lib/log/log.ts imports lib/hub/hub.ts, from a higher floor",
    ]);
  });

  test("does not take a text for an import", () => {
    expect(problemsOf([file("lib/log/log.ts", "export const hint = 'see \"../hub/hub.ts\" from there';")])).toEqual([]);
  });

  test("finds a circle, also one of types and one of three", () => {
    expect(
      problemsOf([
        file("lib/log/a.ts", 'import { b } from "./b.ts";\nb();'),
        file("lib/log/b.ts", 'import type { C } from "./c.ts";'),
        file("lib/log/c.ts", 'import type { A } from "./a.ts";'),
      ]),
    ).toEqual(["a circle: lib/log/a.ts → lib/log/b.ts → lib/log/c.ts → lib/log/a.ts"]);
  });

  test("finds names that say nothing, files without a first word, and default exports", () => {
    expect(problemsOf([file("lib/log/utils.ts", "")])).toEqual(["lib/log/utils.ts has a name that says nothing"]);
    expect(problemsOf([{ path: "lib/log/log.ts", text: "export const x = 1;" }])).toEqual([
      "lib/log/log.ts does not begin with what lives there",
    ]);
    expect(problemsOf([file("lib/log/log.ts", "export default 1;")])).toEqual(["lib/log/log.ts has a default export"]);
    expect(problemsOf([file("lib/log/log.ts", "const x = 1;\nexport { x as default };")])).toEqual([
      "lib/log/log.ts has a default export",
    ]);
  });

  test("holds the map against what is there", () => {
    const paths = ["lib/hub/hub.ts", "lib/log/log.ts", "tests/hub.test.ts", "server.ts"];
    expect(mapProblems("`hub/` (hub.ts) and `lib/log/log.ts`, put together in ../server.ts.", paths)).toEqual([]);
    expect(mapProblems("hub/ log/, held by tests/hub.test.ts", paths)).toEqual([]);
    expect(mapProblems("hub/ log/ attic/", paths)).toEqual(["the map names attic/, which is not there"]);
    expect(mapProblems("hub/hub.ts log/open-file.ts", paths)).toEqual([
      "the map names log/open-file.ts, which is not there",
    ]);
    expect(mapProblems("hub/", paths)).toEqual(["the map does not name log"]);
  });
});
